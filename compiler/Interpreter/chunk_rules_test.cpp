#include "compiler/Interpreter/interpreter_test.h"

using namespace mlir;
using namespace ssmc::interpreter;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::Pointwise;

namespace {

/// Values in (-1, 1), the same on every run.
std::vector<double> numbers(int64_t count, unsigned seed) {
  std::vector<double> values;
  uint32_t state = seed * 2654435761u + 1;
  for (int64_t i = 0; i < count; ++i) {
    state = state * 1664525u + 1013904223u;
    values.push_back(static_cast<double>(state >> 8) / (1 << 23) - 1);
  }
  return values;
}

MATCHER_P(Near, tolerance, "") {
  return std::fabs(std::get<0>(arg) - std::get<1>(arg)) <=
         tolerance * (1 + std::fabs(std::get<1>(arg)));
}

struct ChunkRulesTest : InterpreterTest {
  void expect(const std::string &source, ArrayRef<Tensor> arguments,
              const std::vector<double> &wanted) {
    Tensor result = runOne(source, arguments);
    EXPECT_THAT(result.floats, Pointwise(Near(1e-13), wanted)) << errors;
  }
};

TEST_F(ChunkRulesTest, MultipliesUpToEachStep) {
  Tensor d = floats({3, 2}, {2, 3, 5, 7, 0, -1});
  expect(R"(func.func @f(%d: tensor<3x2xf32>) -> tensor<3x2xf32> {
    %p = ssm.cumulative_product %d : tensor<3x2xf32>
    return %p : tensor<3x2xf32>
  })",
         {d}, {2, 3, 10, 21, 0, -21});
  expect(R"(func.func @f(%d: tensor<3x2xf32>) -> tensor<3x2xf32> {
    %p = ssm.cumulative_product %d suffix : tensor<3x2xf32>
    return %p : tensor<3x2xf32>
  })",
         {d}, {0, -7, 0, -1, 1, 1});
}

TEST_F(ChunkRulesTest, KeepsProductsZero) {
  std::string head = "func.func @f(%d: tensor<3xf32>) -> tensor<3xf32> {\n"
                     "  %p = ssm.cumulative_product %d ",
              tail = ": tensor<3xf32>\n  return %p : tensor<3xf32>\n}";
  double nan = std::nan("");
  Tensor since = runOne(head + tail, {floats({3}, {nan, 0, 2})});
  EXPECT_TRUE(std::isnan(since.floats[0]));
  EXPECT_EQ(since.floats[1], 0);
  EXPECT_EQ(since.floats[2], 0);
  expect(head + "suffix " + tail, {floats({3}, {2, nan, 0})}, {0, 0, 1});
}

TEST_F(ChunkRulesTest, DecaysScores) {
  constexpr int64_t Q = 5, N = 3;
  std::vector<double> c = numbers(Q * N, 1), b = numbers(Q * N, 2);
  for (std::string form : {"none", "step", "column"}) {
    for (bool strict : {false, true}) {
      std::vector<double> d = numbers(form == "step" ? Q : Q * N, 3);
      d[2] = 0;
      std::vector<double> wanted;
      for (int64_t i = 0; i < Q; ++i)
        for (int64_t j = 0; j < Q; ++j) {
          double sum = 0;
          for (int64_t n = 0; n < N && j + strict <= i; ++n) {
            double term = c[i * N + n] * b[j * N + n];
            for (int64_t t = j + 1; form != "none" && t <= i - strict; ++t)
              term *= d[form == "step" ? t : t * N + n];
            sum += term;
          }
          wanted.push_back(sum);
        }
      std::string type = form == "step" ? "tensor<5xf32>" : "tensor<5x3xf32>";
      SmallVector<int64_t> shape = {Q};
      if (form != "step")
        shape.push_back(N);
      expect("func.func @f(%c: tensor<5x3xf32>, %b: tensor<5x3xf32>, %d: " +
                 type + R"() -> tensor<5x5xf32> {
               %s = ssm.decayed_scores %c, %b )" +
                 (form == "none" ? "" : "decay(%d : " + type + ")") +
                 (strict ? "strict" : "") + R"( : tensor<5x3xf32>
               return %s : tensor<5x5xf32>
             })",
             {floats({Q, N}, c), floats({Q, N}, b), floats(shape, d)}, wanted);
    }
  }
}

