#ifndef SSMC_COMPILER_CONVERSION_CPUKERNELS_NONFINITEREACH_H
#define SSMC_COMPILER_CONVERSION_CPUKERNELS_NONFINITEREACH_H
/// What values that are not finite reach through a convolution.
///
/// A transform mixes all points of a sequence, and two sequences share complex
/// numbers. So it gets zero in place of what is not finite. Afterwards NaN
/// makes NaN of the points that it meets, in its own lane, and the products of
/// infinities are added to them, so that signs and zeros count as in a sum.
#include "compiler/Conversion/CpuKernels/FourierTransform.h"
#include <functional>

namespace ssmc {

/// Lanes are vector<16xf32>, masks vector<16xi1>, lags vector<16xi32>.
class NonFiniteReach {
public:
  NonFiniteReach(LoopEmitter &emitter, FourierTransform &transform,
                 mlir::Value buffer)
      : e(emitter), transform(transform), buffer(buffer) {}

  mlir::Value noMask();
  /// The lanes that are not finite, that are NaN, and that are infinite.
  mlir::Value maskOf(mlir::Value lanes);
  mlir::Value maskOfNan(mlir::Value lanes);
  mlir::Value maskOfInfinity(mlir::Value lanes);
  /// `lanes` with zeros in those of `mask`.
  mlir::Value without(mlir::Value lanes, mlir::Value mask);
  mlir::Value either(mlir::Value a, mlir::Value b);
  /// Whether some lane is in `mask`, an i1.
  mlir::Value isAny(mlir::Value mask);

  /// Later than any lag there is.
  mlir::Value noLag();
  /// The lower of `known` and `lag`, an index, in the lanes of `mask`.
  mlir::Value firstLag(mlir::Value known, mlir::Value mask, mlir::Value lag);

  /// Points in an order in which each meets itself and those after it.
  struct Sweep {
    mlir::Value points;   // of the inputs
    mlir::Value reach;    // points that an input meets, with itself
    mlir::Value firstLag; // of a kernel's NaN
    bool reverse;         // from the last point to the first
  };
  /// Marks what NaN among inputs [from, to) of the sweep meets, given by
  /// `load(point)`, and what NaN in the kernel does. `left` is how many points
  /// the inputs before still reach, and so is the result.
  mlir::Value mark(const Sweep &sweep, mlir::Value from, mlir::Value to,
                   mlir::Value left,
                   llvm::function_ref<mlir::Value(mlir::Value point)> load);
  mlir::Value nothingLeft();

  /// Values of one operand of the convolution, with their points.
  struct Operand {
    mlir::Value count;
    std::function<mlir::Value(mlir::Value i)> load, point;
  };
  /// Which lanes of a value are meant.
  using Mask = mlir::Value (NonFiniteReach::*)(mlir::Value lanes);
  /// Adds the products of the values of `a` that are in `mask` with all of `b`,
  /// one by one.
  void addProducts(const Operand &a, const Operand &b, Mask mask);

private:
  /// Replaces the value of a point.
  void change(mlir::Value point,
              llvm::function_ref<mlir::Value(mlir::Value known)> next);
  mlir::Value spread(mlir::Value index); // to i32 lanes
  mlir::Value integers(int32_t value);

  LoopEmitter &e;
  FourierTransform &transform;
  mlir::Value buffer;
};

} // namespace ssmc

#endif // SSMC_COMPILER_CONVERSION_CPUKERNELS_NONFINITEREACH_H
