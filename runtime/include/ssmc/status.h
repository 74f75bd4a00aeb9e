#ifndef SSMC_STATUS_H
#define SSMC_STATUS_H
#include <stddef.h>
#include <stdint.h>
#if defined(__GNUC__)
#define SSMC_API __attribute__((visibility("default")))
#define SSMC_NODISCARD __attribute__((warn_unused_result))
#else
#define SSMC_API
#define SSMC_NODISCARD
#endif
#ifdef __cplusplus
extern "C" {
#endif

/// What went wrong, coarse enough to branch on. Appended only.
typedef enum ssmc_status {
  SSMC_OK = 0,
  SSMC_INVALID_ARGUMENT = 1, ///< the caller's value, shape or dtype is wrong
  SSMC_OUT_OF_MEMORY = 2,
  SSMC_INCOMPATIBLE = 3, ///< another format version, processor or model
  SSMC_CORRUPT = 4,      ///< bytes that no ssmc wrote, or damaged ones
  SSMC_NOT_FOUND = 5,    ///< no such file, entry, weight or state
  SSMC_IO = 6,           ///< the system refused to read or write
  SSMC_DEVICE_LOST = 7,  ///< the device failed; only destroy is left
} ssmc_status;

/// A status with the sentence that explains it: what was wanted, what was seen,
/// where. The caller owns it; pass null where the text is of no use.
typedef struct ssmc_error {
  ssmc_status status;
  char message[508];
} ssmc_error;

/// Returns the name of `status`, a static string; never null.
SSMC_API const char *ssmc_status_name(ssmc_status status);

/// The ABI of this header set: major * 1000 + minor.
#define SSMC_ABI_VERSION 1000
SSMC_API uint32_t ssmc_abi_version(void);

/// Where the library takes memory from. All three members are needed.
typedef struct ssmc_allocator {
  void *user;
  /// Returns `size` bytes at a multiple of `alignment`, or null.
  void *(*allocate)(void *user, size_t size, size_t alignment);
  void (*release)(void *user, void *pointer, size_t size);
} ssmc_allocator;

#ifdef __cplusplus
}
#endif
#endif
