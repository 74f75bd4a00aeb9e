// Emitted long convolutions beside FFTW on the same padded convolution: one
// thread, the best of several runs in turns, so that both meet the same
// disturbances. FFTW has the easier memory: each channel's time steps are
// neighbours, and it writes none of the padding.
#include "compiler/Conversion/CpuKernels/CpuKernelModels.h"
#include "compiler/Conversion/CpuKernels/Passes.h"
#include "compiler/Testing/Bench.h"
#include "compiler/Testing/LoadedKernels.h"
#include "dialects/Ssm/SsmConvolutions.h"

#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fftw3.h>

using namespace mlir;
using namespace ssmc;
using namespace ssmc::testing;

namespace {

Buffer randomNumbers(int64_t count) {
  Buffer numbers = allocate(count);
  for (int64_t i = 0; i < count; ++i)
    numbers[i] = float(std::rand()) / float(RAND_MAX) - 0.5f;
  return numbers;
}

/// y = k * u for one batch row; u and y are [length, channels], the kernel's
/// memory [length, channels].
class Convolution {
public:
  Convolution(int64_t channels, int64_t length) : channels(channels) {
    MLIRContext context(MLIRContext::Threading::DISABLED);
    DialectRegistry registry;
    registerCpuKernelModels(registry);
    context.appendDialectRegistry(registry);
    context
        .loadDialect<ssm::SsmDialect, plan::PlanDialect, func::FuncDialect>();
    loadKernelDialects(context);
    std::string d = std::to_string(channels), l = std::to_string(length);
    std::string seq = "tensor<?x?x" + d + "xf32>";
    std::string taps = "tensor<" + d + "x" + l + "xf32>";
    auto module = parseSourceString<ModuleOp>(
        "func.func private @conv(%u: " + seq + ", %k: " + taps +
            " {plan.weight, plan.layout = #plan.layout<[1, 0]>}) -> " + seq +
            " attributes {plan.kernel} {\n%y, %w = ssm.long_conv %u, %k : " +
            seq + ", " + taps + "\nreturn %y : " + seq + "\n}",
        &context);
    PassManager passes(&context);
    passes.addPass(cpu::createAssignCpuLayouts());
    if (failed(passes.run(*module)))
      std::abort();
    auto kernel = *module->getOps<func::FuncOp>().begin();
    auto number = [&](StringRef name) {
      auto attribute = kernel->getAttrOfType<IntegerAttr>(name);
      return attribute ? attribute.getInt() : 0;
    };
    scratch = allocate((number(plan::scratchAttrName) +
                        number(plan::scratchPerStepAttrName) * length) /
                       int64_t(sizeof(float)));
    PassManager lowering(&context);
    lowering.addPass(cpu::createLowerCpuKernels());
    lowering.addPass(createCanonicalizerPass());
    lowering.addPass(createCSEPass());
    if (failed(lowering.run(*module)))
      std::abort();
    FailureOr<LoadedKernels> loaded = LoadedKernels::load(*module);
    if (failed(loaded))
      std::abort();
    kernels.emplace(std::move(*loaded));
  }

  void run(const float *u, const float *k, float *y, int64_t length) {
    void *buffers[] = {const_cast<float *>(u), const_cast<float *>(k), y};
    int64_t strides[] = {length, length, length};
    ssmc_kernel_args args{buffers, strides, /*batch=*/1, length};
    (*kernels)[0](&args, scratch.get(), 0, (channels + 15) / 16);
  }

private:
  int64_t channels;
  Buffer scratch;
  std::optional<LoadedKernels> kernels;
};

/// The same with u, k and y of [channels, length].
class FftwConvolution {
public:
  explicit FftwConvolution(int64_t length)
      : length(length), points(1 << int(std::ceil(std::log2(2 * length)))),
        real(allocate(points)), input(allocate(points + 2)),
        taps(allocate(points + 2)) {
    unsigned effort = FFTW_MEASURE;
    forward =
        fftwf_plan_dft_r2c_1d(int(points), real.get(), spectrum(input), effort);
    forwardTaps =
        fftwf_plan_dft_r2c_1d(int(points), real.get(), spectrum(taps), effort);
    backward =
        fftwf_plan_dft_c2r_1d(int(points), spectrum(input), real.get(), effort);
  }
  void run(const float *u, const float *k, float *y, int64_t channels) {
    for (int64_t c = 0; c < channels; ++c) {
      fill(k + c * length);
      fftwf_execute(forwardTaps);
      fill(u + c * length);
      fftwf_execute(forward);
      for (int64_t i = 0; i <= points / 2; ++i) {
        float a = input[2 * i], b = input[2 * i + 1];
        float p = taps[2 * i], q = taps[2 * i + 1];
        input[2 * i] = a * p - b * q;
        input[2 * i + 1] = a * q + b * p;
      }
      fftwf_execute(backward);
      for (int64_t t = 0; t < length; ++t)
        y[c * length + t] = real[t] / float(points);
    }
  }

private:
  static fftwf_complex *spectrum(const Buffer &buffer) {
    return reinterpret_cast<fftwf_complex *>(buffer.get());
  }
  void fill(const float *from) {
    std::memcpy(real.get(), from, length * sizeof(float));
    std::memset(real.get() + length, 0, (points - length) * sizeof(float));
  }

  int64_t length, points;
  Buffer real, input, taps;
  fftwf_plan forward, forwardTaps, backward;
};

Buffer transposed(const Buffer &from, int64_t rows, int64_t columns) {
  Buffer to = allocate(rows * columns);
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j)
      to[j * rows + i] = from[i * columns + j];
  return to;
}

void bench(int64_t channels, int64_t length) {
  Buffer u = randomNumbers(channels * length),
         k = randomNumbers(channels * length), y = allocate(channels * length);
  Buffer ut = transposed(u, length, channels),
         kt = transposed(k, length, channels), yt = allocate(channels * length);
  Convolution ours(channels, length);
  FftwConvolution theirs(length);
  double best = 1e30, bestOfTheirs = 1e30;
  for (int repeat = 0; repeat < 5; ++repeat) {
    best = std::min(best, seconds(/*threads=*/1, [&] {
                      ours.run(u.get(), k.get(), y.get(), length);
                    }));
    bestOfTheirs =
        std::min(bestOfTheirs, seconds(/*threads=*/1, [&] {
                   theirs.run(ut.get(), kt.get(), yt.get(), channels);
                 }));
  }
  double error = 0, size = 0;
  for (int64_t t = 0; t < length; ++t)
    for (int64_t c = 0; c < channels; ++c) {
      error = std::max(
          error, double(std::fabs(y[t * channels + c] - yt[c * length + t])));
      size = std::max(size, double(std::fabs(y[t * channels + c])));
    }
  std::printf("D %4lld L %6lld: %8.2f ms, FFTW %8.2f ms, %5.2f of its speed, "
              "difference %.1e\n",
              (long long)channels, (long long)length, best * 1e3,
              bestOfTheirs * 1e3, bestOfTheirs / best, error / size);
}

} // namespace

int main() {
  std::setbuf(stdout, nullptr);
  for (auto [channels, length] : {std::pair<int64_t, int64_t>{768, 16384},
                                  {768, 1024},
                                  {768, 2048},
                                  {768, 4096},
                                  {768, 8192},
                                  {64, 131072}})
    bench(channels, length);
}
