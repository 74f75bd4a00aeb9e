#include "compiler/Target/Artifact/WeightLayout.h"
#include <algorithm>
#include <cstring>
#include <vector>

using namespace ssmc;

// What passes from hand to hand at once: within the second-level cache.
static constexpr uint64_t pieceBytes = uint64_t(1) << 20;
// Where pieces are rows of a transposed tensor, larger ones give longer runs of
// consecutive source elements.
static constexpr uint64_t slabBytes = uint64_t(32) << 20;
static constexpr uint64_t panelRows = 16;

uint64_t ssmc::elementBytes(fb::DType dtype) {
  switch (dtype) {
  case fb::DType_f64:
  case fb::DType_i64:
    return 8;
  case fb::DType_f32:
  case fb::DType_i32:
    return 4;
  case fb::DType_bf16:
  case fb::DType_f16:
    return 2;
  case fb::DType_u8:
    return 1;
  }
  return 0;
}

uint64_t ssmc::rowMajorBytes(const fb::WeightT &weight) {
  uint64_t bytes = elementBytes(weight.dtype);
  for (uint64_t extent : weight.shape)
    bytes *= extent;
  return bytes;
}

uint64_t ssmc::laidOutBytes(const fb::WeightT &weight) {
  if (weight.layout != fb::Layout_panels16)
    return rowMajorBytes(weight);
  uint64_t panels = (weight.shape[0] + panelRows - 1) / panelRows;
  return panels * panelRows * weight.shape[1] * elementBytes(weight.dtype);
}

static bool copyInOrder(uint64_t size, const ReadBytes &read,
                        const WriteBytes &write, std::string &error) {
  for (uint64_t offset = 0; offset < size; offset += pieceBytes) {
    uint64_t count = std::min(pieceBytes, size - offset);
    const uint8_t *data;
    if (!read(offset, count, data, error) || !write(data, count, error))
      return false;
  }
  return true;
}

/// Turns `rows` rows of `columns` elements at `in` into one panel, columns
/// [begin, end) of it.
template <typename T>
static void packPanel(const T *in, uint64_t rows, uint64_t columns,
                      uint64_t begin, uint64_t end, T *out) {
  // A block of columns whose rows and panel part stay in the first-level cache.
  constexpr uint64_t block = 64;
  for (uint64_t first = begin; first < end; first += block) {
    uint64_t last = std::min(end, first + block);
    for (uint64_t row = 0; row < rows; ++row)
      for (uint64_t column = first; column < last; ++column)
        out[(column - begin) * panelRows + row] = in[row * columns + column];
  }
}

template <typename T>
static bool writePanels(uint64_t rows, uint64_t columns, const ReadBytes &read,
                        const WriteBytes &write, std::string &error) {
  uint64_t step = pieceBytes / (panelRows * sizeof(T)); // columns of a piece
  std::vector<T> piece(std::min(step, columns) * panelRows);
  for (uint64_t row = 0; row < rows; row += panelRows) {
    uint64_t count = std::min(panelRows, rows - row);
    // Rows that only fill the last panel are zero and stay so.
    if (count < panelRows)
      std::fill(piece.begin(), piece.end(), T(0));
    const uint8_t *data;
    uint64_t rowBytes = columns * sizeof(T);
    if (!read(row * rowBytes, count * rowBytes, data, error))
      return false;
    for (uint64_t column = 0; column < columns; column += step) {
      uint64_t end = std::min(columns, column + step);
      packPanel(reinterpret_cast<const T *>(data), count, columns, column, end,
                piece.data());
      if (!write(reinterpret_cast<const uint8_t *>(piece.data()),
                 (end - column) * panelRows * sizeof(T), error))
        return false;
    }
  }
  return true;
}

namespace {
/// One axis of the result: its extent and the distance of neighbours in the
/// source, in elements.
struct Axis {
  uint64_t extent;
  uint64_t stride;
};
using Axes = std::vector<Axis>;
} // namespace

/// The axes of the result, without those of extent one, neighbours merged where
/// they are neighbours in the source too.
static Axes permutedAxes(const fb::WeightT &weight) {
  std::vector<uint64_t> strides(weight.shape.size());
  uint64_t total = 1;
  for (size_t i = strides.size(); i-- > 0; total *= weight.shape[i])
    strides[i] = total;
  Axes axes;
  for (uint8_t axis : weight.permutation) {
    Axis next = {weight.shape[axis], strides[axis]};
    if (next.extent == 1)
      continue;
    if (!axes.empty() && axes.back().stride == next.extent * next.stride)
      axes.back() = {axes.back().extent * next.extent, next.stride};
    else
      axes.push_back(next);
  }
  if (axes.empty())
    axes.push_back({1, 1});
  return axes;
}

