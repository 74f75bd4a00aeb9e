#include "tools/ssmc-bench/ceilings.h"
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <memory>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {
constexpr int passes = 3;

double threadSeconds() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return double(time.tv_sec) + 1e-9 * double(time.tv_nsec);
}

/// Seconds that the slowest of `body(0)` ... `body(threads - 1)`, run at once,
/// has a processor: other work on the machine does not lower a ceiling.
double timeThreads(int threads, const std::function<void(int)> &body) {
  std::atomic<int> ready{0};
  std::atomic<bool> go{false};
  std::vector<std::thread> workers;
  std::vector<double> seconds(threads);
  for (int i = 0; i < threads; ++i)
    workers.emplace_back([&, i] {
      ++ready;
      while (!go)
        std::this_thread::yield();
      double begin = threadSeconds();
      body(i);
      seconds[i] = threadSeconds() - begin;
    });
  while (ready != threads)
    std::this_thread::yield();
  go = true;
  for (std::thread &worker : workers)
    worker.join();
  return *std::max_element(seconds.begin(), seconds.end());
}

/// Keeps the compiler from dropping the work behind `value`.
volatile double sink;

template <int bytes> struct VectorOf {
  typedef float floats __attribute__((vector_size(bytes)));
  typedef int64_t integers __attribute__((vector_size(bytes), may_alias));
};

// The bodies below have no target of their own: each instantiation is inlined
// into a function compiled for one vector width.
template <int bytes, int chains>
[[gnu::always_inline]] inline void runChains(int64_t rounds) {
  using Vector = typename VectorOf<bytes>::floats;
  volatile float unknown = 0.5f; // so that nothing folds
  Vector factor = Vector{} + unknown, term = Vector{} + unknown;
  Vector chain[chains];
#pragma GCC unroll 32
  for (int i = 0; i < chains; ++i)
    chain[i] = Vector{} + float(i);
  for (int64_t round = 0; round < rounds; ++round)
#pragma GCC unroll 32
    for (int i = 0; i < chains; ++i)
      chain[i] = chain[i] * factor + term;
  for (int i = 1; i < chains; ++i)
    chain[0] += chain[i];
  sink = chain[0][0];
}

// From a cache further away several streams are read faster than one, from
// others slower: both are tried.
constexpr int manyStreams = 4;

template <int bytes, int streams>
[[gnu::always_inline]] inline void readStreams(const int64_t *data,
                                               size_t words) {
  using Vector = typename VectorOf<bytes>::integers;
  constexpr int chains = 8 / streams;
  constexpr size_t step = chains * bytes / sizeof(int64_t);
  size_t share = words / streams / step * step;
  Vector sum[8] = {};
  for (size_t at = 0; at < share; at += step)
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i)
      sum[i] += reinterpret_cast<const Vector *>(data + i / chains * share +
                                                 at)[i % chains];
  for (int i = 1; i < 8; ++i)
    sum[0] += sum[i];
  sink = double(sum[0][0]);
}

template <int bytes>
[[gnu::always_inline]] inline void readAll(const int64_t *data, size_t words,
                                           int streams) {
  if (streams == 1)
    readStreams<bytes, 1>(data, words);
  else
    readStreams<bytes, manyStreams>(data, words);
}

template <int bytes, int streams>
[[gnu::always_inline]] inline void updateStreams(int64_t *data, size_t words) {
  using Vector = typename VectorOf<bytes>::integers;
  constexpr int chains = 8 / streams;
  constexpr size_t step = chains * bytes / sizeof(int64_t);
  size_t share = words / streams / step * step;
  for (size_t at = 0; at < share; at += step)
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i)
      reinterpret_cast<Vector *>(data + i / chains * share + at)[i % chains] +=
          1;
}

template <int bytes>
[[gnu::always_inline]] inline void updateAll(int64_t *data, size_t words,
                                             int streams) {
  if (streams == 1)
    updateStreams<bytes, 1>(data, words);
  else
    updateStreams<bytes, manyStreams>(data, words);
}

