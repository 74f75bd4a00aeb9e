//===- TensorRounds.cpp - the parts of time steps, round by round ---------===//
//
// Where a time step divides over work items, the dispatch runs in rounds with
// the same items: round 0 brings the initial states into memory that all items
// share, round t + 1 does time step t. There are two copies of the states, the
// present and the next, which change places from round to round, so that no
// item writes what another reads. The last round stores the final states too.
//
//===----------------------------------------------------------------------===//

#include "compiler/Conversion/CpuKernels/TensorRecurrence.h"
#include "compiler/Conversion/CpuKernels/TensorRecurrenceEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace ssmc;

/// Floats of a cache line, where each state begins.
static constexpr int64_t lineFloats = 16;

/// The types of the states' slices.
static SmallVector<RankedTensorType> getStateTypes(ssm::RecurrenceOp op) {
  auto states = op.getBody().getArguments().drop_front(op.getInputs().size());
  return llvm::map_to_vector(states, [](BlockArgument state) {
    return cast<RankedTensorType>(state.getType());
  });
}

static int64_t alignedFloats(RankedTensorType type) {
  return llvm::alignTo(type.getNumElements(), lineFloats);
}

/// Floats of one copy of the states of a sequence, at one position of the outer
/// labels.
static int64_t countFloats(ssm::RecurrenceOp op) {
  int64_t all = 0;
  for (RankedTensorType type : getStateTypes(op))
    all += alignedFloats(type);
  return all;
}

/// Calls `then` where `a` is `b`, else `otherwise`.
static void ifEqual(KernelEmitter &e, Value a, Value b,
                    function_ref<void()> then, function_ref<void()> otherwise) {
  Value isEqual =
      arith::CmpIOp::create(e.builder, e.loc, arith::CmpIPredicate::eq, a, b);
  auto choice = scf::IfOp::create(e.builder, e.loc, isEqual,
                                  /*withElseRegion=*/bool(otherwise));
  OpBuilder::InsertionGuard guard(e.builder);
  e.builder.setInsertionPointToStart(choice.thenBlock());
  then();
  if (!otherwise)
    return;
  e.builder.setInsertionPointToStart(choice.elseBlock());
  otherwise();
}

/// The items of a round: the sequences of a batch inside the blocks, so that
/// they meet the block's weights one after the other.
LogicalResult TensorRecurrence::emitRoundItem(Value item) {
  int64_t positions = countPositions(op);
  Value count = e.mul(e.batch, e.index(positions * blocks->count()));
  Value round = e.div(item, count);
  item = e.rem(item, count);
  position[batch] = e.rem(item, e.batch);
  item = e.div(item, e.batch);
  Value sequence = e.add(e.mul(position[batch], e.index(positions)),
                         e.rem(item, e.index(positions)));
  Value block = takeOuter(item);

  Value first = e.mul(block, e.index(blocks->size));
  LogicalResult done = success();
  auto emitBlock = [&](int64_t size) {
    t.setBlock(blocks->parts, first, size);
    ifEqual(
        e, round, e.index(0),
        [&] {
          for (auto [i, place] :
               llvm::enumerate(placeShared(sequence, e.index(0))))
            loadState(i, place);
        },
        [&] {
          if (succeeded(done))
            done = emitStepPart(round, sequence);
        });
  };
  int64_t ragged = blocks->extent % blocks->size;
  if (!ragged) {
    emitBlock(blocks->size);
    return done;
  }
  ifEqual(
      e, block, e.index(blocks->count() - 1), [&] { emitBlock(ragged); },
      [&] { emitBlock(blocks->size); });
  return done;
}

/// The states before time step `step`. A sequence is one position of the batch
/// and of the outer labels.
SmallVector<Place> TensorRecurrence::placeShared(Value sequence, Value step) {
  Value copy = e.add(e.mul(sequence, e.index(2)), e.rem(step, e.index(2)));
  Value offset = e.mul(copy, e.index(countFloats(op)));
  SmallVector<Place> places;
  for (RankedTensorType type : getStateTypes(op)) {
    places.push_back(t.rowMajor(e.shared, offset, type.getShape()));
    offset = e.add(offset, e.index(alignedFloats(type)));
  }
  return places;
}

LogicalResult TensorRecurrence::emitStepPart(Value round, Value sequence) {
  Value step = e.sub(round, e.index(1));
  position[op.getSequence()] = step;
  SmallVector<Place> present = placeShared(sequence, step);
  SmallVector<Place> next = placeShared(sequence, round);

  Form form{op.getBody().front(), 0, {}};
  Stages stages;
  stages.arguments.assign(form.block.getNumArguments(), Stage::last);
  SmallVector<Place> copies;
  t.begin(form.block);
  setInputs(form, stages, Stage::last, copies);
  auto arguments = form.block.getArguments().drop_front(op.getInputs().size());
  for (auto [argument, place] : llvm::zip_equal(arguments, present))
    t.setPlace(argument, place);
  if (failed(t.emit(form.block, [](Operation *) { return true; })))
    return failure();
  storeOutputs(form);
  auto yields = form.block.getTerminator()->getOperands().drop_front(
      op.getOutputs().size());
  for (auto [i, place] : llvm::enumerate(next))
    forOwn(op.getStateLabels(i), place.shape,
           [&, i = i, place = place](const Position &at) {
             t.store(place, at, t.evaluate(yields[i], at));
           });
  auto storeAll = [&] {
    for (auto [i, place] : llvm::enumerate(next))
      storeFinal(i, place);
  };
  ifEqual(e, round, e.length, storeAll, nullptr);
  t.end(form.block);
  for (const Place &copy : copies)
    t.release(copy);
  return success();
}

//===----------------------------------------------------------------------===//
// The interface
//===----------------------------------------------------------------------===//

int64_t ssmc::getTensorSharedBytes(ssm::RecurrenceOp op) {
  if (!findStepBlocks(op))
    return 0;
  return 2 * countFloats(op) * TensorRecurrence::countPositions(op) *
         static_cast<int64_t>(sizeof(float));
}