/// Copies a plane of two axes: `last` is contiguous in `out`, `near` closest to
/// contiguous in `in`.
template <typename T>
static void copyPlane(const T *in, Axis near, uint64_t nearOutStride, Axis last,
                      T *out) {
  // A tile passes through a buffer, so that each row of it is read once however
  // badly its rows collide in the cache, as those of power-of-two length do.
  constexpr uint64_t tile = 32;
  T buffer[tile][tile + 64 / sizeof(T)];
  for (uint64_t i0 = 0; i0 < last.extent; i0 += tile)
    for (uint64_t j0 = 0; j0 < near.extent; j0 += tile) {
      uint64_t rows = std::min(tile, last.extent - i0);
      uint64_t columns = std::min(tile, near.extent - j0);
      const T *from = in + i0 * last.stride + j0 * near.stride;
      T *to = out + j0 * nearOutStride + i0;
      for (uint64_t i = 0; i < rows; ++i)
        for (uint64_t j = 0; j < columns; ++j)
          buffer[i][j] = from[i * last.stride + j * near.stride];
      for (uint64_t j = 0; j < columns; ++j)
        for (uint64_t i = 0; i < rows; ++i)
          to[j * nearOutStride + i] = buffer[i][j];
    }
}

/// Fills `out`, dense over `axes`.
template <typename T>
static void permute(const T *in, const Axes &axes, size_t first, T *out) {
  size_t last = axes.size() - 1;
  std::vector<uint64_t> outStrides(axes.size());
  uint64_t total = 1;
  size_t near = last;
  for (size_t i = axes.size(); i-- > first; total *= axes[i].extent) {
    outStrides[i] = total;
    if (axes[i].stride < axes[near].stride)
      near = i;
  }
  // Walk all axes but the two that copyPlane handles.
  std::vector<uint64_t> index(axes.size(), 0);
  for (;;) {
    uint64_t from = 0, to = 0;
    for (size_t i = first; i < last; ++i) {
      from += index[i] * axes[i].stride;
      to += index[i] * outStrides[i];
    }
    if (axes[last].stride == 1)
      std::memcpy(out + to, in + from, axes[last].extent * sizeof(T));
    else if (near == last)
      copyPlane(in + from, {1, 0}, 0, axes[last], out + to);
    else
      copyPlane(in + from, axes[near], outStrides[near], axes[last], out + to);
    size_t axis = last;
    for (;;) {
      if (axis == first)
        return;
      --axis;
      if (axis == near)
        continue;
      if (++index[axis] < axes[axis].extent)
        break;
      index[axis] = 0;
    }
  }
}

/// Cuts the axes from `first` on into slabs that fit `buffer`.
template <typename T>
static bool writePermuted(const T *in, Axes &axes, size_t first,
                          std::vector<T> &buffer, const WriteBytes &write,
                          std::string &error) {
  uint64_t inner = 1; // elements of one index of axis `first`
  for (size_t i = first + 1; i < axes.size(); ++i)
    inner *= axes[i].extent;
  uint64_t extent = axes[first].extent;
  uint64_t step = std::min<uint64_t>(extent, buffer.size() / inner);
  for (uint64_t index = 0; index < extent;
       index += std::max<uint64_t>(step, 1)) {
    const T *from = in + index * axes[first].stride;
    if (step == 0) {
      if (!writePermuted(from, axes, first + 1, buffer, write, error))
        return false;
      continue;
    }
    axes[first].extent = std::min(step, extent - index);
    permute(from, axes, first, buffer.data());
    uint64_t bytes = axes[first].extent * inner * sizeof(T);
    axes[first].extent = extent;
    if (!write(reinterpret_cast<const uint8_t *>(buffer.data()), bytes, error))
      return false;
  }
  return true;
}

template <typename T>
static bool layOutAs(const fb::WeightT &weight, const ReadBytes &read,
                     const WriteBytes &write, std::string &error) {
  if (weight.layout == fb::Layout_panels16)
    return writePanels<T>(weight.shape[0], weight.shape[1], read, write, error);
  const uint8_t *data;
  uint64_t bytes = rowMajorBytes(weight);
  if (!read(0, bytes, data, error))
    return false;
  Axes axes = permutedAxes(weight);
  std::vector<T> buffer(std::min(bytes, slabBytes) / sizeof(T));
  return writePermuted(reinterpret_cast<const T *>(data), axes, 0, buffer,
                       write, error);
}

bool ssmc::layOut(const fb::WeightT &weight, const ReadBytes &read,
                  const WriteBytes &write, std::string &error) {
  uint64_t bytes = rowMajorBytes(weight);
  if (bytes == 0)
    return true;
  if (weight.layout == fb::Layout_row_major)
    return copyInOrder(bytes, read, write, error);
  switch (elementBytes(weight.dtype)) {
  case 1:
    return layOutAs<uint8_t>(weight, read, write, error);
  case 2:
    return layOutAs<uint16_t>(weight, read, write, error);
  case 4:
    return layOutAs<uint32_t>(weight, read, write, error);
  default:
    return layOutAs<uint64_t>(weight, read, write, error);
  }
}
