#ifndef SSMC_COMPILER_TRANSFORMS_ENTRIES_H
#define SSMC_COMPILER_TRANSFORMS_ENTRIES_H

#include "llvm/ADT/StringRef.h"

namespace ssmc {

// Unit attributes that the stage derive puts on functions.

/// An entry of the artifact.
inline constexpr llvm::StringLiteral entryAttrName = "ssm.entry";
/// `@forward` of a model whose outputs depend on no later input, for any batch
/// and length: it takes and returns states as `@prefill` does.
inline constexpr llvm::StringLiteral causalAttrName = "ssm.causal";
/// An entry whose states start at zero and are thrown away.
inline constexpr llvm::StringLiteral transientStateAttrName =
    "ssm.transient_state";

} // namespace ssmc

#endif // SSMC_COMPILER_TRANSFORMS_ENTRIES_H
