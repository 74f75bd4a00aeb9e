#ifndef SSMC_TARGET_CPU_PASSES_H
#define SSMC_TARGET_CPU_PASSES_H
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/Pass.h"

namespace ssmc {
#define GEN_PASS_DECL
#include "compiler/Target/Cpu/Passes.h.inc"

/// From kernels in upstream dialects to functions in the dialect `llvm`.
void buildLowerKernelsPipeline(mlir::OpPassManager &pm);

#define GEN_PASS_REGISTRATION
#include "compiler/Target/Cpu/Passes.h.inc"
} // namespace ssmc
#endif