// What a reset cuts off stays cut off, NaN included; so do later steps.
TEST_F(ChunkRulesTest, KeepsNanWhereItIs) {
  double nan = std::nan("");
  Tensor b = floats({3, 1}, {nan, 2, 3}), d = floats({3}, {1, 0, 1});
  Tensor s = runOne(R"(func.func @f(%b: tensor<3x1xf32>, %d: tensor<3xf32>)
      -> tensor<3x3xf32> {
    %one = arith.constant dense<1.0> : tensor<3x1xf32>
    %s = ssm.decayed_scores %one, %b decay(%d : tensor<3xf32>)
        : tensor<3x1xf32>
    return %s : tensor<3x3xf32>
  })",
                    {b, d});
  ASSERT_EQ(s.floats.size(), 9u) << errors;
  EXPECT_TRUE(std::isnan(s.floats[0]));
  s.floats[0] = 1;
  EXPECT_THAT(s.floats, ElementsAre(1, 0, 0, 0, 2, 0, 0, 2, 3));
  std::string source = R"(func.func @f(%s: tensor<3x3xf32>, %x: tensor<3xf32>)
      -> tensor<3xf32> {
    %y = ssm.OP %s, %x : tensor<3x3xf32>, tensor<3xf32>
    return %y : tensor<3xf32>
  })";
  std::string product = source, solve = source;
  product.replace(product.find("OP"), 2, "causal_product");
  solve.replace(solve.find("OP"), 2, "triangular_solve");
  for (int at : {0, 1, 2}) {
    Tensor x = floats({3}, {5, 6, 7});
    x.floats[at] = nan;
    Tensor y = runOne(product, {s, x}), z = runOne(solve, {s, x});
    for (int i : {0, 1, 2}) {
      bool reached = i == at || (at == 1 && i == 2);
      EXPECT_EQ(std::isnan(y.floats[i]), reached) << at << " " << i;
      EXPECT_EQ(std::isnan(z.floats[i]), reached) << at << " " << i;
    }
  }
}

TEST_F(ChunkRulesTest, SumsByScore) {
  expect(R"(func.func @f(%s: tensor<2x2xf32>, %x: tensor<2x2xf32>)
      -> tensor<2x2xf32> {
    %y = ssm.causal_product %s, %x : tensor<2x2xf32>, tensor<2x2xf32>
    return %y : tensor<2x2xf32>
  })",
         {floats({2, 2}, {2, 100, 3, 4}), floats({2, 2}, {1, 2, 10, 20})},
         {2, 4, 43, 86});
}

TEST_F(ChunkRulesTest, SolvesForward) {
  constexpr int64_t Q = 6, P = 2;
  std::vector<double> a = numbers(Q * Q, 4), z = numbers(Q * P, 5), x = z;
  for (int64_t i = 0; i < Q; ++i)
    for (int64_t j = 0; j < i; ++j)
      for (int64_t p = 0; p < P; ++p)
        x[i * P + p] -= a[i * Q + j] * z[j * P + p];
  expect(R"(func.func @f(%a: tensor<6x6xf32>, %x: tensor<6x2xf32>)
      -> tensor<6x2xf32> {
    %z = ssm.triangular_solve %a, %x : tensor<6x6xf32>, tensor<6x2xf32>
    return %z : tensor<6x2xf32>
  })",
         {floats({Q, Q}, a), floats({Q, P}, x)}, z);
}

// The unknowns of one step do not meet, whatever the matrix holds there.
TEST_F(ChunkRulesTest, SolvesBlocksForward) {
  constexpr int64_t Q = 3, K = 2;
  std::vector<double> a = numbers(Q * K * Q * K, 6), z = numbers(Q * K, 7),
                      x = z;
  for (int64_t i = 0; i < Q; ++i)
    for (int64_t k = 0; k < K; ++k)
      for (int64_t j = 0; j < i; ++j)
        for (int64_t l = 0; l < K; ++l)
          x[i * K + k] -= a[((i * K + k) * Q + j) * K + l] * z[j * K + l];
  expect(R"(func.func @f(%a: tensor<3x2x3x2xf32>, %x: tensor<3x2xf32>)
      -> tensor<3x2xf32> {
    %z = ssm.triangular_solve %a, %x : tensor<3x2x3x2xf32>, tensor<3x2xf32>
    return %z : tensor<3x2xf32>
  })",
         {floats({Q, K, Q, K}, a), floats({Q, K}, x)}, z);
}

TEST_F(ChunkRulesTest, Delays) {
  expect(R"(func.func @f(%x: tensor<3x2xf32>, %h: tensor<2xf32>)
      -> tensor<3x2xf32> {
    %y = ssm.delay %x, %h : tensor<3x2xf32>, tensor<2xf32>
    return %y : tensor<3x2xf32>
  })",
         {floats({3, 2}, {1, 2, 3, 4, 5, 6}), floats({2}, {8, 9})},
         {8, 9, 1, 2, 3, 4});
}

