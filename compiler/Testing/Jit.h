#ifndef SSMC_COMPILER_TESTING_JIT_H
#define SSMC_COMPILER_TESTING_JIT_H
/// Compiles a module of func, scf, vector, memref, arith and math operations
/// for this machine and calls into it: for tests and benchmarks of code
/// generators only.
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"
#include <memory>

namespace llvm::orc {
class LLJIT;
} // namespace llvm::orc

namespace ssmc::testing {

/// Loads the dialects above into `context`, with what lowers them to LLVM.
void loadJitDialects(mlir::MLIRContext &context);

/// How a memref<?xT> argument is passed.
template <typename T> struct FlatMemRef {
  T *allocated, *aligned;
  int64_t offset = 0, size, stride = 1;
  FlatMemRef(T *data, int64_t size)
      : allocated(data), aligned(data), size(size) {}
};

class Jit {
public:
  /// Lowers a copy of `module` and compiles it at -O3. Functions that the
  /// caller looks up need the attribute `llvm.emit_c_interface`.
  static llvm::Expected<Jit> compile(mlir::ModuleOp module);
  Jit(Jit &&);
  ~Jit();

  /// The function `name`. Memref arguments are passed as FlatMemRef<T> *.
  template <typename Function>
  llvm::Expected<Function *> lookup(llvm::StringRef name) {
    llvm::Expected<void *> address = lookupAddress(name);
    if (!address)
      return address.takeError();
    return reinterpret_cast<Function *>(*address);
  }

private:
  explicit Jit(std::unique_ptr<llvm::orc::LLJIT> jit);
  llvm::Expected<void *> lookupAddress(llvm::StringRef name);
  std::unique_ptr<llvm::orc::LLJIT> jit;
};

} // namespace ssmc::testing

#endif // SSMC_COMPILER_TESTING_JIT_H
