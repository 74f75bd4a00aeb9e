#ifndef SSMC_TOOLS_SSMC_SELFTEST_H
#define SSMC_TOOLS_SSMC_SELFTEST_H
#include "compiler/Target/Artifact/Artifact.h"
#include "mlir/IR/BuiltinOps.h"
#include <deque>

namespace ssmc {
/// Adds to `description` a check of `@forward` that `ssmc-run --selftest` runs:
/// random inputs of two sequences of `length` time steps, and what the
/// reference interpreter computes from `model`, the module as it was read. The
/// bytes are kept in `storage`.
mlir::LogicalResult addSelfTest(mlir::ModuleOp model, llvm::StringRef directory,
                                int64_t length,
                                ArtifactDescription &description,
                                std::deque<std::vector<std::byte>> &storage);
} // namespace ssmc
#endif
