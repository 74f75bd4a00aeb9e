#ifndef SSMC_TOOLS_SSMC_RUN_COMPARE_H
#define SSMC_TOOLS_SSMC_RUN_COMPARE_H
#include "tools/npy/npy.h"
#include <cstdint>
#include <string>
#include <vector>

namespace ssmc::run {
/// How far an output is from what was expected.
struct Comparison {
  int64_t count = 0;
  int64_t mismatches = 0; ///< elements with |y - e| > atol + rtol * |e|
  double maxAbsError = 0;
  double nrmse = 0; ///< rms of the difference / rms of the expected
  /// The element furthest beyond its tolerance, with both values there.
  std::vector<int64_t> worst;
  double got = 0;
  double expected = 0;
};

/// Compares elementwise; the element types may differ, the shapes may not. Two
/// NaNs agree, and so do equal infinities.
bool compareArrays(const NpyArray &got, const NpyArray &expected, double rtol,
                   double atol, Comparison &out, std::string &error);
} // namespace ssmc::run
#endif
