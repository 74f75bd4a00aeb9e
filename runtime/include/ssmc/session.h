#ifndef SSMC_SESSION_H
#define SSMC_SESSION_H
#include "ssmc/device.h"
#include "ssmc/state.h"
#ifdef __cplusplus
extern "C" {
#endif

/// Scratch memory for calls. One thread at a time; different sessions may run
/// at once, also on one device.
typedef struct ssmc_session ssmc_session;

SSMC_API SSMC_NODISCARD ssmc_status
ssmc_session_create(const ssmc_model *model, ssmc_device *device,
                    ssmc_session **out_session, ssmc_error *error);
SSMC_API void ssmc_session_destroy(ssmc_session *session);

/// Runs `entry` ("forward", "prefill", "step") on `inputs`, updating `state` in
/// place (null for an entry without one), into `outputs`, whose memory the
/// caller provides and whose shapes must be exactly those of the call.
/// Transactional: everything is checked before anything runs, and on an error
/// `state` is unchanged. Token ids may be i32 or i64.
SSMC_API SSMC_NODISCARD ssmc_status ssmc_session_call(
    ssmc_session *session, const char *entry, const ssmc_tensor *inputs,
    int32_t input_count, ssmc_state *state, ssmc_tensor *outputs,
    int32_t output_count, ssmc_error *error);

/// Time the dispatches of one kernel took, for benchmarks.
typedef struct ssmc_profile_row {
  const char *kernel;
  uint64_t calls;
  uint64_t nanoseconds;
  /// What all calls together compute and move, as the artifact states it (see
  /// `flops_per_row` in the schema); 0 where it does not.
  uint64_t flops;
  uint64_t bytes;
  /// Of the operations, functions such as exp; of the bytes, weights.
  uint64_t elementary;
  uint64_t weight_bytes;
} ssmc_profile_row;
/// Starts or stops collecting times; starting clears them.
SSMC_API void ssmc_session_profile(ssmc_session *session, int32_t enable);
/// Row `index` in order of first use; SSMC_NOT_FOUND past the last.
SSMC_API SSMC_NODISCARD ssmc_status ssmc_session_profile_row(
    const ssmc_session *session, int32_t index, ssmc_profile_row *out_row);

#ifdef __cplusplus
}
#endif
#endif
