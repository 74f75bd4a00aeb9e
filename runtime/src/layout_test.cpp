#include "runtime/src/layout.h"
#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <limits>
#include <numeric>
#include <vector>

using namespace ssmc;

namespace {
AxisOrder axesOf(std::vector<uint64_t> shape, std::vector<uint8_t> order) {
  AxisOrder axes;
  axes.rank = static_cast<int32_t>(shape.size());
  std::copy(shape.begin(), shape.end(), axes.shape);
  std::copy(order.begin(), order.end(), axes.order);
  return axes;
}

TEST(AxisOrder, PermutesThreeAxes) {
  // logical [2, 3, 2], memory [3, 2, 2] = (axis 1, axis 2, axis 0)
  AxisOrder axes = axesOf({2, 3, 2}, {1, 2, 0});
  std::vector<int32_t> logical(12), memory(12, -1), back(12, -1);
  std::iota(logical.begin(), logical.end(), 0);
  copyToMemory(axes, 4, memory.data(), logical.data());
  EXPECT_EQ(memory,
            (std::vector<int32_t>{0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11}));
  copyToLogical(axes, 4, back.data(), memory.data());
  EXPECT_EQ(back, logical);
}

TEST(AxisOrder, EveryOrderOfFourAxesIsInvertible) {
  std::vector<uint8_t> order = {0, 1, 2, 3};
  do {
    AxisOrder axes = axesOf({2, 1, 5, 3}, order);
    std::vector<uint16_t> logical(30), memory(30), back(30);
    std::iota(logical.begin(), logical.end(), 1);
    copyToMemory(axes, 2, memory.data(), logical.data());
    copyToLogical(axes, 2, back.data(), memory.data());
    EXPECT_EQ(back, logical);
    EXPECT_EQ(std::accumulate(memory.begin(), memory.end(), 0), 465);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(AxisOrder, ScalarsAndEmptyTensors) {
  double value = 3, copy = 0;
  copyToMemory(axesOf({}, {}), 8, &copy, &value);
  EXPECT_EQ(copy, 3);
  copyToMemory(axesOf({0, 4}, {1, 0}), 8, nullptr, nullptr);
}

TEST(Panels, FillTheLastPanelWithZeros) {
  constexpr uint64_t rows = 18, columns = 3;
  std::vector<float> matrix(rows * columns);
  std::iota(matrix.begin(), matrix.end(), 1.0f);
  std::vector<float> panels(32 * columns, -1);
  copyToPanels(rows, columns, 4, panels.data(), matrix.data());
  for (uint64_t row = 0; row < 32; ++row)
    for (uint64_t column = 0; column < columns; ++column)
      EXPECT_EQ(panels[(row / 16 * columns + column) * 16 + row % 16],
                row < rows ? matrix[row * columns + column] : 0)
          << row << ", " << column;
}

template <typename T> T encoded(ssmc_dtype dtype, double value) {
  T out;
  EXPECT_TRUE(encodeScalar(dtype, value, &out));
  return out;
}

TEST(Scalars, Bf16RoundsToNearestEven) {
  auto bf16 = [](double v) { return encoded<uint16_t>(SSMC_BF16, v); };
  EXPECT_EQ(bf16(0), 0);
  EXPECT_EQ(bf16(-0.0), 0x8000);
  EXPECT_EQ(bf16(1), 0x3f80);
  EXPECT_EQ(bf16(1 + 0x1p-8), 0x3f80);           // half way, to even
  EXPECT_EQ(bf16(1 + 3 * 0x1p-8), 0x3f82);       // half way, to even
  EXPECT_EQ(bf16(1 + 0x1p-8 + 0x1p-20), 0x3f81); // above half way
  EXPECT_EQ(bf16(INFINITY), 0x7f80);
  EXPECT_EQ(bf16(NAN), 0x7fc0);
  EXPECT_EQ(bf16(3.4e38), 0x7f80); // rounds past the largest
}

TEST(Scalars, F16RoundsToNearestEven) {
  auto f16 = [](double v) { return encoded<uint16_t>(SSMC_F16, v); };
  EXPECT_EQ(f16(0), 0);
  EXPECT_EQ(f16(-2), 0xc000);
  EXPECT_EQ(f16(1 + 0x1p-11), 0x3c00);
  EXPECT_EQ(f16(1 + 3 * 0x1p-11), 0x3c02);
  EXPECT_EQ(f16(65504), 0x7bff);
  EXPECT_EQ(f16(65519), 0x7bff);
  EXPECT_EQ(f16(65520), 0x7c00);
  EXPECT_EQ(f16(0x1p-14), 0x0400);
  EXPECT_EQ(f16(0x1p-24), 0x0001);
  EXPECT_EQ(f16(0x1p-25), 0x0000); // half way, to even
  EXPECT_EQ(f16(0x1.8p-25), 0x0001);
  EXPECT_EQ(f16(-INFINITY), 0xfc00);
  EXPECT_EQ(f16(NAN), 0x7e00);
#if defined(__aarch64__) || defined(__FLT16_MAX__)
#if defined(__aarch64__)
  using Half = __fp16;
#else
  using Half = _Float16;
#endif
  // The compiler's own conversion, over all exponents.
  for (float x = 0x1p-27f; x < 0x1p17f; x *= 1.0009f) {
    Half wanted = static_cast<Half>(x);
    uint16_t bits;
    memcpy(&bits, &wanted, 2);
    ASSERT_EQ(f16(x), bits) << x;
  }
#endif
}

TEST(Scalars, IntegersMustBeExact) {
  int64_t out;
  EXPECT_EQ(encoded<int64_t>(SSMC_I64, -0x1p63), INT64_MIN);
  EXPECT_FALSE(encodeScalar(SSMC_I64, 0x1p63, &out));
  EXPECT_FALSE(encodeScalar(SSMC_I64, 0.5, &out));
  EXPECT_FALSE(encodeScalar(SSMC_I64, NAN, &out));
  EXPECT_EQ(encoded<int32_t>(SSMC_I32, -0x1p31), INT32_MIN);
  EXPECT_FALSE(encodeScalar(SSMC_I32, 0x1p31, &out));
  EXPECT_EQ(encoded<uint8_t>(SSMC_U8, 255), 255);
  EXPECT_FALSE(encodeScalar(SSMC_U8, 256, &out));
  EXPECT_FALSE(encodeScalar(SSMC_U8, -1, &out));
  EXPECT_FALSE(encodeScalar(SSMC_U8, NAN, &out));
}

TEST(Scalars, F64IsItself) { EXPECT_EQ(encoded<double>(SSMC_F64, 0.1), 0.1); }

TEST(Scalars, FillWritesExactlyTheCount) {
  for (uint64_t count : {0, 1, 2, 3, 4096, 10001, 20000}) {
    std::vector<uint16_t> out(count + 1, 7);
    ASSERT_TRUE(fillScalar(SSMC_BF16, 1, out.data(), count));
    for (uint64_t i = 0; i < count; ++i)
      ASSERT_EQ(out[i], 0x3f80);
    EXPECT_EQ(out[count], 7);
  }
}

TEST(Scalars, FindsNans) {
  std::vector<float> values(100, -INFINITY);
  EXPECT_FALSE(hasNan(SSMC_F32, values.data(), values.size()));
  values[99] = -NAN;
  EXPECT_TRUE(hasNan(SSMC_F32, values.data(), values.size()));
  EXPECT_FALSE(hasNan(SSMC_I32, values.data(), values.size()));
  double one = NAN;
  EXPECT_TRUE(hasNan(SSMC_F64, &one, 1));
  uint16_t half = 0xfc01;
  EXPECT_TRUE(hasNan(SSMC_F16, &half, 1));
  half = 0x7f81;
  EXPECT_TRUE(hasNan(SSMC_BF16, &half, 1));
  half = 0x7f80;
  EXPECT_FALSE(hasNan(SSMC_BF16, &half, 1));
}
} // namespace
