#include "runtime/src/device/cpu/thread_pool.h"
#include "runtime/src/checked.h"
#include "runtime/src/error.h"
#include <csignal>
#include <ctime>
#include <sched.h>

using namespace ssmc;

/// How long a thread looks for work before it sleeps: dispatches of one step
/// follow each other within microseconds, and waking takes about 50.
static constexpr int64_t spinNanoseconds = 40000;
/// Chunks per thread: enough that a slow thread does not hold up the others.
static constexpr int64_t chunksPerThread = 4;

static int64_t now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * int64_t(1000000000) + time.tv_nsec;
}

static void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/// Spins until `isDone`, for `spinNanoseconds` at most; returns whether it is.
template <typename Condition> static bool spinUntil(Condition isDone) {
  int64_t deadline = 0;
  for (;;) {
    // The clock costs as much as several tries.
    for (int i = 0; i < 64; ++i) {
      if (isDone())
        return true;
      relax();
    }
    int64_t time = now();
    if (!deadline)
      deadline = time + spinNanoseconds;
    else if (time >= deadline)
      return false;
  }
}

ThreadPool::~ThreadPool() {
  stopping.store(true);
  wakeAll();
  for (uint32_t i = 0; i < started; ++i)
    pthread_join(workers[i].handle, nullptr);
  pthread_cond_destroy(&wake);
  pthread_mutex_destroy(&mutex);
}

ssmc_status ThreadPool::start(int32_t threads, ssmc_error *error) {
  uint64_t count = static_cast<uint64_t>(threads);
  if (!workers.allocate(allocator, count - 1) ||
      !shares.allocate(allocator, count))
    return failMemory(error, (sizeof(Worker) + sizeof(Share)) * count,
                      "threads");
  // Workers inherit the mask: the host's signals are the host's business.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int failure = 0;
  for (uint32_t i = 0; i < workers.size() && !failure; ++i) {
    workers[i].pool = this;
    workers[i].index = i + 1;
    failure =
        pthread_create(&workers[i].handle, nullptr, workerMain, &workers[i]);
    started += !failure;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (failure)
    return fail(error, SSMC_OUT_OF_MEMORY,
                "could not start thread %u of %d (error %d)", started + 2,
                int(threads), failure);
  return SSMC_OK;
}

ssmc_status ThreadPool::reserveScratch(uint64_t bytes, ssmc_error *error) {
  // Neighbours must not share a cache line, nor start at the same cache set.
  Checked stride = Checked(bytes).alignedUp(memoryAlignment) + memoryAlignment;
  if (bytes == 0 || stride.isAtMost(scratchStride))
    return SSMC_OK;
  Checked total = stride * static_cast<uint64_t>(threads());
  if (!scratch.allocateUninitialized(allocator, total.saturated()))
    return failMemory(error, total.saturated(), "kernel scratch");
  scratchStride = stride.value();
  return SSMC_OK;
}

void ThreadPool::run(const Work &work) {
  int64_t threads = this->threads();
  int64_t worthWhile = work.count / work.grain;
  int64_t chunks = threads * chunksPerThread;
  if (chunks > worthWhile)
    chunks = worthWhile;
  if (threads == 1 || chunks <= 1) {
    runItems(work, scratchOf(0), 0, work.count);
    return;
  }
  int64_t chunkItems = (work.count + chunks - 1) / chunks;
  chunks = (work.count + chunkItems - 1) / chunkItems;
  publish(work, chunkItems, static_cast<uint32_t>(chunks));
  runChunks(0);
  auto isDone = [&] {
    return chunksDone.load(std::memory_order_acquire) == job.chunks;
  };
  // Past the spin the others have been descheduled: leave them the processor.
  while (!spinUntil(isDone))
    sched_yield();
}

void ThreadPool::publish(const Work &work, int64_t chunkItems,
                         uint32_t chunks) {
  job = {work, chunkItems, chunks};
  chunksDone.store(0, std::memory_order_relaxed);
  uint32_t begin = 0;
  for (uint64_t i = 0; i < shares.size(); ++i) {
    // Rounded up: of few chunks the caller, who is awake, has the first.
    uint64_t upTo = (i + 1) * chunks + shares.size() - 1;
    uint32_t end = static_cast<uint32_t>(upTo / shares.size());
    shares[i].end = end;
    if (end > begin)
      shares[i].left.store(end - begin, std::memory_order_release);
    begin = end;
  }
  // With the fence in `sleep`: either the stores are seen there, or the sleeper
  // is seen here.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (sleepers.load(std::memory_order_relaxed))
    wakeAll();
}

uint32_t ThreadPool::runShare(Share &share, uint32_t thread) {
  uint32_t taken = 0;
  uint32_t left = share.left.load(std::memory_order_relaxed);
  while (left) {
    if (!share.left.compare_exchange_weak(left, left - 1,
                                          std::memory_order_acquire,
                                          std::memory_order_relaxed))
      continue;
    int64_t begin = static_cast<int64_t>(share.end - left) * job.chunkItems;
    int64_t end = begin + job.chunkItems;
    if (end > job.work.count)
      end = job.work.count;
    runItems(job.work, scratchOf(thread), begin, end);
    ++taken;
    left = share.left.load(std::memory_order_relaxed);
  }
  return taken;
}

bool ThreadPool::runChunks(uint32_t thread) {
  bool any = false;
  uint32_t count = static_cast<uint32_t>(shares.size());
  for (uint32_t i = 0; i < count; ++i) {
    uint32_t taken = runShare(shares[(thread + i) % count], thread);
    if (taken)
      chunksDone.fetch_add(taken, std::memory_order_release);
    any |= taken != 0;
  }
  return any;
}

void *ThreadPool::workerMain(void *argument) {
  auto *worker = static_cast<Worker *>(argument);
  FpEnvironment environment;
  environment.enter();
  worker->pool->work(worker->index);
  environment.leave();
  return nullptr;
}

void ThreadPool::work(uint32_t index) {
  // Its own share stands for all: those of others run dry without it.
  auto hasWork = [&] {
    return shares[index].left.load(std::memory_order_relaxed) ||
           stopping.load(std::memory_order_relaxed);
  };
  while (!stopping.load()) {
    if (runChunks(index))
      continue;
    if (!spinUntil(hasWork))
      sleep(index);
  }
}

void ThreadPool::sleep(uint32_t index) {
  pthread_mutex_lock(&mutex);
  sleepers.fetch_add(1, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  while (!shares[index].left.load(std::memory_order_relaxed) &&
         !stopping.load())
    pthread_cond_wait(&wake, &mutex);
  sleepers.fetch_sub(1, std::memory_order_relaxed);
  pthread_mutex_unlock(&mutex);
}

void ThreadPool::wakeAll() {
  // With the mutex, no thread can be between its last look and its wait.
  pthread_mutex_lock(&mutex);
  pthread_cond_broadcast(&wake);
  pthread_mutex_unlock(&mutex);
}
