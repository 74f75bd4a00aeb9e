#include "compiler/Interpreter/interpreter_test.h"

using namespace mlir;
using namespace ssmc::interpreter;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

using RecurrenceTest = InterpreterTest;

/// A sum over time, in either direction, from `init` if it is not empty.
std::string sum(const std::string &direction, const std::string &init) {
  return R"(
    func.func @f(%x: tensor<?x?xf32>, %h: tensor<?xf32>)
        -> (tensor<?x?xf32>, tensor<?xf32>) {
      %y, %last = ssm.recurrence sequence(l) step() )" +
         direction + R"( ins(%x[b, l] : tensor<?x?xf32>)
          outs([b, l] : tensor<?x?xf32>)
          states("recurrent" [b] )" +
         init + R"( : tensor<?xf32>) {
      ^step(%x_t: f32, %s: f32):
        %next = arith.addf %s, %x_t : f32
        ssm.yield %next, %next : f32, f32
      }
      return %y, %last : tensor<?x?xf32>, tensor<?xf32>
    })";
}

TEST_F(RecurrenceTest, ChainsStepsPerRow) {
  Tensor x = floats({2, 3}, {1, 2, 3, 10, 20, 30}), h = floats({2}, {100, 200});
  SmallVector<Tensor> y = run(sum("", ""), {x, h});
  ASSERT_EQ(y.size(), 2u) << errors;
  EXPECT_THAT(y[0].floats, ElementsAre(1, 3, 6, 10, 30, 60));
  EXPECT_THAT(y[1].floats, ElementsAre(6, 60));
}

TEST_F(RecurrenceTest, StartsFromInit) {
  Tensor x = floats({2, 3}, {1, 2, 3, 10, 20, 30}), h = floats({2}, {100, 200});
  SmallVector<Tensor> y = run(sum("", "init(%h)"), {x, h});
  ASSERT_EQ(y.size(), 2u) << errors;
  EXPECT_THAT(y[0].floats, ElementsAre(101, 103, 106, 210, 230, 260));
  EXPECT_THAT(y[1].floats, ElementsAre(106, 260));
}

TEST_F(RecurrenceTest, RunsFromTheEnd) {
  Tensor x = floats({1, 3}, {1, 2, 3}), h = floats({1}, {0});
  SmallVector<Tensor> y = run(sum("reverse", ""), {x, h});
  ASSERT_EQ(y.size(), 2u) << errors;
  EXPECT_THAT(y[0].floats, ElementsAre(6, 5, 3));
  EXPECT_THAT(y[1].floats, ElementsAre(6));
}

TEST_F(RecurrenceTest, LeavesTheStateWithoutSteps) {
  SmallVector<Tensor> y =
      run(sum("", "init(%h)"), {floats({2, 0}, {}), floats({2}, {100, 200})});
  ASSERT_EQ(y.size(), 2u) << errors;
  EXPECT_THAT(y[0].shape, ElementsAre(2, 0));
  EXPECT_THAT(y[1].floats, ElementsAre(100, 200));
}

TEST_F(RecurrenceTest, TakesAnEmptyBatch) {
  SmallVector<Tensor> y =
      run(sum("", "init(%h)"), {floats({0, 3}, {}), floats({0}, {})});
  ASSERT_EQ(y.size(), 2u) << errors;
  EXPECT_THAT(y[0].shape, ElementsAre(0, 3));
}

TEST_F(RecurrenceTest, RefusesExtentsThatDisagree) {
  run(sum("", "init(%h)"), {floats({2, 1}, {1, 2}), floats({1}, {0})});
  EXPECT_THAT(errors, HasSubstr("expected axis 'b' to have extent 2, got 1"));
}

TEST_F(RecurrenceTest, RefusesAnExtentThatNothingGives) {
  run(R"(
    func.func @f(%x: tensor<?xf32>) -> tensor<?x?xf32> {
      %y = ssm.recurrence sequence(l) step() ins(%x[l] : tensor<?xf32>)
          outs([b, l] : tensor<?x?xf32>) {
      ^step(%x_t: f32):
        ssm.yield %x_t : f32
      }
      return %y : tensor<?x?xf32>
    })",
      {floats({2}, {1, 2})});
  EXPECT_THAT(errors, HasSubstr("expected an input or 'init' to give the "
                                "extent of axis 'b'"));
}

