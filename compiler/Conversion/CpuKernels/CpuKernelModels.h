#ifndef SSMC_COMPILER_CONVERSION_CPUKERNELS_CPUKERNELMODELS_H
#define SSMC_COMPILER_CONVERSION_CPUKERNELS_CPUKERNELMODELS_H
#include "compiler/Conversion/CpuKernels/KernelEmitter.h"
#include "mlir/IR/DialectRegistry.h"

#include "compiler/Conversion/CpuKernels/CpuKernelInterface.h.inc"

namespace ssmc {

/// Makes every anchor of the ssm dialect a CpuKernelInterface.
void registerCpuKernelModels(mlir::DialectRegistry &registry);
/// The part of the above for `ssm.recurrence`.
void registerCpuRecurrenceModel(mlir::DialectRegistry &registry);
/// And for the ops that reorder time steps.
void registerCpuTraversalModels(mlir::DialectRegistry &registry);
/// And for convolutions, and for the kernels of time-invariant systems.
void registerCpuConvolutionModels(mlir::DialectRegistry &registry);
void registerCpuSystemKernelModels(mlir::DialectRegistry &registry);

/// The grid of a kernel that computes each row of `result` on its own: one time
/// step of one batch row.
plan::GridAttr getRowGrid(mlir::Value result);
/// Calls `body(batch index, time)` for every row of the emitter's items.
void forRows(KernelEmitter &emitter, mlir::Value result,
             llvm::function_ref<void(mlir::Value, mlir::Value)> body);

/// Grid and loops of a kernel without an anchor: pointwise ops on one shape.
plan::GridAttr getPointwiseGrid(mlir::func::FuncOp kernel);
mlir::LogicalResult emitPointwiseKernel(KernelEmitter &emitter);

/// A vector of elements of a row: an index for every axis after batch and time.
struct RowPart {
  llvm::SmallVector<mlir::Value> later;
  int64_t lanes = 0; // along the last axis; 0: a row is one element

  Position at(mlir::Value batch, mlir::Value time) const;
};
/// Calls `body` for the parts that make up a row of `tensor`.
void forRow(KernelEmitter &emitter, mlir::Value tensor,
            llvm::function_ref<void(const RowPart &)> body);

/// The anchor of `kernel`, or null for a pointwise one.
CpuKernelInterface getAnchor(mlir::func::FuncOp kernel);

} // namespace ssmc

#endif // SSMC_COMPILER_CONVERSION_CPUKERNELS_CPUKERNELMODELS_H
