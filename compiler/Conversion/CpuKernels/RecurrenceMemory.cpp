//===- RecurrenceMemory.cpp - inputs, states and scratch memory ----------===//

#include "compiler/Conversion/CpuKernels/RecurrenceEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <utility>

using namespace mlir;
using namespace ssmc;

//===----------------------------------------------------------------------===//
// Operands of the kernel
//===----------------------------------------------------------------------===//

Position
RecurrenceEmitter::positionOf(ArrayRef<ssm::RecurrenceOp::AxisLabels> labels,
                              Indices step) {
  llvm::MapVector<StringRef, int64_t> extents = op.getExtents();
  Position result;
  for (auto [axis, parts] : llvm::enumerate(labels)) {
    bool isLane = false;
    if (op.isStepLabel(parts[0])) {
      isLane = laneMode == LaneMode::axis && step.front() == axisLane;
      result.indices.push_back(step.front());
      step = step.drop_front();
    } else {
      Value at = position[parts[0]];
      if (parts.size() == 2)
        at = e.add(e.mul(at, e.index(extents[parts[1]])), position[parts[1]]);
      result.indices.push_back(at);
      isLane = laneMode == LaneMode::channels
                   ? !axes.channel.empty() && parts.back() == axes.channel
               : laneMode == LaneMode::time
                   ? parts[0] == op.getSequence()
                   : laneMode == LaneMode::group && parts[0] == plan.groupLabel;
    }
    if (isLane) {
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
  return vector::BroadcastOp::create(b, e.loc, vectorType(), value);
}

/// Fetches what all channels or the lanes at hand read of time step `time`.
/// Rows of a sequence lie whole pages apart, which processors do not fetch
/// ahead across on their own.
void RecurrenceEmitter::prefetchInputs(Value time) {
  constexpr int64_t lineFloats = 16;
  Value now = std::exchange(position[op.getSequence()], time);
  for (unsigned i = 0; i < op.getInputs().size(); ++i) {
    BlockArgument slice = op.getBody().getArgument(i);
    SmallVector<int64_t> extents = extentsOf(slice);
    int64_t elements = product(extents);
    if (!body.usesTime(slice) || extents.size() > 1 ||
        (body.usesLanes(slice) && elements > 1))
      continue;
    auto fetch = [&](int64_t element) {
      SmallVector<Value> indices(extents.size(), e.index(element));
      e.prefetch(op.getInputs()[i], positionOf(op.getInputLabels(i), indices));
    };
    for (int64_t at = 0; at < elements; at += lineFloats)
      fetch(at);
    // Callers' tensors need not begin where a line does.
    if (elements > 1)
      fetch(elements - 1);
  }
  position[op.getSequence()] = now;
}

/// Fetches where the results of time step `time` go.
void RecurrenceEmitter::prefetchResults(Value time) {
  Value now = std::exchange(position[op.getSequence()], time);
  for (const Nest &nest : body.getNests())
    for (const NestRoot &root : nest.roots)
      if (root.kind == NestRoot::result && nest.extents.empty())
        e.prefetchResult(root.number,
                         positionOf(op.getOutputLabels(root.outputs[0]), {}));
  position[op.getSequence()] = now;
}

/// The time step `ahead` after the present one, or the last.
Value RecurrenceEmitter::laterTime(Value present, int64_t ahead) {
  if (op.getReverse()) {
    Value earlier = e.sub(present, e.index(ahead));
    return arith::MaxSIOp::create(b, e.loc, earlier, e.index(0));
  }
  return e.min(e.add(present, e.index(ahead)), e.sub(e.length, e.index(1)));
}

/// Fetches for a loop over time without tiles.
void RecurrenceEmitter::prefetchRow() {
  constexpr int64_t withoutBlocks = 16;
  Value later = laterTime(position[op.getSequence()],
                          plan.timeBlock ? plan.timeBlock : withoutBlocks);
  prefetchInputs(later);
  prefetchResults(later);
}

/// Where the lanes begin that a step computes after the present ones; those of
/// the item end at channel `end`.
void RecurrenceEmitter::findNextLanes(Value end) {
  nextLanes = nextItem;
  Value next = e.add(position[axes.channel], e.index(lanes));
  Value inItem =
      arith::CmpIOp::create(b, e.loc, arith::CmpIPredicate::slt, next, end);
  for (auto &[label, at] : nextLanes)
    at = arith::SelectOp::create(
        b, e.loc, inItem, label == axes.channel ? next : position[label], at);
}

/// Fetches what the next lanes read of a state where these write it. Moving a
/// line from a core's second cache takes about as long as computing with it, so
/// a pass that only reads would wait.
void RecurrenceEmitter::prefetchState(unsigned number, Indices step) {
  if (!body.isStep || op.getInit().empty() || plan.inRegisters(number))
    return;
  std::swap(position, nextLanes);
  e.prefetch(op.getInit()[number], positionOf(op.getStateLabels(number), step),
             /*beginsLine=*/true);
  std::swap(position, nextLanes);
}

/// Fetches in a tile of `count` elements that share of the next block's inputs
/// and of this block's results: a few lines between many operations, because a
/// core waits once it has asked for some twenty (AMD Zen 3: 24).
void RecurrenceEmitter::prefetchForTile(Value first, int64_t count) {
  int64_t extent = body.getTiledExtent();
  Value begin = e.div(e.mul(first, e.index(plan.timeBlock)), e.index(extent));
  int64_t steps = llvm::divideCeil(plan.timeBlock * count, extent);
  auto prefetch = [&](Value at) {
    Value time = e.min(e.add(firstTime, at), e.sub(e.length, e.index(1)));
    prefetchInputs(laterTime(time, plan.timeBlock));
    prefetchResults(time);
  };
  if (steps == 1)
    prefetch(begin);
  else
    e.forLoop(begin, e.add(begin, e.index(steps)), e.index(1), prefetch);
}

//===----------------------------------------------------------------------===//
// Scratch memory
//===----------------------------------------------------------------------===//

Value RecurrenceEmitter::flatten(ArrayRef<int64_t> extents, Indices indices) {
  Value offset = e.index(0);
  for (auto [extent, at] : llvm::zip_equal(extents, indices))
    offset = e.add(e.mul(offset, e.index(extent)), at);
  return offset;
}

Value RecurrenceEmitter::address(const Slot &slot, Indices indices) {
  Value at = flatten(slot.extents, indices);
  if (slot.rowStride)
    at = e.add(e.mul(row, e.index(slot.rowStride)), at);
  if (slot.lanes)
    at = e.mul(at, e.index(lanes));
  if (slot.group && laneMode != LaneMode::group)
    at = e.rem(position[plan.groupLabel], e.index(plan.group));
  if (slot.allChannels)
    at = e.add(e.mul(inBlock, e.index(product(slot.extents))), at);
  return e.add(e.index(slot.offset), at);
}

/// Floats between what neighbouring lanes read; 0 if all read the same.
int64_t RecurrenceEmitter::laneStride(const Slot &slot, Indices indices) {
  if (slot.lanes || (slot.group && laneMode == LaneMode::group))
    return 1;
  if (laneMode == LaneMode::time)
    return slot.rowStride;
  int64_t stride = 1;
  for (auto [extent, at] : llvm::reverse(llvm::zip(slot.extents, indices))) {
    if (laneMode == LaneMode::axis && at == axisLane)
      return stride;
    stride *= extent;
  }
  return 0;
}

Value RecurrenceEmitter::loadSlot(const Slot &slot, Indices indices) {
  Value first = address(slot, indices);
  int64_t stride = laneStride(slot, indices);
  if (stride == 1)
    return vector::LoadOp::create(b, e.loc, vectorType(), e.scratch, first);
  auto load = [&](Value at) -> Value {
    return memref::LoadOp::create(b, e.loc, e.scratch, at);
  };
  if (stride == 0)
    return vector::BroadcastOp::create(b, e.loc, vectorType(), load(first));
  SmallVector<Value> elements;
  for (int64_t lane = 0; lane < lanes; ++lane)
    elements.push_back(load(e.add(first, e.index(lane * stride))));
  return vector::FromElementsOp::create(b, e.loc, vectorType(), elements);
}

void RecurrenceEmitter::storeSlot(const Slot &slot, Indices indices,
                                  Value value) {
  Value first = address(slot, indices);
  int64_t stride = laneStride(slot, indices);
  if (stride == 1) {
    vector::StoreOp::create(b, e.loc, value, e.scratch, first);
    return;
  }
  // Without a stride all lanes are the same.
  for (int64_t lane = 0; lane < (stride ? lanes : 1); ++lane)
    memref::StoreOp::create(b, e.loc,
                            vector::ExtractOp::create(b, e.loc, value, lane),
                            e.scratch, e.add(first, e.index(lane * stride)));
}

//===----------------------------------------------------------------------===//
// States
//===----------------------------------------------------------------------===//

/// Brings the initial states to where they are while time runs.
void RecurrenceEmitter::loadStates() {
  for (unsigned i = 0; i < registers.size(); ++i) {
    if (body.isStep && !plan.inRegisters(i))
      continue; // a single step reads each element once: no copy pays
    SmallVector<Value> none;
    forSpace(extentsOf(body.getStateArgument(i)), none,
             [&](Indices at, Values &) {
               Value value = initialState(i, at);
               if (body.isStep)
                 registers[i].present.push_back(value);
               else
                 storeSlot(plan.states[i], at, value);
             });
  }
}

/// Writes the final states, but for those a step wrote already.
void RecurrenceEmitter::saveStates() {
  for (unsigned i = 0; i < registers.size(); ++i) {
    if (body.isStep && !plan.inRegisters(i))
      continue;
    SmallVector<Value> none;
    forSpace(extentsOf(body.getStateArgument(i)), none,
             [&](Indices at, Values &) {
               finalState(i, at,
                          body.isStep ? readState(i, at)
                                      : loadSlot(plan.states[i], at));
             });
  }
}

Value RecurrenceEmitter::initialState(unsigned number, Indices step) {
  if (op.getInit().empty())
    return zero();
  return loadLanes(op.getInit()[number],
                   positionOf(op.getStateLabels(number), step));
}

void RecurrenceEmitter::finalState(unsigned number, Indices step, Value value) {
  Value final = op.getFinal()[number];
  unsigned wanted = cast<OpResult>(final).getResultNumber();
  Position at = positionOf(op.getStateLabels(number), step);
  if (!at.laneAxis)
    value = vector::ExtractOp::create(b, e.loc, value, 0);
  for (auto [i, result] : llvm::enumerate(e.getResults())) {
    if (getNeededResults(op, result) != SmallVector<unsigned>{wanted})
      continue;
    DenseMap<Value, Value> values = {{final, value}};
    e.store(i, at, e.load(result, at, &values));
  }
}

/// The element of a tensor in registers that constant indices name.
static int64_t elementOf(ArrayRef<int64_t> extents, ArrayRef<Value> indices) {
  int64_t element = 0;
  for (auto [extent, at] : llvm::zip_equal(extents, indices))
    element = element * extent + *getConstantIntValue(at);
  return element;
}

Value RecurrenceEmitter::readState(unsigned number, Indices step) {
  if (body.getStatePhase(number) == Phase::tiles)
    return registers[number]
        .present[llvm::find(tileIndices, step[0]) - tileIndices.begin()];
  if (plan.inRegisters(number))
    return registers[number]
        .present[elementOf(extentsOf(body.getStateArgument(number)), step)];
  if (body.isStep)
    return initialState(number, step);
  return loadSlot(plan.states[number], step);
}

void RecurrenceEmitter::writeState(unsigned number, Indices step, Value value) {
  SmallVectorImpl<Value> &next = registers[number].next;
  if (body.getStatePhase(number) == Phase::tiles) {
    next[llvm::find(tileIndices, step[0]) - tileIndices.begin()] = value;
  } else if (plan.inRegisters(number)) {
    next.resize(registers[number].present.size());
    next[elementOf(extentsOf(body.getStateArgument(number)), step)] = value;
  } else if (const std::optional<Slot> &slot = plan.nextStates[number]) {
    storeSlot(*slot, step, value);
  } else if (body.isStep) {
    finalState(number, step, value);
  } else {
    storeSlot(plan.states[number], step, value);
  }
}

/// Makes the next states of `phase` the present ones.
void RecurrenceEmitter::settleStates(Phase phase) {
  for (unsigned i = 0; i < registers.size(); ++i) {
    if (body.getStatePhase(i) != phase)
      continue;
    if (plan.inRegisters(i)) {
      registers[i].present = registers[i].next;
      continue;
    }
    if (!plan.nextStates[i])
      continue;
    SmallVector<Value> none;
    forSpace(plan.nextStates[i]->extents, none, [&](Indices at, Values &) {
      Value value = loadSlot(*plan.nextStates[i], at);
      if (body.isStep)
        finalState(i, at, value);
      else
        storeSlot(plan.states[i], at, value);
    });
  }
}
