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

/// Weights of a module's checkpoint.
class CheckpointWeights : public WeightProvider {
public:
  /// Opens the module's `ssm.checkpoint`, relative to `directory`, which is
  /// that of the model file. Without that attribute it is the checkpoint in
  /// `directory`, which is opened when a weight is wanted: a module whose
  /// weights are splats needs none.
  static mlir::FailureOr<CheckpointWeights> open(mlir::ModuleOp module,
                                                 llvm::StringRef directory);

  /// The checkpoint that has the weight of this name. Says through `emitError`
  /// why there is none.
  mlir::FailureOr<const weights::Checkpoint *>
  checkpointOf(llvm::StringRef name,
               llvm::function_ref<mlir::InFlightDiagnostic()> emitError);

  mlir::FailureOr<Tensor>
  find(llvm::StringRef name, mlir::RankedTensorType type,
       llvm::function_ref<mlir::InFlightDiagnostic()> emitError) override;

private:
  std::string directory;
  std::optional<weights::Checkpoint> checkpoint;
};

} // namespace ssmc::interpreter

#endif // SSMC_COMPILER_INTERPRETER_WEIGHTPROVIDER_H
