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
/// they meet the block's weights at once, or one after the other.
LogicalResult TensorRecurrence::emitRoundItem() {
  Value block = takeOuter(line);
  Value round = e.div(block, e.index(blocks->count()));
  block = e.rem(block, e.index(blocks->count()));

  Value first = e.mul(block, e.index(blocks->size));
  LogicalResult done = success();
  auto emitBlock = [&](int64_t size) {
    t.setBlock(blocks->parts, first, size);
    ifEqual(
        e, round, e.index(0),
        [&] {
          SmallVector<Place> initial = placeShared(e.index(0));
          forSequences([&](Value sequence) {
            for (auto [i, places] : llvm::enumerate(initial))
              loadState(i, t.step(places, sequence));
          });
        },
        [&] {
          if (succeeded(done))
            done = emitStepPart(round);
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

/// The group's states before time step `step`. Each state lies in one piece for
/// all positions of the outer labels and all sequences.
SmallVector<Place> TensorRecurrence::placeShared(Value step) {
  Value positions = e.index(countPositions(op));
  Value count = e.mul(positions, e.batch);
  Value number = e.add(e.mul(e.rem(line, positions), e.batch), firstSequence);
  Value offset =
      e.mul(e.mul(e.rem(step, e.index(2)), count), e.index(countFloats(op)));
  SmallVector<Place> places;
  for (RankedTensorType type : getStateTypes(op)) {
    Value size = e.index(alignedFloats(type));
    Place place = t.rowMajor(e.shared, e.add(offset, e.mul(number, size)),
                             forTogether(type.getShape()));
    place.strides[0] = size;
    places.push_back(place);
    offset = e.add(offset, e.mul(count, size));
  }
  return places;
}

LogicalResult TensorRecurrence::emitStepPart(Value round) {
  Value step = e.sub(round, e.index(1));
  position[op.getSequence()] = step;
  SmallVector<Place> present = placeShared(step), next = placeShared(round);

  Form form{op.getBody().front(), 0, {}};
  Stages stages = findStages(form);
  SmallVector<Place> kept;
  t.begin(form.block);
  for (Stage stage : {Stage::once, Stage::perStep}) {
    setInputs(form, stages, stage, &kept);
    if (failed(emitStage(form, stages, stage)))
      return failure();
  }
  emitProducts(form, stages, present);
  LogicalResult done = success();
  forSequences([&](Value sequence) {
    auto stepAll = [&](ArrayRef<Place> all) {
      return llvm::map_to_vector(
          all, [&](const Place &place) { return t.step(place, sequence); });
    };
    SmallVector<Place> copies, own = stepAll(next);
    setInputs(form, stages, Stage::last, &copies);
    setStates(form, stepAll(present));
    setProducts(products, sequence);
    done = emitStage(form, stages, Stage::last);
    if (failed(done))
      return;
    storeOutputs(form);
    auto yields = form.block.getTerminator()->getOperands().drop_front(
        op.getOutputs().size());
    for (auto [i, place] : llvm::enumerate(own))
      forOwn(op.getStateLabels(i), place.shape,
             [&, i = i, place = place](const Position &at) {
               t.store(place, at, t.evaluate(yields[i], at));
             });
    auto storeAll = [&] {
      for (auto [i, place] : llvm::enumerate(own))
        storeFinal(i, place);
    };
    ifEqual(e, round, e.length, storeAll, nullptr);
    t.end(form.block);
    for (const Place &copy : copies)
      t.release(copy);
  });
  releaseProducts();
  for (const Place &place : kept)
    t.release(place);
  return done;
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
