#include "tools/ssmc-bench/report.h"
#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

using namespace ssmc;
using namespace ssmc::bench;

double Report::perCall(double KernelTime::*amount) const {
  double sum = 0;
  for (const KernelTime &kernel : kernels)
    sum += kernel.*amount;
  return profiledCalls ? sum / profiledCalls : 0;
}

double Report::flopsPerCall() const { return perCall(&KernelTime::flops); }
double Report::bytesPerCall() const { return perCall(&KernelTime::bytes); }
double Report::elementaryPerCall() const {
  return perCall(&KernelTime::elementary);
}

double Report::arithmeticShare() const {
  return flopsPerCall() / medianSeconds / fmaPeak;
}

double Report::elementaryShare() const {
  return elementaryPerCall() / medianSeconds / elementaryRate;
}

double Report::memoryShare() const {
  double weights = perCall(&KernelTime::weightBytes);
  // A call reads and writes each state once, whatever its length.
  double states = std::min(2.0 * stateBytes * batch, bytesPerCall() - weights);
  double others = bytesPerCall() - states - weights;
  double seconds = states / stateBandwidth + weights / weightBandwidth;
  // Inputs and outputs of one step are in a cache.
  seconds += others / (length > 1 ? argumentBandwidth : stateBandwidth);
  return seconds / medianSeconds;
}

double Report::share() const {
  return std::max(arithmeticShare() + elementaryShare(), memoryShare());
}

const char *Report::limiter() const {
  if (share() == memoryShare())
    return "memory";
  return arithmeticShare() >= elementaryShare() ? "arithmetic"
                                                : "elementary functions";
}

static void printTable(const Report &report, int top) {
  double kernelSeconds = 0;
  size_t width = 6;
  size_t shown = top ? std::min<size_t>(top, report.kernels.size())
                     : report.kernels.size();
  for (const KernelTime &kernel : report.kernels)
    kernelSeconds += kernel.seconds;
  for (size_t i = 0; i < shown; ++i)
    width = std::max(width, report.kernels[i].name.size());
  std::printf("\n%-*s  %6s  %9s  %11s  %8s  %8s\n", int(width), "kernel",
              "share", "calls", "us/call", "GB/s", "GFLOP/s");
  for (size_t i = 0; i < shown; ++i) {
    const KernelTime &kernel = report.kernels[i];
    std::printf("%-*s  %5.1f%%  %9.4g  %11.2f", int(width), kernel.name.c_str(),
                100 * kernel.seconds / report.profiledSeconds,
                double(kernel.calls) / report.profiledCalls,
                1e6 * kernel.seconds / kernel.calls);
    for (double amount : {kernel.bytes, kernel.flops})
      if (amount > 0 && kernel.seconds > 0)
        std::printf("  %8.2f", 1e-9 * amount / kernel.seconds);
      else
        std::printf("  %8s", "-");
    std::printf("\n");
  }
  if (shown < report.kernels.size())
    std::printf("(%zu more)\n", report.kernels.size() - shown);
  std::printf("%-*s  %5.1f%%\n", int(width), "outside kernels",
              100 * (1 - kernelSeconds / report.profiledSeconds));
}

