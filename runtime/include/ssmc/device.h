#ifndef SSMC_DEVICE_H
#define SSMC_DEVICE_H
#include "ssmc/status.h"
#ifdef __cplusplus
extern "C" {
#endif

/// Something that runs kernels. Any thread may use it; calls from several
/// sessions take turns. It must outlive the sessions made on it.
typedef struct ssmc_device ssmc_device;

/// Runs nothing and allocates nothing large: validates calls, for tests of a
/// host program and as the device to copy when adding one.
SSMC_API SSMC_NODISCARD ssmc_status
ssmc_device_create_null(const ssmc_allocator *allocator,
                        ssmc_device **out_device, ssmc_error *error);

/// Runs on `threads` threads, the calling one included; 0 takes one per
/// processor this process may use. Results do not depend on the number.
SSMC_API SSMC_NODISCARD ssmc_status
ssmc_device_create_cpu(int32_t threads, const ssmc_allocator *allocator,
                       ssmc_device **out_device, ssmc_error *error);

SSMC_API const char *ssmc_device_name(const ssmc_device *device);
SSMC_API int32_t ssmc_device_threads(const ssmc_device *device);
SSMC_API void ssmc_device_destroy(ssmc_device *device);

#ifdef __cplusplus
}
#endif
#endif
