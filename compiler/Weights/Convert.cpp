#include "compiler/Weights/Convert.h"
#include <algorithm>

namespace ssmc::weights {

float f16ToF32(uint16_t bits) {
  uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16;
  uint32_t exponent = bits >> 10 & 0x1f;
  uint32_t fraction = bits & 0x3ff;
  if (exponent == 0) {
    // A denormal is fraction * 2^-24, which a float holds exactly.
    float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return bitsToFloat(sign | floatToBits(magnitude));
  }
  // Infinity and NaN keep an exponent of all ones; others move by 127 - 15.
  uint32_t wide = exponent == 0x1f ? 0xff : exponent + 112;
  return bitsToFloat(sign | wide << 23 | fraction << 13);
}

uint16_t f32ToBf16(float value) {
  uint32_t bits = floatToBits(value);
  if ((bits & 0x7fffffff) > 0x7f800000) // NaN: rounding could make it infinite
    return static_cast<uint16_t>(bits >> 16 | 0x40);
  // Adding just under half, or half when the kept part is odd, carries exactly
  // when rounding to even goes up.
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

bool isFloat(DType dtype) {
  return dtype == DType::BF16 || dtype == DType::F16 || dtype == DType::F32 ||
         dtype == DType::F64;
}

/// Element `i` of type `T`, wherever it lies.
template <typename T> static T load(const uint8_t *data, uint64_t i) {
  T value;
  std::memcpy(&value, data + i * sizeof(T), sizeof(T));
  return value;
}

bool toFloat32(const TensorView &view, float *out) {
  uint64_t count = view.elements();
  switch (view.dtype) {
  case DType::BF16:
    for (uint64_t i = 0; i < count; ++i)
      out[i] = bf16ToF32(load<uint16_t>(view.data, i));
    return true;
  case DType::F16:
    for (uint64_t i = 0; i < count; ++i)
      out[i] = f16ToF32(load<uint16_t>(view.data, i));
    return true;
  case DType::F32:
    if (count)
      std::memcpy(out, view.data, view.bytes);
    return true;
  case DType::F64:
    for (uint64_t i = 0; i < count; ++i)
      out[i] = f64ToF32(load<double>(view.data, i));
    return true;
  default:
    return false;
  }
}

/// Counts on the bits: the exponent is all ones, and the fraction is not zero
/// for a NaN. A block is first searched without branches, which runs at the
/// speed of memory, and looked at closely only if it has any.
template <typename T>
static NonFinite countBits(const TensorView &view, T exponent, T fraction) {
  constexpr uint64_t block = 4096;
  NonFinite count;
  for (uint64_t begin = 0, n = view.elements(); begin < n; begin += block) {
    uint64_t end = std::min(n, begin + block);
    T any = 0;
    for (uint64_t i = begin; i < end; ++i)
      any |= (load<T>(view.data, i) & exponent) == exponent;
    for (uint64_t i = begin; any && i < end; ++i) {
      T bits = load<T>(view.data, i);
      if ((bits & exponent) == exponent)
        ++((bits & fraction) ? count.nan : count.infinite);
    }
  }
  return count;
}

NonFinite countNonFinite(const TensorView &view) {
  switch (view.dtype) {
  case DType::BF16:
    return countBits<uint16_t>(view, 0x7f80, 0x007f);
  case DType::F16:
    return countBits<uint16_t>(view, 0x7c00, 0x03ff);
  case DType::F32:
    return countBits<uint32_t>(view, 0x7f800000, 0x007fffff);
  case DType::F64:
    return countBits<uint64_t>(view, 0x7ff0000000000000, 0x000fffffffffffff);
  default:
    return {};
  }
}

} // namespace ssmc::weights
