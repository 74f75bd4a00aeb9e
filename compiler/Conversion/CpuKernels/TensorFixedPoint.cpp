//===- TensorFixedPoint.cpp - iterations of a chunk region ----------------===//

#include "compiler/Conversion/CpuKernels/Floats.h"
#include "compiler/Conversion/CpuKernels/TensorEmitter.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace ssmc;

/// As many of the first elements of a vector as `at` has lanes.
static Position firstLanes(KernelEmitter &e, const Position &at) {
  Position part{{e.index(0)}, std::nullopt, at.lanes};
  if (at.laneAxis)
    part.laneAxis = 0;
  return part;
}

/// Takes over what an iteration made of `present`; whether it goes on.
Value TensorEmitter::settle(ssm::FixedPointOp op, ArrayRef<Place> present,
                            ArrayRef<Place> next) {
  Floats f{b, loc};
  Place change = allocate({laneCount}), size = allocate({laneCount});
  Position all{{e.index(0)}, 0, laneCount};
  store(change, all, zero(all));
  store(size, all, zero(all));
  // `maximumf` keeps NaN, which is at most nothing below.
  auto widest = [&](const Place &into, const Position &at, Value value) {
    Position part = firstLanes(e, at);
    store(into, part, f.maximum(load(into, part), f.absolute(value)));
  };
  for (auto [place, from] : llvm::zip_equal(present, next))
    forSpace(place.shape, [&, place = place, from = from](const Position &at) {
      Value now = load(from, at), before = load(place, at);
      widest(change, at, f.sub(now, before));
      widest(size, at, now);
      store(place, at, now);
    });
  auto largest = [&](const Place &place) -> Value {
    Value value = vector::ReductionOp::create(
        b, loc, vector::CombiningKind::MAXIMUMF, load(place, all));
    release(place);
    return value;
  };
  Value most = largest(change);
  return f.exceeds(most, largest(size), op.getTolerance().convertToDouble());
}

/// The same along time, from the first step on. `settled` counts for each place
/// of a step the steps that keep their values.
Value TensorEmitter::settleCausally(ssm::FixedPointOp op,
                                    ArrayRef<Place> present,
                                    ArrayRef<Place> next,
                                    const Place &settled) {
  Floats f{b, loc};
  Place open = allocate({laneCount});
  Position all{{e.index(0)}, 0, laneCount};
  store(open, all, zero(all));
  double tolerance = op.getTolerance().convertToDouble();
  forSpace(settled.shape, [&](const Position &at) {
    Value none = zero(at), kept = load(settled, at);
    Value one = f.broadcast(f.number(1.0), none);
    // The widest value so far, the steps settled, one as long as all are.
    auto loop =
        scf::ForOp::create(b, loc, e.index(0), e.index(present[0].shape[0]),
                           e.index(1), ValueRange{none, none, one});
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(loop.getBody());
      Value i = loop.getInductionVar(), size = loop.getRegionIterArgs()[0];
      Value number = arith::UIToFPOp::create(
          b, loc, b.getF32Type(),
          arith::IndexCastOp::create(b, loc, b.getI32Type(), i));
      Value isKept = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLT,
                                           f.broadcast(number, none), kept);
      Value change = none;
      for (auto [place, from] : llvm::zip_equal(present, next)) {
        Position step = prepend(i, at);
        Value before = load(place, step);
        Value now = f.select(isKept, before, load(from, step));
        store(place, step, now);
        change = f.maximum(change, f.absolute(f.sub(now, before)));
        size = f.maximum(size, f.absolute(now));
      }
      Value all = f.select(f.exceeds(change, size, tolerance), none,
                           loop.getRegionIterArgs()[2]);
      scf::YieldOp::create(
          b, loc,
          ValueRange{size, f.add(loop.getRegionIterArgs()[1], all), all});
    }
    store(settled, at, loop.getResult(1));
    Position part = firstLanes(e, at);
    store(open, part,
          f.maximum(load(open, part), f.sub(one, loop.getResult(2))));
  });
  Value any = vector::ReductionOp::create(
      b, loc, vector::CombiningKind::MAXIMUMF, load(open, all));
  release(open);
  return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT, any,
                               f.number(0.0));
}

LogicalResult TensorEmitter::emitFixedPoint(ssm::FixedPointOp op) {
  Block &body = op.getBody().front();
  SmallVector<Place> present;
  for (auto [init, result] : llvm::zip_equal(op.getInit(), op.getResults())) {
    bool scalar = !isa<RankedTensorType>(result.getType());
    present.push_back(scalar ? allocate({}) : define(result));
    fill(present.back(), init);
  }
  std::optional<Place> settled;
  if (op.getCausal()) {
    settled = allocate(ArrayRef(present[0].shape).drop_front());
    forSpace(settled->shape,
             [&](const Position &at) { store(*settled, at, zero(at)); });
  }
  Value most = e.index(op.getMaxIterations());
  Value goesOn = arith::ConstantOp::create(b, loc, b.getBoolAttr(true));
  LogicalResult done = success();
  scf::WhileOp::create(
      b, loc, TypeRange{b.getIndexType(), b.getI1Type()},
      ValueRange{e.index(0), goesOn},
      [&](OpBuilder &, Location, ValueRange carried) {
        Value more = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult,
                                           carried[0], most);
        more = arith::AndIOp::create(b, loc, more, carried[1]);
        scf::ConditionOp::create(b, loc, more, carried);
      },
      [&](OpBuilder &, Location, ValueRange carried) {
        for (auto [argument, place] :
             llvm::zip_equal(body.getArguments(), present))
          setStep(argument, place);
        SmallVector<Place> next;
        auto all = [](Operation *) { return true; };
        done = emitRegion(body, all, [&]() {
          for (auto [place, value] :
               llvm::zip_equal(present, body.getTerminator()->getOperands())) {
            next.push_back(allocate(place.shape));
            fill(next.back(), value);
          }
        });
        Value open = settled ? settleCausally(op, present, next, *settled)
                             : settle(op, present, next);
        for (const Place &place : next)
          release(place);
        scf::YieldOp::create(b, loc,
                             ValueRange{e.add(carried[0], e.index(1)), open});
      });
  if (settled)
    release(*settled);
  for (auto [result, place] : llvm::zip_equal(op.getResults(), present)) {
    if (!place.shape.empty())
      continue;
    scalars[result] = load(place, {});
    release(place);
  }
  return done;
}
