//===- RecurrenceKernel.cpp - a recurrence as loops over time ------------===//

#include "compiler/Conversion/CpuKernels/CpuKernelModels.h"
#include "compiler/Conversion/CpuKernels/RecurrenceCost.h"
#include "compiler/Conversion/CpuKernels/RecurrenceEmitter.h"
#include "compiler/Conversion/CpuKernels/TensorRecurrence.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include <cmath>

using namespace mlir;
using namespace ssmc;

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

LogicalResult RecurrenceEmitter::run() {
  if (failed(verify()))
    return failure();
  e.forLoop(e.begin, e.end, e.index(1), [&](Value item) { emitItem(item); });
  return success();
}

/// Refuses what the loops cannot express.
LogicalResult RecurrenceEmitter::verify() {
  for (auto extract : op.getBody().front().getOps<tensor::ExtractOp>())
    for (Value index : extract.getIndices())
      if (!getConstantIntValue(index))
        return extract.emitOpError("expected constant indices in the body of a "
                                   "recurrence");
  for (auto [i, result] : llvm::enumerate(e.getResults())) {
    SmallVector<unsigned> needed = getNeededResults(op, result);
    unsigned outputs = op.getOutputs().size();
    for (unsigned other : ArrayRef<unsigned>(needed).drop_front()) {
      bool finals = needed.front() >= outputs;
      if ((other >= outputs) != finals || finals ||
          op.getOutputLabels(other) != op.getOutputLabels(needed.front()))
        return op.emitOpError("expected results that one pointwise op reads to "
                              "be outputs with the same labels, got results ")
               << needed.front() << " and " << other;
    }
  }
  return success();
}

/// Where the lanes of `item` begin.
RecurrenceEmitter::Labelled RecurrenceEmitter::positionOfItem(Value item) {
  Labelled result;
  Value rest = e.div(item, e.index(axes.blocks()));
  for (auto [label, extent] : llvm::reverse(axes.outer)) {
    result[label] = e.rem(rest, e.index(extent));
    rest = e.div(rest, e.index(extent));
  }
  result[axes.batch] = rest;
  result[axes.channel] =
      e.mul(e.rem(item, e.index(axes.blocks())), e.index(axes.block));
  return result;
}

void RecurrenceEmitter::emitItem(Value item) {
  Value block = e.rem(item, e.index(axes.blocks()));
  // Memory of another thread's items stays with its core.
  nextItem =
      positionOfItem(e.min(e.add(item, e.index(1)), e.sub(e.end, e.index(1))));
  position = positionOfItem(item);
  Value first = position[axes.channel];
  emitHoisted(/*usesLanes=*/false, /*usesTime=*/false);
  emitGroup(item, block);

  // All blocks but a last short one have the same size.
  int64_t tail = axes.channels % axes.block;
  if (tail == 0) {
    emitBlock(first, axes.block);
    return;
  }
  Value isLast = arith::CmpIOp::create(b, e.loc, arith::CmpIPredicate::eq,
                                       block, e.index(axes.blocks() - 1));
  auto choice = scf::IfOp::create(b, e.loc, isLast, /*withElse=*/true);
  OpBuilder::InsertionGuard guard(b);
  llvm::DenseSet<Value> before = inMemory;
  b.setInsertionPointToStart(choice.thenBlock());
  emitBlock(first, tail);
  inMemory = before;
  b.setInsertionPointToStart(choice.elseBlock());
  emitBlock(first, axes.block);
}

