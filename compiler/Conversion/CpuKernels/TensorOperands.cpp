//===- TensorOperands.cpp - what a recurrence on tensors reads and writes -===//
//
// Inputs, outputs and states of the kernel, seen as slices of a form at the
// present position of time and of parallel labels.
//
//===----------------------------------------------------------------------===//

#include "compiler/Conversion/CpuKernels/TensorRecurrenceEmitter.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace ssmc;

using Labels = TensorRecurrence::Labels;

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

/// Tells the emitter where the inputs of a stage are. What must be in memory
/// and is not is brought into `copies`; without, it is computed where it is
/// read.
void TensorRecurrence::setInputs(const Form &form, const Stages &stages,
                                 Stage stage, SmallVectorImpl<Place> *copies) {
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
    if (!copies || !t.needsMemory(argument))
      continue;
    Place copy =
        t.allocate(cast<RankedTensorType>(argument.getType()).getShape());
    t.forNeeded(argument, copy.shape,
                [&](const Position &at) { t.store(copy, at, reader(at)); });
    t.setPlace(argument, copy);
    copies->push_back(copy);
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

//===----------------------------------------------------------------------===//
// States
//===----------------------------------------------------------------------===//

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
