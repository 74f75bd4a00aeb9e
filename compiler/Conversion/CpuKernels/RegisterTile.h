#ifndef SSMC_COMPILER_CONVERSION_CPUKERNELS_REGISTERTILE_H
#define SSMC_COMPILER_CONVERSION_CPUKERNELS_REGISTERTILE_H
/// Sums of products held in registers: rows times panels of lanes.
#include "compiler/Conversion/CpuKernels/KernelEmitter.h"

namespace ssmc {

/// Adds `left[row, k] * right[k, lanes]` to sums over k: one broadcast scalar
/// per row and one vector per panel and k.
struct RegisterTile {
  KernelEmitter &e;
  int64_t rows, panels, width; // width: lanes of a panel, 1 to 16
  /// Where row i of the left factor and panel j of the right one start, and
  /// their elements from one k to the next.
  mlir::Value left, right; // memref<?xT>
  llvm::SmallVector<mlir::Value> leftOffsets, rightOffsets;
  mlir::Value leftStride, rightStride;
  /// Panel j, row i: `sums[j * rows + i]`.
  llvm::SmallVector<mlir::Value> sums;

  RegisterTile(KernelEmitter &e, int64_t rows, int64_t panels, int64_t width)
      : e(e), rows(rows), panels(panels), width(width) {}
  void clear();
  mlir::Value &sum(int64_t row, int64_t panel) {
    return sums[panel * rows + row];
  }
  /// Adds the products for k in [from, to).
  void accumulate(mlir::Value from, mlir::Value to);
  mlir::Value loadLeft(int64_t row, mlir::Value k);
  mlir::Value loadRight(int64_t panel, mlir::Value k);

private:
  void addProducts(mlir::Value k);
};

/// Calls `fn(first, shape)` for rows [0, count) cut into the emitter's tiles,
/// greedily; `first` runs in a loop. `rowWork` is the multiply-adds of a row:
/// where all rows have few, tiles of one height that fit are preferred, for
/// code of every height takes longer to compile than it saves.
void forRowTiles(KernelEmitter &e, int64_t count, int64_t rowWork,
                 llvm::function_ref<void(mlir::Value first, CpuTileShape)> fn);
/// The same for a count that is known at the call only, and small: in the
/// heights that are powers of two.
void forRowTiles(KernelEmitter &e, mlir::Value count,
                 llvm::function_ref<void(mlir::Value first, CpuTileShape)> fn);

} // namespace ssmc

#endif // SSMC_COMPILER_CONVERSION_CPUKERNELS_REGISTERTILE_H
