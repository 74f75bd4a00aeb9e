//===- StepBlocks.cpp - a time step in parts ------------------------------===//

#include "compiler/Conversion/CpuKernels/StepBlocks.h"

#include "compiler/Conversion/CpuKernels/Matmul.h"
#include "compiler/Conversion/CpuKernels/RecurrenceCost.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace ssmc;

#include "compiler/Conversion/CpuKernels/AxisInterface.cpp.inc"

/// Bringing threads together takes about a microsecond: steps of fewer cycles
/// stay whole.
static constexpr double leastStepCycles = 20000;
/// A few blocks are as short as finding one's place allows; more of them are
/// long, for a core that reads a matrix in pieces waits where one begins.
static constexpr int64_t fewBlocks = 8;
static constexpr double shortBlockCycles = 2500, longBlockCycles = 20000;
/// With as many items of their own, threads need not meet at every step.
static constexpr int64_t enoughItems = 4;
/// What every item computes for itself must be this much less than what they
/// divide.
static constexpr double leastRatio = 8;

//===----------------------------------------------------------------------===//
// What parts need
//===----------------------------------------------------------------------===//

namespace {
/// Goes through a body from its end: what is needed of each value.
class Needs {
public:
  Needs(Block &block, DenseMap<Value, Part> &parts)
      : block(block), parts(parts) {}

  void need(Value value, const Part &part);
  void needAll(Value value) {
    parts.erase(value);
    whole.insert(value);
  }
  void run() {
    for (Operation &op : llvm::reverse(block.without_terminator()))
      visit(op);
  }
  bool isNeeded(Operation &op) const {
    return llvm::any_of(op.getResults(), [&](Value result) {
      return whole.contains(result) || parts.contains(result);
    });
  }

private:
  void visit(Operation &op);
  /// The operand's part that the part `axis` of the op's results needs.
  static std::optional<OperandAxis> follow(OpOperand &operand, unsigned axis);
  static bool divides(Operation &op) {
    return op.getNumRegions() == 0 &&
           (isPointwise(&op) || isa<AxisInterface>(op));
  }
  static bool isPointwise(Operation *op) {
    return isa<ssm::DecomposeInterface>(op) ||
           op->hasTrait<OpTrait::Elementwise>();
  }

  Block &block;
  DenseMap<Value, Part> &parts;
  llvm::DenseSet<Value> whole;
};
} // namespace

void Needs::need(Value value, const Part &part) {
  if (!isa<RankedTensorType>(value.getType()))
    return needAll(value);
  if (whole.contains(value))
    return;
  auto [known, isFirst] = parts.try_emplace(value, part);
  if (isFirst)
    return;
  if (known->second.axis != part.axis)
    return needAll(value);
  SmallVectorImpl<int64_t> &offsets = known->second.offsets;
  offsets.append(part.offsets);
  llvm::sort(offsets);
  offsets.erase(llvm::unique(offsets), offsets.end());
}

std::optional<OperandAxis> Needs::follow(OpOperand &operand, unsigned axis) {
  if (!isa<RankedTensorType>(operand.get().getType()))
    return std::nullopt;
  if (auto divided = dyn_cast<AxisInterface>(operand.getOwner()))
    return divided.getOperandAxis(operand, axis);
  return OperandAxis{axis, 0};
}

void Needs::visit(Operation &op) {
  if (!isNeeded(op))
    return;
  // Results of one op are computed together.
  for (Value result : op.getResults())
    for (Value other : op.getResults())
      if (auto part = parts.find(other); part != parts.end())
        need(result, Part(part->second));
  bool all = !divides(op) || llvm::any_of(op.getResults(), [&](Value result) {
    return whole.contains(result);
  });
  if (all) {
    for (Value result : op.getResults())
      needAll(result);
    op.walk([&](Operation *inner) {
      for (Value operand : inner->getOperands())
        needAll(operand);
    });
    return;
  }
  Part part = parts.lookup(op.getResult(0));
  for (OpOperand &operand : op.getOpOperands()) {
    std::optional<OperandAxis> there = follow(operand, part.axis);
    if (!there) {
      needAll(operand.get());
      continue;
    }
    Part wanted{there->axis, part.offsets};
    for (int64_t &offset : wanted.offsets)
      offset += there->offset;
    need(operand.get(), wanted);
  }
}

//===----------------------------------------------------------------------===//
// The choice
//===----------------------------------------------------------------------===//

Part StepBlocks::partOf(ssm::RecurrenceOp op,
                        ArrayRef<ssm::RecurrenceOp::AxisLabels> labels) const {
  unsigned axis = 0;
  for (const auto &parts : labels)
    for (StringRef other : parts) {
      if (other == label)
        return {axis, {0}};
      axis += op.isStepLabel(other);
    }
  llvm_unreachable("expected the label of blocks in every state and output");
}

bool ssmc::carries(ArrayRef<ssm::RecurrenceOp::AxisLabels> labels,
                   StringRef label) {
  return llvm::any_of(labels, [&](const auto &axis) {
    return llvm::is_contained(axis, label);
  });
}

/// The values of the body that time does not change: items compute them anew at
/// every step.
static llvm::DenseSet<Value> findInvariants(ssm::RecurrenceOp op) {
  llvm::DenseSet<Value> invariants;
  Block &body = op.getBody().front();
  for (unsigned i = 0; i < op.getInputs().size(); ++i)
    if (!carries(op.getInputLabels(i), op.getSequence()))
      invariants.insert(body.getArgument(i));
  for (Operation &inner : body.without_terminator()) {
    bool varies = false;
    inner.walk([&](Operation *any) {
      for (Value operand : any->getOperands())
        varies |=
            operand.getParentBlock() == &body && !invariants.contains(operand);
    });
    if (!varies)
      invariants.insert_range(inner.getResults());
  }
  return invariants;
}

