// The expanded functions, compiled for this machine, against the functions of
// <cmath> in double.
// SSMC_EXHAUSTIVE=1 in the environment tries all 2^32 inputs.
#include "compiler/Testing/LoadedKernels.h"
#include "compiler/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "llvm/Support/FormatVariadic.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstdlib>
#include <cstring>

using namespace mlir;
using namespace ssmc;
using namespace ssmc::testing;

namespace {

struct Function {
  const char *name;
  double (*exact)(double);
  double bound; // units in the last place
};

double rsqrt(double x) { return 1 / std::sqrt(x); }

const Function functions[] = {
    {"exp", std::exp, 2}, {"exp2", std::exp2, 2},   {"expm1", std::expm1, 2},
    {"log", std::log, 2}, {"log1p", std::log1p, 2}, {"tanh", std::tanh, 3},
    {"rsqrt", rsqrt, 2},  {"erf", std::erf, 2},     {"sin", std::sin, 2},
    {"cos", std::cos, 2},
};

uint32_t bitsOf(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof(bits));
  return bits;
}

float fromBits(uint32_t bits) {
  float x;
  std::memcpy(&x, &bits, sizeof(x));
  return x;
}

/// |got - exact| in units in the last place of float at `exact`.
double ulpError(float got, double exact) {
  if (std::isnan(exact) || std::isnan(got))
    return std::isnan(exact) == std::isnan(got) ? 0 : INFINITY;
  if (got == exact)
    return std::signbit(got) == std::signbit(exact) ? 0 : INFINITY;
  // Beyond the range, infinity stands for the next power of two.
  double value = std::isinf(got) ? std::copysign(0x1p128, got) : double(got);
  if (std::isinf(exact))
    return INFINITY;
  if (std::isinf(got) && std::abs(exact) >= 0x1.ffffffp127)
    return 0;
  int exponent = std::max(std::ilogb(exact), -126);
  return std::abs(value - exact) / std::ldexp(1.0, exponent - 23);
}

/// y[i] = function(x[i]) for the items i in [begin, end): `vector` takes them
/// by 16, `scalar` one by one.
constexpr const char *loops = R"(
  func.func @vector(%x: memref<?xf32>, %y: memref<?xf32>,
                    %xs: index, %ys: index, %batch: index, %length: index,
                    %scratch: memref<?xf32>, %begin: index, %end: index)
      attributes {plan.kernel} {
    %step = arith.constant 16 : index
    scf.for %i = %begin to %end step %step {
      %in = vector.load %x[%i] : memref<?xf32>, vector<16xf32>
      %out = math.NAME %in : vector<16xf32>
      vector.store %out, %y[%i] : memref<?xf32>, vector<16xf32>
    }
    return
  }
  func.func @scalar(%x: memref<?xf32>, %y: memref<?xf32>,
                    %xs: index, %ys: index, %batch: index, %length: index,
                    %scratch: memref<?xf32>, %begin: index, %end: index)
      attributes {plan.kernel} {
    %step = arith.constant 1 : index
    scf.for %i = %begin to %end step %step {
      %in = memref.load %x[%i] : memref<?xf32>
      %out = math.NAME %in : f32
      memref.store %out, %y[%i] : memref<?xf32>
    }
    return
  })";

class CompiledFunction {
public:
  explicit CompiledFunction(StringRef name) : kernels(load(name)) {}

  /// x.size() is a multiple of 16.
  std::vector<float> runVector(std::vector<float> &x) const {
    return run(kernels[0], x);
  }
  std::vector<float> runScalar(std::vector<float> &x) const {
    return run(kernels[1], x);
  }

private:
  static LoadedKernels load(StringRef name) {
    MLIRContext context(MLIRContext::Threading::DISABLED);
    loadKernelDialects(context);
    std::string source = loops;
    for (size_t at; (at = source.find("NAME")) != std::string::npos;)
      source.replace(at, 4, name);
    auto module = parseSourceString<ModuleOp>(source, &context);
    RewritePatternSet patterns(&context);
    populateExpandMathPatterns(patterns);
    walkAndApplyPatterns(*module, std::move(patterns));
    module->walk([&](Operation *op) {
      EXPECT_NE(op->getName().getStringRef(), ("math." + name).str());
    });
    FailureOr<LoadedKernels> kernels = LoadedKernels::load(*module);
    if (failed(kernels))
      llvm::report_fatal_error("expected the loops to compile");
    return std::move(*kernels);
  }
  static std::vector<float> run(ssmc_kernel_fn kernel, std::vector<float> &x) {
    std::vector<float> y(x.size());
    void *buffers[] = {x.data(), y.data()};
    int64_t strides[] = {0, 0};
    ssmc_kernel_args args{buffers, strides, 1, int64_t(x.size())};
    kernel(&args, nullptr, 0, x.size());
    return y;
  }
  LoadedKernels kernels;
};