void ssmc::bench::printReport(const Report &report, int top) {
  std::printf("%s, %s: batch %lld, length %lld, %d threads, %s\n",
              report.model.c_str(), report.entry.c_str(),
              static_cast<long long>(report.batch),
              static_cast<long long>(report.length), report.threads,
              report.cpuLevel.c_str());
  std::printf("weights %.2f MB, state %.1f KB per sequence, arena %.2f MB\n",
              1e-6 * report.weightBytes, 1e-3 * report.stateBytes,
              1e-6 * report.arenaBytes);
  std::printf("time        %.4g ms per call (median of %lld, least %.4g ms)\n",
              1e3 * report.medianSeconds, static_cast<long long>(report.calls),
              1e3 * report.minSeconds);
  std::printf("throughput  %.6g tokens/s\n", report.tokensPerSecond());
  std::printf("this machine, same run: reads %.1f GB/s from memory, %.1f GB/s "
              "from a buffer of the weights' size; float32 FMA peak %.1f "
              "GFLOP/s (%s)\n",
              1e-9 * report.memoryBandwidth, 1e-9 * report.weightBandwidth,
              1e-9 * report.fmaPeak, report.vectorLevel.c_str());
  double bytes = report.bytesPerCall(), flops = report.flopsPerCall();
  double weightRate = report.weightBytes / report.medianSeconds;
  if (bytes > 0)
    std::printf("memory      %.3g MB per call, %.2f GB/s, %.0f%% of reading "
                "such a buffer\n",
                1e-6 * bytes, 1e-9 * bytes / report.medianSeconds,
                100 * bytes / report.medianSeconds / report.weightBandwidth);
  else
    std::printf("memory      the kernels state no bytes; all weights once per "
                "call would be %.2f GB/s, %.0f%%\n",
                1e-9 * weightRate, 100 * weightRate / report.weightBandwidth);
  if (flops > 0)
    std::printf("arithmetic  %.4g MFLOP per call, %.2f GFLOP/s, %.0f%% of the "
                "peak\n",
                1e-6 * flops, 1e-9 * flops / report.medianSeconds,
                100 * flops / report.medianSeconds / report.fmaPeak);
  else
    std::printf("arithmetic  the kernels state no operations\n");
  if (double count = report.elementaryPerCall(); count > 0)
    std::printf("elementary  %.4g million per call, %.3g billion/s, %.0f%% of "
                "what exp alone takes\n",
                1e-6 * count, 1e-9 * count / report.medianSeconds,
                100 * report.elementaryShare());
  if (bytes > 0 || flops > 0)
    std::printf("limiter     %s, at %.0f%% of its ceiling\n", report.limiter(),
                100 * report.share());
  printTable(report, top);
}

void ssmc::bench::printJson(const Report &report) {
  nlohmann::ordered_json kernels = nlohmann::ordered_json::array();
  for (const KernelTime &kernel : report.kernels)
    kernels.push_back({{"name", kernel.name},
                       {"calls", kernel.calls},
                       {"seconds", kernel.seconds},
                       {"flops", kernel.flops},
                       {"bytes", kernel.bytes},
                       {"elementary", kernel.elementary}});
  nlohmann::ordered_json json = {
      {"model", report.model},
      {"entry", report.entry},
      {"batch", report.batch},
      {"length", report.length},
      {"threads", report.threads},
      {"cpu_level", report.cpuLevel},
      {"weight_bytes", report.weightBytes},
      {"state_bytes", report.stateBytes},
      {"arena_bytes", report.arenaBytes},
      {"calls", report.calls},
      {"median_seconds", report.medianSeconds},
      {"min_seconds", report.minSeconds},
      {"min_processor_seconds", report.minProcessorSeconds},
      {"tokens_per_second", report.tokensPerSecond()},
      {"bytes_per_call", report.bytesPerCall()},
      {"flops_per_call", report.flopsPerCall()},
      {"elementary_per_call", report.elementaryPerCall()},
      {"arithmetic_share", report.arithmeticShare()},
      {"elementary_share", report.elementaryShare()},
      {"memory_share", report.memoryShare()},
      {"share", report.share()},
      {"limiter", report.limiter()},
      {"machine",
       {{"vector", report.vectorLevel},
        {"memory_bytes_per_second", report.memoryBandwidth},
        {"weight_size_bytes_per_second", report.weightBandwidth},
        {"state_size_bytes_per_second", report.stateBandwidth},
        {"argument_size_bytes_per_second", report.argumentBandwidth},
        {"fma_flops_per_second", report.fmaPeak},
        {"exponentials_per_second", report.elementaryRate}}},
      {"profile",
       {{"calls", report.profiledCalls},
        {"seconds", report.profiledSeconds},
        {"kernels", kernels}}}};
  std::printf("%s\n", json.dump(2).c_str());
}