// A combination that does not commute: which side is earlier matters.
TEST_F(ChunkRulesTest, ScansAssociatively) {
  constexpr int64_t Q = 7;
  std::vector<double> a = numbers(Q, 8), x = numbers(Q, 9), wanted;
  for (int64_t t = 0; t < Q; ++t)
    wanted.push_back(t ? a[t] * wanted.back() + x[t] : x[t]);
  expect(R"(func.func @f(%a: tensor<7xf32>, %x: tensor<7xf32>)
      -> tensor<7xf32> {
    %p, %h = ssm.associative_scan %a, %x : tensor<7xf32>, tensor<7xf32> {
    ^combine(%a0: f32, %x0: f32, %a1: f32, %x1: f32):
      %a01 = arith.mulf %a1, %a0 : f32
      %kept = arith.mulf %a1, %x0 : f32
      %x01 = arith.addf %kept, %x1 : f32
      ssm.yield %a01, %x01 : f32, f32
    }
    return %h : tensor<7xf32>
  })",
         {floats({Q}, a), floats({Q}, x)}, wanted);
}

// Every order of an associative region is the same; of others none is promised.
TEST_F(ChunkRulesTest, ScansInPairs) {
  for (int64_t steps : {1, 2, 3, 4, 7, 8}) {
    std::vector<double> x = numbers(steps, 21), sums;
    for (double element : x)
      sums.push_back(element + (sums.empty() ? 0 : sums.back()));
    std::string type = "tensor<" + std::to_string(steps) + "xf32>";
    std::string scan = "func.func @f(%x: " + type + ") -> " + type + R"( {
      %s = ssm.associative_scan %x : )" +
                       type + R"( {
      ^combine(%a: f32, %b: f32):
        %c = OP %a, %b : f32
        ssm.yield %c : f32
      }
      return %s : )" + type +
                       "\n}";
    auto with = [&](StringRef op) {
      std::string text = scan;
      return text.replace(text.find("OP"), 2, op.str());
    };
    expect(with("arith.addf"), {floats({steps}, x)}, sums);
    // (a - b) - (c - d) tells that pairs come first.
    if (steps == 4)
      expect(with("arith.subf"), {floats({4}, {1, 2, 4, 8})}, {1, -1, -5, 3});
  }
}

TEST_F(ChunkRulesTest, CombinesByTheFirstRegion) {
  expect(
      R"(func.func @f(%h: tensor<2xf32>, %a: tensor<2xf32>) -> tensor<2xf32> {
    %r = ssm.combine %h with %a : tensor<2xf32> with tensor<2xf32> {
    ^act(%x: tensor<2xf32>, %y: tensor<2xf32>):
      %d = arith.subf %x, %y : tensor<2xf32>
      ssm.yield %d : tensor<2xf32>
    } merge {
    ^merge(%x: tensor<2xf32>, %y: tensor<2xf32>):
      %s = arith.addf %x, %y : tensor<2xf32>
      ssm.yield %s : tensor<2xf32>
    }
    return %r : tensor<2xf32>
  })",
      {floats({2}, {5, 7}), floats({2}, {1, 10})}, {4, -3});
}

// A first pivot of zero, two systems, one and several right-hand sides; and one
// without a solution beside one that has one.
TEST_F(ChunkRulesTest, SolvesSystems) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  expect(
      R"(func.func @f(%a: tensor<2x2xf32>, %b: tensor<2xf32>) -> tensor<2xf32> {
    %x = ssm.solve %a, %b : tensor<2x2xf32>, tensor<2xf32>
    return %x : tensor<2xf32>
  })",
      {floats({2, 2}, {0, 2, 4, 1}), floats({2}, {6, 11})}, {2, 3});
  Tensor systems = floats({2, 2, 2}, {2, 0, 0, 4, 1, 2, 2, 4});
  Tensor sides = floats({2, 2, 2}, {2, 4, 8, 12, 1, 1, 1, 1});
  Tensor result = runOne(
      R"(func.func @f(%a: tensor<2x2x2xf32>, %b: tensor<2x2x2xf32>)
        -> tensor<2x2x2xf32> {
      %x = ssm.solve %a, %b : tensor<2x2x2xf32>, tensor<2x2x2xf32>
      return %x : tensor<2x2x2xf32>
    })",
      {systems, sides});
  EXPECT_THAT(result.floats,
              Pointwise(testing::NanSensitiveDoubleEq(),
                        {1.0, 2.0, 2.0, 3.0, nan, nan, nan, nan}))
      << errors;
}

