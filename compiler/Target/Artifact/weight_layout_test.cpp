#include "compiler/Target/Artifact/WeightLayout.h"
#include <cstring>
#include <gtest/gtest.h>
#include <numeric>

using namespace ssmc;

namespace {
using Bytes = std::vector<uint8_t>;

fb::WeightT makeWeight(fb::DType dtype, std::vector<uint64_t> shape,
                       fb::Layout layout,
                       std::vector<uint8_t> permutation = {}) {
  fb::WeightT weight;
  weight.dtype = dtype;
  weight.shape = std::move(shape);
  weight.layout = layout;
  weight.permutation = std::move(permutation);
  return weight;
}

/// Bytes without a pattern that a misplaced block would repeat.
Bytes someBytes(uint64_t size) {
  Bytes bytes(size);
  uint32_t random = 1;
  for (uint8_t &byte : bytes) {
    random = random * 1664525 + 1013904223;
    byte = static_cast<uint8_t>(random >> 24);
  }
  return bytes;
}

/// Lays `weight` out; every byte must be asked for once, in order.
Bytes laidOut(const fb::WeightT &weight, const Bytes &rowMajor) {
  uint64_t next = 0;
  auto read = [&](uint64_t offset, uint64_t size, const uint8_t *&out,
                  std::string &) {
    EXPECT_EQ(offset, next);
    next = offset + size;
    out = rowMajor.data() + offset;
    return true;
  };
  Bytes result;
  auto write = [&](const uint8_t *data, uint64_t size, std::string &) {
    result.insert(result.end(), data, data + size);
    return true;
  };
  std::string error;
  EXPECT_TRUE(layOut(weight, read, write, error)) << error;
  EXPECT_EQ(next, rowMajor.size());
  return result;
}

/// Element by element, from the schema's words.
Bytes expected(const fb::WeightT &weight, const Bytes &rowMajor) {
  uint64_t size = elementBytes(weight.dtype);
  if (weight.layout == fb::Layout_row_major)
    return rowMajor;
  Bytes result(laidOutBytes(weight));
  if (weight.layout == fb::Layout_panels16) {
    uint64_t columns = weight.shape[1];
    for (uint64_t n = 0; n < weight.shape[0]; ++n)
      for (uint64_t k = 0; k < columns; ++k)
        std::memcpy(&result[((n / 16 * columns + k) * 16 + n % 16) * size],
                    &rowMajor[(n * columns + k) * size], size);
    return result;
  }
  size_t rank = weight.shape.size();
  std::vector<uint64_t> index(rank);
  for (uint64_t i = 0; i < rowMajor.size() / size; ++i) {
    uint64_t rest = i;
    for (size_t axis = rank; axis-- > 0; rest /= weight.shape[axis])
      index[axis] = rest % weight.shape[axis];
    uint64_t to = 0;
    for (uint8_t axis : weight.permutation)
      to = to * weight.shape[axis] + index[axis];
    std::memcpy(&result[to * size], &rowMajor[i * size], size);
  }
  return result;
}

void check(const fb::WeightT &weight) {
  Bytes rowMajor = someBytes(rowMajorBytes(weight));
  Bytes got = laidOut(weight, rowMajor);
  ASSERT_EQ(got.size(), laidOutBytes(weight));
  EXPECT_TRUE(got == expected(weight, rowMajor));
}

constexpr fb::DType dtypes[] = {fb::DType_u8, fb::DType_bf16, fb::DType_f32,
                                fb::DType_f64};
} // namespace

TEST(WeightLayout, RowMajorInPieces) {
  check(makeWeight(fb::DType_f32, {3, 5}, fb::Layout_row_major));
  check(makeWeight(fb::DType_f32, {}, fb::Layout_row_major));
  check(makeWeight(fb::DType_u8, {(1 << 20) + 1, 3}, fb::Layout_row_major));
}

TEST(WeightLayout, Panels) {
  for (fb::DType dtype : dtypes)
    for (uint64_t rows : {1, 15, 16, 17, 48})
      for (uint64_t columns : {1, 63, 64, 65, 200})
        check(makeWeight(dtype, {rows, columns}, fb::Layout_panels16));
  // Rows longer than a piece.
  check(makeWeight(fb::DType_f32, {18, 20000}, fb::Layout_panels16));
}

TEST(WeightLayout, EveryPermutationOfThreeAxes) {
  for (fb::DType dtype : dtypes) {
    std::vector<uint8_t> order = {0, 1, 2};
    do {
      check(makeWeight(dtype, {5, 33, 70}, fb::Layout_permuted, order));
      check(makeWeight(dtype, {1, 33, 1}, fb::Layout_permuted, order));
    } while (std::next_permutation(order.begin(), order.end()));
  }
}

TEST(WeightLayout, PermutationsLargerThanASlab) {
  check(makeWeight(fb::DType_f32, {3100, 3300}, fb::Layout_permuted, {1, 0}));
  // One index of the result's first axis is itself too large.
  check(makeWeight(fb::DType_f32, {3000, 2, 3001}, fb::Layout_permuted,
                   {1, 2, 0}));
  check(makeWeight(fb::DType_u8, {20000001, 2}, fb::Layout_permuted, {1, 0}));
  check(makeWeight(fb::DType_bf16, {3, 2, 7, 5, 2, 3}, fb::Layout_permuted,
                   {4, 1, 5, 0, 3, 2}));
}

TEST(WeightLayout, EmptyAndScalar) {
  check(makeWeight(fb::DType_f32, {0, 7}, fb::Layout_panels16));
  check(makeWeight(fb::DType_f32, {7, 0}, fb::Layout_permuted, {1, 0}));
  check(makeWeight(fb::DType_f32, {}, fb::Layout_permuted));
}

TEST(WeightLayout, PassesFailuresOn) {
  fb::WeightT weight = makeWeight(fb::DType_f32, {20, 7}, fb::Layout_panels16);
  Bytes bytes = someBytes(rowMajorBytes(weight));
  auto read = [&](uint64_t offset, uint64_t, const uint8_t *&out,
                  std::string &error) {
    out = bytes.data();
    error = "unreadable";
    return offset == 0;
  };
  auto write = [](const uint8_t *, uint64_t, std::string &) { return true; };
  std::string error;
  EXPECT_FALSE(layOut(weight, read, write, error));
  EXPECT_EQ(error, "unreadable");
}
