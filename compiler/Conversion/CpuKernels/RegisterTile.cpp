//===- RegisterTile.cpp - sums of products in registers -------------------===//

#include "compiler/Conversion/CpuKernels/RegisterTile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace ssmc;

/// Steps of k in one iteration: enough to hide the loop itself.
static constexpr int64_t unrolledSteps = 4;
/// Of a product that takes about a microsecond.
static constexpr int64_t fewMultiplyAdds = 1 << 15;

void RegisterTile::clear() {
  sums.assign(rows * panels, e.constant(0.0, width));
}

static Value widen(KernelEmitter &e, Value value) {
  if (getElementTypeOrSelf(value.getType()).isF32())
    return value;
  Type type = e.builder.getF32Type();
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    type = vector.clone(type);
  return arith::ExtFOp::create(e.builder, e.loc, type, value);
}

Value RegisterTile::loadLeft(int64_t row, Value k) {
  Value offset = e.add(leftOffsets[row], e.mul(k, leftStride));
  Value scalar =
      widen(e, memref::LoadOp::create(e.builder, e.loc, left, offset));
  return vector::BroadcastOp::create(e.builder, e.loc, e.laneType(width),
                                     scalar);
}

Value RegisterTile::loadRight(int64_t panel, Value k) {
  Value offset = e.add(rightOffsets[panel], e.mul(k, rightStride));
  auto type = VectorType::get(
      width, cast<MemRefType>(right.getType()).getElementType());
  return widen(e,
               vector::LoadOp::create(e.builder, e.loc, type, right, offset));
}

void RegisterTile::addProducts(Value k) {
  SmallVector<Value> lanes;
  for (int64_t panel = 0; panel < panels; ++panel)
    lanes.push_back(loadRight(panel, k));
  for (int64_t row = 0; row < rows; ++row) {
    Value scalar = loadLeft(row, k);
    for (int64_t panel = 0; panel < panels; ++panel)
      sum(row, panel) = vector::FMAOp::create(e.builder, e.loc, scalar,
                                              lanes[panel], sum(row, panel));
  }
}

void RegisterTile::accumulate(Value from, Value to) {
  OpBuilder &b = e.builder;
  auto loop = [&](Value lower, Value upper, int64_t steps) {
    auto loop =
        scf::ForOp::create(b, e.loc, lower, upper, e.index(steps), sums);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    sums.assign(loop.getRegionIterArgs().begin(),
                loop.getRegionIterArgs().end());
    for (int64_t step = 0; step < steps; ++step)
      addProducts(e.add(loop.getInductionVar(), e.index(step)));
    scf::YieldOp::create(b, e.loc, sums);
    sums.assign(loop.getResults().begin(), loop.getResults().end());
  };
  Value count = e.sub(to, from);
  Value rest = e.rem(count, e.index(unrolledSteps));
  Value whole = e.sub(to, rest);
  if (getConstantIntValue(count).value_or(unrolledSteps) >= unrolledSteps)
    loop(from, whole, unrolledSteps);
  if (getConstantIntValue(rest) != 0)
    loop(whole, to, 1);
}

void ssmc::forRowTiles(KernelEmitter &e, int64_t count, int64_t rowWork,
                       function_ref<void(Value, CpuTileShape)> fn) {
  ArrayRef<CpuTileShape> shapes = e.tiles;
  if (count * rowWork <= fewMultiplyAdds) {
    const CpuTileShape *fitting = llvm::find_if(
        shapes, [&](CpuTileShape shape) { return count % shape.rows == 0; });
    if (2 * fitting->rows >= shapes.front().rows)
      shapes = *fitting;
  }
  int64_t first = 0;
  for (CpuTileShape shape : shapes) {
    int64_t last = first + (count - first) / shape.rows * shape.rows;
    if (first + shape.rows == last)
      fn(e.index(first), shape);
    else if (first < last)
      e.forLoop(e.index(first), e.index(last), e.index(shape.rows),
                [&](Value row) { fn(row, shape); });
    first = last;
  }
}

void ssmc::forRowTiles(KernelEmitter &e, Value count,
                       function_ref<void(Value, CpuTileShape)> fn) {
  Value first = e.index(0);
  for (CpuTileShape shape : e.tiles) {
    if (!llvm::isPowerOf2_64(shape.rows))
      continue;
    Value height = e.index(shape.rows);
    Value last = e.sub(count, e.rem(e.sub(count, first), height));
    e.forLoop(first, last, height, [&](Value row) { fn(row, shape); });
    first = last;
  }
}
