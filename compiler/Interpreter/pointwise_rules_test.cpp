#include "compiler/Interpreter/interpreter_test.h"
#include "llvm/ADT/StringSwitch.h"

#include <cmath>
#include <complex>

using namespace mlir;
using namespace ssmc::interpreter;
using testing::DoubleEq;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

class PointwiseTest : public InterpreterTest {
protected:
  /// `op` on tensors of `arguments`' shape.
  Tensor apply(const std::string &op, ArrayRef<Tensor> arguments) {
    std::string type = "tensor<?xf32>", parameters, operands;
    for (size_t i = 0; i < arguments.size(); ++i) {
      std::string name = "%x" + std::to_string(i);
      parameters += (i ? ", " : "") + name + ": " + type;
      operands += (i ? ", " : " ") + name;
    }
    return runOne("func.func @f(" + parameters + ") -> " + type +
                      " {\n%y = " + op + operands + " : " + type +
                      "\nreturn %y : " + type + "\n}",
                  arguments);
  }
};

struct Unary {
  const char *op;
  double (*formula)(double);
};

class UnaryTest : public PointwiseTest,
                  public testing::WithParamInterface<Unary> {};

TEST_P(UnaryTest, IsTheFormula) {
  std::vector<double> values = {0.0, 0.1, 0.75, 1.0, 3.5, 19.0, 25.0};
  Tensor y = apply(GetParam().op, {floats({7}, values)});
  ASSERT_EQ(y.floats.size(), values.size());
  for (size_t i = 0; i < values.size(); ++i)
    EXPECT_DOUBLE_EQ(y.floats[i], GetParam().formula(values[i]))
        << GetParam().op << " of " << values[i];
}

INSTANTIATE_TEST_SUITE_P(
    Ops, UnaryTest,
    testing::Values(
        Unary{"arith.negf", [](double x) { return -x; }},
        Unary{"math.absf", [](double x) { return x; }},
        Unary{"math.exp", [](double x) { return std::exp(x); }},
        Unary{"math.exp2", [](double x) { return std::pow(2.0, x); }},
        Unary{"math.expm1", [](double x) { return std::expm1(x); }},
        Unary{"math.log", [](double x) { return std::log(x); }},
        Unary{"math.log1p", [](double x) { return std::log1p(x); }},
        Unary{"math.tanh", [](double x) { return std::tanh(x); }},
        Unary{"math.sqrt", [](double x) { return std::sqrt(x); }},
        Unary{"math.rsqrt", [](double x) { return 1 / std::sqrt(x); }},
        Unary{"math.sin", [](double x) { return std::sin(x); }},
        Unary{"math.cos", [](double x) { return std::cos(x); }},
        Unary{"ssm.sigmoid",
              [](double x) { return 0.5 + std::tanh(x / 2) / 2; }},
        Unary{"ssm.silu",
              [](double x) { return x * (0.5 + std::tanh(x / 2) / 2); }},
        Unary{"ssm.gelu",
              [](double x) { return x - x / 2 * std::erfc(x / M_SQRT2); }},
        Unary{"ssm.relu", [](double x) { return x; }},
        Unary{"ssm.neg_exp", [](double x) { return -std::exp(x); }},
        // The threshold is part of the definition: 19 is below, 25 above.
        Unary{"ssm.softplus",
              [](double x) {
                return x > 20 ? x : x + std::log1p(std::exp(-x));
              }}),
    [](const testing::TestParamInfo<Unary> &info) {
      std::string name = info.param.op;
      return name.replace(name.find('.'), 1, "_");
    });

TEST_F(PointwiseTest, NegativeArguments) {
  Tensor x = floats({3}, {-1.0, -30.0, -800.0});
  EXPECT_THAT(apply("math.absf", {x}).floats, ElementsAre(1, 30, 800));
  // exp(-x) overflows: the result is zero, not NaN.
  EXPECT_THAT(apply("ssm.sigmoid", {x}).floats,
              ElementsAre(DoubleEq(1 / (1 + std::exp(1.0))),
                          DoubleEq(std::exp(-30.0) / (1 + std::exp(-30.0))),
                          0));
  EXPECT_EQ(apply("ssm.silu", {x}).floats[2], 0);
  EXPECT_THAT(apply("ssm.relu", {x}).floats, ElementsAre(0, 0, 0));
  EXPECT_THAT(apply("ssm.softplus", {x}).floats,
              ElementsAre(DoubleEq(std::log1p(std::exp(-1.0))),
                          DoubleEq(std::log1p(std::exp(-30.0))), 0));
}

