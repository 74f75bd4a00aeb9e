#ifndef SSMC_TOOLS_SSMC_RUN_TENSOR_ARGUMENT_H
#define SSMC_TOOLS_SSMC_RUN_TENSOR_ARGUMENT_H
#include "tools/npy/npy.h"
#include <cstdint>
#include <string>

namespace ssmc::run {
/// The same numbers on every machine for one seed (splitmix64).
class RandomNumbers {
public:
  explicit RandomNumbers(uint64_t seed) : state(seed) {}
  uint64_t next();

private:
  uint64_t state;
};

/// Fills `array`, whose type and shape are set: floats uniform in [-1, 1),
/// integers uniform in [0, bound).
void fillRandom(NpyArray &array, uint64_t bound, RandomNumbers &random);

/// Makes the array that one `--input` names:
///   @x.npy              the file's content
///   2x3xi64=@x.npy      the same, which must have this type
///   2x3xf32=0.5         every element this value
///   2x64xi64=random     see `fillRandom`; `bound` 0 means 256
bool makeArray(const std::string &argument, uint64_t bound,
               RandomNumbers &random, NpyArray &out, std::string &error);
} // namespace ssmc::run
#endif
