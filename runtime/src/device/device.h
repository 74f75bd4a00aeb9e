#ifndef SSMC_RUNTIME_DEVICE_DEVICE_H
#define SSMC_RUNTIME_DEVICE_DEVICE_H
#include "ssmc/abi.h"
#include "ssmc/device.h"

namespace ssmc {
/// One round of a dispatch: `function` on `count` items with `args`.
struct Work {
  ssmc_kernel_fn function;
  const ssmc_kernel_args *args;
  int64_t count;     // at least 1
  int64_t grain;     // items one thread should take at least
  int64_t first = 0; // number of the first item
};

/// Runs the items [begin, end) of `work`. Kernels carry no type signature,
/// which the sanitizer of indirect calls would look for in front of them.
#if defined(__clang__)
__attribute__((no_sanitize("function")))
#endif
inline void runItems(const Work &work, void *scratch, int64_t begin,
                     int64_t end) {
  work.function(work.args, scratch, work.first + begin, work.first + end);
}

/// What a device does. A table of functions, not virtual ones: those would need
/// the C++ runtime library.
struct DeviceInterface {
  const char *name;
  /// False: sessions check their calls and stop there.
  bool runsCode;
  int32_t (*threads)(const ssmc_device *device);
  /// Makes sure that each thread has `bytes` of scratch; keeps larger ones.
  ssmc_status (*reserveScratch)(ssmc_device *device, uint64_t bytes,
                                ssmc_error *error);
  /// Begins and ends one call's turn; turns of several sessions do not overlap.
  void (*begin)(ssmc_device *device);
  void (*end)(ssmc_device *device);
  /// Runs one dispatch to its end, inside a turn.
  void (*run)(ssmc_device *device, const Work &work);
  void (*destroy)(ssmc_device *device);
};
} // namespace ssmc

struct ssmc_device {
  const ssmc::DeviceInterface *interface;
};
#endif