// Axes in another order in every value: time last in the input, channels first
// in the parameter; the output's order is its own.
TEST_F(RecurrenceTest, ReadsAxesByLabel) {
  Tensor y =
      runOne(R"(
    func.func @f(%x: tensor<2x1x3xf32>, %a: tensor<2xf32>)
        -> tensor<3x2x1xf32> {
      %y, %last = ssm.recurrence sequence(l) step()
          ins(%x[d, b, l], %a[d] : tensor<2x1x3xf32>, tensor<2xf32>)
          outs([l, d, b] : tensor<3x2x1xf32>)
          states("recurrent" [b, d] : tensor<1x2xf32>) {
      ^step(%x_t: f32, %a_d: f32, %s: f32):
        %kept = arith.mulf %a_d, %s : f32
        %next = arith.addf %kept, %x_t : f32
        ssm.yield %next, %next : f32, f32
      }
      return %y : tensor<3x2x1xf32>
    })",
             {floats({2, 1, 3}, {1, 2, 3, 10, 20, 30}), floats({2}, {10, 0})});
  EXPECT_THAT(y.floats, ElementsAre(1, 10, 12, 20, 123, 30));
}

// Channels d = g p share a vector of step size 2 per group g.
TEST_F(RecurrenceTest, SharesAGroupAmongItsChannels) {
  SmallVector<Tensor> y = run(R"(
    func.func @f(%x: tensor<1x2x4xf32>, %c: tensor<2x2xf32>)
        -> (tensor<1x2x4xf32>, tensor<1x4x2xf32>) {
      %y, %last = ssm.recurrence sequence(l) step(n)
          ins(%x[b, l, g p], %c[g, n] : tensor<1x2x4xf32>, tensor<2x2xf32>)
          outs([b, l, g p] : tensor<1x2x4xf32>)
          states("recurrent" [b, g p, n] : tensor<1x4x2xf32>) {
      ^step(%x_t: f32, %c_g: tensor<2xf32>, %s: tensor<2xf32>):
        %in = ssm.contract ",n->n" %x_t, %c_g
            : (f32, tensor<2xf32>) -> tensor<2xf32>
        %next = arith.addf %s, %in : tensor<2xf32>
        %y_t = ssm.contract "n->" %next : (tensor<2xf32>) -> f32
        ssm.yield %y_t, %next : f32, tensor<2xf32>
      }
      return %y, %last : tensor<1x2x4xf32>, tensor<1x4x2xf32>
    })",
                              {floats({1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8}),
                               floats({2, 2}, {1, 10, 100, 1000})});
  ASSERT_EQ(y.size(), 2u) << errors;
  EXPECT_THAT(y[0].floats,
              ElementsAre(11, 22, 3300, 4400, 66, 88, 11000, 13200));
  EXPECT_THAT(y[1].floats, ElementsAre(6, 60, 8, 80, 1000, 10000, 1200, 12000));
}

TEST_F(RecurrenceTest, ExchangesStates) {
  SmallVector<Tensor> y =
      run(R"(
    func.func @f(%x: tensor<1x3xf32>, %p: tensor<1xf32>, %q: tensor<1xf32>)
        -> (tensor<1x3xf32>, tensor<1xf32>, tensor<1xf32>) {
      %y, %u, %v = ssm.recurrence sequence(l) step()
          ins(%x[b, l] : tensor<1x3xf32>) outs([b, l] : tensor<1x3xf32>)
          states("a" [b] init(%p), "b" [b] init(%q)
              : tensor<1xf32>, tensor<1xf32>) {
      ^step(%x_t: f32, %s: f32, %t: f32):
        ssm.yield %s, %t, %s : f32, f32, f32
      }
      return %y, %u, %v : tensor<1x3xf32>, tensor<1xf32>, tensor<1xf32>
    })",
          {floats({1, 3}, {0, 0, 0}), floats({1}, {1}), floats({1}, {2})});
  ASSERT_EQ(y.size(), 3u) << errors;
  EXPECT_THAT(y[0].floats, ElementsAre(1, 2, 1));
  EXPECT_THAT(y[1].floats, ElementsAre(2));
  EXPECT_THAT(y[2].floats, ElementsAre(1));
}

