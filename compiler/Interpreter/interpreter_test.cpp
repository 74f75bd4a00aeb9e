/// Functions, arguments, parameters and the messages about them.

#include "compiler/Interpreter/interpreter_test.h"
#include "dialects/Ssm/SsmChannelScans.h"

#include <cmath>

using namespace mlir;
using namespace ssmc::interpreter;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

const char *kDecay = R"(
  func.func @f() -> tensor<3xf32> {
    %a = ssm.parameter "A" : tensor<3xf32> {
      %log = ssm.weight "A_log" : tensor<3xf32>
      %exp = math.exp %log : tensor<3xf32>
      %neg = arith.negf %exp : tensor<3xf32>
      ssm.yield %neg : tensor<3xf32>
    }
    return %a : tensor<3xf32>
  })";

TEST_F(InterpreterTest, ParameterIsComputedInFloat64AndRoundedOnce) {
  weights.tensors["A_log"] = floats({3}, {0.0, 1.0, 2.5});
  parse(kDecay);
  ssmc::ssm::ParameterOp op;
  module->walk([&](ssmc::ssm::ParameterOp found) { op = found; });
  auto a = evaluateParameter(op, weights);
  ASSERT_TRUE(succeeded(a)) << errors;
  EXPECT_THAT(a->shape, ElementsAre(3));
  auto rounded = ElementsAre(-1.0, double(-float(std::exp(1.0))),
                             double(-float(std::exp(2.5))));
  EXPECT_THAT(a->floats, rounded);
  EXPECT_THAT(runOne(kDecay, {}, Precision::Float32).floats, rounded);
  // In float64 nothing is rounded.
  EXPECT_THAT(runOne(kDecay, {}).floats,
              ElementsAre(-1.0, -std::exp(1.0), -std::exp(2.5)));
}

TEST_F(InterpreterTest, ParameterSaysWhichWeightIsMissing) {
  parse(kDecay);
  ssmc::ssm::ParameterOp op;
  module->walk([&](ssmc::ssm::ParameterOp found) { op = found; });
  EXPECT_TRUE(failed(evaluateParameter(op, weights)));
  EXPECT_THAT(errors, HasSubstr("no weight 'A_log'"));
}

TEST_F(InterpreterTest, SplatWeightHasTheValuesItsTypeCanHold) {
  Tensor w = runOne(R"(
    func.func @f() -> tensor<2xbf16> {
      %w = ssm.weight "w" splat(0.1) : tensor<2xbf16>
      return %w : tensor<2xbf16>
    })",
                    {});
  EXPECT_THAT(w.floats, ElementsAre(0.10009765625, 0.10009765625));
}

TEST_F(InterpreterTest, CallsPrivateFunctions) {
  Tensor y = runOne(R"(
    func.func private @twice(%x: tensor<?xf32>) -> tensor<?xf32> {
      %y = arith.addf %x, %x : tensor<?xf32>
      return %y : tensor<?xf32>
    }
    func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
      %y = call @twice(%x) : (tensor<?xf32>) -> tensor<?xf32>
      %z = call @twice(%y) : (tensor<?xf32>) -> tensor<?xf32>
      return %z : tensor<?xf32>
    })",
                    {floats({2}, {1, -3})});
  EXPECT_THAT(y.floats, ElementsAre(4, -12));
}

TEST_F(InterpreterTest, RefusesRecursion) {
  EXPECT_THAT(run(R"(
    func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
      %y = call @f(%x) : (tensor<?xf32>) -> tensor<?xf32>
      return %y : tensor<?xf32>
    })",
                  {floats({2}, {1, 2})}),
              IsEmpty());
  EXPECT_THAT(errors, HasSubstr("expected no recursive call, got one of @f"));
}

TEST_F(InterpreterTest, RefusesAFunctionWithoutBody) {
  run("func.func private @f() -> tensor<2xf32>", {});
  EXPECT_THAT(errors, HasSubstr("expected function @f to have a body"));
}

TEST_F(InterpreterTest, NamesTheMissingFunction) {
  run("func.func @g() { return }", {});
  EXPECT_THAT(errors, HasSubstr("expected a function named @f"));
}

TEST_F(InterpreterTest, NamesTheUnsupportedOp) {
  run(R"(
    func.func @f(%x: f32) -> f32 {
      %y = math.erf %x : f32
      return %y : f32
    })",
      {floats({}, {1})});
  EXPECT_THAT(errors,
              HasSubstr("'math.erf' op is not supported by the interpreter"));
}

TEST_F(InterpreterTest, ChecksArguments) {
  const char *f = R"(
    func.func @f(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
      return %x : tensor<?x2xf32>
    })";
  run(f, {});
  EXPECT_THAT(errors, HasSubstr("expected 1 arguments of @f, got 0"));
  run(f, {floats({1, 3}, {1, 2, 3})});
  EXPECT_THAT(errors, HasSubstr("expected argument 0 of @f to be "
                                "'tensor<?x2xf32>', got 1x3"));
  run(f, {integers({1, 2}, {1, 2})});
  EXPECT_THAT(errors, HasSubstr("got 0 floats and 2 integers"));
  run(f, {floats({1, 2}, {1})});
  EXPECT_THAT(errors, HasSubstr("got 1 floats and 0 integers"));
  EXPECT_THAT(runOne(f, {floats({1, 2}, {1, 2})}).floats, ElementsAre(1, 2));
}

TEST_F(InterpreterTest, RefusesToRoundAn16BitArgument) {
  const char *f = R"(
    func.func @f(%x: tensor<1xbf16>) -> tensor<1xbf16> {
      return %x : tensor<1xbf16>
    })";
  run(f, {floats({1}, {0.1})});
  EXPECT_THAT(errors, HasSubstr("expected argument 0 of @f to be "
                                "'tensor<1xbf16>', got 1.000000e-01, which "
                                "that type cannot hold"));
  EXPECT_THAT(runOne(f, {floats({1}, {0.5})}).floats, ElementsAre(0.5));
  EXPECT_TRUE(std::isnan(runOne(f, {floats({1}, {NAN})}).floats[0]));
}

TEST_F(InterpreterTest, Float32RoundsAfterEveryOp) {
  const char *f = R"(
    func.func @f(%x: f32, %y: f32) -> f32 {
      %sum = arith.addf %x, %y : f32
      %back = arith.subf %sum, %x : f32
      return %back : f32
    })";
  Tensor x = floats({}, {1e8}), y = floats({}, {1});
  EXPECT_THAT(runOne(f, {x, y}).floats, ElementsAre(1));
  EXPECT_THAT(runOne(f, {x, y}, Precision::Float32).floats, ElementsAre(0));
}

TEST_F(InterpreterTest, TheCallersModuleStaysAsItWas) {
  const char *f = R"(
    func.func @f(%d: tensor<1xf32>, %x: tensor<1x2x1xf32>)
        -> tensor<1x2x1xf32> {
      %h, %last = ssm.linear_scan %d, %x : tensor<1xf32>, tensor<1x2x1xf32>
      return %h : tensor<1x2x1xf32>
    })";
  EXPECT_THAT(runOne(f, {floats({1}, {0.5}), floats({1, 2, 1}, {2, 3})}).floats,
              ElementsAre(2, 4));
  int scans = 0;
  module->walk([&](ssmc::ssm::LinearScanOp) { ++scans; });
  EXPECT_EQ(scans, 1);
}

} // namespace
