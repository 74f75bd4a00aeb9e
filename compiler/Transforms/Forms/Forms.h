#ifndef SSMC_COMPILER_TRANSFORMS_FORMS_FORMS_H
#define SSMC_COMPILER_TRANSFORMS_FORMS_FORMS_H

#include "compiler/Transforms/Forms/ChunkRegion.h"
#include "compiler/Transforms/Forms/KeyAxes.h"
#include "dialects/Ssm/SsmChunkOps.h"

namespace ssmc {

/// How a recurrence runs.
enum class Algorithm { sequential, chunked, associative, newton, convolution };

/// Those that have a chunk region.
inline constexpr Algorithm parallelAlgorithms[] = {
    Algorithm::chunked, Algorithm::associative, Algorithm::newton};

llvm::StringRef nameOf(Algorithm algorithm);

/// Gives the op the chunk region of one of `parallelAlgorithms`. Returns why it
/// cannot, or nothing.
std::optional<std::string> deriveChunk(const RecurrenceStructure &structure,
                                       Algorithm algorithm, int64_t steps);

/// Whether the sequence is known to have fewer steps than that: a chunk region
/// would never run.
bool isShorterThan(ssm::RecurrenceOp op, int64_t steps);

//===----------------------------------------------------------------------===//
// Convolution
//===----------------------------------------------------------------------===//

/// The inputs of which the op is a convolution, with its responses to them: it
/// is linear in them and in its states, with coefficients that do not change.
/// Else fails with the reason.
llvm::FailureOr<llvm::SmallVector<unsigned>>
findConvolvedInputs(ssm::RecurrenceOp op, std::string &reason);

/// Why states of the op are there before or after it, which convolutions know
/// nothing of; nothing if none are.
std::optional<std::string> carriesState(ssm::RecurrenceOp op);

/// Replaces an op that carries no state by convolutions of those inputs.
/// Returns the recurrences, of one batch row, that compute their kernels.
llvm::SmallVector<ssm::RecurrenceOp> convolve(ssm::RecurrenceOp op,
                                              llvm::ArrayRef<unsigned> inputs);

//===----------------------------------------------------------------------===//
// One form per file
//===----------------------------------------------------------------------===//

/// Products of scores with values, after a triangular solve for ranks.
std::unique_ptr<StateSolver> solveByDecay(ChunkRegion &region,
                                          const Component &component,
                                          const KeyAxes &keys);

/// An associative scan over (transition, input).
std::unique_ptr<StateSolver> solveByScan(ChunkRegion &region,
                                         const Component &component);

/// The same of max(state + shift, floor).
std::unique_ptr<StateSolver> solveByMaxPlus(ChunkRegion &region,
                                            const Component &component);

/// An associative scan with the region of an `ssm.combine`.
std::unique_ptr<StateSolver> solveByMonoid(ChunkRegion &region,
                                           const Component &component);

/// A fixed point around the scan of the linearized body.
std::unique_ptr<StateSolver> solveByNewton(ChunkRegion &region,
                                           const Component &component);

//===----------------------------------------------------------------------===//
// What forms share
//===----------------------------------------------------------------------===//

/// What two steps after one another, or two runs of steps, make together.
using Combine = llvm::function_ref<llvm::SmallVector<ChunkTensor>(
    llvm::ArrayRef<ChunkTensor> earlier, llvm::ArrayRef<ChunkTensor> later)>;

/// What all steps up to each make together. Elements have time as their first
/// axis.
llvm::SmallVector<ChunkTensor> scan(ChunkArithmetic &arithmetic,
                                    llvm::ArrayRef<ChunkTensor> elements,
                                    Combine combine);

/// `tensor` with time in front.
ChunkTensor withTime(ChunkRegion &region, const ChunkTensor &tensor);

/// `tensor`, which has time, with `first` as its first step.
ChunkTensor withFirst(ChunkRegion &region, const ChunkTensor &tensor,
                      const ChunkTensor &first);

/// A small matrix for each element of a component's states: coefficients by
/// next state and state. An absent one is zero.
using Coefficients =
    llvm::SmallVector<llvm::SmallVector<std::optional<ChunkTensor>>>;

/// The states after each step of `h[t] = coefficients[t] h[t-1] + input[t]`.
llvm::SmallVector<ChunkTensor> scanLinear(ChunkRegion &region,
                                          const Component &component,
                                          const Coefficients &coefficients,
                                          llvm::ArrayRef<ChunkTensor> input);

/// A solver that knows its states after each step.
std::unique_ptr<StateSolver> solved(ChunkRegion &region,
                                    const Component &component,
                                    llvm::SmallVector<ChunkTensor> after);

/// Products of each step's value with all before it; with `suffix`, of all
/// after.
ChunkTensor cumulativeProduct(ChunkArithmetic &arithmetic,
                              const ChunkTensor &tensor, bool suffix = false);

/// Each step's value at the step before.
ChunkTensor delay(ChunkArithmetic &arithmetic, const ChunkTensor &tensor,
                  const ChunkTensor &first);

} // namespace ssmc

#endif // SSMC_COMPILER_TRANSFORMS_FORMS_FORMS_H
