/// Convolutions against sums written out, kernels against values derived by
/// hand or in higher precision.

#include "compiler/Interpreter/interpreter_test.h"

#include <cmath>
#include <complex>

using namespace mlir;
using namespace ssmc::interpreter;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pointwise;

namespace {

using ConvolutionTest = InterpreterTest;

testing::Matcher<const std::vector<double> &> near(std::vector<double> values) {
  return Pointwise(testing::DoubleNear(1e-9), values);
}

/// A convolution of one batch row and one channel by the op with `clauses`.
std::string convolve(const std::string &clauses, int taps) {
  std::string kernel = "tensor<1x" + std::to_string(taps) + "xf32>";
  return "func.func @f(%u: tensor<?x?x1xf32>, %k: " + kernel +
         ") -> tensor<?x?x1xf32> {\n %y" + (clauses.empty() ? ", %w" : "") +
         " = ssm.long_conv %u, %k " + clauses + " : tensor<?x?x1xf32>, " +
         kernel + "\n return %y : tensor<?x?x1xf32>\n}";
}

TEST_F(ConvolutionTest, LooksBackOrAhead) {
  Tensor u = floats({1, 4, 1}, {1, 2, 3, 4}), k = floats({1, 2}, {10, 1});
  EXPECT_THAT(runOne(convolve("", 2), {u, k}).floats,
              ElementsAre(10, 21, 32, 43));
  EXPECT_THAT(runOne(convolve("reverse", 2), {u, k}).floats,
              ElementsAre(12, 23, 34, 40));
}

TEST_F(ConvolutionTest, ConventionsOfBackDifferByOneStep) {
  std::string back = "back(%k : tensor<1x2xf32>)";
  Tensor u = floats({1, 3, 1}, {1, 2, 3}), k = floats({1, 2}, {10, 1});
  // 10 u[t] + u[t-1] + 10 u[t+1] + u[t+2]
  EXPECT_THAT(runOne(convolve(back, 2), {u, k}).floats,
              ElementsAre(33, 51, 32));
  // 20 u[t] + u[t-1] + u[t+1]
  EXPECT_THAT(runOne(convolve(back + " inclusive", 2), {u, k}).floats,
              ElementsAre(22, 44, 62));
}

TEST_F(ConvolutionTest, CircularWrapsModuloTaps) {
  Tensor u = floats({1, 3, 1}, {1, 2, 3}), k = floats({1, 4}, {1, 0, 0, 10});
  EXPECT_THAT(runOne(convolve("circular", 4), {u, k}).floats,
              ElementsAre(21, 32, 3));
  // Sequences longer than the kernel see it again.
  EXPECT_THAT(
      runOne(convolve("circular", 2), {u, floats({1, 2}, {10, 1})}).floats,
      ElementsAre(42, 24, 42));
}

TEST_F(ConvolutionTest, StaysInsideSpace) {
  // Rows of three; the taps are "here" and "one to the left": none at a border.
  Tensor u = floats({1, 6, 1}, {1, 2, 3, 4, 5, 6}), k = floats({1, 2}, {10, 1});
  EXPECT_THAT(runOne(convolve("spatial [3]", 2), {u, k}).floats,
              ElementsAre(10, 21, 32, 40, 54, 65));
}

TEST_F(ConvolutionTest, WindowContinuesASequence) {
  auto results = run(R"(
    func.func @f(%u: tensor<?x?x1xf32>, %k: tensor<1x3xf32>,
                 %i: tensor<?x1x2xf32>)
        -> (tensor<?x?x1xf32>, tensor<?x1x2xf32>) {
      %y, %w = ssm.long_conv %u, %k init(%i : tensor<?x1x2xf32>)
          : tensor<?x?x1xf32>, tensor<1x3xf32>
      return %y, %w : tensor<?x?x1xf32>, tensor<?x1x2xf32>
    })",
                     {floats({1, 1, 1}, {3}), floats({1, 3}, {100, 10, 1}),
                      floats({1, 1, 2}, {1, 2})});
  ASSERT_EQ(results.size(), 2u) << errors;
  EXPECT_THAT(results[0].floats, ElementsAre(321));
  EXPECT_THAT(results[1].floats, ElementsAre(2, 3));
}

TEST_F(ConvolutionTest, ChannelsShareRows) {
  auto source = [](const std::string &clause) {
    return "func.func @f(%u: tensor<?x?x4xf32>, %k: tensor<2x1xf32>) -> "
           "tensor<?x?x4xf32> {\n %y = ssm.long_conv %u, %k " +
           clause +
           " : tensor<?x?x4xf32>, tensor<2x1xf32>\n"
           " return %y : tensor<?x?x4xf32>\n}";
  };
  Tensor u = floats({1, 1, 4}, {1, 1, 1, 1}), k = floats({2, 1}, {2, 3});
  EXPECT_THAT(runOne(source(""), {u, k}).floats, ElementsAre(2, 2, 3, 3));
  EXPECT_THAT(runOne(source("interleaved"), {u, k}).floats,
              ElementsAre(2, 3, 2, 3));
}

/// A kernel of one system from operands of these shapes.
std::string kernelOf(const std::string &method,
                     const std::vector<std::string> &types,
                     const std::string &clauses, int length) {
  std::string arguments, names, list;
  for (size_t i = 0; i < types.size(); ++i) {
    std::string comma = i ? ", " : "", name = "%p" + std::to_string(i);
    arguments += comma + name + ": " + types[i];
    names += comma + name;
    list += comma + types[i];
  }
  std::string result = "tensor<1x" + std::to_string(length) + "xf32>";
  return "func.func @f(" + arguments + ") -> " + result +
         " {\n %k = ssm.kernel " + method + "(" + names + " : " + list + ") " +
         clauses + " -> " + result + "\n return %k : " + result + "\n}";
}

