//===- TensorRecurrence.cpp - a recurrence on tensors in memory -----------===//

#include "compiler/Conversion/CpuKernels/TensorRecurrence.h"
#include "compiler/Conversion/CpuKernels/RecurrenceBody.h"
#include "compiler/Conversion/CpuKernels/TensorRecurrenceEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

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

/// Calls `fn` for each lane of `at`, as a position of one element.
static void forEachLane(KernelEmitter &e, const Position &at,
                        function_ref<void(int64_t lane, Position one)> fn) {
  for (int64_t lane = 0; lane < at.lanes; ++lane) {
    Position one = at;
    one.indices[*at.laneAxis] = e.add(at.indices[*at.laneAxis], e.index(lane));
    one.laneAxis = std::nullopt;
    one.lanes = 1;
    fn(lane, one);
  }
}

TensorRecurrence::TensorRecurrence(ssm::RecurrenceOp op, KernelEmitter &e)
    : op(op), e(e), b(e.builder), t(e, scratch), extents(op.getExtents()),
      batch(op.getOutputLabels(0)[0][0]), outer(getItemLabels(op)),
      blocks(findStepBlocks(op)) {}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

LogicalResult TensorRecurrence::run() {
  LogicalResult done = success();
  e.forLoop(e.begin, e.end, e.index(1), [&](Value item) {
    done = blocks ? emitRoundItem(item) : emitItem(item);
  });
  return done;
}

Value TensorRecurrence::takeOuter(Value item) {
  for (StringRef label : llvm::reverse(outer)) {
    position[label] = e.rem(item, e.index(extents[label]));
    item = e.div(item, e.index(extents[label]));
  }
  return item;
}

void TensorRecurrence::forOwn(Labels labels, ArrayRef<int64_t> shape,
                              function_ref<void(const Position &)> fn) {
  if (blocks)
    t.forPart(blocks->partOf(op, labels), shape, fn);
  else
    t.forSpace(shape, fn);
}

SmallVector<int64_t> TensorRecurrence::getStateShape(unsigned number) {
  Form chunk{op.getBody().front(), 0, op.getTileLabels()};
  SmallVector<int64_t> shape;
  for (const auto &axis : op.getStateLabels(number))
    for (StringRef label : axis)
      if (isSlice(chunk, label))
        shape.push_back(extents[label]);
  return shape;
}

void TensorRecurrence::loadState(unsigned number, const Place &place) {
  Form chunk{op.getBody().front(), 0, op.getTileLabels()};
  auto labels = op.getStateLabels(number);
  forOwn(labels, place.shape, [&](const Position &at) {
    Value value = op.getInit().empty()
                      ? t.zero(at)
                      : read(op.getInit()[number], labels, chunk, at);
    t.store(place, at, value);
  });
}

void TensorRecurrence::storeFinal(unsigned state, const Place &place) {
  Form chunk{op.getBody().front(), 0, op.getTileLabels()};
  auto labels = op.getStateLabels(state);
  for (auto [number, result] : llvm::enumerate(e.getResults())) {
    if (result != op.getFinal()[state])
      continue;
    forOwn(labels, place.shape, [&, number = number](const Position &at) {
      Value value = t.load(place, at);
      Seen seen = see(labels, chunk, at);
      if (seen.hasLanes)
        return e.store(number, seen.at, value);
      forEachLane(e, at, [&](int64_t lane, Position one) {
        e.store(number, see(labels, chunk, one).at,
                vector::ExtractOp::create(b, e.loc, value, lane));
      });
    });
  }
}

LogicalResult TensorRecurrence::emitItem(Value item) {
  position[batch] = takeOuter(item);
  for (unsigned i = 0; i < op.getFinal().size(); ++i) {
    states.push_back(t.allocate(getStateShape(i)));
    loadState(i, states[i]);
  }
  Value done = e.index(0);
  LogicalResult emitted = success();
  if (op.hasChunk()) {
    Value size = e.index(*op.getChunkSize());
    Value count = e.div(e.length, size);
    done = e.mul(count, size);
    emitted =
        emitForm({op.getChunk().front(),
                  static_cast<int64_t>(*op.getChunkSize()), op.getTileLabels()},
                 e.index(0), count);
  }
  if (succeeded(emitted))
    emitted =
        emitForm({op.getBody().front(), 0, {}}, done, e.sub(e.length, done));
  for (auto [i, place] : llvm::enumerate(states)) {
    storeFinal(i, place);
    t.release(place);
  }
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
  setInputs(form, stages, Stage::once, kept);
  LogicalResult done = emitStage(form, stages, Stage::once);
  e.forLoop(e.index(0), count, e.index(1), [&](Value i) {
    Value steps = e.index(std::max<int64_t>(form.steps, 1));
    position[op.getSequence()] = e.add(first, e.mul(i, steps));
    setInputs(form, stages, Stage::perStep, kept);
    if (succeeded(done))
      done = emitStage(form, stages, Stage::perStep);
    SmallVector<StringRef> tile; // labels to loop over, inside time
    if (form.steps == 0)
      tile = op.getTileLabels();
    std::function<void(size_t)> nest = [&](size_t depth) {
      if (depth < tile.size())
        return e.forLoop(e.index(0), e.index(extents[tile[depth]]), e.index(1),
                         [&](Value at) {
                           position[tile[depth]] = at;
                           nest(depth + 1);
                         });
      if (succeeded(done))
        done = emitBlock(form, stages);
    };
    nest(0);
  });
  for (const Place &place : kept)
    t.release(place);
  return done;
}

