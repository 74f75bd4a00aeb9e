//===- TensorChunks.cpp - chunks within the range of float32 --------------===//
//
// A chunk multiplies decays with one another, which steps never do: growing
// ones may leave float32's range where the states that they act on are small or
// zero. Such a chunk, which its decays alone tell, runs step by step. It is run
// as a chunk first: what it wrote is written again, and the states before it
// are kept.
//
//===----------------------------------------------------------------------===//

#include "compiler/Conversion/CpuKernels/Floats.h"
#include "compiler/Conversion/CpuKernels/TensorRecurrenceEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace ssmc;

/// Half of the range's exponents are for what the products multiply.
static constexpr double mostGrowth = 0x1p64;

/// while (done < length): chunks as long as they can, then steps: of the chunk
/// that left the range, or of the rest, which is shorter than a chunk.
LogicalResult TensorRecurrence::emitWatchedChunks(const Form &chunk,
                                                  const Form &step) {
  Type index = b.getIndexType();
  Value size = e.index(chunk.steps), start = e.index(0);
  auto loop = scf::WhileOp::create(b, e.loc, index, start);
  OpBuilder::InsertionGuard guard(b);
  Block *before = b.createBlock(&loop.getBefore(), {}, index, e.loc);
  Value isLeft = arith::CmpIOp::create(b, e.loc, arith::CmpIPredicate::ult,
                                       before->getArgument(0), e.length);
  scf::ConditionOp::create(b, e.loc, isLeft, before->getArguments());
  Block *after = b.createBlock(&loop.getAfter(), {}, index, e.loc);
  Value done = after->getArgument(0);
  Value count = e.div(e.sub(e.length, done), size);
  FailureOr<Value> ran = emitChunksInRange(chunk, done, count);
  if (failed(ran))
    return failure();
  Value first = e.add(done, e.mul(*ran, size));
  Value steps = e.min(size, e.sub(e.length, first));
  LogicalResult emitted = emitForm(step, first, steps);
  scf::YieldOp::create(b, e.loc, e.add(first, steps));
  return emitted;
}

FailureOr<Value> TensorRecurrence::emitChunksInRange(const Form &chunk,
                                                     Value first, Value count) {
  Floats f{b, e.loc};
  Type index = b.getIndexType();
  Value some = arith::CmpIOp::create(b, e.loc, arith::CmpIPredicate::ne, count,
                                     e.index(0));
  auto choice =
      scf::IfOp::create(b, e.loc, index, some, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(choice.elseBlock());
  scf::YieldOp::create(b, e.loc, e.index(0));
  b.setInsertionPointToStart(choice.thenBlock());

  Position all{{e.index(0)}, 0, laneCount};
  SmallVector<Place> kept;
  auto watch = [&]() { // from here on
    Place growth = t.allocate({laneCount});
    t.store(growth, all, t.zero(all));
    return growth;
  };
  Stages stages = findStages(chunk);
  t.begin(chunk.block);
  Place ofInvariants = watch();
  t.watchGrowth(&ofInvariants);
  setInputs(chunk, stages, Stage::once, &kept);
  LogicalResult done = emitStage(chunk, stages, Stage::once);
  SmallVector<Place> saved;
  for (const Place &state : states)
    saved.push_back(t.allocate(state.shape));

  // (chunks that have run, whether the next one left the range)
  Type bit = b.getI1Type();
  Value never = arith::ConstantOp::create(b, e.loc, b.getBoolAttr(false));
  auto loop = scf::WhileOp::create(b, e.loc, TypeRange{index, bit},
                                   ValueRange{e.index(0), never});
  Block *before =
      b.createBlock(&loop.getBefore(), {}, {index, bit}, {e.loc, e.loc});
  Value isLeft = arith::CmpIOp::create(b, e.loc, arith::CmpIPredicate::ult,
                                       before->getArgument(0), count);
  Value goesOn = f.select(before->getArgument(1), never, isLeft);
  scf::ConditionOp::create(b, e.loc, goesOn, before->getArguments());
  Block *after =
      b.createBlock(&loop.getAfter(), {}, {index, bit}, {e.loc, e.loc});
  Value i = after->getArgument(0);
  Place growth = watch();
  t.watchGrowth(&growth);
  for (auto [copy, state] : llvm::zip_equal(saved, states))
    t.copy(copy, state);
  if (succeeded(done))
    done = emitPosition(chunk, stages, kept,
                        e.add(first, e.mul(i, e.index(chunk.steps))));
  t.watchGrowth(nullptr);
  Value most = f.maximum(t.load(ofInvariants, all), t.load(growth, all));
  most = vector::ReductionOp::create(b, e.loc, vector::CombiningKind::MAXIMUMF,
                                     most);
  Value left = arith::CmpFOp::create(b, e.loc, arith::CmpFPredicate::OGT, most,
                                     f.number(mostGrowth));
  auto restore = scf::IfOp::create(b, e.loc, left, /*withElseRegion=*/false);
  {
    OpBuilder::InsertionGuard inner(b);
    b.setInsertionPointToStart(restore.thenBlock());
    for (auto [copy, state] : llvm::zip_equal(saved, states))
      t.copy(state, copy);
  }
  Value next = f.select(left, i, e.add(i, e.index(1)));
  scf::YieldOp::create(b, e.loc, ValueRange{next, left});

  b.setInsertionPointAfter(loop);
  scf::YieldOp::create(b, e.loc, loop.getResult(0));
  saved.append({ofInvariants, growth});
  saved.append(kept);
  for (const Place &place : saved)
    t.release(place);
  if (failed(done))
    return failure();
  return choice.getResult(0);
}
