#ifndef SSMC_COMPILER_CONVERSION_CPUKERNELS_CHANNELLANES_H
#define SSMC_COMPILER_CONVERSION_CPUKERNELS_CHANNELLANES_H
/// Kernels whose work items are sixteen channels each, one per lane of a
/// vector; the last item has what is left.
#include "compiler/Conversion/CpuKernels/KernelEmitter.h"

namespace ssmc {

class ChannelLanes {
public:
  ChannelLanes(KernelEmitter &emitter, int64_t channels)
      : e(emitter), channels(channels) {}

  static plan::GridAttr getGrid(mlir::MLIRContext *context, int64_t channels);

  /// Calls `body(first channel)` for the emitter's items.
  void forItems(llvm::function_ref<void(mlir::Value first)> body);
  /// Calls `body(lanes)` where the channels from `first` on are `lanes`:
  /// laneCount, or what is left for the last item.
  void onChannels(mlir::Value first, llvm::function_ref<void(int64_t)> body);
  /// The same for a value, with zeros where there are fewer channels.
  mlir::Value loadChannels(mlir::Value first,
                           llvm::function_ref<mlir::Value(int64_t)> body);
  /// An element of `tensor` for each channel from `first` on. Its axis `axis`,
  /// whose index is ignored, has a row per channel or rows that channels share:
  /// consecutive ones, or every so many with `interleaved`.
  mlir::Value loadRows(mlir::Value tensor,
                       llvm::SmallVector<mlir::Value> indices, unsigned axis,
                       mlir::Value first, bool interleaved = false);
  /// The first `lanes` of a whole vector.
  mlir::Value narrow(mlir::Value vector, int64_t lanes);
  /// Emits one of two branches.
  void branch(mlir::Value condition, llvm::function_ref<void()> yes,
              llvm::function_ref<void()> no);

private:
  KernelEmitter &e;
  int64_t channels;
};

} // namespace ssmc

#endif // SSMC_COMPILER_CONVERSION_CPUKERNELS_CHANNELLANES_H
