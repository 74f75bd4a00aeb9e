#ifndef SSMC_STATE_H
#define SSMC_STATE_H
#include "ssmc/model.h"
#ifdef __cplusplus
extern "C" {
#endif

/// Everything a model carries between calls, for `batch` sequences: one record,
/// never a part of one. One thread at a time.
typedef struct ssmc_state ssmc_state;

/// Makes a state at its initial value.
SSMC_API SSMC_NODISCARD ssmc_status ssmc_state_create(const ssmc_model *model,
                                                      int64_t batch,
                                                      ssmc_state **out_state,
                                                      ssmc_error *error);
/// Makes an independent copy (a fork).
SSMC_API SSMC_NODISCARD ssmc_status ssmc_state_clone(const ssmc_state *state,
                                                     ssmc_state **out_state,
                                                     ssmc_error *error);
/// Makes a state whose row i is row `rows[i]` of `state` (beam search,
/// batching).
SSMC_API SSMC_NODISCARD ssmc_status ssmc_state_gather(const ssmc_state *state,
                                                      const int64_t *rows,
                                                      int64_t count,
                                                      ssmc_state **out_state,
                                                      ssmc_error *error);
/// Returns to the initial value; drops the checkpoint.
SSMC_API void ssmc_state_reset(ssmc_state *state);
/// Remembers the present value inside the state, replacing an earlier one.
SSMC_API SSMC_NODISCARD ssmc_status ssmc_state_checkpoint(ssmc_state *state,
                                                          ssmc_error *error);
/// Returns to the remembered value, which stays remembered.
SSMC_API SSMC_NODISCARD ssmc_status ssmc_state_restore(ssmc_state *state,
                                                       ssmc_error *error);
SSMC_API void ssmc_state_destroy(ssmc_state *state);

SSMC_API int64_t ssmc_state_batch(const ssmc_state *state);
/// Time steps consumed since the initial value, the same for all rows.
SSMC_API uint64_t ssmc_state_position(const ssmc_state *state);
/// Copies state number `index` of all rows into `data` in logical order,
/// [batch, shape...]; `size` must be the exact number of bytes.
SSMC_API SSMC_NODISCARD ssmc_status ssmc_state_read(const ssmc_state *state,
                                                    int32_t index, void *data,
                                                    size_t size,
                                                    ssmc_error *error);
/// The reverse of `ssmc_state_read`.
SSMC_API SSMC_NODISCARD ssmc_status ssmc_state_write(ssmc_state *state,
                                                     int32_t index,
                                                     const void *data,
                                                     size_t size,
                                                     ssmc_error *error);

/// Writes a typed, hashed, portable file; the old file stays until the new one
/// is complete.
SSMC_API SSMC_NODISCARD ssmc_status ssmc_state_save(const ssmc_state *state,
                                                    const char *path,
                                                    ssmc_error *error);
/// Reads one. SSMC_INCOMPATIBLE if another model wrote it; SSMC_CORRUPT if it
/// is damaged or holds a NaN.
SSMC_API SSMC_NODISCARD ssmc_status ssmc_state_load(const ssmc_model *model,
                                                    const char *path,
                                                    ssmc_state **out_state,
                                                    ssmc_error *error);
/// The same from memory.
SSMC_API SSMC_NODISCARD ssmc_status
ssmc_state_load_memory(const ssmc_model *model, const void *data, size_t size,
                       ssmc_state **out_state, ssmc_error *error);

#ifdef __cplusplus
}
#endif
#endif
