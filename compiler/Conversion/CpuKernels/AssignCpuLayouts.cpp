//===- AssignCpuLayouts.cpp - grids and layouts ---------------------------===//

#include "compiler/Conversion/CpuKernels/CpuKernelModels.h"
#include "compiler/Conversion/CpuKernels/Passes.h"
#include "compiler/Conversion/CpuKernels/RecurrenceCost.h"

#include "llvm/ADT/StringMap.h"

using namespace mlir;

namespace ssmc::cpu {
#define GEN_PASS_DEF_ASSIGNCPULAYOUTS
#include "compiler/Conversion/CpuKernels/Passes.h.inc"

namespace {

/// Bytes of one row of an activation, or of a whole weight or state.
int64_t staticBytes(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  int64_t bytes = llvm::divideCeil(tensor.getElementTypeBitWidth(), 8);
  for (int64_t extent : tensor.getShape())
    bytes *= ShapedType::isDynamic(extent) ? 1 : extent;
  return bytes;
}

/// Whether `type` has the axes of batch and time, both known at the call.
bool hasSequence(Type type) {
  return cast<RankedTensorType>(type).getNumDynamicDims() >= 2;
}

/// The layouts `argument`'s kernel can read it in, best first; never empty.
SmallVector<plan::LayoutAttr> layoutsOf(BlockArgument argument) {
  for (OpOperand &use : argument.getUses())
    if (auto anchor = dyn_cast<CpuKernelInterface>(use.getOwner())) {
      SmallVector<plan::LayoutAttr> layouts = anchor.getOperandLayouts(use);
      if (!layouts.empty())
        return layouts;
    }
  auto type = cast<RankedTensorType>(argument.getType());
  return {plan::LayoutAttr::rowMajor(argument.getContext(), type.getRank())};
}

bool readsWhole(BlockArgument weight) {
  return llvm::all_of(weight.getUses(), [](OpOperand &use) {
    auto anchor = dyn_cast<CpuKernelInterface>(use.getOwner());
    return !anchor || anchor.readsWhole(use);
  });
}

bool readsEachStep(BlockArgument weight) {
  return llvm::any_of(weight.getUses(), [](OpOperand &use) {
    auto anchor = dyn_cast<CpuKernelInterface>(use.getOwner());
    return anchor && anchor.readsEachStep(use);
  });
}

/// Elementary functions per row of the pointwise ops around the anchor.
int64_t pointwiseElementary(func::FuncOp kernel) {
  double count = 0;
  for (Operation &op : kernel.front().without_terminator())
    if (!isa<CpuKernelInterface>(op) && op.getNumResults() &&
        isa<RankedTensorType>(op.getResult(0).getType())) {
      Type type = op.getResult(0).getType();
      double elements = 1;
      for (int64_t extent : cast<RankedTensorType>(type).getShape())
        elements *= ShapedType::isDynamic(extent) ? 1 : extent;
      count += elements * elementaryOf(&op);
    }
  return static_cast<int64_t>(count);
}

struct AssignCpuLayouts : impl::AssignCpuLayoutsBase<AssignCpuLayouts> {
  void runOnOperation() override {
    SymbolTable table(getOperation());
    symbols = &table;
    for (auto kernel : getOperation().getOps<func::FuncOp>())
      if (kernel->hasAttr(plan::kernelAttrName))
        describe(kernel);
    auto dispatches = [&](auto visit) {
      return getOperation()
          .walk([&](plan::DispatchOp op) {
            auto kernel = table.lookup<func::FuncOp>(op.getKernel());
            return failed(visit(op, kernel)) ? WalkResult::interrupt()
                                             : WalkResult::advance();
          })
          .wasInterrupted();
    };
    // Weights with no choice first: they decide for those with one.
    dispatches([&](plan::DispatchOp op, func::FuncOp kernel) {
      assignWeights(op, kernel, /*withChoice=*/false);
      return success();
    });
    dispatches([&](plan::DispatchOp op, func::FuncOp kernel) {
      assignWeights(op, kernel, /*withChoice=*/true);
      return success();
    });
    if (dispatches([&](plan::DispatchOp op, func::FuncOp kernel) {
          return assignStates(op, kernel);
        }))
      return signalPassFailure();
    for (auto kernel : getOperation().getOps<func::FuncOp>())
      if (kernel->hasAttr(plan::kernelAttrName) &&
          failed(assignScratch(kernel)))
        return signalPassFailure();
  }

  /// Last, for what is not in the layout that a kernel reads is copied first.
  /// Some kernels measure by emitting: what cannot be emitted fails here, and
  /// not once more for each CPU level.
  LogicalResult assignScratch(func::FuncOp kernel) {
    bool hasErrors = false;
    ScopedDiagnosticHandler handler(&getContext(), [&](Diagnostic &diagnostic) {
      hasErrors |= diagnostic.getSeverity() == DiagnosticSeverity::Error;
      return failure(); // for others to print
    });
    CpuKernelInterface anchor = getAnchor(kernel);
    Builder builder(kernel.getContext());
    int64_t bytes = anchor ? anchor.getScratchBytes() : 0;
    kernel->setAttr(plan::scratchAttrName, builder.getI64IntegerAttr(bytes));
    if (int64_t perStep = anchor ? anchor.getScratchBytesPerStep() : 0)
      kernel->setAttr(plan::scratchPerStepAttrName,
                      builder.getI64IntegerAttr(perStep));
    return failure(hasErrors);
  }