/// Computes what differs between the positions of a group, in the first item of
/// each.
void RecurrenceEmitter::emitGroup(Value item, Value block) {
  SmallVector<Value> values;
  llvm::copy_if(body.getHoisted(), std::back_inserter(values),
                [&](Value value) { return plan.slots.at(value).group; });
  if (values.empty())
    return;
  Value here = position[plan.groupLabel];
  Value inGroup = e.rem(here, e.index(plan.group));
  auto is = [&](Value value, Value wanted) -> Value {
    return arith::CmpIOp::create(b, e.loc, arith::CmpIPredicate::eq, value,
                                 wanted);
  };
  Value isFirst = arith::AndIOp::create(b, e.loc, is(inGroup, e.index(0)),
                                        is(block, e.index(0)));
  isFirst = arith::OrIOp::create(b, e.loc, isFirst, is(item, e.begin));
  auto choice = scf::IfOp::create(b, e.loc, isFirst, /*withElse=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(choice.thenBlock());
  laneMode = LaneMode::group;
  lanes = plan.group;
  position[plan.groupLabel] = e.sub(here, inGroup);
  firstTime = e.index(0);
  startRow(e.index(0));
  known.clear();
  for (Value value : values) {
    emitHoistedValue(value);
    inMemory.insert(value);
  }
  position[plan.groupLabel] = here;
}

void RecurrenceEmitter::emitBlock(Value first, int64_t channels) {
  if (body.isStep) {
    emitTimeBlock(first, channels, e.index(0), e.index(1));
    return;
  }
  llvm::DenseSet<Value> before = inMemory;
  forLanes(first, channels, plan.lanes, [&](Value at, int64_t count) {
    inMemory = before;
    startLanes(at, count);
    inBlock = e.sub(at, first);
    emitHoisted(/*usesLanes=*/true, /*usesTime=*/false);
    loadStates();
  });
  if (plan.timeBlock == 0)
    emitTimeBlock(first, channels, e.index(0), e.length);
  else
    e.forLoop(e.index(0), e.length, e.index(plan.timeBlock), [&](Value begin) {
      Value left = e.sub(e.length, begin);
      emitTimeBlock(first, channels, begin,
                    e.min(left, e.index(plan.timeBlock)));
    });
  forLanes(first, channels, plan.lanes, [&](Value at, int64_t count) {
    startLanes(at, count);
    inBlock = e.sub(at, first);
    saveStates();
  });
}

void RecurrenceEmitter::emitTimeBlock(Value first, int64_t channels,
                                      Value begin, Value count) {
  rows = count;
  firstTime = op.getReverse() ? e.sub(e.sub(e.length, begin), count) : begin;
  emitHoisted(/*usesLanes=*/false, /*usesTime=*/true);
  llvm::DenseSet<Value> before = inMemory;
  forLanes(first, channels, plan.lanes, [&](Value at, int64_t count) {
    inMemory = before;
    startLanes(at, count);
    inBlock = e.sub(at, first);
    if (body.isStep) {
      startRow(e.index(0));
      findNextLanes(e.add(first, e.index(channels)));
      loadStates();
      emitStep(Phase::before);
      saveStates();
      return;
    }
    emitTimeLoop(Phase::before);
    if (body.getTiledExtent()) {
      emitTiles();
      emitTimeLoop(Phase::after);
    }
  });
}

void RecurrenceEmitter::startLanes(Value first, int64_t count) {
  laneMode = LaneMode::channels;
  lanes = count;
  position[axes.channel] = first;
  known.clear();
  registers.assign(op.getFinal().size(), {});
}

void RecurrenceEmitter::startRow(Value at) {
  row = at;
  position[op.getSequence()] = e.add(firstTime, at);
}

void RecurrenceEmitter::emitTimeLoop(Phase phase) {
  bool empty = llvm::none_of(
      body.getNests(), [&](const Nest &nest) { return nest.phase == phase; });
  if (empty && (phase == Phase::after || body.getCarried().empty()))
    return;
  known.clear();
  loadSmallInvariants();

  SmallVector<unsigned> inLoop; // states in registers
  SmallVector<Value> vectors;
  for (unsigned i = 0; i < registers.size(); ++i) {
    if (body.getStatePhase(i) != phase || !plan.inRegisters(i))
      continue;
    inLoop.push_back(i);
    SmallVector<Value> none;
    registers[i].present.clear();
    forSpace(plan.states[i].extents, none, [&](Indices at, Values &) {
      vectors.push_back(loadSlot(plan.states[i], at));
      registers[i].present.push_back(vectors.back());
    });
  }
  auto unpack = [&](ValueRange values) {
    for (unsigned i : inLoop)
      for (Value &value : registers[i].present) {
        value = values.front();
        values = values.drop_front();
      }
  };
  forRows(vectors, [&] {
    unpack(vectors);
    if (phase == Phase::before && !body.getTiledExtent())
      prefetchRow();
    emitStep(phase);
    vectors.clear();
    for (unsigned i : inLoop)
      llvm::append_range(vectors, registers[i].present);
  });
  unpack(vectors);
  for (unsigned i : inLoop) {
    SmallVector<Value> none;
    unsigned element = 0;
    forSpace(plan.states[i].extents, none, [&](Indices at, Values &) {
      storeSlot(plan.states[i], at, registers[i].present[element++]);
    });
  }
  if (phase == Phase::before)
    inMemory.insert(body.getCarried().begin(), body.getCarried().end());
}

