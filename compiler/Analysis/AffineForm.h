#ifndef SSMC_COMPILER_ANALYSIS_AFFINEFORM_H
#define SSMC_COMPILER_ANALYSIS_AFFINEFORM_H

#include "mlir/IR/Value.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>

namespace ssmc {

/// An index of an einsum term. Those below the rank of the term's value are its
/// axes, in order; the others are summed over.
using Index = unsigned;

/// One factor of a term.
struct Factor {
  enum Kind {
    value,      // an element of `operand`
    reciprocal, // one over an element of `operand`
    where,      // what stands before it where `operand` holds, else zero
    whereNot,   // the opposite
    unit,       // one where the only index is `position`, else zero
  };
  Kind kind = value;
  mlir::Value operand; // null for `unit`
  llvm::SmallVector<Index, 2> indices;
  int64_t position = 0;

  bool operator==(const Factor &other) const;
};

/// An element of a state before the step or after it.
struct StateRead {
  unsigned state;
  bool after;
  llvm::SmallVector<Index, 4> indices;

  bool operator==(const StateRead &other) const;
};

/// `scale` times the factors, from the first to the last, times an element of a
/// state if there is one, summed over the indices that are no axes. The order
/// of the factors matters for NaN: `where` stops what stands before it.
struct Term {
  double scale = 1;
  std::optional<StateRead> state;
  llvm::SmallVector<Factor, 4> factors;
  llvm::SmallVector<int64_t, 4> extents; // of every index

  bool sameBut(const Term &other) const; // equal up to `scale`
  bool isConditional() const;            // zero where some condition says so
};

/// A scalar or tensor of a recurrence's body as a sum of terms. An axis that no
/// factor of a term has is repeated.
struct AffineForm {
  llvm::SmallVector<int64_t, 4> shape;
  llvm::SmallVector<Term, 2> terms;

  unsigned rank() const { return shape.size(); }
  bool readsState() const;

  /// Terms equal but for their scales become one, and zero disappears.
  void add(const AffineForm &other, double scale = 1);
  /// Appends to every term a factor over the given axes.
  void multiply(Factor factor);
};

/// The form of a value without states: one factor.
AffineForm formOfValue(mlir::Value value);
/// The form of a state.
AffineForm formOfState(unsigned state, bool after, mlir::Type type);

/// The einsum of `forms`, whose axes have the letters `groups`. Null if it
/// multiplies states with one another.
std::optional<AffineForm> einsum(llvm::ArrayRef<const AffineForm *> forms,
                                 llvm::ArrayRef<llvm::StringRef> groups,
                                 llvm::StringRef result,
                                 llvm::ArrayRef<int64_t> shape);

/// The shape of a tensor; none of a scalar.
llvm::ArrayRef<int64_t> shapeOf(mlir::Type type);

} // namespace ssmc

#endif // SSMC_COMPILER_ANALYSIS_AFFINEFORM_H
