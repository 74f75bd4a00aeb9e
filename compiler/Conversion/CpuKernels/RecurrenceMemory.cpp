//===- RecurrenceMemory.cpp - inputs, outputs and states -----------------===//

#include "compiler/Conversion/CpuKernels/RecurrenceEmitter.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace ssmc;

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Position
RecurrenceEmitter::positionOf(ArrayRef<ssm::RecurrenceOp::AxisLabels> labels,
                              Indices step) {
  llvm::MapVector<StringRef, int64_t> extents = op.getExtents();
  Position result;
  for (auto [axis, parts] : llvm::enumerate(labels)) {
    if (op.isStepLabel(parts[0])) {
      result.indices.push_back(step.front());
      step = step.drop_front();
      continue;
    }
    Value at = position[parts[0]];
    if (parts.size() == 2)
      at = e.add(e.mul(at, e.index(extents[parts[1]])), position[parts[1]]);
    result.indices.push_back(at);
    if (parts.back() == axes.channel && !axes.channel.empty()) {
      result.laneAxis = axis;
      result.lanes = lanes;
    }
  }
  return result;
}

Value RecurrenceEmitter::loadLanes(Value tensor, const Position &at) {
  Value value = e.load(tensor, at);
  if (at.laneAxis)
    return value;
  return vector::BroadcastOp::create(b, e.loc, e.laneType(lanes), value);
}

void RecurrenceEmitter::loadInvariants() {
  for (unsigned number = 0; number < op.getInputs().size(); ++number) {
    auto labels = op.getInputLabels(number);
    bool varies = llvm::any_of(labels, [&](const auto &axis) {
      return llvm::is_contained(axis, op.getSequence());
    });
    if (varies)
      continue;
    InvariantInput input;
    if (auto slice = dyn_cast<RankedTensorType>(
            op.getBody().getArgument(number).getType()))
      input.extents.assign(slice.getShape().begin(), slice.getShape().end());
    if (std::max(product(input.extents), body.getLargestReader(number)) >
        unrollLimit)
      input.memory = allocate(product(input.extents));
    SmallVector<Value> none;
    forSpace(input.extents, none, [&](Indices at, auto &) {
      Value value = loadLanes(op.getInputs()[number], positionOf(labels, at));
      if (input.memory)
        vector::StoreOp::create(b, e.loc, value, input.memory,
                                flatten(input.extents, at));
      else
        input.registers.push_back(value);
    });
    invariants[number] = std::move(input);
  }
}

/// The outputs of `op` that computing `value` needs.
static void collectOutputs(ssm::RecurrenceOp op, Value value,
                           SmallPtrSetImpl<Value> &outputs) {
  Operation *maker = value.getDefiningOp();
  if (maker == op)
    outputs.insert(value);
  else if (maker)
    for (Value operand : maker->getOperands())
      collectOutputs(op, operand, outputs);
}

void RecurrenceEmitter::storeOutputs() {
  if (outputs.empty())
    return;
  // All outputs without step axes have the same positions.
  unsigned first = cast<OpResult>(outputs.begin()->first).getResultNumber();
  Position at = positionOf(op.getOutputLabels(first), {});
  DenseMap<Value, Value> values = outputs;
  if (!at.laneAxis)
    for (auto &[output, value] : values)
      value = vector::ExtractOp::create(b, e.loc, value, 0);
  for (auto [i, result] : llvm::enumerate(e.getResults())) {
    SmallPtrSet<Value, 4> needed;
    collectOutputs(op, result, needed);
    if (!needed.empty() && llvm::all_of(needed, [&](Value output) {
          return values.contains(output);
        }))
      e.store(i, at, e.load(result, at, &values));
  }
}

void RecurrenceEmitter::storeStepOutput(unsigned number, Indices step,
                                        Value value) {
  Value output = op.getOutputs()[number];
  Position at = positionOf(op.getOutputLabels(number), step);
  if (!at.laneAxis)
    value = vector::ExtractOp::create(b, e.loc, value, 0);
  for (auto [i, result] : llvm::enumerate(e.getResults())) {
    SmallPtrSet<Value, 4> needed;
    collectOutputs(op, result, needed);
    if (needed.size() != 1 || !needed.contains(output))
      continue;
    DenseMap<Value, Value> values = {{output, value}};
    e.store(i, at, e.load(result, at, &values));
  }
}