void RecurrenceEmitter::emitStep(Phase phase) {
  for (const Nest &nest : body.getNests())
    if (nest.phase == phase)
      emitNest(nest);
  if (phase == Phase::before)
    storeCarried();
  settleStates(phase);
}

/// What the phases after the first read from it.
void RecurrenceEmitter::storeCarried() {
  for (Value value : body.getCarried()) {
    if (inMemory.contains(value))
      continue;
    const Slot &slot = plan.slots.at(value);
    SmallVector<Value> none;
    forSpace(slot.extents, none, [&](Indices at, Values &) {
      storeSlot(slot, at, evaluate(value, at));
    });
  }
}

void RecurrenceEmitter::forCarried(Value to, Value step, Values &carried,
                                   function_ref<void(Value)> fn) {
  auto loop = scf::ForOp::create(b, e.loc, e.index(0), to, step, carried);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    carried.assign(loop.getRegionIterArgs().begin(),
                   loop.getRegionIterArgs().end());
    size_t outer = known.size();
    fn(loop.getInductionVar());
    known.truncate(outer);
    if (!carried.empty()) // else the loop has its terminator already
      scf::YieldOp::create(b, e.loc, carried);
  }
  carried.assign(loop.getResults().begin(), loop.getResults().end());
}

void RecurrenceEmitter::forRows(Values &carried, function_ref<void()> fn) {
  forCarried(rows, e.index(1), carried, [&](Value at) {
    if (op.getReverse())
      at = e.sub(e.sub(rows, e.index(1)), at);
    llvm::DenseSet<Value> before = inMemory;
    startRow(at);
    fn();
    inMemory = before;
  });
}

void RecurrenceEmitter::forLanes(Value first, int64_t size, int64_t width,
                                 function_ref<void(Value, int64_t)> fn) {
  int64_t done = 0;
  for (; width >= 16; width /= 2) {
    int64_t whole = (size - done) / width * width;
    Value from = e.add(first, e.index(done));
    if (whole == width)
      fn(from, width);
    else if (whole)
      e.forLoop(from, e.add(from, e.index(whole)), e.index(width),
                [&](Value at) { fn(at, width); });
    done += whole;
  }
  if (done != size)
    fn(e.add(first, e.index(done)), size - done);
}

void RecurrenceEmitter::forSpace(ArrayRef<int64_t> extents, Values &carried,
                                 function_ref<void(Indices, Values &)> fn) {
  // Lanes along time are mostly loaded one by one: that is code enough.
  bool compact = laneMode == LaneMode::time;
  int64_t unroll = compact ? 1 : 4;
  SmallVector<Value> indices;
  bool small = product(extents) <= (compact ? 1 : unrollLimit);
  std::function<void()> visit = [&]() {
    if (indices.size() == extents.size())
      return fn(indices, carried);
    auto visitAt = [&](Value index) {
      indices.push_back(index);
      visit();
      indices.pop_back();
    };
    bool innermost = indices.size() + 1 == extents.size();
    int64_t extent = extents[indices.size()];
    int64_t step = innermost ? unroll : 1;
    int64_t whole = small ? 0 : extent / step * step;
    if (whole)
      forCarried(e.index(whole), e.index(step), carried, [&](Value at) {
        for (int64_t i = 0; i < step; ++i)
          visitAt(e.add(at, e.index(i)));
      });
    for (int64_t i = whole; i < extent; ++i)
      visitAt(e.index(i));
  };
  visit();
}

