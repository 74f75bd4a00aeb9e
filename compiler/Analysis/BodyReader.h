#ifndef SSMC_COMPILER_ANALYSIS_BODYREADER_H
#define SSMC_COMPILER_ANALYSIS_BODYREADER_H

#include "compiler/Analysis/AffineForm.h"
#include "dialects/Ssm/SsmDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/DenseMap.h"

namespace ssmc {

/// What a value of a body depends on, as bits.
struct Dependence {
  uint64_t states = 0; // by number; what counts as a state comes after them
  uint64_t labels = 0; // by place in `RecurrenceOp::getExtents`
};

/// The dependences of all values of a body. A value that depends on a state
/// depends on all parallel labels and on time.
class BodyDependences {
public:
  /// `inputs` count as states too, after those that are, in this order.
  explicit BodyDependences(ssm::RecurrenceOp op,
                           llvm::ArrayRef<unsigned> inputs = {});

  Dependence of(mlir::Value value) const { return values.lookup(value); }
  bool isTimeVarying(mlir::Value value) const {
    return of(value).labels & sequence;
  }

  /// The bit of the sequence label, and of each label.
  uint64_t sequence = 0;
  llvm::SmallVector<llvm::StringRef> labels;

private:
  llvm::DenseMap<mlir::Value, Dependence> values;
};

/// Why a value is no affine form in the states, and the op that is to blame.
struct NotAffine {
  mlir::Operation *op;
  std::string reason; // "state 'h' is squared"
};

/// Reads values of a body as affine forms in some of its states; the others
/// count as known values.
class BodyReader {
public:
  /// With `after`, a value that is the next value of one of `states` reads that
  /// state as it is after the step.
  BodyReader(ssm::RecurrenceOp op, const BodyDependences &dependences,
             uint64_t states, bool after);

  /// Null if `value` is not affine; `failure` then says why.
  const AffineForm *read(mlir::Value value);
  const NotAffine &failure(mlir::Value value) { return failures[value]; }

  bool readsStates(mlir::Value value) const {
    return dependences.of(value).states & states;
  }

private:
  std::optional<AffineForm> readValue(mlir::Value value);
  std::optional<AffineForm> sum(mlir::Value a, mlir::Value b, double scale);
  std::optional<AffineForm> multiply(mlir::Operation *op, mlir::Value a,
                                     mlir::Value b);
  std::optional<AffineForm> readComplexProduct(ssm::ComplexMulOp op,
                                               bool imaginary);
  std::optional<AffineForm> readOp(mlir::math::FmaOp op);
  std::optional<AffineForm> readOp(mlir::arith::NegFOp op);
  std::optional<AffineForm> readOp(mlir::arith::DivFOp op);
  std::optional<AffineForm> readOp(mlir::arith::SelectOp op);
  std::optional<AffineForm> readOp(ssm::ContractOp op);
  std::optional<AffineForm> readOp(ssm::BroadcastOp op);
  std::optional<AffineForm> readOp(mlir::tensor::SplatOp op);
  std::optional<AffineForm> readOp(mlir::tensor::ExtractOp op);
  std::optional<AffineForm> readOp(mlir::tensor::FromElementsOp op);
  std::optional<AffineForm> fail(mlir::Operation *op, std::string reason);
  std::string describe(mlir::Value value) const;

  ssm::RecurrenceOp op;
  const BodyDependences &dependences;
  uint64_t states;
  llvm::DenseMap<mlir::Value, unsigned> symbols; // next values, by state
  llvm::DenseMap<mlir::Value, std::unique_ptr<AffineForm>> forms;
  llvm::DenseMap<mlir::Value, NotAffine> failures;
  std::optional<NotAffine> failing; // while reading
};

} // namespace ssmc

#endif // SSMC_COMPILER_ANALYSIS_BODYREADER_H
