#ifndef SSMC_COMPILER_TRANSFORMS_PASSES_H
#define SSMC_COMPILER_TRANSFORMS_PASSES_H

#include "dialects/Plan/PlanDialect.h"
#include "dialects/Ssm/SsmDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace ssmc {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "compiler/Transforms/Passes.h.inc"

/// The patterns of --ssmc-expand-math.
void populateExpandMathPatterns(mlir::RewritePatternSet &patterns);
} // namespace ssmc

#endif // SSMC_COMPILER_TRANSFORMS_PASSES_H