TEST_F(PointwiseTest, OpsOfTwoAndThree) {
  Tensor a = floats({2}, {3, -2}), b = floats({2}, {2, 3}),
         c = floats({2}, {1, 10});
  EXPECT_THAT(apply("arith.addf", {a, b}).floats, ElementsAre(5, 1));
  EXPECT_THAT(apply("arith.subf", {a, b}).floats, ElementsAre(1, -5));
  EXPECT_THAT(apply("arith.mulf", {a, b}).floats, ElementsAre(6, -6));
  EXPECT_THAT(apply("arith.divf", {a, b}).floats, ElementsAre(1.5, -2.0 / 3));
  EXPECT_THAT(apply("math.powf", {a, b}).floats, ElementsAre(9, -8));
  EXPECT_THAT(apply("math.fma", {a, b, c}).floats, ElementsAre(7, 4));
}

TEST_F(PointwiseTest, FmaRoundsOnce) {
  double x = 1 + 0x1p-30;
  Tensor a = floats({1}, {x}), c = floats({1}, {-1 - 0x1p-29});
  EXPECT_THAT(apply("math.fma", {a, a, c}).floats, ElementsAre(0x1p-60));
}

TEST_F(PointwiseTest, MaximumAndMinimumPropagateNanAndOrderZeros) {
  Tensor a = floats({4}, {1, NAN, 0.0, -0.0}),
         b = floats({4}, {2, 1, -0.0, 0.0});
  std::vector<double> most = apply("arith.maximumf", {a, b}).floats;
  std::vector<double> least = apply("arith.minimumf", {a, b}).floats;
  EXPECT_EQ(most[0], 2);
  EXPECT_EQ(least[0], 1);
  EXPECT_TRUE(std::isnan(most[1]) && std::isnan(least[1]));
  EXPECT_FALSE(std::signbit(most[2]) || std::signbit(most[3]));
  EXPECT_TRUE(std::signbit(least[2]) && std::signbit(least[3]));
}

TEST_F(PointwiseTest, ComparesWithNan) {
  // Less, equal, greater, unordered, for each predicate.
  std::pair<const char *, std::array<double, 4>> table[] = {
      {"false", {0, 0, 0, 0}}, {"oeq", {0, 1, 0, 0}}, {"ogt", {0, 0, 1, 0}},
      {"oge", {0, 1, 1, 0}},   {"olt", {1, 0, 0, 0}}, {"ole", {1, 1, 0, 0}},
      {"one", {1, 0, 1, 0}},   {"ord", {1, 1, 1, 0}}, {"ueq", {0, 1, 0, 1}},
      {"ugt", {0, 0, 1, 1}},   {"uge", {0, 1, 1, 1}}, {"ult", {1, 0, 0, 1}},
      {"ule", {1, 1, 0, 1}},   {"une", {1, 0, 1, 1}}, {"uno", {0, 0, 0, 1}},
      {"true", {1, 1, 1, 1}}};
  for (auto [predicate, wanted] : table) {
    Tensor y = runOne(std::string(R"(
      func.func @f(%a: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<4xf32> {
        %yes = arith.constant dense<1.0> : tensor<4xf32>
        %no = arith.constant dense<0.0> : tensor<4xf32>
        %test = arith.cmpf )") +
                          predicate +
                          R"(, %a, %b : tensor<4xf32>
        %y = arith.select %test, %yes, %no : tensor<4xi1>, tensor<4xf32>
        return %y : tensor<4xf32>
      })",
                      {floats({4}, {1, 2, 3, NAN}), floats({4}, {2, 2, 2, 2})});
    EXPECT_THAT(y.floats, testing::ElementsAreArray(wanted)) << predicate;
  }
}

