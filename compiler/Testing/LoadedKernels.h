#ifndef SSMC_COMPILER_TESTING_LOADEDKERNELS_H
#define SSMC_COMPILER_TESTING_LOADEDKERNELS_H
/// Compiles kernels for this machine as an artifact holds them and calls them:
/// for tests and benchmarks of what emits kernels.
#include "mlir/IR/BuiltinOps.h"
#include "ssmc/abi.h"
#include <memory>

namespace ssmc::testing {

/// Loads the dialects that kernels are written in.
void loadKernelDialects(mlir::MLIRContext &context);

class LoadedKernels {
public:
  /// Compiles the functions of `module` that have the attribute `plan.kernel`
  /// and the arguments that the pass `ssmc-wrap-kernels` describes. Reports to
  /// the diagnostics of the module's context.
  static mlir::FailureOr<LoadedKernels> load(mlir::ModuleOp module);
  LoadedKernels(LoadedKernels &&) = default;
  LoadedKernels &operator=(LoadedKernels &&) = default;

  /// The kernel of that position in the module; lives as long as this.
  ssmc_kernel_fn operator[](size_t kernel) const {
    return reinterpret_cast<ssmc_kernel_fn>(code.get() + entries[kernel]);
  }

private:
  struct Unmap {
    size_t size;
    void operator()(char *code) const;
  };
  LoadedKernels() = default;
  std::unique_ptr<char, Unmap> code;
  std::vector<uint64_t> entries;
};

} // namespace ssmc::testing

#endif // SSMC_COMPILER_TESTING_LOADEDKERNELS_H
