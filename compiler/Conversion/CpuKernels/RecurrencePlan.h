#ifndef SSMC_COMPILER_CONVERSION_CPUKERNELS_RECURRENCEPLAN_H
#define SSMC_COMPILER_CONVERSION_CPUKERNELS_RECURRENCEPLAN_H
/// Widths of lanes and tiles for one CPU level, and the place in a thread's
/// scratch memory of everything that is not in registers.
#include "compiler/Conversion/CpuKernels/RecurrenceBody.h"

namespace ssmc {

/// A tensor of the body in scratch memory. Element `e` of row `r` (a time step
/// of the block at hand) stands at `offset + r * rowStride + e`, times the
/// lanes if they differ.
struct Slot {
  int64_t offset = 0;
  int64_t rowStride = 0; // 0: the same at every time step
  llvm::SmallVector<int64_t> extents;
  bool lanes = false;
  /// One place for each channel of the item rather than for the lanes at hand.
  bool allChannels = false;
  /// One place for each position of a group (see `RecurrencePlan::group`).
  bool group = false;
};

struct RecurrencePlan {
  RecurrencePlan(ssm::RecurrenceOp op, llvm::StringRef level);

  RecurrenceBody body;
  /// Lanes that are computed together: enough chains of dependent additions to
  /// keep the arithmetic units busy.
  int64_t lanes = 32;
  /// Elements of each tiled state in registers at a time.
  int64_t tile = 0;
  /// Time steps for which hoisted and carried values are kept; 0: there are
  /// none, and a loop over time runs from end to end.
  int64_t timeBlock = 0;

  /// In a step: neighbours along the innermost outer axis, heads as a rule,
  /// whose scalars are computed at once, so that the latency of a decay's
  /// exponential counts once. 1: each work item computes its own.
  int64_t group = 1;
  llvm::StringRef groupLabel;

  llvm::DenseMap<mlir::Value, Slot> slots; // hoisted, carried, sums
  llvm::SmallVector<Slot> states;          // present values, over time steps
  llvm::SmallVector<std::optional<Slot>> nextStates; // if not in place
  int64_t scratchFloats = 0;

  /// Whether state `number` is in registers while time runs.
  bool inRegisters(unsigned number) const;
  /// Whether a hoisted value is computed with lanes along its last axis rather
  /// than along time.
  bool alongAxis(mlir::Value value) const;

private:
  Slot allocate(llvm::ArrayRef<int64_t> extents, int64_t rows, int64_t lanes);
  void chooseWidths(llvm::StringRef level);
  void chooseTimeBlock();
  void chooseGroup();
  bool differsByGroup(mlir::Value value) const;
  void allocateAll();
};

} // namespace ssmc

#endif // SSMC_COMPILER_CONVERSION_CPUKERNELS_RECURRENCEPLAN_H
