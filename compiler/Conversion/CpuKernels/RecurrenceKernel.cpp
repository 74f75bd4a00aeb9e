//===- RecurrenceKernel.cpp - a recurrence as a loop over time -----------===//

#include "compiler/Conversion/CpuKernels/CpuKernelModels.h"
#include "compiler/Conversion/CpuKernels/RecurrenceEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace ssmc;

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

LogicalResult RecurrenceEmitter::run() {
  e.forLoop(e.begin, e.end, e.index(1), [&](Value item) { emitItem(item); });
  return success();
}

void RecurrenceEmitter::emitItem(Value item) {
  Value block = e.rem(item, e.index(axes.blocks()));
  Value rest = e.div(item, e.index(axes.blocks()));
  for (auto [label, extent] : llvm::reverse(axes.outer)) {
    position[label] = e.rem(rest, e.index(extent));
    rest = e.div(rest, e.index(extent));
  }
  position[axes.batch] = rest;
  Value first = e.mul(block, e.index(channelBlock));

  // All blocks but a last short one have the same size.
  int64_t tail = axes.channels % channelBlock;
  auto emitBlock = [&](int64_t size) {
    e.forLanes(first, size,
               [&](Value at, int64_t count) { emitLanes(at, count); });
  };
  if (tail == 0 || axes.blocks() == 1) {
    emitBlock(tail ? tail : channelBlock);
    return;
  }
  Value isLast = arith::CmpIOp::create(b, e.loc, arith::CmpIPredicate::eq,
                                       block, e.index(axes.blocks() - 1));
  auto choice = scf::IfOp::create(b, e.loc, isLast, /*withElse=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(choice.thenBlock());
  emitBlock(tail);
  b.setInsertionPointToStart(choice.elseBlock());
  emitBlock(channelBlock);
}

void RecurrenceEmitter::emitLanes(Value first, int64_t count) {
  lanes = count;
  position[axes.channel] = first;
  states.clear();
  sumMemory.clear();
  invariants.clear();
  if (!isStepForm())
    loadInvariants();
  for (unsigned i = 0; i < op.getFinal().size(); ++i)
    states.push_back(placeState(i));
  if (isStepForm()) {
    position[op.getSequence()] = e.index(0);
    emitStep();
  } else {
    emitTimeLoop();
  }
  // States of a buffer were settled there step by step.
  for (auto [i, state] : llvm::enumerate(states)) {
    if (state.kind == StatePlace::buffer)
      continue;
    SmallVector<Value> none;
    forSpace(state.extents, none, [&, i = i](Indices at, auto &) {
      finalState(i, at, readState(i, at));
    });
  }
}

void RecurrenceEmitter::emitTimeLoop() {
  SmallVector<Value> registers;
  for (StatePlace &state : states)
    llvm::append_range(registers, state.present);
  auto unpack = [&](ValueRange values) {
    for (StatePlace &state : states)
      for (Value &value : state.present) {
        value = values.front();
        values = values.drop_front();
      }
  };
  auto loop =
      scf::ForOp::create(b, e.loc, e.index(0), e.length, e.index(1), registers);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value time = loop.getInductionVar();
    if (op.getReverse())
      time = e.sub(e.sub(e.length, e.index(1)), time);
    position[op.getSequence()] = time;
    unpack(loop.getRegionIterArgs());
    emitStep();
    SmallVector<Value> next;
    for (StatePlace &state : states)
      llvm::append_range(next, state.present);
    if (!next.empty()) // else the loop has its terminator already
      scf::YieldOp::create(b, e.loc, next);
  }
  unpack(loop.getResults());
}

void RecurrenceEmitter::emitStep() {
  known.clear();
  outputs.clear();
  for (const Nest &nest : body.getNests())
    emitNest(nest);
  storeOutputs();
  settleStates();
}

void RecurrenceEmitter::forSpace(
    ArrayRef<int64_t> extents, SmallVectorImpl<Value> &carried,
    function_ref<void(Indices, SmallVectorImpl<Value> &)> fn) {
  SmallVector<Value> indices;
  bool unroll = product(extents) <= unrollLimit;
  std::function<void()> visit = [&]() {
    if (indices.size() == extents.size())
      return fn(indices, carried);
    int64_t extent = extents[indices.size()];
    if (unroll) {
      for (int64_t i = 0; i < extent; ++i) {
        indices.push_back(e.index(i));
        visit();
        indices.pop_back();
      }
      return;
    }
    auto loop = scf::ForOp::create(b, e.loc, e.index(0), e.index(extent),
                                   e.index(1), carried);
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(loop.getBody());
      indices.push_back(loop.getInductionVar());
      carried.assign(loop.getRegionIterArgs().begin(),
                     loop.getRegionIterArgs().end());
      visit();
      indices.pop_back();
      if (!carried.empty())
        scf::YieldOp::create(b, e.loc, carried);
    }
    carried.assign(loop.getResults().begin(), loop.getResults().end());
  };
  visit();
}

//===----------------------------------------------------------------------===//
// The interface
//===----------------------------------------------------------------------===//

namespace {
struct RecurrenceModel
    : CpuKernelInterface::ExternalModel<RecurrenceModel, ssm::RecurrenceOp> {
  plan::GridAttr getKernelGrid(Operation *op) const {
    ParallelAxes axes(cast<ssm::RecurrenceOp>(op));
    return plan::GridAttr::get(op->getContext(), axes.items(), true, 0);
  }
  int64_t getFlopsPerRow(Operation *op) const {
    auto recurrence = cast<ssm::RecurrenceOp>(op);
    int64_t perPosition = 0;
    for (Operation &inner : recurrence.getBody().front().without_terminator()) {
      SmallVector<int64_t> extents;
      if (auto contract = dyn_cast<ssm::ContractOp>(inner)) {
        for (auto [letter, extent] : getLetters(contract))
          extents.push_back(extent);
        perPosition += (hasSum(contract) ? 2 : 1) * product(extents);
        continue;
      }
      for (Type type : inner.getResultTypes())
        if (auto tensor = dyn_cast<RankedTensorType>(type))
          perPosition += tensor.getNumElements();
        else
          perPosition += type.isF32();
    }
    ParallelAxes axes(recurrence);
    for (auto [label, extent] : axes.outer)
      perPosition *= extent;
    return perPosition * axes.channels;
  }
  SmallVector<plan::LayoutAttr> getOperandLayouts(Operation *op,
                                                  OpOperand &operand) const {
    auto recurrence = cast<ssm::RecurrenceOp>(op);
    unsigned number = operand.getOperandNumber();
    unsigned inputs = recurrence.getInputs().size();
    if (number >= inputs)
      return {stateLayout(recurrence, number - inputs)};
    return {lanesLast(recurrence, recurrence.getInputLabels(number), 0)};
  }
  plan::LayoutAttr getStateLayout(Operation *op, OpResult result) const {
    auto recurrence = cast<ssm::RecurrenceOp>(op);
    unsigned outputs = recurrence.getOutputs().size();
    if (result.getResultNumber() < outputs)
      return {};
    return stateLayout(recurrence, result.getResultNumber() - outputs);
  }
  LogicalResult emitKernel(Operation *op, KernelEmitter &e) const {
    return RecurrenceEmitter(cast<ssm::RecurrenceOp>(op), e).run();
  }

private:
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
