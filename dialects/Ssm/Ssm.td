#ifndef SSMC_DIALECTS_SSM_SSM_TD
#define SSMC_DIALECTS_SSM_SSM_TD

// The whole dialect, for what is generated once: the dialect, its enumerations
// and its reference. Each group of ops generates its own classes.

include "dialects/Ssm/SsmChunkOps.td"
include "dialects/Ssm/SsmNamedOps.td"
include "dialects/Ssm/SsmOps.td"
include "dialects/Ssm/SsmPointwise.td"
include "dialects/Ssm/SsmRecurrence.td"
include "dialects/Ssm/SsmChannelScans.td"
include "dialects/Ssm/SsmScan.td"
include "dialects/Ssm/SsmSpellings.td"
include "dialects/Ssm/SsmConvolutions.td"
include "dialects/Ssm/SsmTraversals.td"

#endif // SSMC_DIALECTS_SSM_SSM_TD
