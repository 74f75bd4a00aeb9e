#include "compiler/Target/Cpu/CpuTarget.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace ssmc;

// The levels of the x86-64 psABI and the baseline of 64-bit Arm. The feature
// lists name everything LLVM may use at the level beyond the architecture's
// baseline and SSE4.2, which every processor with AVX2 has.
ArrayRef<CpuTarget> ssmc::knownCpuTargets() {
  static const CpuTarget targets[] = {
      {"x86_64",
       "x86-64-v4",
       "x86_64-unknown-linux-gnu",
       "x86-64-v4",
       "",
       {"avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe", "avx512f",
        "avx512bw", "avx512cd", "avx512dq", "avx512vl"},
       64},
      {"x86_64",
       "x86-64-v3",
       "x86_64-unknown-linux-gnu",
       "x86-64-v3",
       "",
       {"avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe"},
       32},
      {"aarch64",
       "aarch64",
       "aarch64-unknown-linux-gnu",
       "generic",
       "+v8a,+neon",
       {"neon"},
       16},
  };
  return targets;
}

/// Returns the features of `target` that this machine lacks.
static SmallVector<StringRef> missingOnHost(const CpuTarget &target,
                                            const llvm::StringMap<bool> &host) {
  SmallVector<StringRef> missing;
  for (StringRef feature : target.runtimeFeatures)
    if (!host.lookup(feature))
      missing.push_back(feature);
  return missing;
}

static FailureOr<CpuTarget> nativeTarget(std::string &error) {
  llvm::Triple triple(llvm::sys::getProcessTriple());
  llvm::StringMap<bool> host;
  for (const auto &feature : llvm::sys::getHostCPUFeatures())
    host[feature.getKey()] = feature.getValue();
  error = "expected a processor of a known level for 'native', got one of "
          "architecture '" +
          triple.getArchName().str() + "'";
  for (const CpuTarget &target : knownCpuTargets()) {
    if (target.arch != triple.getArchName())
      continue;
    SmallVector<StringRef> missing = missingOnHost(target, host);
    if (missing.empty())
      return target;
    error += "; '" + target.level + "' needs " + llvm::join(missing, ", ");
  }
  return failure();
}

FailureOr<CpuTarget> ssmc::parseCpuTarget(StringRef name, std::string &error) {
  if (name == "native")
    return nativeTarget(error);
  std::string known = "'native'";
  for (const CpuTarget &target : knownCpuTargets()) {
    if (target.level == name)
      return target;
    known += ", '" + target.level + "'";
  }
  error = "expected a processor level out of " + known + ", got '" +
          name.str() + "'";
  return failure();
}
