#ifndef SSMC_COMPILER_INTERPRETER_WEIGHTPROVIDER_H
#define SSMC_COMPILER_INTERPRETER_WEIGHTPROVIDER_H

#include "compiler/Interpreter/Array.h"
#include "compiler/Weights/Checkpoint.h"
#include "mlir/IR/BuiltinOps.h"
#include <optional>

namespace ssmc::interpreter {

/// Where the values of `ssm.weight` come from.
class WeightProvider {
public:
  virtual ~WeightProvider() = default;

  /// The weight of this name, whose dtype and shape must be exactly those of
  /// `type`, widened. Says through `emitError` why there is none.
  virtual mlir::FailureOr<Tensor>
  find(llvm::StringRef name, mlir::RankedTensorType type,
       llvm::function_ref<mlir::InFlightDiagnostic()> emitError) = 0;
};

/// Weights of the checkpoint that a module names.
class CheckpointWeights : public WeightProvider {
public:
  /// Opens the module's `ssm.checkpoint`, relative to `directory`, which is
  /// that of the model file. A module without that attribute may have no
  /// weights other than splats.
  static mlir::FailureOr<CheckpointWeights> open(mlir::ModuleOp module,
                                                 llvm::StringRef directory);

  mlir::FailureOr<Tensor>
  find(llvm::StringRef name, mlir::RankedTensorType type,
       llvm::function_ref<mlir::InFlightDiagnostic()> emitError) override;

private:
  std::optional<weights::Checkpoint> checkpoint;
};

} // namespace ssmc::interpreter

#endif // SSMC_COMPILER_INTERPRETER_WEIGHTPROVIDER_H
