/// Times an entry of an artifact against ceilings measured in the same run.
#include "tools/ssmc-bench/ceilings.h"
#include "tools/ssmc-bench/report.h"
#include "tools/ssmc-run/call.h"
#include "tools/ssmc-run/command_line.h"
#include "tools/ssmc-run/element.h"
#include "tools/ssmc-run/tensor_argument.h"
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <limits>

using namespace ssmc;
using namespace ssmc::bench;
using namespace ssmc::run;

namespace {
struct Options {
  LoadOptions load;
  std::string entry = "step";
  int64_t batch = 1;
  int64_t length = 0; // 0: see `chooseLength`
  int64_t repeat = 0; // 0: as many calls as fit `timedSeconds`
  uint64_t seed = 0;
  int top = 0;
  bool json = false;
};
constexpr double timedSeconds = 2;
constexpr int64_t leastCalls = 5, mostCalls = 2000;

bool fail(const std::string &message) {
  return printError("ssmc-bench", message);
}

/// One entry with everything a call needs, made once.
class Bench {
public:
  bool prepare(const Options &options) {
    std::string error;
    if (!loadModel(options.load, loaded, error) ||
        !findEntry(loaded.model.get(), options.entry, entry, error))
      return fail(error);
    extents = {options.batch, options.length ? options.length : chooseLength()};
    RandomNumbers random(options.seed);
    for (const ssmc_tensor_info &input : entry.inputs)
      if (!addInput(input, random))
        return false;
    if (!makeOutputs(entry, extents, outputs, error))
      return fail(error);
    inputViews = viewsOf(inputs);
    outputViews = viewsOf(outputs);
    return !entry.info.carries_state ||
           makeState(loaded.model.get(), extents.batch, state, error) ||
           fail(error);
  }

  /// Calls once; `out_seconds` leaves out the return to an initial state that
  /// keeps every call of more than one step alike.
  bool call(double &out_seconds) {
    if (state && extents.length > 1)
      ssmc_state_reset(state.get());
    ssmc_error error{};
    auto begin = std::chrono::steady_clock::now();
    ssmc_status status = ssmc_session_call(
        loaded.session.get(), entry.info.name, inputViews.data(),
        int32_t(inputViews.size()), state.get(), outputViews.data(),
        int32_t(outputViews.size()), &error);
    std::chrono::duration<double> time =
        std::chrono::steady_clock::now() - begin;
    out_seconds = time.count();
    return status == SSMC_OK || fail(error.message);
  }

  bool time(int64_t repeat, Report &report);
  bool profile(Report &report);
  bool describe(Report &report) const;

private:
  /// What all threads of this process have used.
  static double processorSeconds() {
    timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return double(time.tv_sec) + 1e-9 * double(time.tv_nsec);
  }

  int64_t chooseLength() const {
    if (entry.info.fixed_length)
      return entry.info.fixed_length;
    return entry.info.name == std::string("step") ? 1 : 256;
  }

  bool addInput(const ssmc_tensor_info &input, RandomNumbers &random) {
    NpyArray array{input.dtype, shapeFor(input, extents), {}};
    int64_t count;
    if (!countElements(array.shape, count))
      return fail(std::string("input '") + input.name +
                  "': expected at most 2^48 elements, got " +
                  typeText(array.dtype, array.shape));
    array.data.resize(size_t(count) * ssmc_dtype_size(array.dtype));
    fillRandom(array, input.bound ? input.bound : 256, random);
    inputs.push_back(std::move(array));
    return true;
  }