/// What needs neither time nor tiles is computed once; what needs no tile, once
/// per step.
TensorRecurrence::Stages TensorRecurrence::findStages(const Form &form) {
  SmallVector<StringRef> tile;
  if (form.steps == 0)
    tile = op.getTileLabels();
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
      [&](Operation *inner) { return stages.ops.lookup(inner) == stage; },
      /*keep=*/stage != Stage::last);
}

/// The states at the present position, slices of those of the item: a step
/// sees one position of each tile label.
SmallVector<Place> TensorRecurrence::sliceStates(const Form &form) {
  SmallVector<Place> slices;
  for (auto [number, place] : llvm::enumerate(states)) {
    Place slice = place;
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

LogicalResult TensorRecurrence::emitBlock(const Form &form,
                                          const Stages &stages) {
  SmallVector<Place> copies, present = sliceStates(form);
  setInputs(form, stages, Stage::last, copies);
  auto yields = form.block.getTerminator()->getOperands();
  unsigned outputs = op.getOutputs().size();
  for (auto [i, place] : llvm::enumerate(present)) {
    Value argument = form.block.getArgument(op.getInputs().size() + i);
    if (place.shape.empty()) {
      t.setScalar(argument, t.load(place, {}));
      continue;
    }
    t.setPlace(argument, place);
    if (llvm::count(yields.drop_front(outputs), yields[outputs + i]) == 1)
      t.setTarget(yields[outputs + i], argument, place);
  }
  if (failed(emitStage(form, stages, Stage::last)))
    return failure();
  storeOutputs(form);
  settleStates(form, present);
  t.end(form.block);
  for (const Place &copy : copies)
    t.release(copy);
  return success();
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

TensorRecurrence::Seen TensorRecurrence::see(Labels labels, const Form &form,
                                             const Position &at) {
  Seen seen{{}, !at.laneAxis};
  unsigned next = form.steps && varies(labels) ? 1 : 0; // slice axis
  for (auto [axis, parts] : llvm::enumerate(labels)) {
    Value index = e.index(0);
    for (StringRef label : parts) {
      Value here;
      std::optional<unsigned> sliced;
      if (label == op.getSequence()) {
        here = position[label];
        if (form.steps) {
          sliced = 0;
          here = e.add(here, at.indices[0]);
        }
        if (op.getReverse())
          here = e.sub(e.sub(e.length, e.index(1)), here);
      } else if (isSlice(form, label)) {
        sliced = next++;
        here = at.indices[*sliced];
      } else {
        here = position[label];
      }
      index = parts.size() == 1
                  ? here
                  : e.add(e.mul(index, e.index(extents[label])), here);
      bool neighbours = label == parts.back() &&
                        !(label == op.getSequence() && op.getReverse());
      if (at.laneAxis && sliced == at.laneAxis && neighbours) {
        seen.hasLanes = true;
        seen.at.laneAxis = axis;
        seen.at.lanes = at.lanes;
      }
    }
    seen.at.indices.push_back(index);
  }
  return seen;
}

/// The elements of `tensor` at `at` of its slice.
Value TensorRecurrence::read(Value tensor, Labels labels, const Form &form,
                             const Position &at) {
  Seen seen = see(labels, form, at);
  if (seen.hasLanes)
    return e.load(tensor, seen.at);
  SmallVector<Value> lanes;
  forEachLane(e, at, [&](int64_t, Position one) {
    lanes.push_back(e.load(tensor, see(labels, form, one).at));
  });
  return vector::FromElementsOp::create(
      b, e.loc, cast<VectorType>(e.laneType(at.lanes)), lanes);
}

/// The slice of an argument of the kernel where it lies.
std::optional<Place> TensorRecurrence::placeIn(Value tensor, Labels labels,
                                               const Form &form, Type slice) {
  auto type = dyn_cast<RankedTensorType>(slice);
  std::optional<KernelEmitter::Memory> memory = e.getMemory(tensor);
  if (!type || !memory)
    return std::nullopt;
  Place place;
  place.buffer = memory->buffer;
  place.offset = memory->offset;
  place.shape.assign(type.getShape().begin(), type.getShape().end());
  if (memory->panels) {
    bool whole = llvm::all_of(labels, [&](const auto &axis) {
      return axis.size() == 1 && op.isStepLabel(axis[0]);
    });
    place.panels = true;
    return whole ? std::optional(place) : std::nullopt;
  }
  // Element 0 of the slice, then how far its axes go.
  SmallVector<Value> strides;
  Value time;
  for (auto [axis, parts] : llvm::enumerate(labels)) {
    Value stride = memory->strides[axis];
    SmallVector<Value> inAxis;
    for (StringRef label : llvm::reverse(parts)) {
      if (label == op.getSequence()) {
        Value here = position[label];
        if (op.getReverse())
          here = e.sub(e.sub(e.length, e.index(1)), here);
        place.offset = e.add(place.offset, e.mul(here, stride));
        time = op.getReverse() ? e.sub(e.index(0), stride) : stride;
      } else if (isSlice(form, label)) {
        inAxis.push_back(stride);
      } else {
        place.offset = e.add(place.offset, e.mul(position[label], stride));
      }
      if (parts.size() > 1)
        stride = e.mul(stride, e.index(extents[label]));
    }
    strides.append(inAxis.rbegin(), inAxis.rend());
  }
  if (time && form.steps)
    strides.insert(strides.begin(), time);
  place.strides = strides;
  return place;
}

/// Tells the emitter where the inputs of a stage are.
void TensorRecurrence::setInputs(const Form &form, const Stages &stages,
                                 Stage stage, SmallVectorImpl<Place> &copies) {
  for (auto [i, tensor] : llvm::enumerate(op.getInputs())) {
    if (stages.arguments[i] != stage)
      continue;
    auto labels = op.getInputLabels(i);
    BlockArgument argument = form.block.getArgument(i);
    if (argument.getType().isF32()) {
      if (!argument.use_empty())
        t.setScalar(argument, read(tensor, labels, form, {}));
      continue;
    }
    if (auto place = placeIn(tensor, labels, form, argument.getType())) {
      t.setPlace(argument, *place);
      continue;
    }
    auto reader = [this, tensor = tensor, labels, &form](const Position &at) {
      return read(tensor, labels, form, at);
    };
    t.setReader(argument, reader);
    if (!t.needsMemory(argument))
      continue;
    Place copy =
        t.allocate(cast<RankedTensorType>(argument.getType()).getShape());
    t.forNeeded(argument, copy.shape,
                [&](const Position &at) { t.store(copy, at, reader(at)); });
    t.setPlace(argument, copy);
    copies.push_back(copy);
  }
}

/// The outputs of `op` that computing `value` needs.
static void collectOutputs(ssm::RecurrenceOp op, Value value,
                           llvm::SmallSetVector<Value, 4> &outputs) {
  Operation *maker = value.getDefiningOp();
  if (maker == op)
    outputs.insert(value);
  else if (maker)
    for (Value operand : maker->getOperands())
      collectOutputs(op, operand, outputs);
}

void TensorRecurrence::storeOutputs(const Form &form) {
  auto yields = form.block.getTerminator()->getOperands();
  for (auto [i, result] : llvm::enumerate(e.getResults())) {
    llvm::SmallSetVector<Value, 4> needed;
    collectOutputs(op, result, needed);
    unsigned outputs = op.getOutputs().size();
    auto number = [](Value output) {
      return cast<OpResult>(output).getResultNumber();
    };
    if (needed.empty() || number(needed[0]) >= outputs)
      continue;
    unsigned first = number(needed[0]);
    auto labels = op.getOutputLabels(first);
    SmallVector<int64_t> shape;
    if (auto type = dyn_cast<RankedTensorType>(yields[first].getType()))
      shape.assign(type.getShape().begin(), type.getShape().end());
    forOwn(labels, shape, [&, i = i, result = result](const Position &at) {
      DenseMap<Value, Value> values;
      for (Value output : needed)
        values[output] = t.evaluate(yields[number(output)], at);
      Seen seen = see(labels, form, at);
      if (seen.hasLanes)
        return e.store(i, seen.at, e.load(result, seen.at, &values));
      forEachLane(e, at, [&](int64_t lane, Position one) {
        DenseMap<Value, Value> scalars;
        for (auto [output, value] : values)
          scalars[output] = vector::ExtractOp::create(b, e.loc, value, lane);
        Seen where = see(labels, form, one);
        e.store(i, where.at, e.load(result, where.at, &scalars));
      });
    });
  }
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