StatePlace RecurrenceEmitter::placeState(unsigned number) {
  StatePlace state;
  auto slice = dyn_cast<RankedTensorType>(
      op.getBody().getArgument(op.getInputs().size() + number).getType());
  if (slice)
    state.extents.assign(slice.getShape().begin(), slice.getShape().end());
  for (auto [i, result] : llvm::enumerate(e.getResults()))
    if (result == op.getFinal()[number])
      state.result = i;
  int64_t elements = product(state.extents);
  bool inPlace = body.canUpdateInPlace(number);
  int64_t reader = body.getLargestReader(op.getInputs().size() + number);
  if (std::max(elements, reader) <= unrollLimit)
    state.kind = StatePlace::registers;
  else
    // A single step reads and writes each element once: no copy pays.
    state.kind = isStepForm() ? StatePlace::buffer : StatePlace::scratch;
  if (state.kind != StatePlace::registers && !inPlace)
    state.nextMemory = allocate(elements);
  if (state.kind == StatePlace::buffer)
    return state;

  if (state.kind == StatePlace::scratch)
    state.memory = allocate(elements);
  SmallVector<Value> none;
  states.push_back(state); // `initialState` and `flatten` look it up
  forSpace(state.extents, none, [&](Indices at, auto &) {
    Value initial = initialState(number, at);
    if (state.kind == StatePlace::registers)
      state.present.push_back(initial);
    else
      vector::StoreOp::create(b, e.loc, initial, state.memory,
                              flatten(state.extents, at));
  });
  states.pop_back();
  return state;
}

Value RecurrenceEmitter::initialState(unsigned number, Indices step) {
  if (op.getInit().empty())
    return zero();
  return loadLanes(op.getInit()[number],
                   positionOf(op.getStateLabels(number), step));
}

void RecurrenceEmitter::finalState(unsigned number, Indices step, Value value) {
  if (!states[number].result)
    return;
  Position at = positionOf(op.getStateLabels(number), step);
  if (!at.laneAxis)
    value = vector::ExtractOp::create(b, e.loc, value, 0);
  e.store(*states[number].result, at, value);
}

Value RecurrenceEmitter::readState(unsigned number, Indices step) {
  StatePlace &state = states[number];
  switch (state.kind) {
  case StatePlace::registers:
    return state.present[flattenConstant(state.extents, step)];
  case StatePlace::scratch:
    return vector::LoadOp::create(b, e.loc, cast<VectorType>(e.laneType(lanes)),
                                  state.memory, flatten(state.extents, step));
  case StatePlace::buffer:
    return initialState(number, step);
  }
  llvm_unreachable("every place is handled");
}

void RecurrenceEmitter::writeState(unsigned number, Indices step, Value value) {
  StatePlace &state = states[number];
  if (state.kind == StatePlace::registers) {
    state.next.resize(state.present.size());
    state.next[flattenConstant(state.extents, step)] = value;
  } else if (state.nextMemory || state.kind == StatePlace::scratch) {
    vector::StoreOp::create(b, e.loc, value,
                            state.nextMemory ? state.nextMemory : state.memory,
                            flatten(state.extents, step));
  } else {
    finalState(number, step, value);
  }
}

/// Makes the next states the present ones.
void RecurrenceEmitter::settleStates() {
  for (auto [number, state] : llvm::enumerate(states)) {
    if (state.kind == StatePlace::registers) {
      state.present = state.next;
      continue;
    }
    if (!state.nextMemory)
      continue;
    SmallVector<Value> none;
    forSpace(state.extents, none, [&, number = number](Indices at, auto &) {
      StatePlace &place = states[number];
      Value offset = flatten(place.extents, at);
      Value value =
          vector::LoadOp::create(b, e.loc, cast<VectorType>(e.laneType(lanes)),
                                 place.nextMemory, offset);
      if (place.kind == StatePlace::buffer)
        finalState(number, at, value);
      else
        vector::StoreOp::create(b, e.loc, value, place.memory, offset);
    });
  }
}

/// Stack memory for `elements` vectors, made once at the function's start.
Value RecurrenceEmitter::allocate(int64_t elements) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(&e.getFunction().getBody().front());
  auto type = MemRefType::get({elements * lanes}, b.getF32Type());
  return memref::AllocaOp::create(b, e.loc, type, b.getI64IntegerAttr(64));
}

Value RecurrenceEmitter::flatten(ArrayRef<int64_t> extents, Indices indices) {
  Value offset = e.index(0);
  for (auto [extent, at] : llvm::zip(extents, indices))
    offset = e.add(e.mul(offset, e.index(extent)), at);
  return e.mul(offset, e.index(lanes));
}

int64_t RecurrenceEmitter::flattenConstant(ArrayRef<int64_t> extents,
                                           Indices indices) {
  int64_t offset = 0;
  for (auto [extent, at] : llvm::zip(extents, indices))
    offset = offset * extent + *getConstantIntValue(at);
  return offset;
}
