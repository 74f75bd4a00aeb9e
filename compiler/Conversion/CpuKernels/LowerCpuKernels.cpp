#include "compiler/Conversion/CpuKernels/CpuKernelModels.h"
#include "compiler/Conversion/CpuKernels/Passes.h"

using namespace mlir;

namespace ssmc::cpu {
#define GEN_PASS_DEF_LOWERCPUKERNELS
#include "compiler/Conversion/CpuKernels/Passes.h.inc"

namespace {
struct LowerCpuKernels : impl::LowerCpuKernelsBase<LowerCpuKernels> {
  using LowerCpuKernelsBase::LowerCpuKernelsBase;

  void runOnOperation() override {
    if (!getCpuTileShapes(level)) {
      emitError(getOperation().getLoc())
          << "expected a CPU level of x86-64-v3, x86-64-v4 and aarch64, got '"
          << level << "'";
      return signalPassFailure();
    }
    for (auto kernel : llvm::to_vector(getOperation().getOps<func::FuncOp>())) {
      if (!kernel->hasAttr(plan::kernelAttrName))
        continue;
      KernelEmitter emitter(kernel, level);
      CpuKernelInterface anchor = getAnchor(kernel);
      if (failed(anchor ? anchor.emitKernel(emitter)
                        : emitPointwiseKernel(emitter)))
        return signalPassFailure();
      emitter.finish();
      kernel.erase();
    }
  }
};
} // namespace
} // namespace ssmc::cpu
