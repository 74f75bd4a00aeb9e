// Emitted matrix products beside OpenBLAS (prefill) and beside the bandwidth at
// which this machine reads memory (decode). Prints the best of several runs;
// the contenders take turns, so that both meet the same disturbances.
#include "compiler/Conversion/CpuKernels/MatmulHarness.h"
#include "compiler/Testing/Bench.h"
#include <algorithm>
#include <atomic>
#include <cblas.h>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>

using namespace ssmc;
using namespace ssmc::testing;

namespace {

constexpr int64_t maxThreads = 2;

/// A second thread that spins for work, as a decode loop's pool does.
class Pool {
public:
  Pool() : worker([this] { serve(); }) {}
  ~Pool() {
    stop = true;
    worker.join();
  }

  /// Runs body(thread) on `threads` (1 or 2) threads.
  void run(int64_t threads, const std::function<void(int64_t)> &body) {
    if (threads == 1)
      return body(0);
    job = &body;
    posted.fetch_add(1, std::memory_order_release);
    body(0);
    while (done.load(std::memory_order_acquire) !=
           posted.load(std::memory_order_relaxed))
      ;
  }

private:
  void serve() {
    for (int64_t seen = 0; !stop;) {
      if (posted.load(std::memory_order_acquire) == seen) {
        std::this_thread::yield();
        continue;
      }
      (*job)(1);
      done.store(++seen, std::memory_order_release);
    }
  }

  std::atomic<bool> stop{false};
  std::atomic<int64_t> posted{0}, done{0};
  const std::function<void(int64_t)> *job = nullptr;
  std::thread worker;
};

/// Bytes per second at which `threads` threads read a buffer beyond the caches,
/// each from four streams at once: one stream alone does not reach the limit.
double readBandwidth(Pool &pool, int64_t threads) {
  constexpr int64_t words = (256 << 20) / sizeof(uint64_t);
  static std::vector<uint64_t> data(words, 1);
  static std::atomic<uint64_t> sink;
  double best = 1e30;
  for (int repeat = 0; repeat < 6; ++repeat)
    best = std::min(best, seconds(threads, [&] {
                      pool.run(threads, [&](int64_t thread) {
                        uint64_t sum = 0;
                        int64_t share = words / threads, stream = share / 4;
                        const uint64_t *begin = data.data() + thread * share;
                        for (int64_t i = 0; i < stream; i += 8)
                          for (int64_t s = 0; s < 4; ++s)
                            for (int64_t j = 0; j < 8; ++j)
                              sum += begin[s * stream + i + j];
                        sink += sum;
                      });
                    }));
  return words * sizeof(uint64_t) / best;
}

struct Shape {
  int64_t k, n;
};

class Product {
public:
  Product(Shape shape, WeightType type)
      : shape(shape), packed(type, shape.n, shape.k, weights(shape, type)),
        compiled(shape.n, shape.k, type, tiles()) {
    for (Buffer &scratch : scratches)
      scratch = allocate(getMatmulScratchBytes(shape.k, shape.n) / 4);
  }

  void run(Pool &pool, int64_t threads, int64_t m, const std::vector<float> &x,
           float *y) {
    MatmulGrid grid = getMatmulGrid(shape.k, shape.n);
    int64_t items = (m + grid.rowBlock - 1) / grid.rowBlock * grid.panelItems;
    std::atomic<int64_t> next{0};
    pool.run(threads, [&](int64_t thread) {
      for (int64_t item; (item = next++) < items;)
        compiled.run(x, m, shape.k, packed, y, scratches[thread].get(), item,
                     item + 1);
    });
  }

  static CpuTileShapes tiles() {
    const char *level = std::getenv("SSMC_CPU_LEVEL");
    auto tiles = getCpuTileShapes(level ? level : "x86-64-v3");
    if (!tiles) {
      std::fprintf(stderr,
                   "expected SSMC_CPU_LEVEL to be a CPU level with "
                   "tiles, got '%s'\n",
                   level);
      std::exit(1);
    }
    return *tiles;
  }