/// Halves its value `most` times, or until a change is at most `tolerance`.
std::string halving(const std::string &most, const std::string &tolerance) {
  return R"(func.func @f(%x: tensor<2xf32>) -> tensor<2xf32> {
    %half = arith.constant dense<0.5> : tensor<2xf32>
    %y = ssm.fixed_point %x max_iterations()" +
         most + ") tolerance(" + tolerance + R"() : tensor<2xf32> {
    ^body(%r: tensor<2xf32>):
      %next = arith.mulf %r, %half : tensor<2xf32>
      ssm.yield %next : tensor<2xf32>
    }
    return %y : tensor<2xf32>
  })";
}

TEST_F(ChunkRulesTest, IteratesToAFixedPoint) {
  Tensor x = floats({2}, {1, -8});
  expect(halving("3", "0.0"), {x}, {0.125, -1});
  // Changes are 4, 2, 1, 0.5: the fourth is at most 0.3 (1 + 0.5) = 0.45 no
  // more than the third is, the fifth is.
  expect(halving("100", "0.3"), {x}, {1.0 / 32, -0.25});
  // NaN never settles; all iterations run on the other element too.
  Tensor y = runOne(halving("3", "10.0"), {floats({2}, {std::nan(""), 8})});
  EXPECT_TRUE(std::isnan(y.floats[0]));
  EXPECT_EQ(y.floats[1], 1);
}

// Each place of a step, and each step after those before it.
TEST_F(ChunkRulesTest, SettlesCausally) {
  Tensor x = floats({3, 2}, {1, 8, 0.25, 0, std::nan(""), 0});
  Tensor y = runOne(R"(func.func @f(%x: tensor<3x2xf32>) -> tensor<3x2xf32> {
    %half = arith.constant dense<0.5> : tensor<3x2xf32>
    %y = ssm.fixed_point %x max_iterations(9) tolerance(0.3) causal
        : tensor<3x2xf32> {
    ^body(%r: tensor<3x2xf32>):
      %next = arith.mulf %r, %half : tensor<3x2xf32>
      ssm.yield %next : tensor<3x2xf32>
    }
    return %y : tensor<3x2xf32>
  })",
                    {x});
  // Of the first place, changes are 0.5, 0.25 <= 0.3 (1 + 0.25): two
  // iterations, as many as the second step needs alone and no more for NaN.
  EXPECT_EQ(y.floats[0], 0.25);
  EXPECT_EQ(y.floats[2], 0.0625);
  EXPECT_TRUE(std::isnan(y.floats[4]));
  // Of the second: 4, 2, 1, 0.5, the last is at most 0.3 (1 + 0.5) no more, so
  // one more.
  EXPECT_EQ(y.floats[1], 0.25);
  EXPECT_EQ(y.floats[3], 0);
}

// Each position of a recurrence settles on its own.
TEST_F(ChunkRulesTest, SettlesPositionsApart) {
  expect(R"(func.func @f(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
    %y = ssm.recurrence sequence(l) step() ins(%x[b, l] : tensor<?x?xf32>)
        outs([b, l] : tensor<?x?xf32>) {
    ^step(%x_t: f32):
      %half = arith.constant 0.5 : f32
      %r = ssm.fixed_point %x_t max_iterations(50) tolerance(0.3) : f32 {
      ^body(%z: f32):
        %next = arith.mulf %z, %half : f32
        ssm.yield %next : f32
      }
      ssm.yield %r : f32
    }
    return %y : tensor<?x?xf32>
  })",
         {floats({2, 1}, {0.25, 8})}, {0.125, 0.25});
}

//===----------------------------------------------------------------------===//
// Chunk regions
//===----------------------------------------------------------------------===//

/// h[t] = a[t] h[t-1] + x[t] k[t], y[t] = h[t], for each g and p: the state is
/// [p, n], of which p is a tile label on a split axis, and k has no p.
std::string chunked(const std::string &direction, const std::string &chunk) {
  return R"(
    func.func @f(%a: tensor<?x?x2xf32>, %x: tensor<?x?x6xf32>,
                 %k: tensor<?x2x?x4xf32>, %h: tensor<?x6x4xf32>)
        -> (tensor<?x?x6x4xf32>, tensor<?x6x4xf32>) {
      %y, %last = ssm.recurrence sequence(l) step(n) )" +
         direction + R"(
          ins(%a[b, l, g], %x[b, l, g p], %k[b, g, l, n]
              : tensor<?x?x2xf32>, tensor<?x?x6xf32>, tensor<?x2x?x4xf32>)
          outs([b, l, g p, n] : tensor<?x?x6x4xf32>)
          states("recurrent" [b, g p, n] init(%h) : tensor<?x6x4xf32>) {
      ^step(%a_t: f32, %x_t: f32, %k_t: tensor<4xf32>, %s: tensor<4xf32>):
        %kept = ssm.contract ",n->n" %a_t, %s
            : (f32, tensor<4xf32>) -> tensor<4xf32>
        %in = ssm.contract ",n->n" %x_t, %k_t
            : (f32, tensor<4xf32>) -> tensor<4xf32>
        %next = arith.addf %kept, %in : tensor<4xf32>
        ssm.yield %next, %next : tensor<4xf32>, tensor<4xf32>
      } )" +
         chunk + R"(
      return %y, %last : tensor<?x?x6x4xf32>, tensor<?x6x4xf32>
    })";
}

