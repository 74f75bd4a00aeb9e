#include "runtime/src/layout.h"
#include <cstring>

using namespace ssmc;

namespace {
enum class Direction { toMemory, toLogical };

/// Walks memory in order; the innermost memory axis is the inner loop.
template <Direction direction>
void permute(const AxisOrder &axes, size_t elementSize, char *memory,
             char *logical) {
  uint64_t strides[SSMC_MAX_RANK]; // in bytes, of the logical axes
  uint64_t total = elementSize;
  bool inOrder = true;
  for (int32_t axis = axes.rank - 1; axis >= 0; --axis) {
    strides[axis] = total;
    total *= axes.shape[axis];
    inOrder &= axes.order[axis] == axis;
  }
  if (!total)
    return;
  if (inOrder) {
    if (direction == Direction::toMemory)
      memcpy(memory, logical, total);
    else
      memcpy(logical, memory, total);
    return;
  }
  int32_t inner = axes.rank - 1;
  uint64_t innerCount = axes.shape[axes.order[inner]];
  uint64_t innerStride = strides[axes.order[inner]];
  uint64_t index[SSMC_MAX_RANK] = {};
  for (;;) {
    uint64_t start = 0;
    for (int32_t i = 0; i < inner; ++i)
      start += index[i] * strides[axes.order[i]];
    for (uint64_t i = 0; i < innerCount; ++i, memory += elementSize) {
      char *element = logical + start + i * innerStride;
      if (direction == Direction::toMemory)
        memcpy(memory, element, elementSize);
      else
        memcpy(element, memory, elementSize);
    }
    int32_t axis = inner - 1;
    while (axis >= 0 && ++index[axis] == axes.shape[axes.order[axis]])
      index[axis--] = 0;
    if (axis < 0)
      return;
  }
}
} // namespace

void ssmc::copyToMemory(const AxisOrder &axes, size_t elementSize, void *memory,
                        const void *logical) {
  permute<Direction::toMemory>(
      axes, elementSize, static_cast<char *>(memory),
      static_cast<char *>(const_cast<void *>(logical)));
}

void ssmc::copyToLogical(const AxisOrder &axes, size_t elementSize,
                         void *logical, const void *memory) {
  permute<Direction::toLogical>(axes, elementSize,
                                static_cast<char *>(const_cast<void *>(memory)),
                                static_cast<char *>(logical));
}

void ssmc::copyToPanels(uint64_t rows, uint64_t columns, size_t elementSize,
                        void *panels, const void *matrix) {
  char *out = static_cast<char *>(panels);
  const char *in = static_cast<const char *>(matrix);
  for (uint64_t first = 0; first < rows; first += panelRows)
    for (uint64_t column = 0; column < columns; ++column)
      for (uint64_t row = first; row < first + panelRows; ++row) {
        if (row < rows)
          memcpy(out, in + (row * columns + column) * elementSize, elementSize);
        else
          memset(out, 0, elementSize);
        out += elementSize;
      }
}

static uint32_t bitsOf(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/// Rounds to nearest even.
static uint16_t toBf16(float value) {
  uint32_t bits = bitsOf(value);
  if (value != value)
    return 0x7fc0;
  return static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

/// Rounds to nearest even, subnormals and overflow to infinity included.
static uint16_t toF16(float value) {
  uint32_t bits = bitsOf(value);
  uint32_t sign = (bits >> 16) & 0x8000;
  uint32_t magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000)
    return 0x7e00;
  if (magnitude >= 0x477ff000) // rounds to at least 2^16
    return static_cast<uint16_t>(sign | 0x7c00);
  if (magnitude < 0x33000000) // below half of the smallest subnormal
    return static_cast<uint16_t>(sign);
  uint32_t exponent = magnitude >> 23;
  uint32_t mantissa = (magnitude & 0x7fffff) | 0x800000;
  // Normal halves drop 13 mantissa bits, subnormal ones more.
  uint32_t shift = exponent >= 113 ? 13 : 126 - exponent;
  uint32_t result = mantissa >> shift;
  uint32_t rest = mantissa & ((1u << shift) - 1);
  uint32_t half = 1u << (shift - 1);
  result += rest > half || (rest == half && (result & 1));
  if (exponent >= 113)
    result += (exponent - 113) << 10; // the hidden bit adds the missing one
  return static_cast<uint16_t>(sign | result);
}

template <typename Integer> static bool encodeInteger(double value, void *out) {
  // 2^63 is exact in a double while the largest i64 is not: compare with "<".
  constexpr double limit =
      2.0 * static_cast<double>(Integer(1) << (sizeof(Integer) * 8 - 2));
  if (!(value >= -limit && value < limit))
    return false;
  Integer result = static_cast<Integer>(value);
  memcpy(out, &result, sizeof result);
  return static_cast<double>(result) == value;
}

bool ssmc::encodeScalar(ssmc_dtype dtype, double value, void *out) {
  float single = static_cast<float>(value);
  switch (dtype) {
  case SSMC_F32:
    memcpy(out, &single, sizeof single);
    return true;
  case SSMC_F64:
    memcpy(out, &value, sizeof value);
    return true;
  case SSMC_BF16: {
    uint16_t bits = toBf16(single);
    memcpy(out, &bits, sizeof bits);
    return true;
  }
  case SSMC_F16: {
    uint16_t bits = toF16(single);
    memcpy(out, &bits, sizeof bits);
    return true;
  }
  case SSMC_I64:
    return encodeInteger<int64_t>(value, out);
  case SSMC_I32:
    return encodeInteger<int32_t>(value, out);
  case SSMC_U8: {
    if (!(value >= 0 && value <= 255))
      return false;
    uint8_t byte = static_cast<uint8_t>(value);
    memcpy(out, &byte, 1);
    return byte == value;
  }
  }
  return false;
}

bool ssmc::fillScalar(ssmc_dtype dtype, double value, void *out,
                      uint64_t count) {
  char element[8];
  if (!encodeScalar(dtype, value, element))
    return false;
  size_t size = ssmc_dtype_size(dtype);
  char *cursor = static_cast<char *>(out);
  if (!count)
    return true;
  // Doubling copies reach memory speed for any element size.
  memcpy(cursor, element, size);
  for (uint64_t done = 1; done < count;) {
    uint64_t step = done < count - done ? done : count - done;
    // Beyond a cache's worth, copying the same block again is faster.
    if (step > 4096)
      step = 4096;
    memcpy(cursor + done * size, cursor, step * size);
    done += step;
  }
  return true;
}

template <typename Bits>
static bool anyAbove(const void *data, uint64_t count, Bits infinity) {
  // All bits of the exponent and any of the mantissa, whatever the sign.
  constexpr Bits signless = static_cast<Bits>(~Bits(0)) >> 1;
  bool found = false;
  for (uint64_t i = 0; i < count; ++i) {
    Bits bits;
    memcpy(&bits, static_cast<const char *>(data) + i * sizeof bits,
           sizeof bits);
    found |= (bits & signless) > infinity;
  }
  return found;
}

bool ssmc::hasNan(ssmc_dtype dtype, const void *data, uint64_t count) {
  switch (dtype) {
  case SSMC_F32:
    return anyAbove<uint32_t>(data, count, 0x7f800000);
  case SSMC_F64:
    return anyAbove<uint64_t>(data, count, 0x7ff0000000000000);
  case SSMC_BF16:
    return anyAbove<uint16_t>(data, count, 0x7f80);
  case SSMC_F16:
    return anyAbove<uint16_t>(data, count, 0x7c00);
  case SSMC_I64:
  case SSMC_I32:
  case SSMC_U8:
    return false;
  }
  return false;
}
