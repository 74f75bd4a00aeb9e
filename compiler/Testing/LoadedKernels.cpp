#include "compiler/Testing/LoadedKernels.h"
#include "compiler/Target/Cpu/CodeImage.h"
#include "dialects/Plan/PlanDialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include <cstring>
#include <sys/mman.h>

using namespace mlir;

namespace ssmc::testing {

void loadKernelDialects(MLIRContext &context) {
  context.loadDialect<arith::ArithDialect, func::FuncDialect, math::MathDialect,
                      memref::MemRefDialect, plan::PlanDialect, scf::SCFDialect,
                      vector::VectorDialect>();
}

void LoadedKernels::Unmap::operator()(char *code) const { munmap(code, size); }

FailureOr<LoadedKernels> LoadedKernels::load(ModuleOp source) {
  OwningOpRef<ModuleOp> module = source.clone();
  // The stage that lowers kernels ends with these.
  PassManager passes(module->getContext());
  passes.addPass(createCanonicalizerPass());
  passes.addPass(createCSEPass());
  if (failed(passes.run(*module)))
    return failure();

  std::string error;
  FailureOr<CpuTarget> target = parseCpuTarget("native", error);
  if (failed(target))
    return emitError(module->getLoc(), error);
  SmallVector<StringRef> names;
  for (auto function : module->getOps<func::FuncOp>())
    if (function->hasAttr(plan::kernelAttrName))
      names.push_back(function.getSymName());
  FailureOr<CodeImage> image = compileKernels(*module, names, *target);
  if (failed(image))
    return failure();

  LoadedKernels kernels;
  size_t size = image->bytes.size();
  void *memory = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    return emitError(module->getLoc(), "expected memory for kernels");
  kernels.code = {static_cast<char *>(memory), Unmap{size}};
  std::memcpy(memory, image->bytes.data(), size);
  if (mprotect(memory, size, PROT_READ | PROT_EXEC) != 0)
    return emitError(module->getLoc(), "expected memory to be executable");
  kernels.entries = std::move(image->entries);
  return kernels;
}

} // namespace ssmc::testing
