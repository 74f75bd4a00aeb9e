#ifndef SSMC_COMPILER_INTERPRETER_INTERPRETER_H
#define SSMC_COMPILER_INTERPRETER_INTERPRETER_H
/// Executes `ssm` IR directly. What it computes is what the ops mean; it shares
/// nothing with the lowering, so that each can test the other.

#include "compiler/Interpreter/WeightProvider.h"
#include "dialects/Ssm/SsmDialect.h"
#include "mlir/IR/OwningOpRef.h"

namespace ssmc::interpreter {

/// What values of type f32 are computed in. `truncf` rounds in both.
/// `ssm.parameter` is computed in float64 in both.
enum class Precision { Float64, Float32 };

class Interpreter {
public:
  /// Keeps a copy of `module` in which named recurrences are expanded, and a
  /// reference to `weights`.
  static mlir::FailureOr<Interpreter>
  create(mlir::ModuleOp module, WeightProvider &weights,
         Precision precision = Precision::Float64);

  /// Calls a function of the module. Each argument must be an instance of its
  /// type, whose dynamic extents it fixes. Errors are emitted at the op that
  /// cannot be evaluated. One thread at a time.
  mlir::FailureOr<llvm::SmallVector<Tensor>>
  call(llvm::StringRef function, llvm::ArrayRef<Tensor> arguments);

private:
  mlir::OwningOpRef<mlir::ModuleOp> module;
  WeightProvider *weights;
  Precision precision;
};

/// Computes one parameter in float64 and rounds it to the element type of its
/// result, so that converting to that type is exact.
mlir::FailureOr<Tensor> evaluateParameter(ssm::ParameterOp op,
                                          WeightProvider &weights);

} // namespace ssmc::interpreter

#endif // SSMC_COMPILER_INTERPRETER_INTERPRETER_H
