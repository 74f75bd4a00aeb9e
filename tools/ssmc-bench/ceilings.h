#ifndef SSMC_TOOLS_SSMC_BENCH_CEILINGS_H
#define SSMC_TOOLS_SSMC_BENCH_CEILINGS_H
#include <cstddef>

namespace ssmc::bench {
/// A buffer this large is read from memory, not from a cache.
size_t memoryBufferBytes();

/// Bytes per second at which `threads` threads together read `bytes` of memory
/// again and again; the best of a few passes.
double measureReadBandwidth(int threads, size_t bytes);

/// Bytes per second, read and written, at which `threads` threads together
/// update `bytes` of memory in place, as states are, again and again.
double measureUpdateBandwidth(int threads, size_t bytes);

/// Float32 operations per second of `threads` threads that only run independent
/// chains of fused multiply-adds, two operations each, in the widest vectors
/// this processor has; the best of a few passes.
double measureFmaPeak(int threads);

/// Exponentials per second of `threads` threads, each over a small array in its
/// first cache, by the operations that compiled kernels use; the best of a few
/// passes.
double measureElementaryRate(int threads);

/// The widest vectors: "avx512", "avx2", "neon" or "generic".
const char *vectorLevel();
} // namespace ssmc::bench
#endif
