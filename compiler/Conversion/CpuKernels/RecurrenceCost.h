#ifndef SSMC_COMPILER_CONVERSION_CPUKERNELS_RECURRENCECOST_H
#define SSMC_COMPILER_CONVERSION_CPUKERNELS_RECURRENCECOST_H
/// What a recurrence costs on a CPU, before it is a kernel.
#include "dialects/Ssm/SsmDialect.h"

namespace ssmc {

/// Cycles of one core per time step of one batch row of the step body, and of
/// the chunk region.
double stepCycles(ssm::RecurrenceOp op);
double chunkCycles(ssm::RecurrenceOp op);
/// The same of convolutions of `inputs` of the op over `length` steps, with
/// what computes their kernels.
double convolutionCycles(ssm::RecurrenceOp op, unsigned inputs, int64_t length);

struct Operations {
  double flops = 0;      // an elementary function is one
  double elementary = 0; // exp, log, tanh, ...
};
/// What the form that runs does per time step of one batch row: the chunk
/// region if there is one.
Operations operationsPerRow(ssm::RecurrenceOp op);

/// Cycles of one core that an op of a body takes on tensors in memory.
double tensorCycles(mlir::Operation &op);

/// Elementary functions that computing one element of a pointwise op takes.
double elementaryOf(mlir::Operation *op);

} // namespace ssmc

#endif // SSMC_COMPILER_CONVERSION_CPUKERNELS_RECURRENCECOST_H
