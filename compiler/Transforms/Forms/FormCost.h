#ifndef SSMC_COMPILER_TRANSFORMS_FORMS_FORMCOST_H
#define SSMC_COMPILER_TRANSFORMS_FORMS_FORMCOST_H

#include "dialects/Ssm/SsmDialect.h"

namespace ssmc {

/// Cycles of one core per time step, for all parallel positions of fixed extent
/// together, of the step body and of the chunk region.
double stepCost(ssm::RecurrenceOp op);
double chunkCost(ssm::RecurrenceOp op);

} // namespace ssmc

#endif // SSMC_COMPILER_TRANSFORMS_FORMS_FORMCOST_H