// What a body computes may itself be a recurrence, over an axis of its slice.
TEST_F(RecurrenceTest, NestsInABody) {
  Tensor y = runOne(R"(
    func.func @f(%x: tensor<2x2x3xf32>) -> tensor<2x2x3xf32> {
      %y = ssm.recurrence sequence(l) step(k)
          ins(%x[b, l, k] : tensor<2x2x3xf32>)
          outs([b, l, k] : tensor<2x2x3xf32>) {
      ^step(%v: tensor<3xf32>):
        %sums, %last = ssm.recurrence sequence(k) step()
            ins(%v[k] : tensor<3xf32>) outs([k] : tensor<3xf32>)
            states("sum" [] : tensor<f32>) {
        ^step(%v_k: f32, %s: f32):
          %next = arith.addf %s, %v_k : f32
          ssm.yield %next, %next : f32, f32
        }
        ssm.yield %sums : tensor<3xf32>
      }
      return %y : tensor<2x2x3xf32>
    })",
                    {floats({2, 2, 3}, {1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4})});
  EXPECT_THAT(y.floats, ElementsAre(1, 2, 3, 2, 4, 6, 3, 6, 9, 4, 8, 12));
}

// Layers, weights, constants and element moves for many positions at once.
TEST_F(RecurrenceTest, EvaluatesAnyOpInABody) {
  weights.tensors["w"] = floats({2, 2}, {1, 2, 3, 4});
  Tensor y = runOne(R"(
    func.func private @first(%v: tensor<2xf32>) -> f32 {
      %zero = arith.constant 0 : index
      %y = tensor.extract %v[%zero] : tensor<2xf32>
      return %y : f32
    }
    func.func @f(%x: tensor<2x2x2xf32>) -> tensor<2x2xf32> {
      %y = ssm.recurrence sequence(l) step(k)
          ins(%x[b, l, k] : tensor<2x2x2xf32>) outs([b, l] : tensor<2x2xf32>) {
      ^step(%v: tensor<2xf32>):
        %w = ssm.weight "w" : tensor<2x2xf32>
        %z = ssm.linear %v, %w : tensor<2xf32>, tensor<2x2xf32>
        %a, %b = ssm.split %z [1, 1] : tensor<2xf32>
        %zero = arith.constant 0 : index
        %p = tensor.extract %a[%zero] : tensor<1xf32>
        %q = tensor.extract %b[%zero] : tensor<1xf32>
        %swapped = tensor.from_elements %q, %p : tensor<2xf32>
        %y_t = func.call @first(%swapped) : (tensor<2xf32>) -> f32
        ssm.yield %y_t : f32
      }
      return %y : tensor<2x2xf32>
    })",
                    {floats({2, 2, 2}, {1, 0, 0, 1, 1, 1, 2, 3})});
  EXPECT_THAT(y.floats, ElementsAre(3, 4, 7, 18));
}

TEST_F(RecurrenceTest, ScanMultipliesThenAdds) {
  SmallVector<Tensor> y =
      run(R"(
    func.func @f(%a: tensor<?x?x1xf32>, %x: tensor<?x?x1xf32>)
        -> (tensor<?x?x1xf32>, tensor<?x1xf32>) {
      %h, %last = ssm.linear_scan %a, %x reverse
          : tensor<?x?x1xf32>, tensor<?x?x1xf32>
      return %h, %last : tensor<?x?x1xf32>, tensor<?x1xf32>
    })",
          {floats({1, 3, 1}, {2, 3, 4}), floats({1, 3, 1}, {1, 1, 1})});
  ASSERT_EQ(y.size(), 2u) << errors;
  EXPECT_THAT(y[0].floats, ElementsAre(9, 4, 1));
  EXPECT_THAT(y[1].floats, ElementsAre(9));
}

} // namespace
