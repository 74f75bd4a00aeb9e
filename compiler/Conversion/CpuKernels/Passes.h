#ifndef SSMC_COMPILER_CONVERSION_CPUKERNELS_PASSES_H
#define SSMC_COMPILER_CONVERSION_CPUKERNELS_PASSES_H

#include "dialects/Plan/PlanDialect.h"
#include "dialects/Ssm/SsmDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/Pass.h"

namespace ssmc::cpu {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "compiler/Conversion/CpuKernels/Passes.h.inc"
} // namespace ssmc::cpu

#endif // SSMC_COMPILER_CONVERSION_CPUKERNELS_PASSES_H
