#include "tools/ssmc-run/element.h"
#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <limits>

using namespace ssmc::run;

namespace {
uint16_t encode(ssmc_dtype dtype, double value) {
  uint16_t bits;
  writeElement(dtype, value, &bits);
  return bits;
}

double roundTrip(ssmc_dtype dtype, double value) {
  uint16_t bits = encode(dtype, value);
  return readElement(dtype, &bits);
}

TEST(Element, Decodes16BitFormats) {
  struct {
    ssmc_dtype dtype;
    uint16_t bits;
    double value;
  } cases[] = {
      {SSMC_F16, 0x3c00, 1},          {SSMC_F16, 0xc000, -2},
      {SSMC_F16, 0x7bff, 65504},      {SSMC_F16, 0x0001, 0x1p-24},
      {SSMC_F16, 0x03ff, 0x3ffp-24},  {SSMC_F16, 0x7c00, INFINITY},
      {SSMC_BF16, 0x3f80, 1},         {SSMC_BF16, 0xc040, -3},
      {SSMC_BF16, 0x7f7f, 0xffp120},  {SSMC_BF16, 0x0001, 0x1p-133},
      {SSMC_BF16, 0xff80, -INFINITY},
  };
  for (auto &c : cases) {
    EXPECT_EQ(readElement(c.dtype, &c.bits), c.value) << std::hex << c.bits;
    EXPECT_EQ(encode(c.dtype, c.value), c.bits) << c.value;
  }
}

TEST(Element, EveryBitPatternSurvives) {
  for (ssmc_dtype dtype : {SSMC_F16, SSMC_BF16})
    for (uint32_t bits = 0; bits < 0x10000; ++bits) {
      uint16_t narrow = uint16_t(bits);
      double value = readElement(dtype, &narrow);
      if (!std::isnan(value)) {
        ASSERT_EQ(encode(dtype, value), narrow);
      }
    }
}

// A bf16 is the upper half of a float, so the processor's own conversion from
// double, followed by rounding 16 bits away in integers, must agree.
TEST(Element, RoundsToNearestEven) {
  EXPECT_EQ(roundTrip(SSMC_F16, 1 + 0x1p-11), 1);
  EXPECT_EQ(roundTrip(SSMC_F16, 1 + 0x3p-11), 1 + 0x1p-9);
  EXPECT_EQ(roundTrip(SSMC_F16, 65519), 65504);
  EXPECT_EQ(roundTrip(SSMC_F16, 65520), INFINITY);
  EXPECT_EQ(roundTrip(SSMC_F16, 0x1p-25), 0);
  EXPECT_EQ(roundTrip(SSMC_F16, 0x1.8p-25), 0x1p-24);
  EXPECT_TRUE(std::isnan(roundTrip(SSMC_F16, NAN)));
  for (uint32_t i = 0; i < 100000; ++i) {
    uint32_t bits = i * 40503u * 3u & 0x7f7fffff; // finite and positive
    float value;
    std::memcpy(&value, &bits, sizeof value);
    uint32_t expected = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    ASSERT_EQ(encode(SSMC_BF16, value), expected) << value;
  }
}

TEST(Element, ParsesTypes) {
  ssmc_dtype dtype;
  std::vector<int64_t> shape;
  std::string error;
  ASSERT_TRUE(parseType("2x0x3xbf16", dtype, shape, error)) << error;
  EXPECT_EQ(dtype, SSMC_BF16);
  EXPECT_EQ(shape, (std::vector<int64_t>{2, 0, 3}));
  EXPECT_EQ(typeText(dtype, shape), "2x0x3xbf16");
  ASSERT_TRUE(parseType("f64", dtype, shape, error)) << error;
  EXPECT_TRUE(shape.empty());
}

TEST(Element, RefusesOtherTypes) {
  struct {
    const char *text, *error;
  } cases[] = {
      {"", "expected an element type among f32, bf16, f16, f64, i64, i32 and "
           "u8, got ''"},
      {"2x3", "expected an element type among f32, bf16, f16, f64, i64, i32 "
              "and u8, got '3'"},
      {"x3xf32", "expected a type such as '2x3xf32', got 'x3xf32'"},
      {"-2xf32", "expected a type such as '2x3xf32', got '-2xf32'"},
      {"9999999999999999xf32",
       "expected a type such as '2x3xf32', got '9999999999999999xf32'"},
      {"16777216x16777217xu8", "expected at most 8 extents and 2^48 elements, "
                               "got '16777216x16777217xu8'"},
      {"1x1x1x1x1x1x1x1x1xu8", "expected at most 8 extents and 2^48 elements, "
                               "got '1x1x1x1x1x1x1x1x1xu8'"},
  };
  for (auto &c : cases) {
    ssmc_dtype dtype;
    std::vector<int64_t> shape;
    std::string error;
    EXPECT_FALSE(parseType(c.text, dtype, shape, error)) << c.text;
    EXPECT_EQ(error, c.error);
  }
}
} // namespace
