#ifndef SSMC_TOOLS_SSMC_RUN_ELEMENT_H
#define SSMC_TOOLS_SSMC_RUN_ELEMENT_H
#include "ssmc/tensor.h"
#include <cstdint>
#include <string>
#include <vector>

namespace ssmc::run {
/// Reads one element. Exact for every type but integers beyond 2^53.
double readElement(ssmc_dtype dtype, const void *element);
/// Writes one element, rounding to nearest, ties to even.
void writeElement(ssmc_dtype dtype, double value, void *element);

/// The number of elements of `shape`; false if an extent is negative or the
/// product exceeds 2^48.
bool countElements(const std::vector<int64_t> &shape, int64_t &out);
/// "2x3xf32"; a scalar is "f32".
std::string typeText(ssmc_dtype dtype, const std::vector<int64_t> &shape);
/// The reverse of `typeText`.
bool parseType(const std::string &text, ssmc_dtype &out_dtype,
               std::vector<int64_t> &out_shape, std::string &error);
} // namespace ssmc::run
#endif
