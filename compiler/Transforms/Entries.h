#ifndef SSMC_COMPILER_TRANSFORMS_ENTRIES_H
#define SSMC_COMPILER_TRANSFORMS_ENTRIES_H

#include "mlir/IR/Operation.h"
#include "llvm/ADT/StringRef.h"

namespace ssmc {

// Unit attributes that the stage derive puts on functions, but for the last.

/// An entry of the artifact.
inline constexpr llvm::StringLiteral entryAttrName = "ssm.entry";
/// `@forward` of a model whose outputs depend on no later input, for any batch
/// and length: it takes and returns states as `@prefill` does.
inline constexpr llvm::StringLiteral causalAttrName = "ssm.causal";
/// An entry whose states start at zero and are thrown away.
inline constexpr llvm::StringLiteral transientStateAttrName =
    "ssm.transient_state";

/// On a recurrence from its expansion until its states are derived: the op that
/// the author wrote, for messages.
inline constexpr llvm::StringLiteral writtenAsAttrName = "ssm.written_as";

/// Fails, with a message, where an operand or result has no elements, or more
/// than an artifact can have, whatever the batch and the length are.
llvm::LogicalResult verifyExtents(mlir::Operation *op);

} // namespace ssmc

#endif // SSMC_COMPILER_TRANSFORMS_ENTRIES_H
