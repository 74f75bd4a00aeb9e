#ifndef SSMC_DIALECTS_SSM_SSMCHUNKOPS_H
#define SSMC_DIALECTS_SSM_SSMCHUNKOPS_H
/// The ops of chunk regions: cumulative products, decayed scores, triangular
/// solves, scans over a chunk, fixed points.

#include "dialects/Ssm/SsmDialect.h"

namespace ssmc::ssm {
/// One step of `type`: without its first axis, f32 if that was the only one.
mlir::Type getStepType(mlir::RankedTensorType type);
} // namespace ssmc::ssm

#define GET_OP_CLASSES
#include "dialects/Ssm/SsmChunkOps.h.inc"

#endif // SSMC_DIALECTS_SSM_SSMCHUNKOPS_H