/// exp of each element of `from`, by the range reduction and polynomial of
/// `--ssmc-expand-math`.
template <int bytes>
[[gnu::always_inline]] inline void expAll(const float *from, float *to,
                                          size_t count) {
  using Floats = typename VectorOf<bytes>::floats;
  typedef int32_t Integers __attribute__((vector_size(bytes)));
  constexpr size_t lanes = bytes / sizeof(float);
  constexpr float bias = 0x1.8p23f + 127;
  for (size_t at = 0; at + lanes <= count; at += lanes) {
    Floats x = *reinterpret_cast<const Floats *>(from + at);
    Floats low = Floats{} - 104.0f, high = Floats{} + 89.0f;
    x = x < low ? low : x;
    x = x > high ? high : x;
    Floats t = x * (0x1.715476p+0f / 2) + bias;
    Floats h = t - bias;
    Floats r = h * (-2 * 0x1.62e430p-1f) + x;
    r = h * (2 * 0x1.05c610p-29f) + r;
    Floats q = r * 0x1.9b4a56p-13f + 0x1.71bbcep-10f;
    q = q * r + 0x1.112826p-7f;
    q = q * r + 0x1.5549fcp-5f;
    q = q * r + 0x1.555510p-3f;
    q = q * r + 0x1.00000cp-1f;
    Floats p = (q * r + 1.0f) * r + 1.0f;
    Floats scale = (Floats)((Integers)t << 23);
    *reinterpret_cast<Floats *>(to + at) = p * scale * scale;
  }
}

/// One vector width's measured loops.
struct Level {
  const char *name;
  int64_t flopsPerRound;
  void (*chains)(int64_t rounds);
  void (*read)(const int64_t *data, size_t words, int streams);
  void (*update)(int64_t *data, size_t words, int streams);
  void (*exponentials)(const float *from, float *to, size_t count);
};

#if defined(__x86_64__)
// 12 chains cover 4 cycles of latency on 2 ports and leave registers.
[[gnu::target("avx512f")]] void chainsAvx512(int64_t rounds) {
  runChains<64, 12>(rounds);
}
[[gnu::target("avx512f")]] void readAvx512(const int64_t *data, size_t words,
                                           int streams) {
  readAll<64>(data, words, streams);
}
[[gnu::target("avx512f")]] void updateAvx512(int64_t *data, size_t words,
                                             int streams) {
  updateAll<64>(data, words, streams);
}
[[gnu::target("avx512f")]] void expAvx512(const float *from, float *to,
                                          size_t count) {
  expAll<64>(from, to, count);
}
[[gnu::target("avx2,fma")]] void expAvx2(const float *from, float *to,
                                         size_t count) {
  expAll<32>(from, to, count);
}
[[gnu::target("avx2,fma")]] void chainsAvx2(int64_t rounds) {
  runChains<32, 12>(rounds);
}
[[gnu::target("avx2,fma")]] void readAvx2(const int64_t *data, size_t words,
                                          int streams) {
  readAll<32>(data, words, streams);
}
[[gnu::target("avx2,fma")]] void updateAvx2(int64_t *data, size_t words,
                                            int streams) {
  updateAll<32>(data, words, streams);
}
#endif
// 24 chains cover 4 cycles of latency on the 4 ports of large Arm cores.
void chainsBase(int64_t rounds) { runChains<16, 24>(rounds); }
void readBase(const int64_t *data, size_t words, int streams) {
  readAll<16>(data, words, streams);
}
void updateBase(int64_t *data, size_t words, int streams) {
  updateAll<16>(data, words, streams);
}
void expBase(const float *from, float *to, size_t count) {
  expAll<16>(from, to, count);
}

Level bestLevel() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f"))
    return {"avx512",   16 * 12 * 2,  chainsAvx512,
            readAvx512, updateAvx512, expAvx512};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return {"avx2", 8 * 12 * 2, chainsAvx2, readAvx2, updateAvx2, expAvx2};
#endif
#if defined(__aarch64__)
  return {"neon", 4 * 24 * 2, chainsBase, readBase, updateBase, expBase};
#else
  return {"generic", 4 * 24 * 2, chainsBase, readBase, updateBase, expBase};
#endif
}
} // namespace

