#ifndef SSMC_COMPILER_WEIGHTS_CONVERT_H
#define SSMC_COMPILER_WEIGHTS_CONVERT_H
#include "compiler/Weights/Safetensors.h"
#include <cstring>

namespace ssmc::weights {

inline float bitsToFloat(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

inline uint32_t floatToBits(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

/// Exact for every input.
inline float bf16ToF32(uint16_t bits) {
  return bitsToFloat(static_cast<uint32_t>(bits) << 16);
}

/// Exact for every input, denormals and NaN payloads included.
float f16ToF32(uint16_t bits);

/// Rounds to nearest, ties to even; what is beyond the largest float becomes an
/// infinity; NaN stays NaN.
inline float f64ToF32(double value) { return static_cast<float>(value); }

/// Rounds to nearest, ties to even, denormals included; NaN stays a NaN, made
/// quiet, with the upper bits of its payload.
uint16_t f32ToBf16(float value);

bool isFloat(DType dtype);

/// Writes the tensor's elements as float32, `view.elements()` of them. False,
/// and nothing written, when the dtype is not a float.
bool toFloat32(const TensorView &view, float *out);

/// How many elements of a tensor are not numbers; zero for integer dtypes.
struct NonFinite {
  uint64_t nan = 0;
  uint64_t infinite = 0;
  bool any() const { return nan != 0 || infinite != 0; }
};
NonFinite countNonFinite(const TensorView &view);

} // namespace ssmc::weights
#endif
