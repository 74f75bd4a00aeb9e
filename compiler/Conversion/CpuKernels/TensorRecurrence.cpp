//===- TensorRecurrence.cpp - a recurrence on tensors in memory -----------===//

#include "compiler/Conversion/CpuKernels/TensorRecurrence.h"
#include "compiler/Conversion/CpuKernels/TensorRecurrenceEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace ssmc;

using Labels = TensorRecurrence::Labels;

/// The parallel labels of the op but those of the batch and of tiles.
static SmallVector<StringRef> getItemLabels(ssm::RecurrenceOp op) {
  SmallVector<StringRef> labels, tile = op.getTileLabels();
  for (const auto &axis : llvm::drop_begin(op.getOutputLabels(0)))
    for (StringRef label : axis)
      if (op.isParallelLabel(label) && !llvm::is_contained(tile, label))
        labels.push_back(label);
  return labels;
}

int64_t TensorRecurrence::countPositions(ssm::RecurrenceOp op) {
  llvm::MapVector<StringRef, int64_t> extents = op.getExtents();
  int64_t count = 1;
  for (StringRef label : getItemLabels(op))
    count *= extents[label];
  return count;
}

TensorRecurrence::TensorRecurrence(ssm::RecurrenceOp op, KernelEmitter &e)
    : op(op), e(e), b(e.builder), t(e, scratch), extents(op.getExtents()),
      batch(op.getOutputLabels(0)[0][0]), outer(getItemLabels(op)),
      blocks(findStepBlocks(op)) {
  findSharedProducts();
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

LogicalResult TensorRecurrence::run() {
  LogicalResult done = success();
  forGroups([&] { done = blocks ? emitRoundItem() : emitItem(); });
  return done;
}

Value TensorRecurrence::takeOuter(Value number) {
  for (StringRef label : llvm::reverse(outer)) {
    position[label] = e.rem(number, e.index(extents[label]));
    number = e.div(number, e.index(extents[label]));
  }
  return number;
}

void TensorRecurrence::forOwn(Labels labels, ArrayRef<int64_t> shape,
                              function_ref<void(const Position &)> fn) {
  if (blocks)
    t.forPart(blocks->partOf(op, labels), shape, fn);
  else
    t.forSpace(shape, fn);
}

/// Whether numbers of the chunk are products of its steps' decays.
static bool multipliesDecays(Block &chunk) {
  return llvm::any_of(chunk, [](Operation &inner) {
    auto product = dyn_cast<ssm::CumulativeProductOp>(inner);
    return product && !product.getSuffix();
  });
}

LogicalResult TensorRecurrence::emitItem() {
  takeOuter(line);
  for (unsigned i = 0; i < op.getFinal().size(); ++i)
    states.push_back(t.allocate(forTogether(getStateShape(i))));
  forSequences([&](Value sequence) {
    for (auto [i, place] : llvm::enumerate(states))
      loadState(i, t.step(place, sequence));
  });
  LogicalResult emitted = success();
  Form step{op.getBody().front(), 0, {}};
  if (!op.hasChunk()) {
    emitted = emitForm(step, e.index(0), e.length);
  } else {
    int64_t size = *op.getChunkSize();
    Form chunk{op.getChunk().front(), size, op.getTileLabels()};
    if (multipliesDecays(chunk.block)) {
      emitted = emitWatchedChunks(chunk, step);
    } else {
      Value count = e.div(e.length, e.index(size));
      Value done = e.mul(count, e.index(size));
      emitted = emitForm(chunk, e.index(0), count);
      if (succeeded(emitted))
        emitted = emitForm(step, done, e.sub(e.length, done));
    }
  }
  forSequences([&](Value sequence) {
    for (auto [i, place] : llvm::enumerate(states))
      storeFinal(i, t.step(place, sequence));
  });
  for (const Place &place : states)
    t.release(place);
  states.clear();
  return emitted;
}

/// Runs `form` `count` times from time step `first` on.
LogicalResult TensorRecurrence::emitForm(const Form &form, Value first,
                                         Value count) {
  // What does not change is computed once, but not for nothing.
  Value some = arith::CmpIOp::create(b, e.loc, arith::CmpIPredicate::ne, count,
                                     e.index(0));
  auto guard = scf::IfOp::create(b, e.loc, some, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard insertion(b);
  b.setInsertionPointToStart(guard.thenBlock());

  Stages stages = findStages(form);
  SmallVector<Place> kept;
  t.begin(form.block);
  setInputs(form, stages, Stage::once, &kept);
  LogicalResult done = emitStage(form, stages, Stage::once);
  e.forLoop(e.index(0), count, e.index(1), [&](Value i) {
    Value steps = e.index(std::max<int64_t>(form.steps, 1));
    if (succeeded(done))
      done = emitPosition(form, stages, kept, e.add(first, e.mul(i, steps)));
  });
  for (const Place &place : kept)
    t.release(place);
  return done;
}

LogicalResult TensorRecurrence::emitPosition(const Form &form,
                                             const Stages &stages,
                                             SmallVectorImpl<Place> &kept,
                                             Value time) {
  position[op.getSequence()] = time;
  setInputs(form, stages, Stage::perStep, &kept);
  LogicalResult done = emitStage(form, stages, Stage::perStep);
  emitProducts(form, stages, states);
  SmallVector<StringRef> tile; // labels to loop over, inside time
  if (form.steps == 0)
    tile = op.getTileLabels();
  Value sequence;
  std::function<void(size_t)> nest = [&](size_t depth) {
    if (depth < tile.size())
      return e.forLoop(e.index(0), e.index(extents[tile[depth]]), e.index(1),
                       [&](Value at) {
                         position[tile[depth]] = at;
                         nest(depth + 1);
                       });
    if (succeeded(done))
      done = emitBlock(form, stages, sequence);
  };
  forSequences([&](Value each) {
    sequence = each;
    nest(0);
  });
  releaseProducts();
  return done;
}

/// What needs neither time nor tiles is computed once; what needs no tile, once
/// per step. So are sequences that run together: each is a position of a tile.
TensorRecurrence::Stages TensorRecurrence::findStages(const Form &form) {
  SmallVector<StringRef> tile;
  if (form.steps == 0)
    tile = op.getTileLabels();
  if (!products.empty())
    tile.push_back(batch);
  DenseMap<Value, Stage> values;
  Stages stages;
  for (auto [i, argument] : llvm::enumerate(form.block.getArguments())) {
    Stage stage = Stage::last;
    if (i < op.getInputs().size()) {
      auto labels = op.getInputLabels(i);
      bool tiled = llvm::any_of(labels, [&](const auto &axis) {
        return llvm::any_of(axis, [&](StringRef label) {
          return llvm::is_contained(tile, label);
        });
      });
      if (!tiled && !varies(labels))
        stage = Stage::once;
      else if (!tiled && !tile.empty())
        stage = Stage::perStep;
    }
    values[argument] = stage;
    stages.arguments.push_back(stage);
  }
  for (Operation &inner : form.block.without_terminator()) {
    Stage stage = Stage::once;
    inner.walk([&](Operation *any) {
      for (Value operand : any->getOperands())
        stage = std::max(stage, values.lookup(operand));
    });
    for (Value result : inner.getResults())
      values[result] = stage;
    stages.ops[&inner] = stage;
  }
  return stages;
}

LogicalResult TensorRecurrence::emitStage(const Form &form,
                                          const Stages &stages, Stage stage) {
  return t.emit(
      form.block,
      [&](Operation *inner) {
        return stages.ops.lookup(inner) == stage && !isEmittedTogether(inner);
      },
      /*keep=*/stage != Stage::last);
}

/// The states of a sequence at the present position, slices of those of the
/// item: a step sees one position of each tile label.
SmallVector<Place> TensorRecurrence::sliceStates(const Form &form,
                                                 Value sequence) {
  SmallVector<Place> slices;
  for (auto [number, all] : llvm::enumerate(states)) {
    Place place = t.step(all, sequence), slice = place;
    slice.strides.clear();
    slice.shape.clear();
    unsigned axis = 0;
    for (const auto &labels : op.getStateLabels(number))
      for (StringRef label : labels) {
        bool tiled = llvm::is_contained(op.getTileLabels(), label);
        if (!tiled && !op.isStepLabel(label))
          continue;
        Value stride = place.strides[axis];
        if (tiled && form.steps == 0) {
          slice.offset = e.add(slice.offset, e.mul(position[label], stride));
        } else {
          slice.strides.push_back(stride);
          slice.shape.push_back(place.shape[axis]);
        }
        ++axis;
      }
    slices.push_back(slice);
  }
  return slices;
}

void TensorRecurrence::setStates(const Form &form, ArrayRef<Place> present) {
  auto arguments = form.block.getArguments().drop_front(op.getInputs().size());
  for (auto [argument, place] : llvm::zip_equal(arguments, present)) {
    if (place.shape.empty())
      t.setScalar(argument, t.load(place, {}));
    else
      t.setPlace(argument, place);
  }
}

LogicalResult TensorRecurrence::emitBlock(const Form &form,
                                          const Stages &stages,
                                          Value sequence) {
  SmallVector<Place> copies, present = sliceStates(form, sequence);
  setInputs(form, stages, Stage::last, &copies);
  setStates(form, present);
  setProducts(products, sequence);
  auto yields = form.block.getTerminator()->getOperands();
  unsigned outputs = op.getOutputs().size();
  for (auto [i, place] : llvm::enumerate(present))
    if (!place.shape.empty() &&
        llvm::count(yields.drop_front(outputs), yields[outputs + i]) == 1)
      t.setTarget(yields[outputs + i],
                  form.block.getArgument(op.getInputs().size() + i), place);
  if (failed(emitStage(form, stages, Stage::last)))
    return failure();
  storeOutputs(form);
  settleStates(form, present);
  t.end(form.block);
  for (const Place &copy : copies)
    t.release(copy);
  return success();
}

/// Makes the next states the present ones. A next state that is computed from
/// its own present elements alone is written over them; others wait until all
/// have been read.
void TensorRecurrence::settleStates(const Form &form, ArrayRef<Place> present) {
  auto arguments = form.block.getArguments().drop_front(op.getInputs().size());
  auto next = form.block.getTerminator()->getOperands().drop_front(
      op.getOutputs().size());
  std::vector<std::pair<Place, Place>> waiting; // to, from
  SmallVector<unsigned> direct;
  for (auto [i, value] : llvm::enumerate(next)) {
    const Place *made = t.findPlace(value);
    if (value == arguments[i] || (made && made->offset == present[i].offset &&
                                  made->buffer == present[i].buffer))
      continue; // it stands there already
    using Reads = TensorEmitter::Reads;
    bool alone = t.findReads(value, arguments[i]) != Reads::others;
    for (auto [j, other] : llvm::enumerate(next))
      alone &= j == i || t.findReads(other, arguments[i]) == Reads::none;
    if (alone) {
      direct.push_back(i);
      continue;
    }
    Place copy = t.allocate(present[i].shape);
    t.fill(copy, value);
    waiting.push_back({present[i], copy});
  }
  for (unsigned i : direct)
    t.fill(present[i], next[i]);
  for (auto &[to, from] : waiting) {
    t.copy(to, from);
    t.release(from);
  }
}

//===----------------------------------------------------------------------===//
// The interface
//===----------------------------------------------------------------------===//

bool ssmc::runsOnTensors(ssm::RecurrenceOp op) {
  if (op.hasChunk())
    return true;
  Block &body = op.getBody().front();
  for (Operation &inner : body) {
    bool lanesRun =
        inner.getNumRegions() == 0 &&
        (isa<ssm::YieldOp, ssm::ContractOp, arith::ConstantOp,
             tensor::ExtractOp, tensor::FromElementsOp, tensor::SplatOp>(
             inner) ||
         isa<ssm::DecomposeInterface>(inner) ||
         inner.hasTrait<OpTrait::Elementwise>());
    if (!lanesRun)
      return true;
  }
  bool hasTensors =
      llvm::any_of(body.getArgumentTypes(), llvm::IsaPred<RankedTensorType>);
  return hasTensors && TensorRecurrence::countPositions(op) < laneCount &&
         llvm::all_of(
             body,
             [](Operation &inner) { return TensorEmitter::supports(&inner); });
}

plan::GridAttr ssmc::getTensorGrid(ssm::RecurrenceOp op) {
  int64_t items = TensorRecurrence::countPositions(op), roundsPerStep = 0;
  if (auto blocks = findStepBlocks(op)) {
    items *= blocks->count();
    roundsPerStep = 1;
  }
  // What all batch rows share has one.
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  bool perBatch = type.getDimSize(0) != 1;
  return plan::GridAttr::get(op.getContext(), items, perBatch, 0,
                             roundsPerStep);
}

int64_t ssmc::getTensorScratchBytes(ssm::RecurrenceOp op) {
  // Emitting is what knows: no second account can disagree with it. Nothing is
  // allocated by what differs between levels; layouts are known by now.
  auto kernel = op->getParentOfType<func::FuncOp>();
  KernelEmitter e(kernel, "x86-64-v3");
  TensorRecurrence recurrence(op, e);
  LogicalResult emitted = recurrence.run();
  (void)emitted; // what is wrong has been reported
  e.getFunction().erase();
  return recurrence.getScratchBytes();
}

LogicalResult ssmc::emitTensorKernel(ssm::RecurrenceOp op, KernelEmitter &e) {
  if (llvm::is_contained(op.getTileLabels(), op.getOutputLabels(0)[0][0]))
    return op.emitOpError("expected the batch not to be a tile label, got '")
           << op.getOutputLabels(0)[0][0] << "'";
  auto kernel = op->getParentOfType<func::FuncOp>();
  auto given = kernel->getAttrOfType<IntegerAttr>(plan::sharedAttrName);
  int64_t shared = given ? given.getInt() : 0;
  if (shared != getTensorSharedBytes(op))
    return op.emitOpError("expected '")
           << plan::sharedAttrName << "' of its kernel to be "
           << getTensorSharedBytes(op) << ", got " << shared;
  TensorRecurrence recurrence(op, e);
  if (failed(recurrence.run()))
    return failure();
  auto declared = kernel->getAttrOfType<IntegerAttr>(plan::scratchAttrName);
  if (declared && recurrence.getScratchBytes() > declared.getInt())
    return op.emitOpError("expected to need the ")
           << declared.getInt() << " bytes of scratch memory it was given, got "
           << recurrence.getScratchBytes();
  return success();
}
