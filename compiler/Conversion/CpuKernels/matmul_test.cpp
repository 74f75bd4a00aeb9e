// The emitted products, compiled for this machine, against a plain loop of
// std::fma: the bits must be the same whatever the tiles and the split.
#include "compiler/Conversion/CpuKernels/Matmul.h"
#include "compiler/Conversion/CpuKernels/MatmulHarness.h"
#include "llvm/Support/FormatVariadic.h"
#include "gtest/gtest.h"
#include <array>
#include <cmath>

using namespace mlir;
using namespace ssmc;
using namespace ssmc::testing;

namespace {

struct Case {
  int64_t m, n, k;
};

/// Values of both signs over several binades: sums that round at every step.
std::vector<float> randomFloats(int64_t count, uint32_t seed) {
  std::vector<float> values(count);
  for (float &value : values) {
    seed = seed * 1664525u + 1013904223u;
    value = std::ldexp(float(int32_t(seed)), -31 - int(seed % 5));
  }
  return values;
}

/// y[m][n], plainly.
std::vector<float> reference(const Case &c, const std::vector<float> &x,
                             int64_t stride, const std::vector<float> &w) {
  std::vector<float> y(c.m * c.n);
  for (int64_t m = 0; m < c.m; ++m)
    for (int64_t n = 0; n < c.n; ++n) {
      float sum = 0;
      for (int64_t k = 0; k < c.k; ++k)
        sum = std::fma(x[m * stride + k], w[n * c.k + k], sum);
      y[m * c.n + n] = sum;
    }
  return y;
}

constexpr uint32_t canary = 0x7fc0beef;

uint32_t bits(float value) {
  uint32_t result;
  memcpy(&result, &value, sizeof(result));
  return result;
}

/// Runs `product` over the ranges that `splits` cut, and compares.
void check(const CompiledMatmul &product, const Case &c, int64_t stride,
           const std::vector<int64_t> &splits, uint32_t seed) {
  std::vector<float> x = randomFloats(c.m * stride + 1, seed);
  std::vector<float> w = randomFloats(c.n * c.k, seed + 1);
  roundTo(product.getWeightType(), w);
  PackedWeights packed(product.getWeightType(), c.n, c.k, w);

  constexpr int64_t margin = 16384; // more than a group of panels
  float canaryValue;
  memcpy(&canaryValue, &canary, sizeof(canary));
  std::vector<float> y(c.m * c.n + 2 * margin, canaryValue);
  int64_t scratchFloats = getMatmulScratchBytes(c.k, c.n) / sizeof(float);
  std::vector<float> scratch(scratchFloats + 2 * margin, canaryValue);

  MatmulGrid grid = getMatmulGrid(c.k, c.n);
  int64_t items = (c.m + grid.rowBlock - 1) / grid.rowBlock * grid.panelItems;
  // Later items first: they must not depend on the order.
  std::vector<int64_t> cuts = {0};
  for (int64_t split : splits)
    if (split > cuts.back() && split < items)
      cuts.push_back(split);
  cuts.push_back(items);
  for (size_t i = cuts.size() - 1; i > 0; --i)
    product.run(x, c.m, stride, packed, y.data() + margin,
                scratch.data() + margin, cuts[i - 1], cuts[i]);

  std::vector<float> expected = reference(c, x, stride, w);
  int64_t wrong = 0;
  for (int64_t i = 0; i < c.m * c.n && wrong < 5; ++i)
    if (bits(y[margin + i]) != bits(expected[i])) {
      ++wrong;
      ADD_FAILURE() << "y[" << i / c.n << "][" << i % c.n << "] is "
                    << y[margin + i] << ", expected " << expected[i];
    }
  for (int64_t i = 0; i < margin; ++i) {
    ASSERT_EQ(bits(y[i]), canary);
    ASSERT_EQ(bits(y[margin + c.m * c.n + i]), canary);
    ASSERT_EQ(bits(scratch[i]), canary);
    ASSERT_EQ(bits(scratch[margin + scratchFloats + i]), canary);
  }
}

class Matmul
    : public ::testing::TestWithParam<std::tuple<const char *, WeightType>> {};

TEST_P(Matmul, EqualsSequentialFmaBitForBit) {
  auto [level, type] = GetParam();
  CpuTileShapes tiles = *getCpuTileShapes(level);
  // {n, k}: ragged panels and unrolled loops, one or more blocks of k, groups
  // and items of more than one panel. Weights of 16 bits differ in loads alone.
  const std::array<int64_t, 2> sizes[] = {{44, 12},  {80, 257}, {1, 1},
                                          {16, 256}, {17, 3},   {130, 515},
                                          {600, 9},  {2600, 5}};
  size_t count = type == WeightType::f32 ? std::size(sizes) : 2;
  for (auto [n, k] : llvm::ArrayRef(sizes).take_front(count)) {
    CompiledMatmul product(n, k, type, tiles);
    for (int64_t m : {0, 1, 2, 3, 4, 5, 7, 11, 23, 96, 97, 203}) {
      SCOPED_TRACE(llvm::formatv("m={0} n={1} k={2}", m, n, k).str());
      check(product, {m, n, k}, k, {}, m + n);
      check(product, {m, n, k}, k + 5, {1, 2, 5, 9}, m + n + 1);
      if (HasFailure())
        return;
    }
  }
}

TEST_P(Matmul, CarriesNonFiniteValuesAndSignedZeros) {
  auto [level, type] = GetParam();
  constexpr int64_t m = 7, n = 20, k = 6;
  CompiledMatmul product(n, k, type, *getCpuTileShapes(level));
  std::vector<float> x(m * k, 1.0f), w(n * k, -0.0f), y(m * n);
  x[2 * k + 3] = INFINITY; // inf * -0 is NaN in row 2 only
  std::vector<float> scratch(getMatmulScratchBytes(k, n) / sizeof(float), NAN);
  product.run(x, m, k, PackedWeights(type, n, k, w), y.data(), scratch.data(),
              0, getMatmulGrid(k, n).panelItems);
  for (int64_t i = 0; i < m * n; ++i)
    if (i / n == 2)
      EXPECT_TRUE(std::isnan(y[i])) << i;
    else
      EXPECT_EQ(bits(y[i]), 0u) << i; // +0 + -0 is +0
}

INSTANTIATE_TEST_SUITE_P(
    All, Matmul,
    ::testing::Combine(::testing::Values("x86-64-v3", "x86-64-v4", "aarch64"),
                       ::testing::Values(WeightType::f32, WeightType::bf16,
                                         WeightType::f16)),
    [](const auto &info) {
      std::string name = std::get<0>(info.param);
      llvm::erase(name, '-');
      return name + "_" + toString(std::get<1>(info.param));
    });

TEST(MatmulGrid, CoversAllPanels) {
  for (int64_t n : {1, 16, 17, 80, 768, 3072, 50280}) {
    MatmulGrid grid = getMatmulGrid(768, n);
    int64_t panels = (n + panelWidth - 1) / panelWidth;
    EXPECT_GE(grid.panelItems * grid.panelBlock, panels);
    EXPECT_LT((grid.panelItems - 1) * grid.panelBlock, panels);
  }
}

TEST(MatmulTiles, UnknownLevelHasNone) {
  EXPECT_FALSE(getCpuTileShapes("x86-64-v2"));
}

} // namespace
