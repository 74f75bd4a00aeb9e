#ifndef SSMC_RUNTIME_DEVICE_CPU_THREAD_POOL_H
#define SSMC_RUNTIME_DEVICE_CPU_THREAD_POOL_H
/// Splits dispatches over threads that stay alive; docs/decisions/0001 says why
/// it is our own. Each thread has a share of a dispatch's chunks, the same one
/// every time, so that a core finds its part of a state in its own cache. A
/// share is published as an atomic counter of chunks left; whoever takes a
/// chunk by decrementing it may read the job, because the job cannot end before
/// that chunk does. A thread without chunks takes those of others. A worker
/// that wakes late finds nothing left and nobody has waited for it.
#include "runtime/src/device/cpu/fp_environment.h"
#include "runtime/src/device/device.h"
#include "runtime/src/memory.h"
#include <atomic>
#include <pthread.h>

namespace ssmc {
class ThreadPool {
public:
  explicit ThreadPool(const Allocator &allocator) : allocator(allocator) {}
  ~ThreadPool();

  /// Starts `threads` - 1 workers.
  ssmc_status start(int32_t threads, ssmc_error *error);
  int32_t threads() const { return static_cast<int32_t>(workers.size()) + 1; }

  /// Grows every thread's scratch to `bytes`. Only while nothing runs.
  ssmc_status reserveScratch(uint64_t bytes, ssmc_error *error);

  /// Runs `work` on the calling thread and the workers; one caller at a time.
  void run(const Work &work);

private:
  struct Worker {
    ThreadPool *pool;
    pthread_t handle;
    uint32_t index; // of its scratch; the caller has 0
  };
  /// Written before any share is, read after taking a chunk.
  struct Job {
    Work work;
    int64_t chunkItems;
    uint32_t chunks;
  };
  /// The chunks [end - left, end) of a thread. On a line of its own: the thread
  /// spins on it.
  struct alignas(64) Share {
    std::atomic<uint32_t> left{0};
    uint32_t end = 0; // written before `left` is
  };

  static void *workerMain(void *worker);
  void work(uint32_t index);
  void publish(const Work &work, int64_t chunkItems, uint32_t chunks);
  /// Runs chunks, first those of this thread's share; whether there were any.
  bool runChunks(uint32_t thread);
  /// Runs what is left of a share; the number of chunks.
  uint32_t runShare(Share &share, uint32_t thread);
  void sleep(uint32_t index);
  void wakeAll();
  void *scratchOf(uint32_t thread) {
    return scratch.data() + thread * scratchStride;
  }

  Allocator allocator;
  Array<Worker> workers;
  uint32_t started = 0;
  Array<uint8_t> scratch;
  uint64_t scratchStride = 0;

  alignas(64) Job job = {};
  Array<Share> shares;
  alignas(64) std::atomic<uint32_t> chunksDone{0};
  alignas(64) std::atomic<uint32_t> sleepers{0};
  std::atomic<bool> stopping{false};
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
};
} // namespace ssmc
#endif
