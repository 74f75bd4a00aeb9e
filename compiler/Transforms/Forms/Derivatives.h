#ifndef SSMC_COMPILER_TRANSFORMS_FORMS_DERIVATIVES_H
#define SSMC_COMPILER_TRANSFORMS_FORMS_DERIVATIVES_H

#include "compiler/Transforms/Forms/ChunkTensor.h"

namespace ssmc {

/// An op of a body over a chunk, with a tangent for each operand; an absent one
/// is zero.
struct Differential {
  mlir::Operation *op;
  llvm::SmallVector<ChunkTensor> operands;
  ChunkTensor result;
  llvm::SmallVector<std::optional<ChunkTensor>> tangents;
};

/// Whether `differentiate` knows the op.
bool isDifferentiable(mlir::Operation *op);

/// The tangent of the op's result: absent if all operands' are.
std::optional<ChunkTensor> differentiate(ChunkArithmetic &arithmetic,
                                         const Differential &at);

} // namespace ssmc

#endif // SSMC_COMPILER_TRANSFORMS_FORMS_DERIVATIVES_H
