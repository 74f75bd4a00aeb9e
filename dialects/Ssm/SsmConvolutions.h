#ifndef SSMC_DIALECTS_SSM_SSMCONVOLUTIONS_H
#define SSMC_DIALECTS_SSM_SSMCONVOLUTIONS_H
/// Convolutions over whole sequences, and the kernels of time-invariant
/// systems.

#include "dialects/Ssm/SsmDialect.h"

#define GET_OP_CLASSES
#include "dialects/Ssm/SsmConvolutions.h.inc"

#endif // SSMC_DIALECTS_SSM_SSMCONVOLUTIONS_H
