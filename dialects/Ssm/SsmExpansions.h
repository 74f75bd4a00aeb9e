#ifndef SSMC_DIALECTS_SSM_SSMEXPANSIONS_H
#define SSMC_DIALECTS_SSM_SSMEXPANSIONS_H
/// What the definitions of named ops are written with: arithmetic, and a
/// builder of `ssm.recurrence`.
#include "dialects/Ssm/SsmDialect.h"

namespace ssmc::ssm {

/// Builds arithmetic on floats and on tensors or vectors of floats.
struct Arithmetic {
  mlir::OpBuilder &builder;
  mlir::Location loc;

  /// `value` everywhere in `type`, whose extents are fixed.
  mlir::Value constant(mlir::Type type, double value);
  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value sub(mlir::Value a, mlir::Value b);
  mlir::Value mul(mlir::Value a, mlir::Value b);
  mlir::Value div(mlir::Value a, mlir::Value b);
  mlir::Value neg(mlir::Value a);
  mlir::Value exp(mlir::Value a);
  mlir::Value abs(mlir::Value a);
  mlir::Value maximum(mlir::Value a, mlir::Value b);
  mlir::Value minimum(mlir::Value a, mlir::Value b);
  /// `value` in float32.
  mlir::Value widen(mlir::Value value);
  mlir::Value contract(llvm::StringRef axes, mlir::ValueRange values,
                       mlir::Type type);
  /// The dot product of two vectors.
  mlir::Value dot(mlir::Value a, mlir::Value b);
  /// A tensor times a scalar.
  mlir::Value scale(mlir::Value scalar, mlir::Value tensor);
};

/// Collects operands with their labels, then builds the recurrence and its
/// body. Labels as `ssm.recurrence` has them; the sequence is `l`, the batch
/// `b`.
class RecurrenceBuilder : public Arithmetic {
public:
  using Labels = llvm::ArrayRef<llvm::StringRef>;

  RecurrenceBuilder(mlir::OpBuilder &builder, mlir::Location loc,
                    Labels step = {}, bool reverse = false)
      : Arithmetic{builder, loc}, step(step), reverse(reverse) {}

  /// Adds an input; returns its position in what the body is given.
  unsigned input(mlir::Value value, Labels labels);
  /// The same for an operand that may be absent.
  std::optional<unsigned> optional(mlir::Value value, Labels labels);
  void output(mlir::Type type, Labels labels);
  /// A state without `init` starts at zero.
  void state(mlir::Type type, Labels labels, llvm::StringRef role,
             mlir::Value init);
  /// Makes the states zero before each step where `reset`, [batch, length], is
  /// not zero. May be absent.
  void reset(mlir::Value reset);

  using Body = llvm::function_ref<llvm::SmallVector<mlir::Value>(
      llvm::ArrayRef<mlir::Value> inputs, llvm::ArrayRef<mlir::Value> states)>;
  /// `body` returns what to yield: outputs, then next states. Returns the
  /// results of the op: outputs, then final states. Either all states have
  /// `init` or none.
  llvm::SmallVector<mlir::Value> build(Body body);

private:
  mlir::Type slice(mlir::Type type, Labels labels);

  llvm::SmallVector<llvm::StringRef> step;
  bool reverse;
  llvm::SmallVector<mlir::Value> inputs, initial;
  llvm::SmallVector<mlir::Type> slices, outputTypes, stateTypes, stateSlices;
  llvm::SmallVector<mlir::Attribute> inputAxes, outputAxes, stateAxes, roles;
  std::optional<unsigned> resetInput;
};

} // namespace ssmc::ssm

#endif // SSMC_DIALECTS_SSM_SSMEXPANSIONS_H
