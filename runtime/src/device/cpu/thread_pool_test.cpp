#include "runtime/src/device/cpu/thread_pool.h"
#include <chrono>
#include <csignal>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

using namespace ssmc;

namespace {
/// Counts how often each item ran and what its thread looked like.
struct Probe {
  explicit Probe(size_t count) : runs(count) {}
  std::vector<std::atomic<int>> runs;
  std::atomic<bool> scratchIsMine{true};
  std::atomic<bool> sawUnblockedSignal{false};
  pthread_t caller = pthread_self();
  std::atomic<int64_t> largestChunk{0};
};

void probeItems(const ssmc_kernel_args *args, void *scratch, int64_t begin,
                int64_t end) {
  auto &probe = *static_cast<Probe *>(args->buffers[0]);
  auto *mine = static_cast<volatile int64_t *>(scratch);
  if (reinterpret_cast<uintptr_t>(scratch) % 64)
    probe.scratchIsMine = false;
  if (!pthread_equal(pthread_self(), probe.caller)) {
    sigset_t blocked;
    pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
    if (!sigismember(&blocked, SIGINT) || !sigismember(&blocked, SIGALRM))
      probe.sawUnblockedSignal = true;
  }
  int64_t largest = probe.largestChunk;
  while (largest < end - begin &&
         !probe.largestChunk.compare_exchange_weak(largest, end - begin)) {
  }
  for (int64_t i = begin; i < end; ++i) {
    for (int j = 0; j < 32; ++j)
      mine[j] = i;
    ++probe.runs[static_cast<size_t>(i)];
    for (int j = 0; j < 32; ++j)
      if (mine[j] != i)
        probe.scratchIsMine = false;
  }
}

class Pool : public ::testing::TestWithParam<int> {
protected:
  void SetUp() override {
    ASSERT_EQ(pool.start(GetParam(), &error), SSMC_OK) << error.message;
    ASSERT_EQ(pool.reserveScratch(256, &error), SSMC_OK);
  }
  ssmc_error error = {};
  ThreadPool pool{Allocator(nullptr)};
};

TEST_P(Pool, RunsEveryItemOnce) {
  EXPECT_EQ(pool.threads(), GetParam());
  for (int64_t count : {1, 2, 3, 7, 8, 64, 1000, 12345})
    for (int64_t grain : {1, 3, 16, 1000000}) {
      Probe probe(static_cast<size_t>(count));
      void *buffers[] = {&probe};
      ssmc_kernel_args args = {buffers, nullptr, 1, 1};
      pool.run({probeItems, &args, count, grain});
      for (auto &runs : probe.runs)
        ASSERT_EQ(runs, 1) << count << " items, grain " << grain;
      EXPECT_TRUE(probe.scratchIsMine);
      EXPECT_FALSE(probe.sawUnblockedSignal);
      EXPECT_GE(probe.largestChunk, std::min(count, grain));
    }
}

TEST_P(Pool, ShortDispatchesInARow) {
  Probe probe(16);
  void *buffers[] = {&probe};
  ssmc_kernel_args args = {buffers, nullptr, 1, 1};
  for (int i = 1; i <= 5000; ++i) {
    pool.run({probeItems, &args, 16, 1});
    // Done means done: nothing of this dispatch may run later.
    for (auto &runs : probe.runs)
      ASSERT_EQ(runs, i);
  }
}

TEST_P(Pool, WakesSleepers) {
  Probe probe(64);
  void *buffers[] = {&probe};
  ssmc_kernel_args args = {buffers, nullptr, 1, 1};
  for (int i = 1; i <= 20; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    pool.run({probeItems, &args, 64, 1});
    for (auto &runs : probe.runs)
      ASSERT_EQ(runs, i);
  }
}

/// One item for each thread: none ends before all have begun.
struct Meeting {
  explicit Meeting(int count) : threads(static_cast<size_t>(count)) {}
  std::vector<pthread_t> threads; // that ran the item
  std::atomic<int> begun{0};
};

void meetOthers(const ssmc_kernel_args *args, void *, int64_t begin,
                int64_t end) {
  auto &meeting = *static_cast<Meeting *>(args->buffers[0]);
  for (int64_t i = begin; i < end; ++i) {
    meeting.threads[static_cast<size_t>(i)] = pthread_self();
    ++meeting.begun;
    while (meeting.begun < static_cast<int>(meeting.threads.size()))
      std::this_thread::yield();
  }
}

TEST_P(Pool, GivesThreadsTheSameShareEachTime) {
  std::vector<pthread_t> first;
  for (int i = 0; i < 100; ++i) {
    Meeting meeting(GetParam());
    void *buffers[] = {&meeting};
    ssmc_kernel_args args = {buffers, nullptr, 1, 1};
    pool.run({meetOthers, &args, GetParam(), 1});
    if (first.empty())
      first = meeting.threads;
    for (size_t item = 0; item < first.size(); ++item)
      ASSERT_TRUE(pthread_equal(meeting.threads[item], first[item]))
          << "item " << item << ", dispatch " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Threads, Pool, ::testing::Values(1, 2, 3, 16));

TEST(ThreadPool, ScratchGrows) {
  ssmc_error error;
  ThreadPool pool{Allocator(nullptr)};
  ASSERT_EQ(pool.start(2, &error), SSMC_OK);
  EXPECT_EQ(pool.reserveScratch(uint64_t(1) << 60, &error), SSMC_OUT_OF_MEMORY);
  EXPECT_EQ(pool.reserveScratch(UINT64_MAX, &error), SSMC_OUT_OF_MEMORY);
  EXPECT_EQ(pool.reserveScratch(1 << 20, &error), SSMC_OK);
  EXPECT_EQ(pool.reserveScratch(0, &error), SSMC_OK);
}
} // namespace
