#ifndef SSMC_TOOLS_SSMC_BENCH_REPORT_H
#define SSMC_TOOLS_SSMC_BENCH_REPORT_H
#include <cstdint>
#include <string>
#include <vector>

namespace ssmc::bench {
struct KernelTime {
  std::string name;
  uint64_t calls = 0;
  double seconds = 0;
  /// What the artifact says they compute and move; 0 if it does not.
  double flops = 0;
  double bytes = 0;
  double elementary = 0;  ///< of the operations, functions such as exp
  double weightBytes = 0; ///< of the bytes, weights
};

/// Everything one run of the benchmark measured, in base units.
struct Report {
  std::string model, entry, cpuLevel, vectorLevel;
  int64_t batch = 0, length = 0;
  int threads = 0;
  uint64_t weightBytes = 0, stateBytes = 0, arenaBytes = 0;
  uint64_t argumentBytes = 0; ///< inputs and outputs of a call

  int64_t calls = 0;
  double medianSeconds = 0, minSeconds = 0;
  double minProcessorSeconds = 0; ///< of all threads together

  /// Ceilings of this machine, measured before and after the calls.
  double memoryBandwidth = 0; ///< bytes/s from a buffer no cache holds
  double weightBandwidth = 0; ///< from one as large as the weights
  double stateBandwidth =
      0; ///< read and written, in one as large as the states
  double argumentBandwidth = 0; ///< from one as large as inputs and outputs
  double fmaPeak = 0;           ///< float32 operations/s
  double elementaryRate = 0;    ///< exponentials/s

  /// A second set of calls, with clocks around every kernel.
  int64_t profiledCalls = 0;
  double profiledSeconds = 0;
  std::vector<KernelTime> kernels; ///< longest first

  double tokensPerSecond() const { return batch * length / medianSeconds; }
  /// Per call, as the artifact states them; 0 if it does not.
  double flopsPerCall() const;
  double bytesPerCall() const;
  double elementaryPerCall() const;
  /// The shares of the ceilings that the calls reach: arithmetic, elementary
  /// functions, and moving what a call moves (states, weights and the rest each
  /// at the rate of a buffer of that size).
  double arithmeticShare() const;
  double elementaryShare() const;
  double memoryShare() const;
  /// The share of the binding ceiling, and its name. Elementary functions are
  /// computed by the units of arithmetic, one after the other: their shares add
  /// up, while memory works beside them.
  double share() const;
  const char *limiter() const;

private:
  double perCall(double KernelTime::*amount) const;
};

/// At most `top` kernels; 0 for all.
void printReport(const Report &report, int top);
void printJson(const Report &report);
} // namespace ssmc::bench
#endif
