//===- MaxPlusForm.cpp - scans of sums and maxima -------------------------===//
//
// A step of max(state + shift, floor) is the pair (shift, floor), and so are
// two steps after one another.
//
//===----------------------------------------------------------------------===//

#include "compiler/Transforms/Forms/Forms.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <limits>

using namespace mlir;

namespace ssmc {

namespace {
/// max(state + shift, floor); absent: minus infinity.
struct MaxPlus {
  std::optional<ChunkTensor> shift, floor;
  bool resets = false; // some shift is minus infinity by a condition
};
} // namespace

static std::optional<MaxPlus> readMaxPlus(ChunkRegion &region, unsigned state,
                                          Value value) {
  ChunkArithmetic &arithmetic = region.arithmetic;
  auto isFree = [&](Value operand) {
    return !(region.structure.dependences.of(operand).states >> state & 1);
  };
  if (value == region.structure.stateArgument(state))
    return MaxPlus{arithmetic.constant(0), std::nullopt};
  if (isFree(value)) {
    std::optional<ChunkTensor> floor = region.batch(value);
    if (!floor)
      return std::nullopt;
    return MaxPlus{std::nullopt, floor};
  }
  Operation *maker = value.getDefiningOp();
  using Merge =
      function_ref<ChunkTensor(const ChunkTensor &, const ChunkTensor &)>;
  if (isa<arith::AddFOp, arith::SubFOp>(maker)) {
    bool first = !isFree(maker->getOperand(0));
    std::optional<MaxPlus> inner =
        readMaxPlus(region, state, maker->getOperand(first ? 0 : 1));
    std::optional<ChunkTensor> shift =
        inner ? region.batch(maker->getOperand(first ? 1 : 0)) : std::nullopt;
    if (!shift)
      return std::nullopt;
    for (std::optional<ChunkTensor> *part : {&inner->shift, &inner->floor})
      if (*part)
        *part = isa<arith::AddFOp>(maker) ? arithmetic.add(**part, *shift)
                                          : arithmetic.subtract(**part, *shift);
    return inner;
  }
  unsigned first = isa<arith::SelectOp>(maker) ? 1 : 0;
  std::optional<MaxPlus> a =
      readMaxPlus(region, state, maker->getOperand(first));
  std::optional<MaxPlus> b =
      a ? readMaxPlus(region, state, maker->getOperand(first + 1))
        : std::nullopt;
  if (!b)
    return std::nullopt;
  double infinity = std::numeric_limits<double>::infinity();
  auto merge = [&](Merge join, std::optional<ChunkTensor> &x,
                   std::optional<ChunkTensor> &y, bool needsBoth) {
    if (!x && !y)
      return;
    if (!needsBoth && (!x || !y)) {
      x = x ? x : y;
      return;
    }
    ChunkTensor none = arithmetic.constant(-infinity);
    x = join(x ? *x : none, y ? *y : none);
  };
  if (isa<arith::MaximumFOp>(maker)) {
    auto maximum = [&](const ChunkTensor &x, const ChunkTensor &y) {
      return arithmetic.maximum(x, y);
    };
    merge(maximum, a->shift, b->shift, false);
    merge(maximum, a->floor, b->floor, false);
    a->resets |= b->resets;
    return a;
  }
  std::optional<ChunkTensor> condition = region.batch(maker->getOperand(0));
  if (!condition)
    return std::nullopt;
  auto select = [&](const ChunkTensor &x, const ChunkTensor &y) {
    return arithmetic.select(*condition, x, y);
  };
  merge(select, a->shift, b->shift, true);
  merge(select, a->floor, b->floor, true);
  a->resets = true;
  return a;
}

std::unique_ptr<StateSolver> solveByMaxPlus(ChunkRegion &region,
                                            const Component &component) {
  ChunkArithmetic &arithmetic = region.arithmetic;
  unsigned state = component.states[0].state;
  std::optional<MaxPlus> step =
      readMaxPlus(region, state, region.structure.nextValue(state));
  if (!step)
    return nullptr;
  Dims dims = region.stateDims(state, /*time=*/true);
  ChunkTensor none =
      arithmetic.constant(-std::numeric_limits<double>::infinity());
  // Minus infinity plus NaN would be NaN.
  auto shifted = [&](const ChunkTensor &value, const ChunkTensor &shift) {
    ChunkTensor sum = arithmetic.add(value, shift);
    if (!step->resets)
      return sum;
    return arithmetic.select(arithmetic.equals(shift, none), none, sum);
  };
  SmallVector<ChunkTensor> elements = {
      withTime(region, step->shift ? *step->shift : none),
      arithmetic.align(step->floor ? *step->floor : none, dims)};
  SmallVector<ChunkTensor> prefixes =
      scan(arithmetic, elements,
           [&](ArrayRef<ChunkTensor> earlier, ArrayRef<ChunkTensor> later) {
             return SmallVector<ChunkTensor>{
                 shifted(earlier[0], later[0]),
                 arithmetic.maximum(shifted(earlier[1], later[0]), later[1])};
           });
  return solved(region, component,
                {arithmetic.maximum(shifted(region.initial(state), prefixes[0]),
                                    prefixes[1])});
}

} // namespace ssmc
