#ifndef SSMC_COMPILER_TRANSFORMS_FORMS_KEYAXES_H
#define SSMC_COMPILER_TRANSFORMS_FORMS_KEYAXES_H

#include "compiler/Analysis/RecurrenceStructure.h"

namespace ssmc {

/// How the decay form splits the axes of a component's only state: keys index
/// what decays and what read-outs contract, values the rest.
struct KeyAxes {
  llvm::SmallVector<Index> axes;
  /// Labels that decays, keys or queries depend on, as bits; the others may be
  /// tile labels.
  uint64_t labels = 0;

  bool contains(Index axis) const { return llvm::is_contained(axes, axis); }
};

/// The split, or nothing and why.
std::optional<KeyAxes> findKeyAxes(const RecurrenceStructure &structure,
                                   const Component &component,
                                   std::string &reason);

/// The factors of a term that index one of `keys`, directly or through an index
/// from `rank` on that both have. The rest goes to `others`.
llvm::SmallVector<Factor> takeKeyFactors(llvm::ArrayRef<Factor> factors,
                                         llvm::ArrayRef<Index> keys,
                                         unsigned rank,
                                         llvm::SmallVectorImpl<Factor> &others);

/// What outputs and later components read of a component's states.
class ReadOuts {
public:
  ReadOuts(const RecurrenceStructure &structure, const Component &component);

  /// The form of a value that contracts a state, and depends on no later
  /// component; else null.
  const AffineForm *contraction(mlir::Value value);
  /// Calls `found` for each such value that is needed. Returns whether a state
  /// is needed as a whole too.
  bool visit(llvm::function_ref<void(const AffineForm &)> found);

private:
  const RecurrenceStructure &structure;
  uint64_t bits, later = 0; // states of the component, and of those after it
  BodyReader reader;
};

} // namespace ssmc

#endif // SSMC_COMPILER_TRANSFORMS_FORMS_KEYAXES_H
