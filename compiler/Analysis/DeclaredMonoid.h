#ifndef SSMC_COMPILER_ANALYSIS_DECLAREDMONOID_H
#define SSMC_COMPILER_ANALYSIS_DECLAREDMONOID_H

#include "compiler/Analysis/AffineForm.h"
#include "dialects/Ssm/SsmScan.h"

namespace ssmc {

class RecurrenceStructure;
struct Component;

/// The next values of a component's states as an `ssm.combine` of the states,
/// except where a condition that knows no state of the component holds.
struct DeclaredMonoid {
  ssm::CombineOp combine;
  /// The state that each of `combine`'s results is the next value of.
  llvm::SmallVector<unsigned> states;
  /// From the outermost on: where `condition` is `holds`, `fresh`, one per
  /// result, are the next values.
  struct Start {
    mlir::Value condition;
    bool holds;
    llvm::SmallVector<mlir::Value> fresh;
  };
  llvm::SmallVector<Start, 1> starts;
};

/// Nothing if the component's next values are of no such form.
std::optional<DeclaredMonoid>
findDeclaredMonoid(const RecurrenceStructure &structure,
                   const Component &component);

} // namespace ssmc

#endif // SSMC_COMPILER_ANALYSIS_DECLAREDMONOID_H
