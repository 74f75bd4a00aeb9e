#include "compiler/Pipelines/Registration.h"

#include "compiler/Conversion/CpuKernels/CpuKernelModels.h"
#include "compiler/Conversion/CpuKernels/Passes.h"
#include "compiler/Pipelines/Pipelines.h"
#include "compiler/Target/Cpu/Passes.h"
#include "compiler/Transforms/Passes.h"
#include "dialects/Plan/PlanDialect.h"
#include "dialects/Ssm/SsmDialect.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/Extensions/InlinerExtension.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Index/IR/IndexDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/Passes.h"

void ssmc::registerAllDialects(mlir::DialectRegistry &registry) {
  registry.insert<mlir::affine::AffineDialect, mlir::arith::ArithDialect,
                  mlir::cf::ControlFlowDialect, mlir::func::FuncDialect,
                  mlir::index::IndexDialect, mlir::linalg::LinalgDialect,
                  mlir::LLVM::LLVMDialect, mlir::math::MathDialect,
                  mlir::memref::MemRefDialect, mlir::scf::SCFDialect,
                  mlir::tensor::TensorDialect, mlir::vector::VectorDialect,
                  ssmc::plan::PlanDialect, ssmc::ssm::SsmDialect>();
  mlir::func::registerInlinerExtension(registry);
  registerCpuKernelModels(registry);
}

void ssmc::registerPasses() {
  mlir::registerTransformsPasses();
  registerTransformsPasses();
  cpu::registerCpuKernelsPasses();
  registerTargetCpuPasses();
  registerPipelines();
}
