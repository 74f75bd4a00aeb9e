#ifndef SSMC_COMPILER_CONVERSION_CPUKERNELS_RECURRENCEBODY_H
#define SSMC_COMPILER_CONVERSION_CPUKERNELS_RECURRENCEBODY_H
/// How the body of a recurrence is cut into nests, before any code exists.
///
/// A nest computes, in one pass over an index space, values that share it: next
/// states, outputs, and the sums of contractions. A sum can only be used after
/// its nest, so values have stages: the number of sums on the longest path.
#include "dialects/Ssm/SsmDialect.h"

namespace ssmc {

int64_t product(llvm::ArrayRef<int64_t> extents);

/// A value that a nest computes at each of its positions.
struct NestRoot {
  enum Kind { sum, state, output } kind;
  /// The contraction (sum), or what the body yields.
  mlir::Value value;
  /// Which state or output.
  unsigned number;
};

struct Nest {
  unsigned stage;
  llvm::SmallVector<int64_t> extents; // none: scalars
  llvm::SmallVector<NestRoot> roots;
};

/// Whether `op` adds over an axis, rather than only multiplying.
bool hasSum(ssm::ContractOp op);
/// The letters of a contraction in order of appearance, with their extents:
/// the index space of its sum.
llvm::SmallVector<std::pair<char, int64_t>> getLetters(ssm::ContractOp op);

class RecurrenceBody {
public:
  explicit RecurrenceBody(ssm::RecurrenceOp op);

  /// In the order in which they must run.
  llvm::ArrayRef<Nest> getNests() const { return nests; }
  unsigned getStage(mlir::Value value) const;

  /// Whether the next value of state `number` may overwrite the present one
  /// element by element: nothing else reads the present one, neither another
  /// nest nor another element.
  bool canUpdateInPlace(unsigned number) const { return inPlace[number]; }

  /// The positions of the largest nest that reads `argument` of the body: in a
  /// nest that is a loop, an index is no constant, and registers have none.
  int64_t getLargestReader(unsigned argument) const {
    return largestReader[argument];
  }

private:
  void addRoot(NestRoot root, unsigned stage, llvm::ArrayRef<int64_t> extents);
  /// Notes every state element that computing `value` at `indices` reads.
  /// An index is an axis of the nest, or -1 for anything else.
  void noteReads(mlir::Value value, llvm::ArrayRef<int> indices, unsigned nest);

  ssm::RecurrenceOp op;
  mutable llvm::DenseMap<mlir::Value, unsigned> stages;
  llvm::SmallVector<Nest> nests;
  llvm::SmallVector<bool> inPlace;
  llvm::SmallVector<int64_t> largestReader;
  llvm::SmallVector<unsigned> nestOfState;
};

} // namespace ssmc

#endif // SSMC_COMPILER_CONVERSION_CPUKERNELS_RECURRENCEBODY_H