size_t ssmc::bench::memoryBufferBytes() {
  long cache = sysconf(_SC_LEVEL3_CACHE_SIZE);
  return std::clamp<size_t>(cache > 0 ? 4 * size_t(cache) : 0, 128 << 20,
                            1 << 30);
}

namespace {
struct Free {
  void operator()(int64_t *data) const { std::free(data); }
};
using Words = std::unique_ptr<int64_t, Free>;

/// Bytes per second at which `pass(i)` moves `bytes`, `rounds` times in each of
/// `threads` threads; the best of a few passes.
double bestRate(int threads, size_t rounds, double bytes,
                const std::function<void(int, size_t)> &pass) {
  double best = 0;
  for (int i = 0; i < passes; ++i) {
    double time = timeThreads(threads, [&](int thread) {
      for (size_t round = 0; round < rounds; ++round)
        pass(thread, round);
    });
    best = std::max(best, double(rounds) * bytes * threads / time);
  }
  return best;
}

/// Words of each thread's share of `bytes`, in whole pages, so that every
/// thread places its own.
size_t wordsPerThread(int threads, size_t bytes) {
  constexpr size_t page = 4096;
  return std::max<size_t>(bytes / page / threads, 1) * page / sizeof(int64_t);
}

/// One buffer per thread, written by it; empty if there is no memory.
std::vector<Words> placeWords(int threads, size_t words) {
  std::vector<Words> parts(threads);
  timeThreads(threads, [&](int i) {
    parts[i].reset(static_cast<int64_t *>(std::aligned_alloc(4096, words * 8)));
    if (parts[i])
      std::fill_n(parts[i].get(), words, i);
  });
  for (const Words &part : parts)
    if (!part)
      return {};
  return parts;
}

constexpr size_t bytesPerPass = 64 << 20;
} // namespace

double ssmc::bench::measureReadBandwidth(int threads, size_t bytes) {
  size_t words = wordsPerThread(threads, bytes);
  std::vector<Words> parts = placeWords(threads, words);
  if (parts.empty())
    return 0;
  Level level = bestLevel();
  size_t rounds = std::max<size_t>(bytesPerPass / (words * 8 * threads), 1);
  double best = 0;
  for (int streams : {1, manyStreams})
    best = std::max(
        best,
        bestRate(threads, rounds, double(words * 8), [&](int thread, size_t) {
          level.read(parts[thread].get(), words, streams);
        }));
  return best;
}

double ssmc::bench::measureUpdateBandwidth(int threads, size_t bytes) {
  size_t words = wordsPerThread(threads, bytes);
  std::vector<Words> parts = placeWords(threads, words);
  if (parts.empty())
    return 0;
  Level level = bestLevel();
  size_t rounds = std::max<size_t>(bytesPerPass / (words * 8 * threads), 1);
  double best = 0;
  for (int streams : {1, manyStreams})
    best = std::max(best, bestRate(threads, rounds, 2.0 * double(words * 8),
                                   [&](int thread, size_t) {
                                     level.update(parts[thread].get(), words,
                                                  streams);
                                   }));
  return best;
}

double ssmc::bench::measureFmaPeak(int threads) {
  constexpr int64_t rounds = 1 << 23; // about 20 ms
  Level level = bestLevel();
  double best = 0;
  for (int pass = 0; pass < passes; ++pass) {
    double time = timeThreads(threads, [&](int) { level.chains(rounds); });
    best =
        std::max(best, double(level.flopsPerRound) * rounds * threads / time);
  }
  return best;
}

double ssmc::bench::measureElementaryRate(int threads) {
  constexpr size_t count = 2048;
  constexpr size_t rounds = 1 << 12; // about 5 ms
  struct alignas(64) Arrays {
    float from[count], to[count];
  };
  std::vector<Arrays> arrays(threads);
  for (Arrays &own : arrays)
    for (size_t i = 0; i < count; ++i)
      own.from[i] = float(i % 64) * -0.125f;
  Level level = bestLevel();
  return bestRate(threads, rounds, double(count), [&](int thread, size_t) {
    level.exponentials(arrays[thread].from, arrays[thread].to, count);
    sink = arrays[thread].to[0];
  });
}

const char *ssmc::bench::vectorLevel() { return bestLevel().name; }
