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

/// Grid and loops of a kernel without an anchor: pointwise ops on one shape.
plan::GridAttr getPointwiseGrid(mlir::func::FuncOp kernel);
mlir::LogicalResult emitPointwiseKernel(KernelEmitter &emitter);

/// The anchor of `kernel`, or null for a pointwise one.
CpuKernelInterface getAnchor(mlir::func::FuncOp kernel);

} // namespace ssmc

#endif // SSMC_COMPILER_CONVERSION_CPUKERNELS_CPUKERNELMODELS_H
