#ifndef SSMC_COMPILER_CONVERSION_CPUKERNELS_STEPBLOCKS_H
#define SSMC_COMPILER_CONVERSION_CPUKERNELS_STEPBLOCKS_H
/// How one time step of a recurrence divides over work items.
///
/// Each item computes a block of the next states and outputs along one step
/// label, and of every value between only the part that these need. What the
/// parts of a matrix product share, the present state, all items read whole, so
/// all must be done with a time step before any begins the next.
#include "dialects/Ssm/SsmDialect.h"

namespace ssmc {
/// See AxisInterface.
struct OperandAxis {
  unsigned axis;
  int64_t offset;
};
} // namespace ssmc

#include "compiler/Conversion/CpuKernels/AxisInterface.h.inc"

namespace ssmc {

/// Of a tensor, what one block needs: along `axis`, as many elements as the
/// block has, from its first element plus each of `offsets` on.
struct Part {
  unsigned axis = 0;
  llvm::SmallVector<int64_t, 4> offsets; // ascending
};

struct StepBlocks {
  llvm::StringRef label; // a step label of every state and output
  int64_t extent = 0;
  int64_t size = 0; // of each block but perhaps the last
  /// Values of the body of which an item computes a part; of others, all.
  llvm::DenseMap<mlir::Value, Part> parts;

  int64_t count() const { return llvm::divideCeil(extent, size); }
  /// The block's part of a tensor with these labels, `label` among them.
  Part partOf(ssm::RecurrenceOp op,
              llvm::ArrayRef<ssm::RecurrenceOp::AxisLabels> labels) const;
};

/// Whether `label` is among `labels`.
bool carries(llvm::ArrayRef<ssm::RecurrenceOp::AxisLabels> labels,
             llvm::StringRef label);

/// The blocks of the step of `op`, which runs on tensors; nothing if it does
/// not divide, or takes too little for its parts to be worth bringing together.
std::optional<StepBlocks> findStepBlocks(ssm::RecurrenceOp op);

/// Makes ops of recurrence bodies an AxisInterface.
void registerAxisModels(mlir::DialectRegistry &registry);

} // namespace ssmc

#endif // SSMC_COMPILER_CONVERSION_CPUKERNELS_STEPBLOCKS_H
