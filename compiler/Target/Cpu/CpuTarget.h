#ifndef SSMC_TARGET_CPU_CPUTARGET_H
#define SSMC_TARGET_CPU_CPUTARGET_H
#include "mlir/Support/LLVM.h"
#include "llvm/ADT/StringRef.h"
#include <string>
#include <vector>

namespace ssmc {
/// A processor level code is compiled for.
struct CpuTarget {
  std::string arch;   ///< "x86_64" or "aarch64", as the artifact names it
  std::string level;  ///< "x86-64-v3", ...
  std::string triple; ///< LLVM's names for the same
  std::string cpu;
  std::string featureString;
  /// What the runtime must find in a processor before it runs this code.
  std::vector<std::string> runtimeFeatures;
  int64_t vectorBytes; ///< of one vector register
};

/// The levels there are, best first within one architecture.
llvm::ArrayRef<CpuTarget> knownCpuTargets();

/// Finds a level by name; `native` is the best one this machine satisfies. Sets
/// `error` on failure.
mlir::FailureOr<CpuTarget> parseCpuTarget(llvm::StringRef name,
                                          std::string &error);
} // namespace ssmc
#endif
