#ifndef SSMC_DIALECTS_SSM_SSMNAMEDOPS_H
#define SSMC_DIALECTS_SSM_SSMNAMEDOPS_H
/// Named recurrences: one op per family of systems.
#include "dialects/Ssm/SsmDialect.h"

#define GET_OP_CLASSES
#include "dialects/Ssm/SsmNamedOps.h.inc"

#endif // SSMC_DIALECTS_SSM_SSMNAMEDOPS_H