const char *const twoSteps = R"(chunk(2) tile(p) {
  ^chunk(%a_q: tensor<2xf32>, %x_q: tensor<2x3xf32>, %k_q: tensor<2x4xf32>,
         %s_q: tensor<3x4xf32>):
    %in = ssm.contract "qp,qn->qpn" %x_q, %k_q
        : (tensor<2x3xf32>, tensor<2x4xf32>) -> tensor<2x3x4xf32>
    %d = ssm.broadcast %a_q like %in [0] : tensor<2xf32>, tensor<2x3x4xf32>
    %p, %z_q = ssm.associative_scan %d, %in
        : tensor<2x3x4xf32>, tensor<2x3x4xf32> {
    ^combine(%a0: tensor<3x4xf32>, %x0: tensor<3x4xf32>,
             %a1: tensor<3x4xf32>, %x1: tensor<3x4xf32>):
      %a01 = arith.mulf %a1, %a0 : tensor<3x4xf32>
      %kept = arith.mulf %a1, %x0 : tensor<3x4xf32>
      %x01 = arith.addf %kept, %x1 : tensor<3x4xf32>
      ssm.yield %a01, %x01 : tensor<3x4xf32>, tensor<3x4xf32>
    }
    %carried = ssm.broadcast %s_q like %in [1, 2]
        : tensor<3x4xf32>, tensor<2x3x4xf32>
    %kept = arith.mulf %p, %carried : tensor<2x3x4xf32>
    %y_q = arith.addf %kept, %z_q : tensor<2x3x4xf32>
    %end = tensor.extract_slice %y_q[1, 0, 0] [1, 3, 4] [1, 1, 1]
        : tensor<2x3x4xf32> to tensor<3x4xf32>
    ssm.yield %y_q, %end : tensor<2x3x4xf32>, tensor<3x4xf32>
  })";

// Whole chunks, none, and some steps left over, in either direction.
TEST_F(ChunkRulesTest, RunsChunksThenSteps) {
  for (std::string direction : {"", "reverse"}) {
    for (int64_t length : {0, 1, 2, 3, 6, 7}) {
      SmallVector<Tensor> arguments = {
          floats({2, length, 2}, numbers(4 * length, 10)),
          floats({2, length, 6}, numbers(12 * length, 11)),
          floats({2, 2, length, 4}, numbers(16 * length, 12)),
          floats({2, 6, 4}, numbers(48, 13))};
      SmallVector<Tensor> steps = run(chunked(direction, ""), arguments);
      SmallVector<Tensor> chunks = run(chunked(direction, twoSteps), arguments);
      ASSERT_EQ(steps.size(), 2u) << errors;
      ASSERT_EQ(chunks.size(), 2u) << errors;
      for (int i : {0, 1})
        EXPECT_THAT(chunks[i].floats, Pointwise(Near(1e-14), steps[i].floats))
            << direction << " " << length;
    }
  }
}

// The chunk region is what runs: here it does something else than the body.
TEST_F(ChunkRulesTest, SeesStepsInTheOrderOfProcessing) {
  std::string source = R"(
    func.func @f(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
      %y = ssm.recurrence sequence(l) step() reverse
          ins(%x[b, l] : tensor<?x?xf32>) outs([b, l] : tensor<?x?xf32>) {
      ^step(%x_t: f32):
        ssm.yield %x_t : f32
      } chunk(3) {
      ^chunk(%x_q: tensor<3xf32>):
        %zero = arith.constant 0.0 : f32
        %y_q = ssm.delay %x_q, %zero : tensor<3xf32>, f32
        ssm.yield %y_q : tensor<3xf32>
      }
      return %y : tensor<?x?xf32>
    })";
  Tensor y = runOne(source, {floats({1, 4}, {1, 2, 3, 4})});
  EXPECT_THAT(y.floats, ElementsAre(1, 3, 4, 0)) << errors;
}

} // namespace