  LoadedModel loaded;
  Entry entry;
  CallExtents extents;
  std::vector<NpyArray> inputs, outputs;
  std::vector<ssmc_tensor> inputViews, outputViews; // of them
  State state;
};

bool Bench::time(int64_t repeat, Report &report) {
  double seconds, sum = 0;
  for (int warmup = 0; warmup < 3; ++warmup)
    if (!call(seconds))
      return false;
  std::vector<double> times;
  auto enough = [&] {
    int64_t count = int64_t(times.size());
    if (repeat)
      return count >= repeat;
    return count >= leastCalls && (count >= mostCalls || sum >= timedSeconds);
  };
  while (!enough()) {
    if (!call(seconds))
      return false;
    times.push_back(seconds);
    sum += seconds;
  }
  // Calls of their own: asking for processor time is a system call, as long as
  // a small step, and puts other threads to sleep.
  report.minProcessorSeconds = std::numeric_limits<double>::infinity();
  for (size_t i = 0; i < std::min<size_t>(times.size(), 50); ++i) {
    double before = processorSeconds();
    if (!call(seconds))
      return false;
    report.minProcessorSeconds =
        std::min(report.minProcessorSeconds, processorSeconds() - before);
  }
  std::sort(times.begin(), times.end());
  report.calls = int64_t(times.size());
  report.minSeconds = times.front();
  size_t half = times.size() / 2;
  report.medianSeconds =
      times.size() % 2 ? times[half] : (times[half - 1] + times[half]) / 2;
  return true;
}

bool Bench::profile(Report &report) {
  report.profiledCalls = std::min<int64_t>(report.calls, 50);
  ssmc_session_profile(loaded.session.get(), 1);
  for (int64_t i = 0; i < report.profiledCalls; ++i) {
    double seconds;
    if (!call(seconds))
      return false;
    report.profiledSeconds += seconds;
  }
  ssmc_session_profile(loaded.session.get(), 0);
  ssmc_profile_row row;
  for (int32_t i = 0;
       ssmc_session_profile_row(loaded.session.get(), i, &row) == SSMC_OK; ++i)
    report.kernels.push_back(
        {row.kernel, row.calls, 1e-9 * row.nanoseconds, double(row.flops),
         double(row.bytes), double(row.elementary), double(row.weight_bytes)});
  std::sort(report.kernels.begin(), report.kernels.end(),
            [](const KernelTime &left, const KernelTime &right) {
              return left.seconds > right.seconds;
            });
  return true;
}

bool Bench::describe(Report &report) const {
  const ssmc_model *model = loaded.model.get();
  report.model = ssmc_model_name(model);
  report.entry = entry.info.name;
  report.cpuLevel = ssmc_model_cpu_level(model);
  report.vectorLevel = vectorLevel();
  report.batch = extents.batch;
  report.length = extents.length;
  report.threads = ssmc_device_threads(loaded.device.get());
  report.weightBytes = ssmc_model_weight_bytes(model);
  report.stateBytes = ssmc_model_state_bytes(model);
  for (const auto &arrays : {&inputs, &outputs})
    for (const NpyArray &array : *arrays)
      report.argumentBytes += array.data.size();
  return ssmc_model_arena_bytes(model, entry.index, extents.batch,
                                extents.length,
                                &report.arenaBytes) == SSMC_OK ||
         fail(
             "expected a batch and length whose scratch memory can be counted");
}

/// Other work on the machine can only lower a ceiling: keep the best.
void measureCeilings(Report &report) {
  size_t memory = memoryBufferBytes();
  report.memoryBandwidth = std::max(
      report.memoryBandwidth, measureReadBandwidth(report.threads, memory));
  report.weightBandwidth = std::max(
      report.weightBandwidth,
      measureReadBandwidth(report.threads,
                           std::min<size_t>(memory, report.weightBytes)));
  report.stateBandwidth =
      std::max(report.stateBandwidth,
               measureUpdateBandwidth(
                   report.threads,
                   std::min<size_t>(memory, report.stateBytes * report.batch)));
  report.argumentBandwidth = std::max(
      report.argumentBandwidth,
      measureReadBandwidth(report.threads,
                           std::min<size_t>(memory, report.argumentBytes)));
  report.elementaryRate =
      std::max(report.elementaryRate, measureElementaryRate(report.threads));
  report.fmaPeak = std::max(report.fmaPeak, measureFmaPeak(report.threads));
}

void declare(CLI::App &app, Options &options) {
  app.add_option("model", options.load.path, "artifact (model.fb)")->required();
  app.add_option("--entry", options.entry, "step, prefill or another entry")
      ->capture_default_str();
  app.add_option("--batch", options.batch, "sequences per call")
      ->capture_default_str()
      ->check(CLI::Range(int64_t(1), int64_t(1) << 20));
  app.add_option("--length", options.length,
                 "time steps per call (step 1, others 256)")
      ->check(CLI::Range(int64_t(1), int64_t(1) << 30));
  app.add_option("--threads", options.load.threads, "0: one per processor")
      ->check(CLI::Range(0, 1024));
  app.add_option("--cpu", options.load.cpuLevel,
                 "code for this level (x86-64-v3), not the best");
  app.add_option("--repeat", options.repeat,
                 "timed calls (as many as fit 2 s, 5 to 2000)")
      ->check(CLI::Range(int64_t(1), int64_t(1) << 30));
  app.add_option("--seed", options.seed, "of the random inputs");
  app.add_option("--top", options.top, "print this many kernels (all)")
      ->check(CLI::Range(1, 1 << 30));
  app.add_flag("--json", options.json,
               "print all figures as JSON, in seconds, "
               "bytes and operations");
  app.footer(
      "Inputs are random. After three calls to warm up, the calls are timed, "
      "then\nrepeated with clocks around every kernel. Read bandwidth and FMA "
      "peak are\nmeasured before and after with the same number of threads. "
      "Calls of more than\none step start from the initial state.");
}

bool execute(const Options &options) {
  Bench bench;
  Report report;
  if (!bench.prepare(options) || !bench.describe(report))
    return false;
  measureCeilings(report);
  if (!bench.time(options.repeat, report) || !bench.profile(report))
    return false;
  measureCeilings(report);
  if (options.json)
    printJson(report);
  else
    printReport(report, options.top);
  return true;
}
} // namespace

int main(int argc, char **argv) {
  Options options;
  CLI::App app("Times an entry of an artifact and says how near it comes to "
               "this machine's ceilings.",
               "ssmc-bench");
  declare(app, options);
  if (std::optional<int> status = parseCommandLine(app, argc, argv))
    return *status;
  return finish("ssmc-bench", [&] { return execute(options); });
}