  static std::vector<float> weights(Shape shape, WeightType type) {
    std::vector<float> w(shape.k * shape.n);
    for (size_t i = 0; i < w.size(); ++i)
      w[i] = float(int(i * 7 % 255) - 127) / 128;
    return w;
  }

private:
  Shape shape;
  PackedWeights packed;
  CompiledMatmul compiled;
  Buffer scratches[maxThreads];
};

const Shape shapes[] = {
    {768, 3072}, {1536, 80}, {48, 1536}, {1536, 768}, {768, 50280}};

void benchPrefill(Pool &pool, int64_t threads, WeightType type) {
  std::printf("\n%s weights, %lld thread(s)        ssmc  OpenBLAS  ratio\n",
              toString(type), (long long)threads);
  for (Shape shape : shapes) {
    Product product(shape, type);
    std::vector<float> w = Product::weights(shape, type);
    for (int64_t m : {256, 2048}) {
      std::vector<float> x(m * shape.k, 0.5f);
      Buffer y = allocate(m * shape.n);
      double flops = 2.0 * m * shape.k * shape.n;
      int repeats = flops > 5e10 ? 3 : flops > 1e9 ? 10 : 60;
      double ours = 1e30, theirs = 1e30;
      openblas_set_num_threads(threads);
      for (int repeat = 0; repeat < repeats; ++repeat) {
        ours = std::min(ours, seconds(threads, [&] {
                          product.run(pool, threads, m, x, y.get());
                        }));
        theirs =
            std::min(theirs, seconds(threads, [&] {
                       cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, m,
                                   shape.n, shape.k, 1, x.data(), shape.k,
                                   w.data(), shape.k, 0, y.get(), shape.n);
                     }));
      }
      std::printf("M %5lld K %5lld N %6lld  %6.1f    %6.1f  %5.1f %%\n",
                  (long long)m, (long long)shape.k, (long long)shape.n,
                  flops / ours / 1e9, flops / theirs / 1e9,
                  theirs / ours * 100);
    }
  }
}

void benchDecode(Pool &pool, int64_t threads, WeightType type) {
  Shape shape{1536, 50280};
  Product product(shape, type);
  for (int64_t m : {1, 2, 3, 4, 6, 8, 16}) {
    std::vector<float> x(m * shape.k, 0.5f);
    Buffer y = allocate(m * shape.n);
    double bandwidth = readBandwidth(pool, threads), best = 1e30;
    for (int repeat = 0; repeat < 10; ++repeat)
      best = std::min(best, seconds(threads, [&] {
                        product.run(pool, threads, m, x, y.get());
                      }));
    double bytes = double(shape.k) * shape.n * getByteSize(type);
    std::printf("M %lld %4s %lld thread(s): %5.1f GB/s of %5.1f, %5.1f %%\n",
                (long long)m, toString(type), (long long)threads,
                bytes / best / 1e9, bandwidth / 1e9,
                bytes / best / bandwidth * 100);
  }
}

} // namespace

// Arguments choose what to run: prefill decode, f32 bf16 f16, 1 2 (threads);
// of a kind that is not named, all.
int main(int argc, char **argv) {
  std::setbuf(stdout, nullptr);
  auto wanted = [&](const std::string &name,
                    std::initializer_list<std::string> kind) {
    bool any = false;
    for (int i = 1; i < argc; ++i) {
      if (argv[i] == name)
        return true;
      any |= std::find(kind.begin(), kind.end(), argv[i]) != kind.end();
    }
    return !any;
  };
  Pool pool;
  for (int64_t threads : {1, 2})
    for (WeightType type :
         {WeightType::f32, WeightType::bf16, WeightType::f16}) {
      if (!wanted(std::to_string(threads), {"1", "2"}) ||
          !wanted(toString(type), {"f32", "bf16", "f16"}))
        continue;
      if (wanted("prefill", {"prefill", "decode"}))
        benchPrefill(pool, threads, type);
      if (wanted("decode", {"prefill", "decode"}))
        benchDecode(pool, threads, type);
    }
}
