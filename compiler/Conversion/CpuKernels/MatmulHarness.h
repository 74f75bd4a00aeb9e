#ifndef SSMC_COMPILER_CONVERSION_CPUKERNELS_MATMULHARNESS_H
#define SSMC_COMPILER_CONVERSION_CPUKERNELS_MATMULHARNESS_H
/// What the test and the benchmark of `emitMatmul` share: weights in the
/// layout of the artifact, and a compiled function y = x * transpose(w).
#include "compiler/Conversion/CpuKernels/Matmul.h"
#include "compiler/Testing/LoadedKernels.h"
#include <vector>

namespace ssmc::testing {

enum class WeightType { f32, bf16, f16 };
const char *toString(WeightType type);
int64_t getByteSize(WeightType type);

/// Rounds every value to `type`, to the nearest.
void roundTo(WeightType type, std::vector<float> &values);

/// A matrix [n, k] in layout panels16.
class PackedWeights {
public:
  /// `w` is row major; its values are representable in `type`.
  PackedWeights(WeightType type, int64_t n, int64_t k,
                const std::vector<float> &w);
  const void *data() const { return bytes.data(); }
  int64_t size() const { return elements; }

private:
  int64_t elements;
  std::vector<char> bytes;
};

class CompiledMatmul {
public:
  CompiledMatmul(int64_t n, int64_t k, WeightType type,
                 const CpuTileShapes &tiles);

  /// y[m][n] of the grid items [begin, end); row m of `x` starts at m * stride.
  void run(const std::vector<float> &x, int64_t m, int64_t stride,
           const PackedWeights &w, float *y, float *scratch, int64_t begin,
           int64_t end) const;
  WeightType getWeightType() const { return type; }

private:
  WeightType type;
  LoadedKernels kernels;
};

} // namespace ssmc::testing

#endif // SSMC_COMPILER_CONVERSION_CPUKERNELS_MATMULHARNESS_H
