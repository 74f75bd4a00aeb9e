#ifndef SSMC_TARGET_PROGRAM_PROGRAM_H
#define SSMC_TARGET_PROGRAM_PROGRAM_H
/// From the plan stage to an artifact: tables, weights, code.
#include "compiler/Target/Artifact/Artifact.h"
#include "compiler/Target/Cpu/CodeImage.h"
#include "dialects/Plan/PlanDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/DenseSet.h"
#include <memory>
#include <mutex>

namespace ssmc {

/// Translates states, kernels, entries and weights' descriptions one to one.
/// Weights' places and code variants come later.
fb::ProgramT translateProgram(mlir::ModuleOp module);

/// The kernels of a planned module, to compile for any number of CPU levels,
/// also at once: each compilation works on a copy in a context of its own. What
/// it finds wrong is reported in the module's context, once for all levels.
class ProgramKernels {
public:
  explicit ProgramKernels(mlir::ModuleOp module);
  mlir::FailureOr<CodeImage> compile(const CpuTarget &target,
                                     const EmitOptions &options) const;

private:
  void report(const mlir::Diagnostic &diagnostic) const;

  mlir::MLIRContext *reports;
  mutable std::mutex mutex;
  /// Places and texts of what has been reported.
  mutable llvm::DenseSet<std::pair<mlir::Location, mlir::StringAttr>> reported;
  std::vector<std::string> names;
  std::string bytecode;
};

/// Bytes of the weights of a planned module. Must outlive the writing.
class ProgramWeights {
public:
  ProgramWeights();
  ~ProgramWeights();
  /// Opens the checkpoint, relative to `directory`, and computes parameters;
  /// sets where each weight of `description` comes from. With `external`,
  /// checkpoint tensors stay in their files.
  mlir::LogicalResult resolve(mlir::ModuleOp module, llvm::StringRef directory,
                              bool external, ArtifactDescription &description);

private:
  struct Storage;
  std::unique_ptr<Storage> storage;
};

/// 128 bits of the normalized module's text, without paths: what the model
/// computes, whatever the target.
std::pair<uint64_t, uint64_t> hashDefinition(mlir::ModuleOp module);

} // namespace ssmc

#endif // SSMC_TARGET_PROGRAM_PROGRAM_H
