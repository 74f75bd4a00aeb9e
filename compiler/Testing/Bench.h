#ifndef SSMC_COMPILER_TESTING_BENCH_H
#define SSMC_COMPILER_TESTING_BENCH_H
/// What benchmarks of kernels measure with.

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>

namespace ssmc::testing {

struct Free {
  void operator()(float *data) const { std::free(data); }
};
/// Floats aligned as the runtime aligns buffers.
using Buffer = std::unique_ptr<float[], Free>;

/// `count` zeros.
inline Buffer allocate(int64_t count) {
  size_t bytes = (count * sizeof(float) + 63) / 64 * 64;
  auto *data = static_cast<float *>(std::aligned_alloc(64, bytes));
  std::memset(data, 0, bytes);
  return Buffer(data);
}

/// The time that `body` takes. One thread is measured in the time it runs,
/// which other programs disturb least; several are measured by the clock on the
/// wall.
template <typename Body> double seconds(int64_t threads, Body body) {
  auto now = [&] {
    timespec time;
    clock_gettime(threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC,
                  &time);
    return double(time.tv_sec) + double(time.tv_nsec) * 1e-9;
  };
  double start = now();
  body();
  return now() - start;
}

} // namespace ssmc::testing

#endif // SSMC_COMPILER_TESTING_BENCH_H
