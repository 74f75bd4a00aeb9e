#ifndef SSMC_TARGET_CPU_CODEIMAGE_H
#define SSMC_TARGET_CPU_CODEIMAGE_H
#include "compiler/Target/Cpu/CpuTarget.h"
#include "mlir/IR/BuiltinOps.h"

namespace ssmc {
/// Machine code of kernels: position independent, without relocations, symbols
/// or writable data. Copied or mapped read-execute anywhere at a multiple of 64
/// bytes, it runs.
struct CodeImage {
  CpuTarget target;
  std::vector<uint8_t> bytes;
  std::vector<uint64_t> entries; ///< offset of each kernel, multiples of 64
  std::string assembly;          ///< if `EmitOptions::assembly`
  std::vector<uint8_t> object;   ///< relocatable ELF, if `EmitOptions::object`
};

struct EmitOptions {
  bool assembly = false;
  bool object = false;
};

/// The dialects and translations that `compileKernels` uses.
void registerCodeGeneration(mlir::DialectRegistry &registry);

/// Compiles the functions `kernelNames` of `module`, which have the attribute
/// `plan.kernel` and the form that the pass `ssmc-wrap-kernels` describes;
/// other functions must be private. Leaves `module` as it is. Reports to the
/// diagnostics of the module's context, which one call at a time may use.
mlir::FailureOr<CodeImage>
compileKernels(mlir::ModuleOp module,
               llvm::ArrayRef<llvm::StringRef> kernelNames,
               const CpuTarget &target, const EmitOptions &options = {});
} // namespace ssmc
#endif