TEST_F(ConvolutionTest, VandermondeTakesPowers) {
  std::string pair = "tensor<1x2xf32>";
  EXPECT_THAT(runOne(kernelOf("vandermonde", {pair, pair}, "", 3),
                     {floats({1, 2}, {0.5, -1}), floats({1, 2}, {4, 1})})
                  .floats,
              ElementsAre(5, 1, 2));
  std::string one = "tensor<1x1xf32>";
  // Re((1 + i) i^l)
  EXPECT_THAT(runOne(kernelOf("vandermonde", {one, one, one, one}, "", 4),
                     {floats({1, 1}, {0}), floats({1, 1}, {1}),
                      floats({1, 1}, {1}), floats({1, 1}, {1})})
                  .floats,
              ElementsAre(1, -1, -1, 1));
}

TEST_F(ConvolutionTest, CompanionIsItsDenseMatrix) {
  std::string v = "tensor<1x3xf32>";
  Tensor b = floats({1, 3}, {1, 0, -0.5}), c = floats({1, 3}, {0.7, 0.1, -0.2});
  auto expected = near({0.8, 0.095, -0.2425, 0.01025, 0.096875, -0.0031375});
  EXPECT_THAT(runOne(kernelOf("companion", {v, v, v}, "", 6),
                     {floats({1, 3}, {0.2, -0.3, 0.5}), b, c})
                  .floats,
              expected);
  EXPECT_THAT(
      runOne(kernelOf("krylov", {"tensor<1x3x3xf32>", v, v}, "", 6),
             {floats({1, 3, 3}, {0, 0, 0.2, 1, 0, -0.3, 0, 1, 0.5}), b, c})
          .floats,
      expected);
}

TEST_F(ConvolutionTest, TransferFunctionFoldsModuloNodes) {
  std::string v = "tensor<1x2xf32>", s = "tensor<1xf32>";
  Tensor a = floats({1, 2}, {-0.5, 0.1}), b = floats({1, 2}, {1, 0.3}),
         h0 = floats({1}, {0.2});
  EXPECT_THAT(
      runOne(kernelOf("transfer_function", {v, v, s}, "nodes(8)", 8),
             {a, b, h0})
          .floats,
      near({0.199074931721, 0.999812470077, 0.799998741866, 0.300018123925,
            0.070009187776, 0.005002781496, -0.00449952803, -0.002750042164}));
  // Unfolded: h[l] = b[l-1] + 0.5 h'[l-1] - 0.1 h'[l-2], h' without h0.
  EXPECT_THAT(
      runOne(kernelOf("transfer_function", {v, v, s}, "", 4), {a, b, h0})
          .floats,
      near({0.2, 1, 0.8, 0.3}));
  EXPECT_THAT(
      runOne(kernelOf("transfer_function", {v, v, s}, "direct", 3), {a, b, h0})
          .floats,
      near({1.2, 0.8, 0.3}));
}

TEST_F(ConvolutionTest, DplrWithoutLowRankIsDiagonal) {
  // w = -0.5 + i pi, b = 1, c = 1 + 0.5i, dt = 0.1 and its conjugate: twice the
  // real part of c dt / (1 - z/2) ((1 + z/2) / (1 - z/2))^l.
  std::complex<double> z(-0.05, 0.1 * M_PI), term = 0.1 / (1.0 - z / 2.0);
  term *= std::complex<double>(1, 0.5);
  std::vector<double> expected;
  for (int l = 0; l < 5; ++l) {
    expected.push_back(2 * term.real());
    term *= (1.0 + z / 2.0) / (1.0 - z / 2.0);
  }
  std::string v = "tensor<1x1xf32>", p = "tensor<1x1x1xf32>";
  auto one = [](double value) { return floats({1, 1}, {value}); };
  Tensor none = floats({1, 1, 1}, {0});
  EXPECT_THAT(
      runOne(kernelOf("dplr", {"tensor<1xf32>", v, v, p, p, v, v, v, v}, "", 5),
             {floats({1}, {0.1}), one(-0.5), one(M_PI), none, none, one(1),
              one(0), one(1), one(0.5)})
          .floats,
      near(expected));
}

TEST_F(ConvolutionTest, LowPassKeepsTheMean) {
  EXPECT_THAT(
      runOne(kernelOf("low_pass", {"tensor<1x3xf32>"}, "nodes(6) bins(1)", 6),
             {floats({1, 3}, {1, 2, 3})})
          .floats,
      near({1, 1, 1, 1, 1, 1}));
}

TEST_F(ConvolutionTest, PositionsCount) {
  Tensor t = runOne(R"(
    func.func @f(%x: tensor<?x?x1xf32>) -> tensor<1x?x2xf32> {
      %t = ssm.positions like %x : tensor<?x?x1xf32> -> tensor<1x?x2xf32>
      return %t : tensor<1x?x2xf32>
    })",
                    {floats({2, 3, 1}, {0, 0, 0, 0, 0, 0})});
  EXPECT_THAT(t.shape, ElementsAre(1, 3, 2));
  EXPECT_THAT(t.floats, ElementsAre(0, 0, 1, 1, 2, 2));
}

} // namespace
