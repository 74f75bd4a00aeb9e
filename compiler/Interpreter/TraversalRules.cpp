/// Reorderings of the length axis.

#include "compiler/Interpreter/Evaluator.h"
#include "dialects/Ssm/SsmTraversals.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir;

namespace ssmc::interpreter {

//===----------------------------------------------------------------------===//
// Curves
//===----------------------------------------------------------------------===//

/// The bits of all coordinates, from the highest to the lowest of each, those
/// of the first axis first.
static uint64_t interleave(ArrayRef<uint64_t> cell, unsigned bits) {
  uint64_t key = 0;
  for (unsigned bit = bits; bit-- > 0;)
    for (uint64_t coordinate : cell)
      key = key << 1 | (coordinate >> bit & 1);
  return key;
}

/// The position of `cell` on Hilbert's curve through the cube of side 2^bits
/// (J. Skilling, Programming the Hilbert curve, 2004).
static uint64_t hilbert(SmallVector<uint64_t> cell, unsigned bits) {
  for (unsigned bit = bits; bit-- > 1;) {
    uint64_t below = (uint64_t{1} << bit) - 1;
    for (uint64_t &coordinate : cell) {
      if (coordinate >> bit & 1) {
        cell[0] ^= below;
        continue;
      }
      uint64_t differ = (cell[0] ^ coordinate) & below;
      cell[0] ^= differ;
      coordinate ^= differ;
    }
  }
  for (size_t axis = 1; axis < cell.size(); ++axis)
    cell[axis] ^= cell[axis - 1];
  uint64_t flips = 0;
  for (unsigned bit = bits; bit-- > 1;)
    if (cell.back() >> bit & 1)
      flips ^= (uint64_t{1} << bit) - 1;
  for (uint64_t &coordinate : cell)
    coordinate ^= flips;
  return interleave(cell, bits);
}

/// Where on the curve a cell lies: the curve visits cells in increasing order.
static uint64_t positionOf(ssm::TraversalOrder order, ArrayRef<uint64_t> cell,
                           ArrayRef<uint64_t> shape, uint64_t size) {
  uint64_t key = 0;
  switch (order) {
  case ssm::TraversalOrder::raster:
    for (auto [coordinate, extent] : llvm::zip_equal(cell, shape))
      key = key * extent + coordinate;
    return key;
  case ssm::TraversalOrder::serpentine: {
    uint64_t block = 1; // cells of one step along the axis at hand
    for (auto [coordinate, extent] :
         llvm::reverse(llvm::zip_equal(cell, shape))) {
      key = coordinate * block + (coordinate % 2 ? block - 1 - key : key);
      block *= extent;
    }
    return key;
  }
  case ssm::TraversalOrder::diagonal:
  case ssm::TraversalOrder::zigzag: {
    uint64_t sum = cell[0] + cell[1];
    bool up = order == ssm::TraversalOrder::zigzag && sum % 2 == 0;
    return sum * std::max(shape[0], shape[1]) + cell[up ? 1 : 0];
  }
  case ssm::TraversalOrder::z_order:
  case ssm::TraversalOrder::hilbert: {
    unsigned bits =
        llvm::Log2_64_Ceil(*std::max_element(shape.begin(), shape.end()));
    return order == ssm::TraversalOrder::hilbert
               ? hilbert(SmallVector<uint64_t>(cell), bits)
               : interleave(cell, bits);
  }
  case ssm::TraversalOrder::atrous:
  case ssm::TraversalOrder::window: {
    // Sub-grid, then cell in it, or the other way around.
    uint64_t phase = 0, place = 0, inner = 1;
    bool atrous = order == ssm::TraversalOrder::atrous;
    for (auto [coordinate, extent] : llvm::zip_equal(cell, shape)) {
      uint64_t period = std::min(size, extent);
      uint64_t repeats = llvm::divideCeil(extent, period);
      phase = phase * period + coordinate % period;
      place = place * repeats + coordinate / period;
      inner *= atrous ? repeats : period;
    }
    return atrous ? phase * inner + place : place * inner + phase;
  }
  }
  llvm_unreachable("expected a known order");
}

/// The number of the cell visited at each time.
static std::vector<int64_t> visit(ssm::TraversalOp op) {
  size_t rank = op.getShape().size();
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  if (op.getAxes())
    axes.assign(op.getAxes()->begin(), op.getAxes()->end());
  SmallVector<uint64_t> shape; // as the curve sees it
  for (int64_t axis : axes)
    shape.push_back(op.getShape()[axis]);

  std::vector<std::pair<uint64_t, int64_t>> cells; // position, number
  SmallVector<uint64_t> grid(rank), cell(rank);
  int64_t count = countElements(op.getShape());
  for (int64_t number = 0; number < count; ++number) {
    int64_t rest = number;
    for (size_t axis = rank; axis-- > 0;) {
      int64_t extent = op.getShape()[axis];
      int64_t coordinate = rest % extent;
      rest /= extent;
      bool mirrored =
          op.getMirror() && llvm::is_contained(*op.getMirror(), int64_t(axis));
      grid[axis] = mirrored ? extent - 1 - coordinate : coordinate;
    }
    for (auto [i, axis] : llvm::enumerate(axes))
      cell[i] = grid[axis];
    cells.emplace_back(
        positionOf(op.getOrder(), cell, shape, op.getSize().value_or(0)),
        number);
  }
  llvm::sort(cells);
  if (op.getReverse())
    std::reverse(cells.begin(), cells.end());
  std::vector<int64_t> visited(count);
  for (auto [time, entry] : llvm::enumerate(cells)) {
    if (op.getInverse())
      visited[entry.second] = time;
    else
      visited[time] = entry.second;
  }
  return visited;
}

//===----------------------------------------------------------------------===//
// Rules
//===----------------------------------------------------------------------===//

template <typename T>
static LogicalResult evaluateTraversal(ssm::TraversalOp op, Frame<T> &frame) {
  std::vector<int64_t> visited = visit(op);
  Array<T> result{{static_cast<int64_t>(visited.size())}, {}, {}};
  for (int64_t lane = 0; lane < frame.lanes; ++lane)
    llvm::append_range(result.integers, visited);
  frame.set(op.getResult(), std::move(result));
  return success();
}

/// Calls `move(from, to, size)` with the offsets of each time step of a value
/// of `shape`, the step `source(batch row, time)` going to `time` of `length`.
static void forSteps(ArrayRef<int64_t> shape, int64_t lanes, int64_t length,
                     llvm::function_ref<int64_t(int64_t, int64_t)> source,
                     llvm::function_ref<void(int64_t, int64_t, int64_t)> move) {
  int64_t size = countElements(shape.drop_front(2));
  for (int64_t row = 0; row < lanes * shape[0]; ++row)
    for (int64_t t = 0; t < length; ++t)
      move((row * shape[1] + source(row, t)) * size, (row * length + t) * size,
           size);
}

template <typename T>
static LogicalResult evaluateTraverse(ssm::TraverseOp op, Frame<T> &frame) {
  const Array<T> &input = frame.get(op.getInput());
  const Array<T> &indices = frame.get(op.getIndices());
  int64_t steps = input.shape[1], length = indices.shape.back();
  for (auto [i, index] : llvm::enumerate(indices.integers))
    if (index < 0 || index >= steps)
      return op.emitOpError("expected indices in [0, ")
             << steps << "), got " << index << " at position "
             << i % countElements(indices.shape);
  if (indices.shape.size() == 2 && indices.shape[0] != input.shape[0])
    return op.emitOpError("expected indices of ")
           << input.shape[0] << " batch rows, got " << indices.shape[0];
  auto indexAt = [&](int64_t row, int64_t t) {
    int64_t list = indices.shape.size() == 2 ? row : row / input.shape[0];
    return indices.integers[list * length + t];
  };
  SmallVector<int64_t> shape = input.shape;
  shape[1] = length;
  Array<T> result = frame.zeros(shape);
  forSteps(input.shape, frame.lanes, length, indexAt,
           [&](int64_t there, int64_t here, int64_t size) {
             int64_t from = op.getInverse() ? here : there;
             int64_t to = op.getInverse() ? there : here;
             std::copy_n(input.floats.begin() + from, size,
                         result.floats.begin() + to);
           });
  frame.set(op.getResult(), std::move(result));
  return success();
}

template <typename T>
static LogicalResult evaluateFlip(ssm::FlipOp op, Frame<T> &frame) {
  const Array<T> &input = frame.get(op.getInput());
  int64_t length = input.shape[1];
  Array<T> result = frame.zeros(input.shape);
  forSteps(
      input.shape, frame.lanes, length,
      [&](int64_t, int64_t t) { return length - 1 - t; },
      [&](int64_t from, int64_t to, int64_t size) {
        std::copy_n(input.floats.begin() + from, size,
                    result.floats.begin() + to);
      });
  frame.set(op.getResult(), std::move(result));
  return success();
}

template <typename T> void addTraversalRules(Rules<T> &rules) {
  rules.template add<ssm::TraversalOp>(evaluateTraversal<T>);
  rules.template add<ssm::TraverseOp>(evaluateTraverse<T>);
  rules.template add<ssm::FlipOp>(evaluateFlip<T>);
}

template void addTraversalRules(Rules<float> &);
template void addTraversalRules(Rules<double> &);

} // namespace ssmc::interpreter
