#ifndef SSMC_COMPILER_CONVERSION_CPUKERNELS_RECURRENCECOST_H
#define SSMC_COMPILER_CONVERSION_CPUKERNELS_RECURRENCECOST_H
/// What a recurrence costs on a CPU, before it is a kernel.
#include "dialects/Ssm/SsmDialect.h"

namespace ssmc {

/// Cycles of one core per time step of one batch row of the step body, and of
/// the chunk region.
double stepCycles(ssm::RecurrenceOp op);
double chunkCycles(ssm::RecurrenceOp op);

} // namespace ssmc

#endif // SSMC_COMPILER_CONVERSION_CPUKERNELS_RECURRENCECOST_H