void RecurrenceEmitter::forGroups(
    ArrayRef<int64_t> extents,
    function_ref<void(ArrayRef<SmallVector<Value>>)> fn) {
  if (extents.empty())
    return fn(SmallVector<Value>());
  int64_t group = laneMode == LaneMode::time ? 1 : 4;
  int64_t last = extents.back(), whole = last / group * group;
  SmallVector<Value> none;
  forSpace(extents.drop_back(), none, [&](Indices outer, Values &) {
    auto visit = [&](Value first, int64_t count) {
      SmallVector<SmallVector<Value>> positions;
      for (int64_t i = 0; i < count; ++i) {
        positions.emplace_back(outer);
        positions.back().push_back(e.add(first, e.index(i)));
      }
      fn(positions);
    };
    // States in registers have no other indices than constants.
    bool small = product(extents) <= unrollLimit;
    for (int64_t at = 0; small && at < whole; at += group)
      visit(e.index(at), group);
    if (whole && !small)
      forCarried(e.index(whole), e.index(group), none,
                 [&](Value at) { visit(at, group); });
    if (whole != last)
      visit(e.index(whole), last - whole);
  });
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

/// Runs all time steps of the block over one tile of the states after the
/// other. The sums grow in memory from tile to tile, in the order of the
/// elements.
void RecurrenceEmitter::emitTiles() {
  known.clear();
  row = nullptr;
  for (Value sum : body.getTileSums()) {
    const Slot &slot = plan.slots.at(sum);
    e.forLoop(e.index(0), rows, e.index(1), [&](Value at) {
      row = at;
      storeSlot(slot, {}, zero());
    });
  }
  int64_t extent = body.getTiledExtent();
  // Fewer lanes leave registers for more elements.
  int64_t tile = std::min(plan.tile * std::max<int64_t>(plan.lanes / lanes, 1),
                          unrollLimit);
  int64_t whole = extent / tile * tile;
  if (whole)
    e.forLoop(e.index(0), e.index(whole), e.index(tile),
              [&](Value first) { emitTile(first, tile); });
  if (whole != extent)
    emitTile(e.index(whole), extent - whole);
  inMemory.insert(body.getTileSums().begin(), body.getTileSums().end());
}

void RecurrenceEmitter::emitTile(Value first, int64_t count) {
  known.clear();
  tileIndices.clear();
  for (int64_t i = 0; i < count; ++i)
    tileIndices.push_back(e.add(first, e.index(i)));

  SmallVector<unsigned> tiled;
  SmallVector<Value> vectors;
  for (unsigned i = 0; i < registers.size(); ++i) {
    if (body.getStatePhase(i) != Phase::tiles)
      continue;
    tiled.push_back(i);
    for (Value at : tileIndices)
      vectors.push_back(loadSlot(plan.states[i], at));
  }
  loadSmallInvariants();
  // The same at every time step: read before the loop.
  for (Value value : body.getHoisted())
    if (!body.usesTime(value) &&
        extentsOf(value) == SmallVector<int64_t>{body.getTiledExtent()})
      for (Value at : tileIndices)
        remember(value, at, loadSlot(plan.slots.at(value), at));

  prefetchForTile(first, count);
  forRows(vectors, [&] {
    ValueRange present = vectors;
    for (unsigned i : tiled) {
      registers[i].present.assign(present.begin(), present.begin() + count);
      registers[i].next.assign(count, Value());
      present = present.drop_front(count);
    }
    for (const Nest &nest : body.getNests())
      if (nest.phase == Phase::tiles)
        emitNest(nest);
    vectors.clear();
    for (unsigned i : tiled)
      llvm::append_range(vectors, registers[i].next);
  });
  ValueRange last = vectors;
  for (unsigned i : tiled) {
    for (Value at : tileIndices) {
      storeSlot(plan.states[i], at, last.front());
      last = last.drop_front();
    }
  }
}

//===----------------------------------------------------------------------===//
// The interface
//===----------------------------------------------------------------------===//

namespace {
struct RecurrenceModel
    : CpuKernelInterface::ExternalModel<RecurrenceModel, ssm::RecurrenceOp> {
  plan::GridAttr getKernelGrid(Operation *op) const {
    if (auto tensors = onTensors(op))
      return getTensorGrid(tensors);
    ParallelAxes axes(cast<ssm::RecurrenceOp>(op));
    // What all batch rows share has one.
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    bool perBatch = type.getDimSize(0) != 1;
    return plan::GridAttr::get(op->getContext(), axes.items(), perBatch, 0);
  }
  int64_t getSharedBytes(Operation *op) const {
    auto tensors = onTensors(op);
    return tensors ? getTensorSharedBytes(tensors) : 0;
  }
  int64_t getScratchBytes(Operation *op) const {
    if (auto tensors = onTensors(op))
      return getTensorScratchBytes(tensors);
    int64_t floats = 0;
    for (StringRef level : {"x86-64-v3", "x86-64-v4", "aarch64"})
      floats = std::max(
          floats,
          RecurrencePlan(cast<ssm::RecurrenceOp>(op), level).scratchFloats);
    return floats * static_cast<int64_t>(sizeof(float));
  }
  int64_t getFlopsPerRow(Operation *op) const {
    return std::llround(operationsPerRow(cast<ssm::RecurrenceOp>(op)).flops);
  }
  int64_t getElementaryPerRow(Operation *op) const {
    return std::llround(
        operationsPerRow(cast<ssm::RecurrenceOp>(op)).elementary);
  }
  bool readsEachStep(Operation *op, OpOperand &operand) const {
    // On lanes, what time does not change is in registers or near.
    auto tensors = onTensors(op);
    return tensors && !tensors.hasChunk() &&
           operand.getOperandNumber() < tensors.getInputs().size();
  }
  SmallVector<plan::LayoutAttr> getOperandLayouts(Operation *op,
                                                  OpOperand &operand) const {
    auto recurrence = cast<ssm::RecurrenceOp>(op);
    unsigned number = operand.getOperandNumber();
    unsigned inputs = recurrence.getInputs().size();
    if (number >= inputs)
      return {stateLayout(recurrence, number - inputs)};
    plan::LayoutAttr lanes =
        lanesLast(recurrence, recurrence.getInputLabels(number), 0);
    auto tensors = onTensors(op);
    if (!tensors || tensors.hasChunk())
      return {lanes};
    // Without lanes or tiles, a matrix is best read along its last axis. Other
    // entries may read it in another order.
    auto inOrder = plan::LayoutAttr::rowMajor(
        op->getContext(), cast<ShapedType>(operand.get().getType()).getRank());
    if (inOrder == lanes)
      return {lanes};
    return {inOrder, lanes};
  }
  plan::LayoutAttr getStateLayout(Operation *op, OpResult result) const {
    auto recurrence = cast<ssm::RecurrenceOp>(op);
    unsigned outputs = recurrence.getOutputs().size();
    if (result.getResultNumber() < outputs)
      return {};
    return stateLayout(recurrence, result.getResultNumber() - outputs);
  }
  LogicalResult emitKernel(Operation *op, KernelEmitter &e) const {
    if (auto tensors = onTensors(op))
      return emitTensorKernel(tensors, e);
    return RecurrenceEmitter(cast<ssm::RecurrenceOp>(op), e).run();
  }

private:
  /// The recurrence, if it runs on tensors in memory; else null.
  static ssm::RecurrenceOp onTensors(Operation *op) {
    auto recurrence = cast<ssm::RecurrenceOp>(op);
    return runsOnTensors(recurrence) ? recurrence : ssm::RecurrenceOp();
  }
  /// Logical order but for the lanes' axis, which goes last so that lanes are
  /// neighbours. The first `skip` axes are left out.
  static plan::LayoutAttr
  lanesLast(ssm::RecurrenceOp op,
            ArrayRef<ssm::RecurrenceOp::AxisLabels> labels, int64_t skip) {
    ParallelAxes axes(op);
    int64_t rank = labels.size() - skip;
    for (auto [axis, parts] : llvm::enumerate(labels))
      if (!axes.channel.empty() && parts.back() == axes.channel)
        return plan::LayoutAttr::withLast(op.getContext(), rank,
                                          static_cast<int64_t>(axis) - skip);
    return plan::LayoutAttr::rowMajor(op.getContext(), rank);
  }
  static plan::LayoutAttr stateLayout(ssm::RecurrenceOp op, unsigned number) {
    return lanesLast(op, op.getStateLabels(number), 1);
  }
};

} // namespace

void ssmc::registerCpuRecurrenceModel(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, ssm::SsmDialect *) {
    ssm::RecurrenceOp::attachInterface<RecurrenceModel>(*context);
  });
}
