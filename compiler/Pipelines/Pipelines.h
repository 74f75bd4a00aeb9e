#ifndef SSMC_COMPILER_PIPELINES_PIPELINES_H
#define SSMC_COMPILER_PIPELINES_PIPELINES_H

#include "mlir/Pass/PassManager.h"

namespace ssmc {

/// The stages a model goes through, in order.
enum class Stage { normalize, derive, schedule, plan, lower };

/// One `@forward` of recurrences and pointwise ops, without calls.
void buildNormalizePipeline(mlir::OpPassManager &manager);

/// The entries among `entries` ("forward", "prefill", "step"; empty: all) and
/// the state table, for recurrences that run by `algorithm`.
void buildDerivePipeline(mlir::OpPassManager &manager,
                         llvm::ArrayRef<std::string> entries,
                         llvm::StringRef algorithm);

/// The stage schedule: how each recurrence runs ("auto" or an algorithm's name)
/// and, with `remarks`, why; kernels, their grids, and layouts of weights and
/// states.
void buildSchedulePipeline(mlir::OpPassManager &manager,
                           llvm::StringRef algorithm, bool remarks);

/// The stage plan: `plan.entry` with every buffer in its place.
void buildPlanPipeline(mlir::OpPassManager &manager);

/// The stage lower: the kernels of a module as vector loops for one CPU level.
void buildLowerPipeline(mlir::OpPassManager &manager, llvm::StringRef level);

/// Each stage as an option of the command line: `--ssmc-normalize`, ...
void registerPipelines();

} // namespace ssmc

#endif // SSMC_COMPILER_PIPELINES_PIPELINES_H
