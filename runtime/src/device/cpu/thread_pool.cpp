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
  if (!workers.allocate(allocator, static_cast<uint64_t>(threads - 1)))
    return failMemory(error, sizeof(Worker) * uint64_t(threads - 1), "threads");
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
  job = {work, chunkItems, static_cast<uint32_t>(chunks)};
  chunksDone.store(0, std::memory_order_relaxed);
  // Sequentially consistent with `sleep`: either this store is seen there, or
  // the sleeper is seen here.
  chunksLeft.store(job.chunks, std::memory_order_seq_cst);
  if (sleepers.load(std::memory_order_seq_cst))
    wakeAll();
  while (runChunk(0)) {
  }
  auto isDone = [&] {
    return chunksDone.load(std::memory_order_acquire) == job.chunks;
  };
  // Past the spin the others have been descheduled: leave them the processor.
  while (!spinUntil(isDone))
    sched_yield();
}

bool ThreadPool::runChunk(uint32_t thread) {
  uint32_t left = chunksLeft.load(std::memory_order_relaxed);
  do
    if (!left)
      return false;
  while (!chunksLeft.compare_exchange_weak(
      left, left - 1, std::memory_order_acquire, std::memory_order_relaxed));
  int64_t begin = static_cast<int64_t>(job.chunks - left) * job.chunkItems;
  int64_t end = begin + job.chunkItems;
  if (end > job.work.count)
    end = job.work.count;
  runItems(job.work, scratchOf(thread), begin, end);
  chunksDone.fetch_add(1, std::memory_order_release);
  return true;
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
  auto hasWork = [&] {
    return chunksLeft.load(std::memory_order_relaxed) || stopping.load();
  };
  while (!stopping.load()) {
    if (runChunk(index))
      continue;
    if (!spinUntil(hasWork))
      sleep();
  }
}

void ThreadPool::sleep() {
  pthread_mutex_lock(&mutex);
  sleepers.fetch_add(1, std::memory_order_seq_cst);
  while (!chunksLeft.load(std::memory_order_seq_cst) && !stopping.load())
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
