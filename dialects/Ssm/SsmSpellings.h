#ifndef SSMC_DIALECTS_SSM_SSMSPELLINGS_H
#define SSMC_DIALECTS_SSM_SSMSPELLINGS_H
/// Short spellings of weights and arithmetic, which only expand.
#include "dialects/Ssm/SsmDialect.h"

#define GET_OP_CLASSES
#include "dialects/Ssm/SsmSpellings.h.inc"

#endif // SSMC_DIALECTS_SSM_SSMSPELLINGS_H