TEST_F(PointwiseTest, CombinesTruthValues) {
  // A truth value is one bit, which is -1 where it is signed.
  SmallVector<Tensor> y =
      run(R"(
    func.func @f(%a: tensor<4xi64>, %b: tensor<4xi64>)
        -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>,
            tensor<4xf32>) {
      %less = arith.cmpi slt, %a, %b : tensor<4xi64>
      %below = arith.cmpi ult, %a, %b : tensor<4xi64>
      %and = arith.andi %less, %below : tensor<4xi1>
      %or = arith.ori %less, %below : tensor<4xi1>
      %xor = arith.xori %less, %below : tensor<4xi1>
      %0 = arith.uitofp %and : tensor<4xi1> to tensor<4xf32>
      %1 = arith.uitofp %or : tensor<4xi1> to tensor<4xf32>
      %2 = arith.sitofp %xor : tensor<4xi1> to tensor<4xf32>
      %3 = arith.sitofp %a : tensor<4xi64> to tensor<4xf32>
      %fewer = arith.cmpi slt, %less, %below : tensor<4xi1>
      %4 = arith.uitofp %fewer : tensor<4xi1> to tensor<4xf32>
      return %0, %1, %2, %3, %4 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>,
          tensor<4xf32>, tensor<4xf32>
    })",
          {integers({4}, {-1, 1, 2, 2}), integers({4}, {1, 2, -1, 2})});
  ASSERT_EQ(y.size(), 5u) << errors;
  EXPECT_THAT(y[0].floats, ElementsAre(0, 1, 0, 0));
  EXPECT_THAT(y[1].floats, ElementsAre(1, 1, 1, 0));
  EXPECT_THAT(y[2].floats, ElementsAre(-1, 0, -1, 0));
  EXPECT_THAT(y[3].floats, ElementsAre(-1, 1, 2, 2));
  EXPECT_THAT(y[4].floats, ElementsAre(1, 0, 0, 0));
}

TEST_F(PointwiseTest, IntegersWrapAround) {
  SmallVector<Tensor> y =
      run(R"(
    func.func @f(%a: tensor<2xi64>, %b: tensor<2xi64>)
        -> (tensor<2xi64>, tensor<2xi64>, tensor<2xi64>, tensor<2xf32>) {
      %0 = arith.addi %a, %b : tensor<2xi64>
      %1 = arith.subi %a, %b : tensor<2xi64>
      %2 = arith.muli %a, %b : tensor<2xi64>
      %same = arith.cmpi eq, %b, %b : tensor<2xi64>
      %carried = arith.addi %same, %same : tensor<2xi1>
      %3 = arith.uitofp %carried : tensor<2xi1> to tensor<2xf32>
      return %0, %1, %2, %3 : tensor<2xi64>, tensor<2xi64>, tensor<2xi64>,
          tensor<2xf32>
    })",
          {integers({2}, {3, INT64_MAX}), integers({2}, {-5, 2})});
  ASSERT_EQ(y.size(), 4u) << errors;
  EXPECT_THAT(y[0].integers, ElementsAre(-2, INT64_MIN + 1));
  EXPECT_THAT(y[1].integers, ElementsAre(8, INT64_MAX - 2));
  EXPECT_THAT(y[2].integers, ElementsAre(-15, -2));
  EXPECT_THAT(y[3].floats, ElementsAre(0, 0));
}

TEST_F(PointwiseTest, SelectsWholeTensorsByOneCondition) {
  const char *f = R"(
    func.func @f(%s: f32, %a: tensor<2xf32>, %b: tensor<2xf32>)
        -> tensor<2xf32> {
      %zero = arith.constant 0.0 : f32
      %test = arith.cmpf ogt, %s, %zero : f32
      %y = arith.select %test, %a, %b : tensor<2xf32>
      return %y : tensor<2xf32>
    })";
  Tensor a = floats({2}, {1, 2}), b = floats({2}, {3, 4});
  EXPECT_THAT(runOne(f, {floats({}, {1}), a, b}).floats, ElementsAre(1, 2));
  EXPECT_THAT(runOne(f, {floats({}, {-1}), a, b}).floats, ElementsAre(3, 4));
}

