#ifndef SSMC_TOOLS_SSMC_RUN_REFERENCE_H
#define SSMC_TOOLS_SSMC_RUN_REFERENCE_H
#include "tools/npy/npy.h"
#include <string>
#include <vector>

namespace ssmc {
/// Runs `entry` of the ssm module at `mlirPath` through the compiler's
/// reference interpreter, in float64 or float32. In reference.cpp, which is
/// linked when the compiler is built.
bool runReference(const std::string &mlirPath, const std::string &entry,
                  const std::vector<NpyArray> &inputs, bool float64,
                  std::vector<NpyArray> &outputs, std::string &error);
} // namespace ssmc
#endif
