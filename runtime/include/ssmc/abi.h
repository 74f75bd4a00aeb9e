#ifndef SSMC_ABI_H
#define SSMC_ABI_H
/// The contract between compiled kernels and whoever calls them. The compiler
/// generates functions of type `ssmc_kernel_fn`; the runtime calls them.
/// Nothing else crosses: kernels call no function and read no global outside
/// their own code segment.
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

/// Raised whenever a struct below changes; an artifact records the one it was
/// compiled for and the runtime refuses any other.
#define SSMC_KERNEL_ABI 1

/// What every work item of one dispatch shares. Sequences are `batch` rows of
/// `length` consecutive time steps (a block of the whole call's length).
typedef struct ssmc_kernel_args {
  /// Base address of each operand, 64-byte aligned for arena, state and
  /// weights. Inputs and outputs point at the first time step of the current
  /// block.
  void *const *buffers;
  /// Per operand: time steps between two batch rows. `length` for arena
  /// buffers, the whole call's length for inputs and outputs.
  const int64_t *batch_strides;
  int64_t batch;
  int64_t length;
} ssmc_kernel_args;

/// Runs work items [begin, end) of a dispatch's grid. Items of one round are
/// independent: any split over threads, in any order, gives the same bits.
/// `scratch` is private to the calling thread, 64-byte aligned and at least the
/// kernel's declared `scratch_bytes`; its content is undefined on entry.
typedef void (*ssmc_kernel_fn)(const ssmc_kernel_args *args, void *scratch,
                               int64_t begin, int64_t end);

#ifdef __cplusplus
}
#endif
#endif