TEST_F(PointwiseTest, TruncationRoundsToNearestEvenOnce) {
  // bf16 has 8 significant bits: 2^-8 is half of the last place at one. The
  // last value would come out as 1 if it were rounded to f32 first.
  Tensor y = runOne(
      R"(
    func.func @f(%x: tensor<4xf64>) -> tensor<4xf64> {
      %half = arith.truncf %x : tensor<4xf64> to tensor<4xbf16>
      %y = arith.extf %half : tensor<4xbf16> to tensor<4xf64>
      return %y : tensor<4xf64>
    })",
      {floats({4}, {1 + 0x1p-8, 1 + 3 * 0x1p-8, 1e39, 1 + 0x1p-8 + 0x1p-40})});
  EXPECT_THAT(y.floats, ElementsAre(1, 1 + 0x1p-6, INFINITY, 1 + 0x1p-7));
}

TEST_F(PointwiseTest, ConstantsOfEveryKind) {
  SmallVector<Tensor> y = run(R"(
    func.func @f() -> (f32, index, tensor<2x2xf32>, tensor<3xi64>, i1) {
      %a = arith.constant 1.5 : f32
      %b = arith.constant 7 : index
      %c = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
      %d = arith.constant dense<-2> : tensor<3xi64>
      %e = arith.constant true
      return %a, %b, %c, %d, %e
          : f32, index, tensor<2x2xf32>, tensor<3xi64>, i1
    })",
                              {});
  ASSERT_EQ(y.size(), 5u) << errors;
  EXPECT_THAT(y[0].floats, ElementsAre(1.5));
  EXPECT_THAT(y[1].integers, ElementsAre(7));
  EXPECT_THAT(y[2].floats, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(y[3].integers, ElementsAre(-2, -2, -2));
  EXPECT_THAT(y[4].integers, ElementsAre(1));
}

TEST_F(PointwiseTest, Discretizes) {
  double dt = 0.5, a = -2, z = dt * a;
  struct {
    const char *method;
    double decay, gain;
  } table[] = {
      {"zoh", std::exp(z), std::expm1(z) / a},
      {"bilinear", (1 + z / 2) / (1 - z / 2), dt / (1 - z / 2)},
      {"euler", 1 + z, dt},
      {"backward_euler", 1 / (1 - z), dt / (1 - z)},
      {"gbt", (1 + 0.75 * z) / (1 - 0.25 * z), dt / (1 - 0.25 * z)},
      {"dirac", std::exp(z), 1},
      {"exp_euler", std::exp(z), dt},
      {"ema", 1 - z, dt},
      {"async", std::exp(z * dt), std::expm1(z) / a},
      {"dss", std::exp(z), std::expm1(z) / (a * std::expm1(5 * z))},
  };
  for (auto &row : table) {
    std::string alpha = llvm::StringSwitch<std::string>(row.method)
                            .Case("gbt", "alpha(0.25) ")
                            .Case("async", "elapsed(%dt : f32) ")
                            .Case("dss", "length(5) ")
                            .Default("");
    SmallVector<Tensor> y =
        run(std::string(R"(
      func.func @f(%dt: f32, %a: tensor<1xf32>)
          -> (tensor<1xf32>, tensor<1xf32>) {
        %decay, %gain = ssm.discretize )") +
                row.method + " %dt, %a " + alpha + R"(: f32, tensor<1xf32>
        return %decay, %gain : tensor<1xf32>, tensor<1xf32>
      })",
            {floats({}, {dt}), floats({1}, {a})});
    ASSERT_EQ(y.size(), 2u) << errors;
    EXPECT_THAT(y[0].floats, ElementsAre(DoubleEq(row.decay))) << row.method;
    EXPECT_THAT(y[1].floats, ElementsAre(DoubleEq(row.gain))) << row.method;
  }
}

