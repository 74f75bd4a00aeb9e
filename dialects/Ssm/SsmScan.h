#ifndef SSMC_DIALECTS_SSM_SSMSCAN_H
#define SSMC_DIALECTS_SSM_SSMSCAN_H
/// Steps that are declared to be associative, and scans of them.
#include "dialects/Ssm/SsmDialect.h"

#define GET_OP_CLASSES
#include "dialects/Ssm/SsmScan.h.inc"

#endif // SSMC_DIALECTS_SSM_SSMSCAN_H