class ExpandMath : public ::testing::TestWithParam<Function> {};

TEST_P(ExpandMath, StaysWithinItsBound) {
  Function function = GetParam();
  CompiledFunction compiled(function.name);
  uint64_t stride = std::getenv("SSMC_EXHAUSTIVE") ? 1 : 251;
  constexpr int64_t chunk = 1 << 16;
  double worst = 0;
  float worstAt = 0;
  std::vector<float> x(chunk);
  for (uint64_t next = 0; next < 1ull << 32;) {
    for (float &value : x) {
      value = fromBits(next);
      next += stride;
    }
    std::vector<float> y = compiled.runVector(x);
    for (int64_t i = 0; i < chunk; ++i) {
      double error = ulpError(y[i], function.exact(x[i]));
      if (error > worst) {
        worst = error;
        worstAt = x[i];
      }
    }
  }
  RecordProperty("worst_ulp", llvm::formatv("{0:f3}", worst).str());
  std::printf("%s: %.3f ulp at %a\n", function.name, worst, worstAt);
  EXPECT_LE(worst, function.bound) << "at " << worstAt;
}

// Where a function or its expansion changes its course, without the signs.
const float edges[] = {
    // Zero, denormal and small arguments, and the last ones.
    0.0f, 0x1p-149f, 0x1p-126f, 0x1p-64f, 0x1p-24f, 0x1.fffffep127f, INFINITY,
    // exp and its kin: half of log(2), saturation, underflow, overflow.
    0.346573591f, 0.693147182f, 17.3286f, 20.0f, 87.33655f, 88.72284f, 89.0f,
    103.27893f, 103.972084f, 104.0f, 126.0f, 128.0f, 149.0f, 150.0f, 151.0f,
    // log and log1p: square roots of powers of two.
    0.25f, 0.5f, 0.707106769f, 1.0f, 1.41421354f, 2.0f, 0x1p23f, 0x1p24f,
    0x1p127f, 0x1.6a09e6p127f,
    // erf and tanh.
    0.85f, 4.0f, 9.02f,
    // sin and cos: levels of the reduction; multiples of pi / 2, the last as
    // close to one as floats come.
    0x1p48f, 0x1p80f, 0x1p112f, 1.57079637f, 3.14159274f, 0x1.f37c8ap95f};

/// Runs of neighbours around every edge.
TEST_P(ExpandMath, MeetsItsEdges) {
  Function function = GetParam();
  CompiledFunction compiled(function.name);
  std::vector<float> x;
  for (float edge : edges)
    for (int offset = -64; offset < 64; ++offset)
      for (uint32_t sign : {0u, 0x80000000u}) {
        int64_t bits = int64_t(bitsOf(edge)) + offset;
        if (bits >= 0)
          x.push_back(fromBits(uint32_t(bits) | sign));
      }
  for (uint32_t bits : {0x7fc00000u, 0xffc00000u, 0x7f800001u, 0xffffffffu})
    x.push_back(fromBits(bits));
  x.resize((x.size() + 15) / 16 * 16);
  std::vector<float> y = compiled.runVector(x);
  for (size_t i = 0; i < x.size(); ++i)
    EXPECT_LE(ulpError(y[i], function.exact(x[i])), function.bound)
        << function.name << "(" << x[i] << ") is " << y[i] << ", expected "
        << function.exact(x[i]);
}

TEST_P(ExpandMath, ScalarsEqualVectorsBitForBit) {
  CompiledFunction compiled(GetParam().name);
  std::vector<float> x(1 << 20);
  for (size_t i = 0; i < x.size(); ++i)
    x[i] = fromBits(uint32_t(i * 4099));
  std::vector<float> vector = compiled.runVector(x);
  std::vector<float> scalar = compiled.runScalar(x);
  for (size_t i = 0; i < x.size(); ++i)
    ASSERT_TRUE(bitsOf(vector[i]) == bitsOf(scalar[i]) ||
                (std::isnan(vector[i]) && std::isnan(scalar[i])))
        << GetParam().name << "(" << x[i] << "): " << vector[i] << " and "
        << scalar[i];
}

INSTANTIATE_TEST_SUITE_P(All, ExpandMath, ::testing::ValuesIn(functions),
                         [](const auto &info) { return info.param.name; });

} // namespace
