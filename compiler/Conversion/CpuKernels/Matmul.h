#ifndef SSMC_COMPILER_CONVERSION_CPUKERNELS_MATMUL_H
#define SSMC_COMPILER_CONVERSION_CPUKERNELS_MATMUL_H
/// Loops for y[m, n] = sum_k x[m, k] * w[n, k] inside an AOT CPU kernel.
///
/// Every y[m, n] is one chain of float32 fused multiply-adds over k = 0 .. K-1
/// that starts from +0. Tiling, splits over threads and the number of rows only
/// decide who computes a chain and when, so they never change a bit.
#include "compiler/Conversion/CpuKernels/LoopEmitter.h"
#include <functional>
#include <optional>

namespace ssmc {

/// Rows of `w` in one panel of the layout `panels16`: element (n, k) stands at
/// ((n / 16) * K + k) * 16 + n % 16, rows beyond N are zero.
constexpr int64_t panelWidth = 16;

/// How the result is cut into work items. It depends on K and N alone, so that
/// a dispatch can be planned before its target is known.
struct MatmulGrid {
  int64_t rowBlock;   // rows of an item
  int64_t panelBlock; // panels of an item
  int64_t panelItems; // ceil(panels / panelBlock)
};
/// Items of a product with M rows: ceil(M / rowBlock) * panelItems.
MatmulGrid getMatmulGrid(int64_t k, int64_t n);

/// Bytes of scratch that `emitMatmul` uses, 64-byte aligned, per thread.
int64_t getMatmulScratchBytes(int64_t k, int64_t n);

/// A register tile: `rows` x `panels` chains of 16 lanes run side by side.
struct CpuTileShape {
  int64_t rows;
  int64_t panels;
};

/// The tiles of one CPU level: rows strictly descending, the last has one row;
/// panels 1, 2, 4 or 8. A block of rows is cut greedily; short tiles take more
/// panels, to hide the latency of the chains and to stream more of `w` at once.
using CpuTileShapes = llvm::SmallVector<CpuTileShape>;

/// The tiles for "x86-64-v3", "x86-64-v4" or "aarch64"; nothing for others.
std::optional<CpuTileShapes> getCpuTileShapes(llvm::StringRef cpuLevel);

struct MatmulProblem {
  int64_t k, n;        // at least 1
  mlir::Value rows;    // index: M, may be 0
  mlir::Value x;       // memref<?xf32>
  mlir::Value w;       // memref<?xf32 | bf16 | f16>, layout panels16
  mlir::Value scratch; // memref<?xf32> of getMatmulScratchBytes(k, n)
  CpuTileShapes tiles;
  /// The offset in `x` of element (row, 0); a row is contiguous. Called once
  /// per row of an item, so it may divide.
  std::function<mlir::Value(mlir::Value row)> rowOffset;
};

/// Consumes acc = y[row, column .. column + width): vector<16xf32>, or shorter
/// for the last panel when N is no multiple of 16. Runs once per element, after
/// the last k; may read and write any buffer but `x`, `w` and `scratch`.
using MatmulEpilogue = llvm::function_ref<void(
    mlir::Value row, mlir::Value column, mlir::Value acc)>;

/// Emits the loops over the items [begin, end) (of type index) of the grid. It
/// takes some stack where it stands: not to be called inside a loop. All
/// products of a module with weights of one type share a routine.
void emitMatmul(LoopEmitter &emitter, const MatmulProblem &problem,
                mlir::Value begin, mlir::Value end, MatmulEpilogue epilogue);

} // namespace ssmc

#endif // SSMC_COMPILER_CONVERSION_CPUKERNELS_MATMUL_H
