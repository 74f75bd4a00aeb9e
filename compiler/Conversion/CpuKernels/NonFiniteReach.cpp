//===- NonFiniteReach.cpp - NaN where it belongs after a transform --------===//

#include "compiler/Conversion/CpuKernels/NonFiniteReach.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <limits>

using namespace mlir;

namespace ssmc {

//===----------------------------------------------------------------------===//
// Masks
//===----------------------------------------------------------------------===//

Value NonFiniteReach::noMask() {
  auto type = VectorType::get(laneCount, e.builder.getI1Type());
  return arith::ConstantOp::create(e.builder, e.loc,
                                   DenseElementsAttr::get(type, false));
}

/// Compares the size of each of `lanes` with infinity.
static Value compareWithInfinity(LoopEmitter &e, Value lanes, int64_t count,
                                 arith::CmpFPredicate predicate) {
  Value size = math::AbsFOp::create(e.builder, e.loc, lanes);
  Value infinity = e.constant(std::numeric_limits<double>::infinity(), count);
  return arith::CmpFOp::create(e.builder, e.loc, predicate, size, infinity);
}

Value NonFiniteReach::maskOf(Value lanes) {
  return compareWithInfinity(e, lanes, laneCount, arith::CmpFPredicate::UGE);
}

Value NonFiniteReach::maskOfNan(Value lanes) {
  return arith::CmpFOp::create(e.builder, e.loc, arith::CmpFPredicate::UNO,
                               lanes, lanes);
}

Value NonFiniteReach::maskOfInfinity(Value lanes) {
  return compareWithInfinity(e, lanes, laneCount, arith::CmpFPredicate::OEQ);
}

Value NonFiniteReach::without(Value lanes, Value mask) {
  return arith::SelectOp::create(e.builder, e.loc, mask,
                                 e.constant(0.0, laneCount), lanes);
}

Value NonFiniteReach::either(Value a, Value b) {
  return arith::OrIOp::create(e.builder, e.loc, a, b);
}

Value NonFiniteReach::isAny(Value mask) {
  return vector::ReductionOp::create(e.builder, e.loc,
                                     vector::CombiningKind::OR, mask);
}

//===----------------------------------------------------------------------===//
// Lags
//===----------------------------------------------------------------------===//

Value NonFiniteReach::integers(int32_t value) {
  auto type = VectorType::get(laneCount, e.builder.getI32Type());
  return arith::ConstantOp::create(e.builder, e.loc,
                                   DenseElementsAttr::get(type, value));
}

Value NonFiniteReach::spread(Value index) {
  Value narrow = arith::IndexCastOp::create(e.builder, e.loc,
                                            e.builder.getI32Type(), index);
  return vector::BroadcastOp::create(
      e.builder, e.loc, VectorType::get(laneCount, narrow.getType()), narrow);
}

Value NonFiniteReach::noLag() {
  return integers(std::numeric_limits<int32_t>::max());
}

Value NonFiniteReach::firstLag(Value known, Value mask, Value lag) {
  Value lower = arith::MinSIOp::create(e.builder, e.loc, known, spread(lag));
  return arith::SelectOp::create(e.builder, e.loc, mask, lower, known);
}

//===----------------------------------------------------------------------===//
// Marks
//===----------------------------------------------------------------------===//

void NonFiniteReach::change(Value point, function_ref<Value(Value)> next) {
  Value at = transform.point(buffer, point);
  Value known = vector::LoadOp::create(e.builder, e.loc,
                                       cast<VectorType>(e.laneType(laneCount)),
                                       transform.getScratch(), at);
  vector::StoreOp::create(e.builder, e.loc, next(known), transform.getScratch(),
                          at);
}

Value NonFiniteReach::nothingLeft() { return integers(0); }

Value NonFiniteReach::mark(const Sweep &sweep, Value from, Value to, Value left,
                           function_ref<Value(Value)> load) {
  auto loop = scf::ForOp::create(e.builder, e.loc, from, to, e.index(1), left);
  OpBuilder::InsertionGuard guard(e.builder);
  e.builder.setInsertionPointToStart(loop.getBody());
  Value number = loop.getInductionVar();
  Value point =
      sweep.reverse ? e.sub(e.sub(sweep.points, e.index(1)), number) : number;
  Value fewer = arith::SubIOp::create(e.builder, e.loc,
                                      loop.getRegionIterArg(0), integers(1));
  fewer = arith::MaxSIOp::create(e.builder, e.loc, fewer, integers(0));
  Value next = arith::SelectOp::create(e.builder, e.loc, maskOfNan(load(point)),
                                       spread(sweep.reach), fewer);
  Value byInput = arith::CmpIOp::create(
      e.builder, e.loc, arith::CmpIPredicate::sgt, next, integers(0));
  // Every lag has an input to meet from the point on that is as far.
  Value byKernel =
      arith::CmpIOp::create(e.builder, e.loc, arith::CmpIPredicate::sge,
                            spread(number), sweep.firstLag);
  change(point, [&](Value known) -> Value {
    Value nan = e.constant(std::numeric_limits<double>::quiet_NaN(), laneCount);
    return arith::SelectOp::create(e.builder, e.loc, either(byInput, byKernel),
                                   nan, known);
  });
  scf::YieldOp::create(e.builder, e.loc, next);
  return loop.getResult(0);
}

void NonFiniteReach::addProducts(const Operand &a, const Operand &b,
                                 Mask mask) {
  e.forLoop(e.index(0), a.count, e.index(1), [&](Value i) {
    Value value = a.load(i), own = (this->*mask)(value);
    auto found = scf::IfOp::create(e.builder, e.loc, isAny(own), false);
    OpBuilder::InsertionGuard guard(e.builder);
    e.builder.setInsertionPointToStart(found.thenBlock());
    e.forLoop(e.index(0), b.count, e.index(1), [&](Value j) {
      Value product = arith::MulFOp::create(e.builder, e.loc, value, b.load(j));
      product = arith::SelectOp::create(e.builder, e.loc, own, product,
                                        e.constant(0.0, laneCount));
      Value point = e.rem(e.add(a.point(i), b.point(j)), transform.getLength());
      change(point, [&](Value known) -> Value {
        return arith::AddFOp::create(e.builder, e.loc, known, product);
      });
    });
  });
}

} // namespace ssmc
