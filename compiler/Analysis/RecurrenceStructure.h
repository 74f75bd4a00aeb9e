#ifndef SSMC_COMPILER_ANALYSIS_RECURRENCESTRUCTURE_H
#define SSMC_COMPILER_ANALYSIS_RECURRENCESTRUCTURE_H

#include "compiler/Analysis/BodyReader.h"

namespace ssmc {

/// How the next value of a state depends on the state. Coefficients do not
/// depend on it; what is added to the state is its input.
enum class Transition {
  none,        // not at all
  identity,    // s + input
  scalar,      // one factor for all elements
  vector,      // one factor for each position of some axes
  elementwise, // one factor for each element
  complex,     // the same, of pairs of states that are complex numbers
  block,       // a small matrix for each element of several states
  rank,        // any of the above, plus products w (u . s) over one axis
  dense,       // a matrix over an axis
  shift,       // a window that moves by one
  maxPlus,     // max(s + factor, input)
  monoid,      // an ssm.combine of the states with values without them
  nonlinear,
};

/// Part of a transition of class `rank`: along `axis`, the state's products
/// with `reading`, spread by the terms `writing`. Both are over the indices of
/// the state, with the state and its contracted index removed.
struct RankOne {
  unsigned axis;
  llvm::SmallVector<Factor, 4> reading; // has the index `axis` where it reads
  llvm::SmallVector<Term, 2> writing;
};

/// One state of a component.
struct StateStructure {
  unsigned state;
  AffineForm next;                     // empty if nonlinear
  llvm::SmallVector<Term, 2> diagonal; // terms in the same element of `state`
  llvm::SmallVector<RankOne, 2> ranks;
  llvm::SmallVector<Term, 2> inputs;     // terms without states
  llvm::SmallVector<unsigned> decayAxes; // axes that `diagonal` depends on
};

/// States that depend on one another from step to step, and on those of
/// components before it only as on inputs.
struct Component {
  llvm::SmallVector<StateStructure, 1> states;
  Transition transition = Transition::nonlinear;
  bool timeVarying = false;
  std::optional<NotAffine> reason; // why nonlinear
  /// Each element of a next state depends on the same element of the
  /// component's states only: the Jacobian is diagonal, or blocks of as many
  /// rows as there are states.
  bool elementwise = false;

  uint64_t bits() const;
};

/// What a recurrence's body does with its states.
class RecurrenceStructure {
public:
  explicit RecurrenceStructure(ssm::RecurrenceOp op);

  ssm::RecurrenceOp op;
  BodyDependences dependences;
  /// Each after those that it depends on.
  llvm::SmallVector<Component, 2> components;

  const Component &componentOf(unsigned state) const;
  mlir::Value nextValue(unsigned state) const;
  mlir::BlockArgument stateArgument(unsigned state) const;
  llvm::StringRef role(unsigned state) const;

  /// One line on one state: "diagonal plus rank 1, time-varying; input k x v;
  /// read-out contracts k".
  std::string describe(unsigned state) const;

private:
  void findComponents();
  void read(Component &component);
  void classify(Component &component);
  std::string describeInput(const StateStructure &state) const;
  std::string describeReadOut(unsigned state) const;
  llvm::StringRef axisLabel(unsigned state, unsigned axis) const;
};

/// "model.mlir:12", or nothing where the location has no line.
std::string describeLocation(mlir::Location loc);

} // namespace ssmc

#endif // SSMC_COMPILER_ANALYSIS_RECURRENCESTRUCTURE_H