TEST_F(PointwiseTest, ZeroOrderHoldOfAnIntegrator) {
  SmallVector<Tensor> y = run(R"(
    func.func @f(%dt: tensor<2xf32>, %a: tensor<2xf32>)
        -> (tensor<2xf32>, tensor<2xf32>) {
      %decay, %gain = ssm.discretize zoh %dt, %a : tensor<2xf32>, tensor<2xf32>
      return %decay, %gain : tensor<2xf32>, tensor<2xf32>
    })",
                              {floats({2}, {0.25, 2}), floats({2}, {0, -1})});
  ASSERT_EQ(y.size(), 2u) << errors;
  EXPECT_THAT(y[0].floats, ElementsAre(1, DoubleEq(std::exp(-2.0))));
  EXPECT_THAT(y[1].floats, ElementsAre(0.25, DoubleEq(-std::expm1(-2.0))));
}

/// The gains by their definition, an integral over one step of inputs that run
/// from one to zero and from zero to one.
TEST_F(PointwiseTest, FirstOrderHold) {
  // Either side of where the closed form takes over from the series.
  for (double a : {-4.0, -1.01, -0.99, -1e-9, 0.0, 0.7, 3.0}) {
    double dt = 0.5, before = 0, now = 0;
    int samples = 20000;
    for (int i = 0; i < samples; ++i) { // midpoint rule
      double s = dt * (i + 0.5) / samples;
      double weight = std::exp(a * (dt - s)) * dt / samples;
      before += weight * (1 - s / dt);
      now += weight * s / dt;
    }
    SmallVector<Tensor> y = run(R"(
      func.func @f(%dt: f32, %a: tensor<1xf32>)
          -> (tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) {
        %decay, %gain, %previous = ssm.discretize foh %dt, %a
            : f32, tensor<1xf32>
        return %decay, %gain, %previous
            : tensor<1xf32>, tensor<1xf32>, tensor<1xf32>
      })",
                                {floats({}, {dt}), floats({1}, {a})});
    ASSERT_EQ(y.size(), 3u) << errors;
    EXPECT_THAT(y[0].floats, ElementsAre(DoubleEq(std::exp(dt * a)))) << a;
    EXPECT_THAT(y[1].floats, ElementsAre(DoubleNear(now, 1e-8))) << a;
    EXPECT_THAT(y[2].floats, ElementsAre(DoubleNear(before, 1e-8))) << a;
  }
}

TEST_F(PointwiseTest, DiscretizesComplexPoles) {
  using Complex = std::complex<double>;
  double dt = 0.5;
  for (Complex a : {Complex(-0.5, 3), Complex(-1e-9, 1e-9), Complex(0, 0)}) {
    Complex z = dt * a, one = 1;
    struct {
      const char *method;
      Complex decay, gain;
    } table[] = {
        {"zoh", std::exp(z), a == 0.0 ? dt : (std::exp(z) - one) / a},
        {"bilinear", (one + z / 2.0) / (one - z / 2.0), dt / (one - z / 2.0)},
        {"euler", one + z, dt},
        {"dirac", std::exp(z), 1},
        {"exp_euler", std::exp(z), dt},
        {"ema", one - z, dt},
        {"async", std::exp(z * dt), a == 0.0 ? dt : (std::exp(z) - one) / a},
    };
    for (auto &row : table) {
      StringRef elapsed =
          row.method == StringRef("async") ? " elapsed(%dt : f32)" : "";
      SmallVector<Tensor> y = run(
          std::string(R"(
      func.func @f(%dt: f32, %re: f32, %im: f32) -> (f32, f32, f32, f32) {
        %d, %g, %di, %gi = ssm.discretize )") +
              row.method + " %dt, %re imag(%im : f32)" + elapsed.str() +
              R"( : f32, f32
        return %d, %g, %di, %gi : f32, f32, f32, f32
      })",
          {floats({}, {dt}), floats({}, {a.real()}), floats({}, {a.imag()})});
      ASSERT_EQ(y.size(), 4u) << errors;
      // The naive quotient of the table loses digits near zero.
      EXPECT_NEAR(y[0].floats[0], row.decay.real(), 1e-15) << row.method;
      EXPECT_NEAR(y[1].floats[0], row.gain.real(), 1e-7) << row.method;
      EXPECT_NEAR(y[2].floats[0], row.decay.imag(), 1e-15) << row.method;
      EXPECT_NEAR(y[3].floats[0], row.gain.imag(), 1e-7) << row.method;
    }
  }
}

