#ifndef SSMC_COMPILER_TRANSFORMS_FORMS_CHUNKTENSOR_H
#define SSMC_COMPILER_TRANSFORMS_FORMS_CHUNKTENSOR_H

#include "dialects/Ssm/SsmChunkOps.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>

namespace ssmc {

/// What an axis of a tensor in a chunk region stands for: time, a tile label
/// (`tileDim`), or a number that its maker chose, such as an axis of the value
/// in the body.
using Dim = int;
constexpr Dim timeDim = -1;
constexpr Dim tileDim(unsigned i) { return -2 - static_cast<int>(i); }

/// A value of a chunk region with what its axes stand for. An axis that it
/// lacks is one along which it does not change.
struct ChunkTensor {
  mlir::Value value;
  llvm::SmallVector<Dim, 4> dims;

  bool has(Dim dim) const { return llvm::is_contained(dims, dim); }
  int64_t extent(Dim dim) const;
  /// The same value with `from` called `to`.
  ChunkTensor renamed(Dim from, Dim to) const;
};

using Dims = llvm::SmallVector<std::pair<Dim, int64_t>, 4>; // with extents

/// Arithmetic on chunk tensors by what their axes stand for.
class ChunkArithmetic {
public:
  ChunkArithmetic(mlir::OpBuilder &builder, mlir::Location loc)
      : builder(builder), loc(loc) {}

  /// All axes of `tensors`: time, tile labels, then the others in order.
  static Dims allDims(llvm::ArrayRef<ChunkTensor> tensors);

  ChunkTensor constant(double value, const Dims &dims = {});
  /// One at `position` of axis `dim`, else zero.
  ChunkTensor unit(Dim dim, int64_t extent, int64_t position);
  /// `tensor` with exactly these axes, in this order.
  ChunkTensor align(const ChunkTensor &tensor, const Dims &dims);

  ChunkTensor add(const ChunkTensor &a, const ChunkTensor &b);
  ChunkTensor subtract(const ChunkTensor &a, const ChunkTensor &b);
  ChunkTensor multiply(const ChunkTensor &a, const ChunkTensor &b);
  /// `coefficient` times `tensor`. With `resets` it is zero where the
  /// coefficient is, whatever the tensor holds: a reset stops NaN.
  ChunkTensor scale(const ChunkTensor &coefficient, const ChunkTensor &tensor,
                    bool resets);
  /// `tensor`, or zero where all of `coefficients` at one place of the axes
  /// `kept` are, whatever the tensor holds.
  ChunkTensor unlessZero(const ChunkTensor &tensor,
                         const ChunkTensor &coefficients,
                         llvm::ArrayRef<Dim> kept);
  ChunkTensor divide(const ChunkTensor &a, const ChunkTensor &b);
  ChunkTensor maximum(const ChunkTensor &a, const ChunkTensor &b);
  ChunkTensor select(const ChunkTensor &condition, const ChunkTensor &a,
                     const ChunkTensor &b);
  ChunkTensor absolute(const ChunkTensor &tensor);
  /// A condition: whether elements are equal.
  ChunkTensor equals(const ChunkTensor &a, const ChunkTensor &b);
  /// The product of `a` and `b` summed over the axes not in `result`.
  ChunkTensor contract(const ChunkTensor &a, const ChunkTensor &b,
                       llvm::ArrayRef<Dim> result);
  /// The solution of one system for every time and tile, of which `like` is
  /// one.
  ChunkTensor solve(const ChunkTensor &matrix, const ChunkTensor &input,
                    ssm::SolveOp like);
  /// What `tensor` is at `position` of axis `dim`.
  ChunkTensor slice(const ChunkTensor &tensor, Dim dim, int64_t position);
  /// Clones an op that works element by element.
  ChunkTensor elementwise(mlir::Operation *op,
                          llvm::ArrayRef<ChunkTensor> operands,
                          unsigned result = 0);
  llvm::SmallVector<ChunkTensor>
  elementwiseAll(mlir::Operation *op, llvm::ArrayRef<ChunkTensor> operands);

  mlir::OpBuilder &builder;
  mlir::Location loc;

private:
  template <typename Op>
  ChunkTensor binary(const ChunkTensor &a, const ChunkTensor &b);
  ChunkTensor permute(const ChunkTensor &tensor, llvm::ArrayRef<Dim> dims);
  mlir::Type typeOf(const Dims &dims, mlir::Type element);
};

} // namespace ssmc

#endif // SSMC_COMPILER_TRANSFORMS_FORMS_CHUNKTENSOR_H
