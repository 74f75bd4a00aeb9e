#ifndef SSMC_TOOLS_FUZZ_CHECKER_H
#define SSMC_TOOLS_FUZZ_CHECKER_H
/// Compares what a module computes in every form with what it means.

#include "mlir/IR/BuiltinOps.h"
#include <optional>
#include <string>

namespace ssmc::fuzz {

struct CheckOptions {
  /// Of the weights, inputs, lengths and splits.
  uint64_t seed = 0;
  /// How recurrences run: an algorithm's name, "all" of those that apply, or
  /// empty for a random one of them.
  std::string algorithm;
  /// Where the artifact and the weights are written; one check at a time.
  std::string directory;
};

/// How many values forms gave, and how many of them could be held against the
/// interpreter's: not those after one that is too large, or not finite.
struct Coverage {
  int64_t values = 0, compared = 0;
};

/// Compiles `module`, whose `@forward` has inputs of f32, for this machine and
/// runs it whole, in several calls and step by step, on random inputs of
/// several lengths. Forms must agree with the float64 interpreter as well as
/// float32 can: an error may be some times as large as that of the float32
/// interpreter. Where all run step by step they must agree with each other bit
/// for bit. Returns what is wrong, or nothing. `meaning`, usually the same
/// module, is what is interpreted. Adds to `coverage`.
std::optional<std::string> check(mlir::ModuleOp module, mlir::ModuleOp meaning,
                                 const CheckOptions &options,
                                 Coverage &coverage);

} // namespace ssmc::fuzz

#endif // SSMC_TOOLS_FUZZ_CHECKER_H
