#include "runtime/src/device/cpu/thread_pool.h"
#include "runtime/src/error.h"
#include <algorithm>
#include <sched.h>
#include <unistd.h>

using namespace ssmc;

static constexpr int32_t maxThreads = 1024;

namespace {
struct CpuDevice : ssmc_device {
  CpuDevice(const Allocator &allocator, const DeviceInterface &interface)
      : ssmc_device{&interface}, allocator(allocator), pool(allocator) {}
  ~CpuDevice() { pthread_mutex_destroy(&turn); }

  Allocator allocator;
  ThreadPool pool;
  pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
  FpEnvironment callerEnvironment; // of whose turn it is
};

CpuDevice &get(ssmc_device *device) {
  return *static_cast<CpuDevice *>(device);
}

int32_t threads(const ssmc_device *device) {
  return static_cast<const CpuDevice *>(device)->pool.threads();
}

ssmc_status reserveScratch(ssmc_device *device, uint64_t bytes,
                           ssmc_error *error) {
  CpuDevice &self = get(device);
  pthread_mutex_lock(&self.turn);
  ssmc_status status = self.pool.reserveScratch(bytes, error);
  pthread_mutex_unlock(&self.turn);
  return status;
}

void begin(ssmc_device *device) {
  CpuDevice &self = get(device);
  pthread_mutex_lock(&self.turn);
  self.callerEnvironment.enter();
}

void end(ssmc_device *device) {
  CpuDevice &self = get(device);
  self.callerEnvironment.leave();
  pthread_mutex_unlock(&self.turn);
}

void run(ssmc_device *device, const Work &work) { get(device).pool.run(work); }

void destroy(ssmc_device *device) {
  CpuDevice &self = get(device);
  dispose(self.allocator, &self);
}

constexpr DeviceInterface interface = {"cpu", true, threads, reserveScratch,
                                       begin, end,  run,     destroy};

/// Processors this process may run on, which containers restrict.
int32_t usableProcessors() {
  cpu_set_t set;
  // The call fails on machines with more processors than the set has bits.
  long count = sched_getaffinity(0, sizeof set, &set)
                   ? sysconf(_SC_NPROCESSORS_ONLN)
                   : CPU_COUNT(&set);
  return static_cast<int32_t>(std::clamp<long>(count, 1, maxThreads));
}
} // namespace

ssmc_status ssmc_device_create_cpu(int32_t threads, const ssmc_allocator *given,
                                   ssmc_device **out, ssmc_error *error) {
  clear(error);
  if (!out)
    return fail(error, SSMC_INVALID_ARGUMENT, "'out_device' is null");
  *out = nullptr;
  Allocator allocator(given);
  if (!allocator.isComplete())
    return fail(error, SSMC_INVALID_ARGUMENT,
                "expected an allocator with both functions");
  if (threads < 0 || threads > maxThreads)
    return fail(error, SSMC_INVALID_ARGUMENT,
                "expected 0 to %d threads, got %d", int(maxThreads),
                int(threads));
  CpuDevice *device = make<CpuDevice>(allocator, allocator, interface);
  if (!device)
    return failMemory(error, sizeof(CpuDevice), "a device");
  if (ssmc_status status =
          device->pool.start(threads ? threads : usableProcessors(), error)) {
    dispose(allocator, device);
    return status;
  }
  *out = device;
  return SSMC_OK;
}