  void describe(func::FuncOp kernel) {
    CpuKernelInterface anchor = getAnchor(kernel);
    Builder builder(kernel.getContext());
    int64_t flops = anchor ? anchor.getFlopsPerRow() : 0;
    int64_t elementary = pointwiseElementary(kernel) +
                         (anchor ? anchor.getElementaryPerRow() : 0);
    int64_t perRow = 0, perBatch = 0, fixed = 0, weightsPerStep = 0;
    // In a kernel over sequences, what has a batch axis alone is a state; in a
    // step a row is a batch row.
    bool overSequences = llvm::any_of(kernel.getArgumentTypes(), hasSequence) ||
                         llvm::any_of(kernel.getResultTypes(), hasSequence);
    auto add = [&](Type type) {
      (overSequences && !hasSequence(type) ? perBatch : perRow) +=
          staticBytes(type);
    };
    for (BlockArgument argument : kernel.getArguments()) {
      int64_t bytes = staticBytes(argument.getType());
      if (!kernel.getArgAttr(argument.getArgNumber(), plan::weightAttrName))
        add(argument.getType());
      else if (overSequences && readsEachStep(argument))
        weightsPerStep += bytes;
      else if (readsWhole(argument))
        fixed += bytes;
      else
        perRow +=
            bytes / cast<RankedTensorType>(argument.getType()).getDimSize(0);
    }
    for (Type type : kernel.getResultTypes())
      add(type);
    kernel->setAttr(plan::gridAttrName,
                    anchor ? anchor.getKernelGrid() : getPointwiseGrid(kernel));
    if (int64_t bytes = anchor ? anchor.getSharedBytes() : 0)
      kernel->setAttr(plan::sharedAttrName, builder.getI64IntegerAttr(bytes));
    if (int64_t steps = anchor ? anchor.getPreferredBlock() : 0)
      kernel->setAttr(plan::blockAttrName, builder.getI64IntegerAttr(steps));
    kernel->setAttr(plan::costAttrName,
                    plan::CostAttr::get(kernel.getContext(), flops, perRow,
                                        fixed, perBatch, elementary,
                                        weightsPerStep));
  }

  void assignWeights(plan::DispatchOp op, func::FuncOp kernel,
                     bool withChoice) {
    for (auto [i, operand] : llvm::enumerate(op.getOperands())) {
      if (!kernel.getArgAttr(i, plan::weightAttrName) ||
          kernel.getArgAttr(i, plan::layoutAttrName))
        continue;
      SmallVector<plan::LayoutAttr> layouts = layoutsOf(kernel.getArgument(i));
      if ((layouts.size() > 1) != withChoice)
        continue;
      auto weight = operand.getDefiningOp<ssm::WeightOp>();
      plan::LayoutAttr &known =
          layoutOfWeight[weight ? weight.getName() : StringRef()];
      plan::LayoutAttr chosen =
          weight && llvm::is_contained(layouts, known) ? known : layouts[0];
      kernel.setArgAttr(i, plan::layoutAttrName, chosen);
      if (weight)
        known = chosen;
    }
  }

  LogicalResult assignState(Operation *user, FlatSymbolRefAttr symbol,
                            plan::LayoutAttr layout) {
    auto state = symbols->lookup<plan::StateOp>(symbol.getValue());
    if (state.getLayoutAttr() && state.getLayoutAttr() != layout)
      return user->emitOpError("expected state '")
             << symbol.getValue() << "' in layout " << state.getLayoutAttr()
             << ", which another kernel uses, got " << layout;
    state.setLayoutAttr(layout);
    return success();
  }

  LogicalResult assignStates(plan::DispatchOp op, func::FuncOp kernel) {
    auto entry = op->getParentOfType<func::FuncOp>();
    for (auto [i, operand] : llvm::enumerate(op.getOperands())) {
      auto argument = dyn_cast<BlockArgument>(operand);
      auto symbol = argument ? entry.getArgAttrOfType<FlatSymbolRefAttr>(
                                   argument.getArgNumber(), plan::stateAttrName)
                             : FlatSymbolRefAttr();
      if (!symbol)
        continue;
      plan::LayoutAttr layout = stateLayoutOf(kernel.getArgument(i));
      kernel.setArgAttr(i, plan::layoutAttrName, layout);
      if (failed(assignState(op, symbol, layout)))
        return failure();
    }
    for (OpOperand &use : entry.getBody().front().back().getOpOperands()) {
      auto symbol = entry.getResultAttrOfType<FlatSymbolRefAttr>(
          use.getOperandNumber(), plan::stateAttrName);
      auto result = dyn_cast<OpResult>(use.get());
      if (!symbol || !result || result.getOwner() != op)
        continue;
      unsigned number = result.getResultNumber();
      auto made = dyn_cast<OpResult>(
          kernel.getBody().front().back().getOperand(number));
      auto anchor = made ? dyn_cast<CpuKernelInterface>(made.getOwner())
                         : CpuKernelInterface();
      if (!anchor)
        return op.emitOpError("expected state '")
               << symbol.getValue() << "' to be what an anchor computes";
      plan::LayoutAttr layout = anchor.getStateLayout(made);
      kernel.setResultAttr(number, plan::layoutAttrName, layout);
      if (failed(assignState(op, symbol, layout)))
        return failure();
    }
    return success();
  }

  /// Of the axes after the batch.
  plan::LayoutAttr stateLayoutOf(BlockArgument argument) {
    for (OpOperand &use : argument.getUses())
      if (auto anchor = dyn_cast<CpuKernelInterface>(use.getOwner())) {
        SmallVector<plan::LayoutAttr> layouts = anchor.getOperandLayouts(use);
        if (!layouts.empty())
          return layouts[0];
      }
    auto type = cast<RankedTensorType>(argument.getType());
    return plan::LayoutAttr::rowMajor(argument.getContext(),
                                      type.getRank() - 1);
  }

  SymbolTable *symbols = nullptr;
  llvm::StringMap<plan::LayoutAttr> layoutOfWeight;
};

} // namespace
} // namespace ssmc::cpu
