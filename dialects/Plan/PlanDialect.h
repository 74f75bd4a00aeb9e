#ifndef SSMC_DIALECTS_PLAN_PLANDIALECT_H
#define SSMC_DIALECTS_PLAN_PLANDIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"

#include "dialects/Plan/PlanDialect.h.inc"
#include "dialects/Plan/PlanEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/Plan/PlanAttributes.h.inc"

#define GET_OP_CLASSES
#include "dialects/Plan/PlanOps.h.inc"

namespace ssmc::plan {
/// Names of the attributes that mark functions of the plan.
inline constexpr llvm::StringLiteral kernelAttrName = "plan.kernel";
inline constexpr llvm::StringLiteral gridAttrName = "plan.grid";
inline constexpr llvm::StringLiteral costAttrName = "plan.cost";
inline constexpr llvm::StringLiteral scratchAttrName = "plan.scratch_bytes";
inline constexpr llvm::StringLiteral scratchPerStepAttrName =
    "plan.scratch_bytes_per_step";
/// Bytes for each batch row that all work items of a dispatch share: one more
/// operand of the kernel, after its results.
inline constexpr llvm::StringLiteral sharedAttrName = "plan.shared_bytes";
/// Time steps that a block should have at least.
inline constexpr llvm::StringLiteral blockAttrName = "plan.block";
/// On kernel arguments: layout, and that the argument is a weight or a state.
inline constexpr llvm::StringLiteral layoutAttrName = "plan.layout";
inline constexpr llvm::StringLiteral weightAttrName = "plan.weight";
/// On entry functions' arguments and results: the symbol of their state.
inline constexpr llvm::StringLiteral stateAttrName = "plan.state";
} // namespace ssmc::plan

#endif // SSMC_DIALECTS_PLAN_PLANDIALECT_H