/// The powers of the decay times the gain sum to 1 / a over `length` steps.
TEST_F(PointwiseTest, NormalizesOverALength) {
  using Complex = std::complex<double>;
  Complex a(-0.3, 2);
  SmallVector<Tensor> y =
      run(R"(
    func.func @f(%dt: f32, %re: f32, %im: f32) -> (f32, f32, f32, f32) {
      %d, %g, %di, %gi = ssm.discretize dss %dt, %re imag(%im : f32) length(7)
          : f32, f32
      return %d, %g, %di, %gi : f32, f32, f32, f32
    })",
          {floats({}, {0.25}), floats({}, {a.real()}), floats({}, {a.imag()})});
  ASSERT_EQ(y.size(), 4u) << errors;
  Complex decay(y[0].floats[0], y[2].floats[0]);
  Complex gain(y[1].floats[0], y[3].floats[0]), sum = 0;
  for (int l = 0; l < 7; ++l)
    sum += gain * std::pow(decay, l);
  EXPECT_NEAR(std::abs(sum - 1.0 / a), 0, 1e-14);
}

/// Of the reciprocal that is part of the gain.
TEST_F(PointwiseTest, NormalizesWithAConstant) {
  using Complex = std::complex<double>;
  Complex a(-0.3, 2), z = 0.25 * a, x = a * (std::exp(7.0 * z) - 1.0);
  Complex gain = (std::exp(z) - 1.0) * std::conj(x) / (std::norm(x) + 0.5);
  SmallVector<Tensor> y =
      run(R"(
    func.func @f(%dt: f32, %re: f32, %im: f32) -> (f32, f32, f32) {
      %d, %g, %di, %gi = ssm.discretize dss %dt, %re imag(%im : f32) length(7)
          eps(0.5) : f32, f32
      %e, %h = ssm.discretize dss %dt, %re length(7) eps(0.5) : f32, f32
      return %g, %gi, %h : f32, f32, f32
    })",
          {floats({}, {0.25}), floats({}, {a.real()}), floats({}, {a.imag()})});
  ASSERT_EQ(y.size(), 3u) << errors;
  EXPECT_NEAR(y[0].floats[0], gain.real(), 1e-14);
  EXPECT_NEAR(y[1].floats[0], gain.imag(), 1e-14);
  double real = -0.3 * std::expm1(-0.525);
  EXPECT_NEAR(y[2].floats[0], std::expm1(-0.075) * real / (real * real + 0.5),
              1e-14);
}

TEST_F(PointwiseTest, ComplexNumbers) {
  SmallVector<Tensor> y = run(
      R"(
    func.func @f(%a: f32, %b: f32, %c: f32, %d: f32)
        -> (f32, f32, f32, f32, f32, f32) {
      %pr, %pi = ssm.complex_mul %a, %b, %c, %d : f32
      %qr, %qi = ssm.complex_div %pr, %pi, %c, %d : f32
      %er, %ei = ssm.complex_exp %a, %b : f32
      return %pr, %pi, %qr, %qi, %er, %ei : f32, f32, f32, f32, f32, f32
    })",
      {floats({}, {1}), floats({}, {2}), floats({}, {-3}), floats({}, {0.5})});
  ASSERT_EQ(y.size(), 6u) << errors;
  std::vector<double> expected = {
      -4, -5.5, 1, 2, std::exp(1) * std::cos(2), std::exp(1) * std::sin(2)};
  for (size_t i = 0; i < expected.size(); ++i)
    EXPECT_THAT(y[i].floats, ElementsAre(DoubleNear(expected[i], 1e-14))) << i;
}

TEST_F(PointwiseTest, RefusesOpenExtentsThatDisagree) {
  run(R"(
    func.func @f(%a: tensor<?xf32>, %b: tensor<?xf32>) -> tensor<?xf32> {
      %y = arith.addf %a, %b : tensor<?xf32>
      return %y : tensor<?xf32>
    })",
      {floats({2}, {1, 2}), floats({3}, {1, 2, 3})});
  EXPECT_THAT(errors, HasSubstr("'arith.addf' op expected operands of one "
                                "shape, got 2 and 3"));
}

} // namespace
