#include "runtime/src/device/device.h"
#include "runtime/src/error.h"
#include "runtime/src/memory.h"

using namespace ssmc;

namespace {
struct NullDevice : ssmc_device {
  NullDevice(const Allocator &allocator, const DeviceInterface &interface)
      : ssmc_device{&interface}, allocator(allocator) {}
  Allocator allocator;
};

int32_t threads(const ssmc_device *) { return 1; }

ssmc_status reserveScratch(ssmc_device *, uint64_t, ssmc_error *) {
  return SSMC_OK;
}

void begin(ssmc_device *) {}
void end(ssmc_device *) {}
void run(ssmc_device *, const Work &) {}

void destroy(ssmc_device *device) {
  auto *self = static_cast<NullDevice *>(device);
  dispose(self->allocator, self);
}

constexpr DeviceInterface interface = {"null", false, threads, reserveScratch,
                                       begin,  end,   run,     destroy};
} // namespace

ssmc_status ssmc_device_create_null(const ssmc_allocator *given,
                                    ssmc_device **out, ssmc_error *error) {
  clear(error);
  if (!out)
    return fail(error, SSMC_INVALID_ARGUMENT, "'out_device' is null");
  *out = nullptr;
  Allocator allocator(given);
  if (!allocator.isComplete())
    return fail(error, SSMC_INVALID_ARGUMENT,
                "expected an allocator with both functions");
  *out = make<NullDevice>(allocator, allocator, interface);
  return *out ? SSMC_OK : failMemory(error, sizeof(NullDevice), "a device");
}
