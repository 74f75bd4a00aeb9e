#ifndef SSMC_COMPILER_CONVERSION_CPUKERNELS_NONFINITEREACH_H
#define SSMC_COMPILER_CONVERSION_CPUKERNELS_NONFINITEREACH_H
/// What values that are not finite reach through a convolution.
///
/// A transform mixes all points of a sequence, and two sequences share complex
/// numbers. So it gets zero in place of what is not finite, and afterwards that
/// makes NaN of the points that it meets, in its own lane.
#include "compiler/Conversion/CpuKernels/FourierTransform.h"

namespace ssmc {

/// Lanes are vector<16xf32>, masks vector<16xi1>, lags vector<16xi32>.
class NonFiniteReach {
public:
  NonFiniteReach(LoopEmitter &emitter, FourierTransform &transform,
                 mlir::Value buffer)
      : e(emitter), transform(transform), buffer(buffer) {}

  mlir::Value noMask();
  /// The lanes that are not finite.
  mlir::Value maskOf(mlir::Value lanes);
  /// `lanes` with zeros in those of `mask`.
  mlir::Value without(mlir::Value lanes, mlir::Value mask);
  mlir::Value either(mlir::Value a, mlir::Value b);
  /// Whether some lane is in `mask`, an i1.
  mlir::Value isAny(mlir::Value mask);

  /// Later than any lag there is.
  mlir::Value noLag();
  /// The lower of `known` and `lag`, an index, in the lanes of `mask`.
  mlir::Value firstLag(mlir::Value known, mlir::Value mask, mlir::Value lag);
  /// The lanes that have a lag.
  mlir::Value maskOfLags(mlir::Value first);

  /// Points in an order in which each meets itself and those after it.
  struct Sweep {
    mlir::Value points;   // of the inputs
    mlir::Value reach;    // points that an input meets, with itself
    mlir::Value firstLag; // of the kernel, from which on it is not finite
    bool reverse;         // from the last point to the first
  };
  /// Marks what inputs [from, to) of the sweep meet, given by `load(point)`,
  /// and what a kernel does that is not finite. `left` is how many points the
  /// inputs before still reach, and so is the result.
  mlir::Value mark(const Sweep &sweep, mlir::Value from, mlir::Value to,
                   mlir::Value left,
                   llvm::function_ref<mlir::Value(mlir::Value point)> load);
  mlir::Value nothingLeft();

  /// Values of one operand of the convolution, with their points.
  struct Operand {
    mlir::Value count;
    llvm::function_ref<mlir::Value(mlir::Value i)> load, point;
  };
  /// Marks every sum of the point of a value of `a` that is not finite and one
  /// of `b`, one by one: for points that are on no line.
  void markSums(const Operand &a, const Operand &b);

private:
  void markPoint(mlir::Value point, mlir::Value mask);
  mlir::Value spread(mlir::Value index); // to i32 lanes
  mlir::Value integers(int32_t value);

  LoopEmitter &e;
  FourierTransform &transform;
  mlir::Value buffer;
};

} // namespace ssmc

#endif // SSMC_COMPILER_CONVERSION_CPUKERNELS_NONFINITEREACH_H
