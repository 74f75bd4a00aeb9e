#ifndef SSMC_DIALECTS_SSM_SSMCHUNKOPS_H
#define SSMC_DIALECTS_SSM_SSMCHUNKOPS_H
/// The ops of chunk regions: cumulative products, decayed scores, triangular
/// solves, scans over a chunk, fixed points.

#include "dialects/Ssm/SsmDialect.h"
#include "llvm/ADT/SmallBitVector.h"
#include "llvm/ADT/SmallPtrSet.h"

namespace ssmc::ssm {
/// One step of `type`: without its first axis, f32 if that was the only one.
mlir::Type getStepType(mlir::RankedTensorType type);
/// Checks that the region called `name` takes and yields these types.
mlir::LogicalResult verifyRegion(mlir::Operation *op, mlir::Region &region,
                                 llvm::StringRef name, mlir::TypeRange takes,
                                 mlir::TypeRange yields);
} // namespace ssmc::ssm

#define GET_OP_CLASSES
#include "dialects/Ssm/SsmChunkOps.h.inc"

#endif // SSMC_DIALECTS_SSM_SSMCHUNKOPS_H
