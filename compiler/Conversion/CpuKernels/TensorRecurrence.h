#ifndef SSMC_COMPILER_CONVERSION_CPUKERNELS_TENSORRECURRENCE_H
#define SSMC_COMPILER_CONVERSION_CPUKERNELS_TENSORRECURRENCE_H
/// A recurrence as a loop over chunks, then steps, on tensors in memory.
#include "compiler/Conversion/CpuKernels/CpuKernelModels.h"
#include "dialects/Ssm/SsmDialect.h"

namespace ssmc {

/// Whether `op` runs on tensors in memory (TensorEmitter) rather than on lanes
/// of channels (RecurrenceEmitter): if it has a chunk region, if lanes cannot
/// run its body, or if there are fewer channels than lanes while its body has
/// tensors.
bool runsOnTensors(ssm::RecurrenceOp op);

// What CpuKernelInterface asks, for such an op. Layouts are those of lanes,
// which another entry may use for the same state.
plan::GridAttr getTensorGrid(ssm::RecurrenceOp op);
int64_t getTensorSharedBytes(ssm::RecurrenceOp op);
int64_t getTensorScratchBytes(ssm::RecurrenceOp op);
mlir::LogicalResult emitTensorKernel(ssm::RecurrenceOp op, KernelEmitter &e);

} // namespace ssmc

#endif // SSMC_COMPILER_CONVERSION_CPUKERNELS_TENSORRECURRENCE_H
