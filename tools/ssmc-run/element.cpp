#include "tools/ssmc-run/element.h"
#include <cmath>
#include <cstring>
#include <limits>

namespace {
template <typename T> double read(const void *element) {
  T value;
  std::memcpy(&value, element, sizeof value);
  return static_cast<double>(value);
}

template <typename T> void write(double value, void *element) {
  T narrow = static_cast<T>(value);
  std::memcpy(element, &narrow, sizeof narrow);
}

/// A 16-bit IEEE-style format: sign, exponent, `mantissaBits` stored bits.
struct Half {
  int mantissaBits;
  int bias;
  int specialExponent() const { return (1 << (15 - mantissaBits)) - 1; }

  double decode(uint16_t bits) const {
    int exponent = (bits & 0x7fff) >> mantissaBits;
    int fraction = bits & ((1 << mantissaBits) - 1);
    double magnitude;
    if (exponent == specialExponent())
      magnitude = fraction ? std::numeric_limits<double>::quiet_NaN()
                           : std::numeric_limits<double>::infinity();
    else if (exponent == 0)
      magnitude = std::ldexp(fraction, 1 - bias - mantissaBits);
    else
      magnitude = std::ldexp(fraction + (1 << mantissaBits),
                             exponent - bias - mantissaBits);
    return bits & 0x8000 ? -magnitude : magnitude;
  }

  uint16_t encode(double value) const {
    uint16_t sign = std::signbit(value) ? 0x8000 : 0;
    uint16_t infinity = uint16_t(specialExponent() << mantissaBits);
    if (std::isnan(value))
      return infinity | 1 << (mantissaBits - 1);
    if (std::isinf(value))
      return sign | infinity;
    if (value == 0)
      return sign;
    // Count in units of the last place; a carry runs into the exponent.
    int exponent = std::max(std::ilogb(value), 1 - bias);
    double units =
        std::nearbyint(std::ldexp(std::fabs(value), mantissaBits - exponent));
    int64_t bits = (int64_t(exponent + bias - 1) << mantissaBits) +
                   static_cast<int64_t>(units);
    return sign | uint16_t(std::min<int64_t>(bits, infinity));
  }
};
constexpr Half bf16{7, 127};
constexpr Half f16{10, 15};

uint16_t readBits(const void *element) {
  uint16_t bits;
  std::memcpy(&bits, element, sizeof bits);
  return bits;
}
} // namespace

double ssmc::run::readElement(ssmc_dtype dtype, const void *element) {
  switch (dtype) {
  case SSMC_F32:
    return read<float>(element);
  case SSMC_BF16:
    return bf16.decode(readBits(element));
  case SSMC_F16:
    return f16.decode(readBits(element));
  case SSMC_F64:
    return read<double>(element);
  case SSMC_I64:
    return read<int64_t>(element);
  case SSMC_I32:
    return read<int32_t>(element);
  case SSMC_U8:
    return read<uint8_t>(element);
  }
  return 0;
}

void ssmc::run::writeElement(ssmc_dtype dtype, double value, void *element) {
  uint16_t bits;
  switch (dtype) {
  case SSMC_F32:
    return write<float>(value, element);
  case SSMC_BF16:
    bits = bf16.encode(value);
    return void(std::memcpy(element, &bits, sizeof bits));
  case SSMC_F16:
    bits = f16.encode(value);
    return void(std::memcpy(element, &bits, sizeof bits));
  case SSMC_F64:
    return write<double>(value, element);
  case SSMC_I64:
    return write<int64_t>(value, element);
  case SSMC_I32:
    return write<int32_t>(value, element);
  case SSMC_U8:
    return write<uint8_t>(value, element);
  }
}

bool ssmc::run::countElements(const std::vector<int64_t> &shape, int64_t &out) {
  constexpr int64_t limit = int64_t(1) << 48;
  out = 1;
  for (int64_t extent : shape) {
    if (extent < 0 || (extent > 0 && out > limit / extent))
      return false;
    out *= extent;
  }
  return true;
}

std::string ssmc::run::typeText(ssmc_dtype dtype,
                                const std::vector<int64_t> &shape) {
  std::string text;
  for (int64_t extent : shape)
    text += std::to_string(extent) + "x";
  return text + ssmc_dtype_name(dtype);
}

bool ssmc::run::parseType(const std::string &text, ssmc_dtype &out_dtype,
                          std::vector<int64_t> &out_shape, std::string &error) {
  out_shape.clear();
  size_t begin = 0;
  for (size_t end; (end = text.find('x', begin)) != std::string::npos;
       begin = end + 1) {
    std::string extent = text.substr(begin, end - begin);
    if (extent.empty() || extent.size() > 15 ||
        extent.find_first_not_of("0123456789") != std::string::npos) {
      error = "expected a type such as '2x3xf32', got '" + text + "'";
      return false;
    }
    out_shape.push_back(std::stoll(extent));
  }
  for (ssmc_dtype dtype :
       {SSMC_F32, SSMC_BF16, SSMC_F16, SSMC_F64, SSMC_I64, SSMC_I32, SSMC_U8}) {
    if (text.compare(begin, std::string::npos, ssmc_dtype_name(dtype)) != 0)
      continue;
    out_dtype = dtype;
    int64_t count;
    if (out_shape.size() <= SSMC_MAX_RANK && countElements(out_shape, count))
      return true;
    error = "expected at most 8 extents and 2^48 elements, got '" + text + "'";
    return false;
  }
  error =
      "expected an element type among f32, bf16, f16, f64, i64, i32 and u8, "
      "got '" +
      text.substr(begin) + "'";
  return false;
}
