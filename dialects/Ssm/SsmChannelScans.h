#ifndef SSMC_DIALECTS_SSM_SSMCHANNELSCANS_H
#define SSMC_DIALECTS_SSM_SSMCHANNELSCANS_H
/// Recurrences that work channel by channel: the scan, the short convolution
/// and the selective scan.
#include "dialects/Ssm/SsmDialect.h"

#define GET_OP_CLASSES
#include "dialects/Ssm/SsmChannelScans.h.inc"

#endif // SSMC_DIALECTS_SSM_SSMCHANNELSCANS_H
