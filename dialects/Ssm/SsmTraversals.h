#ifndef SSMC_DIALECTS_SSM_SSMTRAVERSALS_H
#define SSMC_DIALECTS_SSM_SSMTRAVERSALS_H
/// Reorderings of the length axis: curves over grids, flips and shifts.

#include "dialects/Ssm/SsmDialect.h"

#define GET_OP_CLASSES
#include "dialects/Ssm/SsmTraversals.h.inc"

#endif // SSMC_DIALECTS_SSM_SSMTRAVERSALS_H
