#ifndef SSMC_RUNTIME_LAYOUT_H
#define SSMC_RUNTIME_LAYOUT_H
#include "ssmc/tensor.h"

namespace ssmc {
/// A logical shape and the order in which memory holds its axes: memory is
/// dense and row-major over shape[order[0]], shape[order[1]], ...
struct AxisOrder {
  int32_t rank = 0;
  uint64_t shape[SSMC_MAX_RANK] = {};
  uint8_t order[SSMC_MAX_RANK] = {};
};

/// Copies one tensor from logical (row-major) to memory order.
void copyToMemory(const AxisOrder &axes, size_t elementSize, void *memory,
                  const void *logical);
/// Copies one tensor from memory to logical order.
void copyToLogical(const AxisOrder &axes, size_t elementSize, void *logical,
                   const void *memory);

/// Rows of a panel in the layout `panels16`.
constexpr uint64_t panelRows = 16;
/// Arranges a row-major [rows, columns] matrix as panels; missing rows are
/// zero.
void copyToPanels(uint64_t rows, uint64_t columns, size_t elementSize,
                  void *panels, const void *matrix);

/// Writes `value` as one element of `dtype` to `out`. False if an integer type
/// cannot hold it exactly.
bool encodeScalar(ssmc_dtype dtype, double value, void *out);
/// Fills `count` elements of `dtype`; false as for `encodeScalar`.
bool fillScalar(ssmc_dtype dtype, double value, void *out, uint64_t count);
/// True if any of `count` elements of a floating `dtype` is a NaN.
bool hasNan(ssmc_dtype dtype, const void *data, uint64_t count);
} // namespace ssmc
#endif