/// Whether `tensor` is in memory, perhaps narrower than float32.
static bool isStored(Value tensor) {
  while (Operation *maker = tensor.getDefiningOp()) {
    if (!isa<arith::ExtFOp, ssm::SplitOp>(maker))
      return false;
    tensor = maker->getOperand(0);
  }
  return true;
}

/// The blocks along `label`, if they pay.
static std::optional<StepBlocks> findBlocksAlong(ssm::RecurrenceOp op,
                                                 StringRef label) {
  StepBlocks blocks;
  blocks.label = label;
  blocks.extent = op.getExtents()[label];
  Block &body = op.getBody().front();
  Needs needs(body, blocks.parts);
  ValueRange yields = body.getTerminator()->getOperands();
  unsigned outputs = op.getOutputs().size();
  for (auto [i, value] : llvm::enumerate(yields)) {
    auto labels =
        i < outputs ? op.getOutputLabels(i) : op.getStateLabels(i - outputs);
    if (!carries(labels, label))
      return std::nullopt;
    needs.need(value, blocks.partOf(op, labels));
  }
  needs.run();

  llvm::DenseSet<Value> invariants = findInvariants(op);
  double divided = 0, repeated = 0;
  for (Operation &inner : body.without_terminator()) {
    if (!needs.isNeeded(inner))
      continue;
    Value result = inner.getResult(0);
    bool isPart = blocks.parts.contains(result) && !invariants.contains(result);
    (isPart ? divided : repeated) += tensorCycles(inner);
  }
  // What is not in memory is brought there.
  for (auto [argument, input] : llvm::zip(body.getArguments(), op.getInputs()))
    if (auto type = dyn_cast<RankedTensorType>(argument.getType()))
      if (!isStored(input) && !blocks.parts.contains(argument))
        repeated += static_cast<double>(type.getNumElements());
  if (divided < leastStepCycles || divided < leastRatio * repeated)
    return std::nullopt;
  int64_t few =
      std::min(fewBlocks, static_cast<int64_t>(divided / shortBlockCycles));
  int64_t wanted =
      std::max(few, static_cast<int64_t>(divided / longBlockCycles));
  blocks.size =
      llvm::alignTo(llvm::divideCeil(blocks.extent, wanted), panelWidth);
  if (blocks.count() < 2)
    return std::nullopt;
  return blocks;
}

/// Work items that do without: positions of the parallel labels whose extents
/// are known.
static int64_t countItems(ssm::RecurrenceOp op) {
  int64_t count = 1;
  for (auto [label, extent] : op.getExtents())
    if (op.isParallelLabel(label) && !ShapedType::isDynamic(extent))
      count *= extent;
  return count;
}

std::optional<StepBlocks> ssmc::findStepBlocks(ssm::RecurrenceOp op) {
  if (op.hasChunk() || op.getFinal().empty() || countItems(op) >= enoughItems)
    return std::nullopt;
  for (const auto &axis : op.getStateLabels(0))
    for (StringRef label : axis)
      if (op.isStepLabel(label))
        if (auto blocks = findBlocksAlong(op, label))
          return blocks;
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Axes of operands
//===----------------------------------------------------------------------===//

namespace {
struct ContractAxes
    : AxisInterface::ExternalModel<ContractAxes, ssm::ContractOp> {
  std::optional<OperandAxis> getOperandAxis(Operation *op, OpOperand &operand,
                                            unsigned axis) const {
    auto contract = cast<ssm::ContractOp>(op);
    StringRef letters = contract.getInputAxes()[operand.getOperandNumber()];
    size_t found = letters.find(contract.getResultAxes()[axis]);
    if (found == StringRef::npos)
      return std::nullopt;
    return OperandAxis{static_cast<unsigned>(found), 0};
  }
};

struct BroadcastAxes
    : AxisInterface::ExternalModel<BroadcastAxes, ssm::BroadcastOp> {
  std::optional<OperandAxis> getOperandAxis(Operation *op, OpOperand &operand,
                                            unsigned axis) const {
    auto broadcast = cast<ssm::BroadcastOp>(op);
    if (operand.get() != broadcast.getInput())
      return OperandAxis{axis, 0};
    for (auto [i, wide] : llvm::enumerate(broadcast.getAxes()))
      if (wide == axis)
        return OperandAxis{static_cast<unsigned>(i), 0};
    return std::nullopt;
  }
};

struct SliceAxes
    : AxisInterface::ExternalModel<SliceAxes, tensor::ExtractSliceOp> {
  std::optional<OperandAxis> getOperandAxis(Operation *op, OpOperand &operand,
                                            unsigned axis) const {
    auto slice = cast<tensor::ExtractSliceOp>(op);
    llvm::SmallBitVector dropped = slice.getDroppedDims();
    for (unsigned i = 0, kept = 0; i < dropped.size(); ++i) {
      if (dropped[i] || kept++ != axis)
        continue;
      int64_t offset = slice.getStaticOffset(i);
      if (slice.getStaticStride(i) != 1 || ShapedType::isDynamic(offset))
        return std::nullopt;
      return OperandAxis{i, offset};
    }
    llvm_unreachable("expected an axis of the slice");
  }
};
} // namespace

void ssmc::registerAxisModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, ssm::SsmDialect *) {
    ssm::ContractOp::attachInterface<ContractAxes>(*context);
    ssm::BroadcastOp::attachInterface<BroadcastAxes>(*context);
  });
  registry.addExtension(+[](MLIRContext *context, tensor::TensorDialect *) {
    tensor::ExtractSliceOp::attachInterface<SliceAxes>(*context);
  });
}
