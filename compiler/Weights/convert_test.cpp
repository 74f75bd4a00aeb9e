#include "compiler/Weights/Convert.h"
#include <cmath>
#include <gtest/gtest.h>
#include <limits>

using namespace ssmc::weights;

namespace {

TEST(Convert, WidensEveryBf16Exactly) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits)
    ASSERT_EQ(floatToBits(bf16ToF32(bits)), bits << 16);
}

TEST(Convert, WidensEveryF16Exactly) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    float value = f16ToF32(bits);
    ASSERT_EQ(std::signbit(value), (bits & 0x8000) != 0) << bits;
    int exponent = bits >> 10 & 0x1f;
    int fraction = bits & 0x3ff;
    if (exponent == 0x1f) {
      // The payload of a NaN moves to the top of the wider fraction.
      ASSERT_EQ(floatToBits(value) & 0x7fffffff, 0x7f800000u | fraction << 13);
      continue;
    }
    double wanted = exponent == 0 ? std::ldexp(fraction, -24)
                                  : std::ldexp(1024 + fraction, exponent - 25);
    ASSERT_EQ(std::fabs(value), wanted) << bits;
  }
}

TEST(Convert, Bf16SurvivesARoundTrip) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    bool isNan = (bits & 0x7fff) > 0x7f80;
    ASSERT_EQ(f32ToBf16(bf16ToF32(bits)), isNan ? (bits | 0x40) : bits);
  }
}

TEST(Convert, RoundsToNearestEvenBetweenEveryPairOfBf16) {
  // For each finite value and its successor: just below, at and just above the
  // middle.
  for (uint32_t low = 0; low < 0x7f80; ++low) {
    uint32_t middle = low << 16 | 0x8000;
    uint32_t even = low & 1 ? low + 1 : low;
    ASSERT_EQ(f32ToBf16(bitsToFloat(middle - 1)), low);
    ASSERT_EQ(f32ToBf16(bitsToFloat(middle)), even);
    ASSERT_EQ(f32ToBf16(bitsToFloat(middle + 1)), low + 1);
    ASSERT_EQ(f32ToBf16(bitsToFloat(middle | 0x80000000)), even | 0x8000);
  }
}

TEST(Convert, KeepsNanWhoseLowBitsRoundAway) {
  EXPECT_EQ(f32ToBf16(bitsToFloat(0x7f800001)), 0x7fc0);
  EXPECT_EQ(f32ToBf16(bitsToFloat(0xffffffff)), 0xffff);
  EXPECT_EQ(f32ToBf16(std::numeric_limits<float>::infinity()), 0x7f80);
  EXPECT_EQ(f32ToBf16(std::numeric_limits<float>::max()), 0x7f80);
}

TEST(Convert, NarrowsDoubles) {
  EXPECT_EQ(f64ToF32(0.1), 0.1f);
  EXPECT_EQ(f64ToF32(1e300), std::numeric_limits<float>::infinity());
  EXPECT_EQ(f64ToF32(0x1p-149), 0x1p-149f);
  EXPECT_TRUE(std::isnan(f64ToF32(std::nan(""))));
}

template <typename T>
TensorView view(DType dtype, const std::vector<T> &values) {
  return {dtype,
          {values.size()},
          reinterpret_cast<const uint8_t *>(values.data()),
          values.size() * sizeof(T),
          "",
          0};
}

TEST(Convert, ReadsTensorsOfAnyFloat) {
  float out[3];
  std::vector<uint16_t> bf16 = {0x3f80, 0xc000, 0};
  ASSERT_TRUE(toFloat32(view(DType::BF16, bf16), out));
  EXPECT_EQ(out[1], -2.0f);
  std::vector<uint16_t> f16 = {0x3c00, 0xc000, 1};
  ASSERT_TRUE(toFloat32(view(DType::F16, f16), out));
  EXPECT_EQ(out[1], -2.0f);
  EXPECT_EQ(out[2], 0x1p-24f);
  std::vector<float> f32 = {1, -2, 3};
  ASSERT_TRUE(toFloat32(view(DType::F32, f32), out));
  EXPECT_EQ(out[1], -2.0f);
  std::vector<double> f64 = {1, -2, 3};
  ASSERT_TRUE(toFloat32(view(DType::F64, f64), out));
  EXPECT_EQ(out[1], -2.0f);
  std::vector<int32_t> i32 = {1, 2, 3};
  EXPECT_FALSE(toFloat32(view(DType::I32, i32), out));
}

TEST(Convert, CountsWhatIsNotANumber) {
  std::vector<uint16_t> bf16 = {0x7f80, 0xff80, 0x7f81, 0xffff, 0x7f7f, 0};
  NonFinite count = countNonFinite(view(DType::BF16, bf16));
  EXPECT_EQ(count.infinite, 2u);
  EXPECT_EQ(count.nan, 2u);
  std::vector<uint16_t> f16 = {0x7c00, 0x7c01, 0x7bff, 0xfc00};
  count = countNonFinite(view(DType::F16, f16));
  EXPECT_EQ(count.infinite, 2u);
  EXPECT_EQ(count.nan, 1u);
  std::vector<float> f32 = {INFINITY, NAN, 1, -NAN};
  count = countNonFinite(view(DType::F32, f32));
  EXPECT_EQ(count.infinite, 1u);
  EXPECT_EQ(count.nan, 2u);
  std::vector<double> f64 = {INFINITY, NAN, 1};
  count = countNonFinite(view(DType::F64, f64));
  EXPECT_EQ(count.infinite, 1u);
  EXPECT_EQ(count.nan, 1u);
  // Beyond the first block, and at its very end.
  std::vector<float> many(10001, 1.0f);
  many[4095] = many[4096] = many[10000] = NAN;
  EXPECT_EQ(countNonFinite(view(DType::F32, many)).nan, 3u);
  std::vector<int64_t> i64 = {-1};
  EXPECT_FALSE(countNonFinite(view(DType::I64, i64)).any());
}

} // namespace
