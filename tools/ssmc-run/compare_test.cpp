#include "tools/ssmc-run/compare.h"
#include "tools/ssmc-run/element.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace ssmc;
using namespace ssmc::run;

namespace {
NpyArray array(std::vector<int64_t> shape, std::vector<double> values,
               ssmc_dtype dtype = SSMC_F32) {
  size_t width = ssmc_dtype_size(dtype);
  NpyArray result{dtype, shape, std::vector<std::byte>(values.size() * width)};
  for (size_t i = 0; i < values.size(); ++i)
    writeElement(dtype, values[i], &result.data[i * width]);
  return result;
}

Comparison compare(const NpyArray &got, const NpyArray &expected, double rtol,
                   double atol) {
  Comparison result;
  std::string error;
  EXPECT_TRUE(compareArrays(got, expected, rtol, atol, result, error)) << error;
  return result;
}

TEST(Compare, MeasuresAndFindsTheWorst) {
  Comparison result = compare(array({2, 2}, {1, 2, 3.5, 4}),
                              array({2, 2}, {1, 2, 3, 4}), 0, 0.25);
  EXPECT_EQ(result.mismatches, 1);
  EXPECT_EQ(result.maxAbsError, 0.5);
  EXPECT_EQ(result.worst, (std::vector<int64_t>{1, 0}));
  EXPECT_EQ(result.got, 3.5);
  EXPECT_EQ(result.expected, 3);
  EXPECT_DOUBLE_EQ(result.nrmse, 0.5 / std::sqrt(30.0));
}

TEST(Compare, AddsBothTolerances) {
  NpyArray expected = array({1}, {100}, SSMC_F64);
  EXPECT_EQ(compare(array({1}, {103}), expected, 0.02, 1).mismatches, 0);
  EXPECT_EQ(
      compare(array({1}, {103.01}, SSMC_F64), expected, 0.02, 1).mismatches, 1);
  // Relative to the expected value, not to the one that came out.
  EXPECT_EQ(compare(expected, array({1}, {90}), 0.11, 0).mismatches, 1);
}

// The worst element is the one furthest beyond its own tolerance.
TEST(Compare, RanksByTolerance) {
  Comparison result =
      compare(array({2}, {1000.5, 0.1}), array({2}, {1000, 0}), 1e-3, 1e-3);
  EXPECT_EQ(result.worst, std::vector<int64_t>{1});
  EXPECT_EQ(result.mismatches, 1);
}

TEST(Compare, TreatsNonFiniteValuesByKind) {
  NpyArray values = array({3}, {NAN, INFINITY, -INFINITY});
  EXPECT_EQ(compare(values, values, 0, 0).mismatches, 0);
  EXPECT_EQ(
      compare(values, array({3}, {1, -INFINITY, -INFINITY}), 9, 9).mismatches,
      2);
  EXPECT_EQ(compare(array({1}, {1}), array({1}, {INFINITY}), 9, 9).mismatches,
            1);
}

TEST(Compare, ComparesAcrossTypesButNotShapes) {
  EXPECT_EQ(compare(array({2}, {3, 4}, SSMC_I64), array({2}, {3, 4}), 0, 0)
                .mismatches,
            0);
  EXPECT_EQ(compare(array({0}, {}), array({0}, {}), 0, 0).count, 0);
  Comparison result;
  std::string error;
  EXPECT_FALSE(compareArrays(array({2}, {1, 2}), array({2, 1}, {1, 2}), 0, 0,
                             result, error));
  EXPECT_EQ(error, "expected 2x1xf32, got 2xf32");
}
} // namespace
