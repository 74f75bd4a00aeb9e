/// Layers, contractions and the upstream ops that move elements.

#include "compiler/Interpreter/interpreter_test.h"

#include <cmath>

using namespace mlir;
using namespace ssmc::interpreter;
using testing::DoubleEq;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

using LayerTest = InterpreterTest;

const char *kEmbedding = R"(
  func.func @f(%ids: tensor<?x?xi64>, %t: tensor<3x2xbf16>)
      -> tensor<?x?x2xf32> {
    %x = ssm.embedding %ids, %t : tensor<?x?xi64>, tensor<3x2xbf16>
    return %x : tensor<?x?x2xf32>
  })";

TEST_F(LayerTest, EmbeddingSelectsRows) {
  Tensor x = runOne(kEmbedding, {integers({1, 3}, {2, 0, 2}),
                                 floats({3, 2}, {1, 2, 3, 4, 5, 6})});
  EXPECT_THAT(x.shape, ElementsAre(1, 3, 2));
  EXPECT_THAT(x.floats, ElementsAre(5, 6, 1, 2, 5, 6));
}

TEST_F(LayerTest, EmbeddingChecksIds) {
  Tensor table = floats({3, 2}, {1, 2, 3, 4, 5, 6});
  run(kEmbedding, {integers({1, 3}, {2, 0, 3}), table});
  EXPECT_THAT(errors, HasSubstr("expected ids in [0, 3), got 3 at position 2"));
  run(kEmbedding, {integers({1, 1}, {-1}), table});
  EXPECT_THAT(errors, HasSubstr("expected ids in [0, 3), got -1"));
}

TEST_F(LayerTest, LinearAddsBiasPerRow) {
  Tensor y =
      runOne(R"(
    func.func @f(%x: tensor<?x2xf32>, %w: tensor<3x2xf32>, %b: tensor<3xf32>)
        -> tensor<?x3xf32> {
      %y = ssm.linear %x, %w bias(%b : tensor<3xf32>)
          : tensor<?x2xf32>, tensor<3x2xf32>
      return %y : tensor<?x3xf32>
    })",
             {floats({2, 2}, {1, 2, 3, 4}), floats({3, 2}, {1, 0, 0, 1, 1, 1}),
              floats({3}, {10, 20, 30})});
  EXPECT_THAT(y.shape, ElementsAre(2, 3));
  EXPECT_THAT(y.floats, ElementsAre(11, 22, 33, 13, 24, 37));
}

TEST_F(LayerTest, NormsUseTheirEps) {
  Tensor x = floats({1, 2}, {3, 4}), w = floats({2}, {2, 10});
  Tensor y = runOne(R"(
    func.func @f(%x: tensor<1x2xf32>, %w: tensor<2xf32>) -> tensor<1x2xf32> {
      %y = ssm.rms_norm %x weight(%w : tensor<2xf32>) eps(0.5)
          : tensor<1x2xf32>
      return %y : tensor<1x2xf32>
    })",
                    {x, w});
  double root = std::sqrt(12.5 + 0.5);
  EXPECT_THAT(y.floats, ElementsAre(DoubleEq(6 / root), DoubleEq(40 / root)));

  y = runOne(R"(
    func.func @f(%x: tensor<1x2xf32>, %w: tensor<2xf32>) -> tensor<1x2xf32> {
      %y = ssm.layer_norm %x weight(%w : tensor<2xf32>) bias(%w : tensor<2xf32>)
          eps(0.75) : tensor<1x2xf32>
      return %y : tensor<1x2xf32>
    })",
             {x, w});
  // The mean is 3.5, the biased variance 0.25, the root one.
  EXPECT_THAT(y.floats, ElementsAre(-0.5 * 2 + 2, 0.5 * 10 + 10));
}

TEST_F(LayerTest, NormsOfHeadsHaveParametersOfTheirOwn) {
  // Rows of 1, 3 and 2, 6 in each time step.
  Tensor x = floats({1, 2, 2, 2}, {1, 3, 2, 6, 1, 3, 2, 6});
  Tensor w = floats({2, 2}, {1, 10, 2, 20}), b = floats({2}, {5, 7});
  Tensor y = runOne(R"(
    func.func @f(%x: tensor<1x2x2x2xf32>, %w: tensor<2x2xf32>,
                 %b: tensor<2xf32>) -> tensor<1x2x2x2xf32> {
      %y = ssm.layer_norm %x weight(%w : tensor<2x2xf32>)
          bias(%b : tensor<2xf32>) eps(0.0) : tensor<1x2x2x2xf32>
      return %y : tensor<1x2x2x2xf32>
    })",
                    {x, w, b});
  EXPECT_THAT(y.floats, ElementsAre(4, 17, 3, 27, 4, 17, 3, 27));
}

TEST_F(LayerTest, DividesByTheEuclideanNorm) {
  Tensor y = runOne(R"(
    func.func @f(%x: tensor<1x2x3xf32>) -> tensor<1x2x3xf32> {
      %y = ssm.l2_norm %x eps(4.0) : tensor<1x2x3xf32>
      return %y : tensor<1x2x3xf32>
    })",
                    {floats({1, 2, 3}, {2, 1, 0, 0, 0, 0})});
  EXPECT_THAT(y.floats,
              ElementsAre(DoubleEq(2.0 / 3), DoubleEq(1.0 / 3), 0, 0, 0, 0));
}

TEST_F(LayerTest, ShortSpellings) {
  SmallVector<Tensor> y = run(
      R"(
    func.func @f(%x: tensor<1x1x2xf32>, %z: tensor<1x1x2xf32>,
                 %w: tensor<2xf32>, %m: tensor<2x2xf32>)
        -> (tensor<1x1x2xf32>, tensor<1x1x2xf32>, tensor<1x1x1xf32>,
            tensor<1x1x2xf32>) {
      %a = ssm.affine %x scale(%w : tensor<2xf32>)
          shift(%z : tensor<1x1x2xf32>) : tensor<1x1x2xf32>
      %b = ssm.lerp %x, %z, %w : tensor<1x1x2xf32>, tensor<2xf32>
      %c = ssm.glu %x : tensor<1x1x2xf32>
      %d = ssm.low_rank %x, %m, %m bias(%w : tensor<2xf32>)
          : tensor<1x1x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>
      return %a, %b, %c, %d : tensor<1x1x2xf32>, tensor<1x1x2xf32>,
          tensor<1x1x1xf32>, tensor<1x1x2xf32>
    })",
      {floats({1, 1, 2}, {3, 0}), floats({1, 1, 2}, {5, 7}),
       floats({2}, {0.5, 2}), floats({2, 2}, {1, 2, 0, 1})});
  ASSERT_EQ(y.size(), 4u) << errors;
  EXPECT_THAT(y[0].floats, ElementsAre(6.5, 7));
  EXPECT_THAT(y[1].floats, ElementsAre(4, 14));
  EXPECT_THAT(y[2].floats, ElementsAre(1.5));
  EXPECT_THAT(y[3].floats, ElementsAre(3.5, 2));
}

TEST_F(LayerTest, SplitsAndBroadcasts) {
  SmallVector<Tensor> y =
      run(R"(
    func.func @f(%x: tensor<?x3xf32>, %s: tensor<3xf32>)
        -> (tensor<?x2xf32>, tensor<?x1xf32>, tensor<?x3xf32>) {
      %a, %b = ssm.split %x [2, 1] : tensor<?x3xf32>
      %c = ssm.broadcast %s like %x [1] : tensor<3xf32>, tensor<?x3xf32>
      return %a, %b, %c : tensor<?x2xf32>, tensor<?x1xf32>, tensor<?x3xf32>
    })",
          {floats({2, 3}, {1, 2, 3, 4, 5, 6}), floats({3}, {7, 8, 9})});
  ASSERT_EQ(y.size(), 3u) << errors;
  EXPECT_THAT(y[0].floats, ElementsAre(1, 2, 4, 5));
  EXPECT_THAT(y[1].floats, ElementsAre(3, 6));
  EXPECT_THAT(y[2].floats, ElementsAre(7, 8, 9, 7, 8, 9));
}

TEST_F(LayerTest, BroadcastsALeadingAxis) {
  Tensor y =
      runOne(R"(
    func.func @f(%x: tensor<?x2xf32>, %s: tensor<?xf32>) -> tensor<?x2xf32> {
      %y = ssm.broadcast %s like %x [0] : tensor<?xf32>, tensor<?x2xf32>
      return %y : tensor<?x2xf32>
    })",
             {floats({3, 2}, {0, 0, 0, 0, 0, 0}), floats({3}, {1, 2, 3})});
  EXPECT_THAT(y.floats, ElementsAre(1, 1, 2, 2, 3, 3));
}

TEST_F(LayerTest, BroadcastsToKnownExtents) {
  Tensor y = runOne(R"(
    func.func @f(%x: tensor<?x2xf32>) -> tensor<?x3x2xf32> {
      %y = ssm.broadcast %x [0, 2] : tensor<?x2xf32>, tensor<?x3x2xf32>
      return %y : tensor<?x3x2xf32>
    })",
                    {floats({2, 2}, {1, 2, 3, 4})});
  EXPECT_THAT(y.shape, ElementsAre(2, 3, 2));
  EXPECT_THAT(y.floats, ElementsAre(1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4));
}

TEST_F(LayerTest, Contracts) {
  SmallVector<Tensor> y = run(
      R"(
    func.func @f(%m: tensor<2x3xf32>, %v: tensor<3xf32>, %s: f32)
        -> (tensor<2xf32>, f32, tensor<3x2x3xf32>, tensor<3x2xf32>,
            tensor<3xf32>) {
      %a = ssm.contract "pn,n->p" %m, %v
          : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2xf32>
      %b = ssm.contract "pn->" %m : (tensor<2x3xf32>) -> f32
      %c = ssm.contract "k,pn->kpn" %v, %m
          : (tensor<3xf32>, tensor<2x3xf32>) -> tensor<3x2x3xf32>
      %d = ssm.contract "pn->np" %m : (tensor<2x3xf32>) -> tensor<3x2xf32>
      %e = ssm.contract ",n->n" %s, %v : (f32, tensor<3xf32>) -> tensor<3xf32>
      return %a, %b, %c, %d, %e : tensor<2xf32>, f32, tensor<3x2x3xf32>,
                                  tensor<3x2xf32>, tensor<3xf32>
    })",
      {floats({2, 3}, {1, 2, 3, 4, 5, 6}), floats({3}, {1, 10, 100}),
       floats({}, {2})});
  ASSERT_EQ(y.size(), 5u) << errors;
  EXPECT_THAT(y[0].floats, ElementsAre(321, 654));
  EXPECT_THAT(y[1].floats, ElementsAre(21));
  EXPECT_THAT(y[2].floats, ElementsAre(1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60,
                                       100, 200, 300, 400, 500, 600));
  EXPECT_THAT(y[3].floats, ElementsAre(1, 4, 2, 5, 3, 6));
  EXPECT_THAT(y[4].floats, ElementsAre(2, 20, 200));
}

TEST_F(LayerTest, ContractsMoreThanTwo) {
  Tensor y = runOne(R"(
    func.func @f(%m: tensor<2x3xf32>, %v: tensor<3xf32>, %s: f32)
        -> tensor<2x2xf32> {
      %y = ssm.contract "in,n,,jn->ij" %m, %v, %s, %m
          : (tensor<2x3xf32>, tensor<3xf32>, f32, tensor<2x3xf32>)
          -> tensor<2x2xf32>
      return %y : tensor<2x2xf32>
    })",
                    {floats({2, 3}, {1, 2, 3, 4, 5, 6}),
                     floats({3}, {1, 10, 100}), floats({}, {2})});
  // 2 m diag(v) m^T
  EXPECT_THAT(y.floats, ElementsAre(1882, 3808, 3808, 7732));
}

TEST_F(LayerTest, AddsContractions) {
  SmallVector<Tensor> y =
      run(R"(
    func.func @f(%m: tensor<2x3xf32>, %v: tensor<3xf32>, %w: tensor<2xf32>,
                 %s: f32) -> (tensor<2xf32>, f32, tensor<3x2xf32>) {
      %a = ssm.contract "pn,n - p + ,p,p -> p" %m, %v, %w, %s, %w, %w
          : (tensor<2x3xf32>, tensor<3xf32>, tensor<2xf32>, f32, tensor<2xf32>,
             tensor<2xf32>) -> tensor<2xf32>
      %b = ssm.contract "n,n-p,p->" %v, %v, %w, %w
          : (tensor<3xf32>, tensor<3xf32>, tensor<2xf32>, tensor<2xf32>) -> f32
      %c = ssm.contract "pn + n,p -> np" %m, %v, %w
          : (tensor<2x3xf32>, tensor<3xf32>, tensor<2xf32>) -> tensor<3x2xf32>
      return %a, %b, %c : tensor<2xf32>, f32, tensor<3x2xf32>
    })",
          {floats({2, 3}, {1, 2, 3, 4, 5, 6}), floats({3}, {1, 10, 100}),
           floats({2}, {7, 8}), floats({}, {2})});
  ASSERT_EQ(y.size(), 3u) << errors;
  EXPECT_THAT(y[0].floats, ElementsAre(321 - 7 + 98, 654 - 8 + 128));
  EXPECT_THAT(y[1].floats, ElementsAre(10101 - 113));
  EXPECT_THAT(y[2].floats, ElementsAre(8, 12, 72, 85, 703, 806));
}

TEST_F(LayerTest, MovesElements) {
  SmallVector<Tensor> y = run(
      R"(
    func.func @f(%x: tensor<2x3xf32>) -> (f32, tensor<2xf32>, tensor<2xf32>,
        tensor<2xf32>, tensor<6xf32>, tensor<3x2xf32>, index) {
      %one = arith.constant 1 : index
      %two = arith.constant 2 : index
      %a = tensor.extract %x[%one, %two] : tensor<2x3xf32>
      %b = tensor.from_elements %a, %a : tensor<2xf32>
      %c = tensor.splat %a : tensor<2xf32>
      %d = tensor.extract_slice %x[1, 0] [1, 2] [1, 2]
          : tensor<2x3xf32> to tensor<2xf32>
      %e = tensor.collapse_shape %x [[0, 1]]
          : tensor<2x3xf32> into tensor<6xf32>
      %g = tensor.expand_shape %e [[0, 1]] output_shape [3, 2]
          : tensor<6xf32> into tensor<3x2xf32>
      %h = tensor.dim %g, %one : tensor<3x2xf32>
      return %a, %b, %c, %d, %e, %g, %h : f32, tensor<2xf32>, tensor<2xf32>,
          tensor<2xf32>, tensor<6xf32>, tensor<3x2xf32>, index
    })",
      {floats({2, 3}, {1, 2, 3, 4, 5, 6})});
  ASSERT_EQ(y.size(), 7u) << errors;
  EXPECT_THAT(y[0].floats, ElementsAre(6));
  EXPECT_THAT(y[1].floats, ElementsAre(6, 6));
  EXPECT_THAT(y[2].floats, ElementsAre(6, 6));
  EXPECT_THAT(y[3].floats, ElementsAre(4, 6));
  EXPECT_THAT(y[4].floats, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(y[5].shape, ElementsAre(3, 2));
  EXPECT_THAT(y[6].integers, ElementsAre(2));
}

TEST_F(LayerTest, ReshapesAfterTime) {
  SmallVector<Tensor> y = run(R"(
    func.func @f(%x: tensor<?x?x6xf32>)
        -> (tensor<?x?x2x3xf32>, tensor<?x?x4xf32>) {
      %h = ssm.reshape %x : tensor<?x?x6xf32> to tensor<?x?x2x3xf32>
      %a, %b = ssm.split %h [2, 1] : tensor<?x?x2x3xf32>
      %y = ssm.reshape %a : tensor<?x?x2x2xf32> to tensor<?x?x4xf32>
      return %h, %y : tensor<?x?x2x3xf32>, tensor<?x?x4xf32>
    })",
                              {floats({1, 1, 6}, {1, 2, 3, 4, 5, 6})});
  ASSERT_EQ(y.size(), 2u) << errors;
  EXPECT_THAT(y[0].shape, ElementsAre(1, 1, 2, 3));
  EXPECT_THAT(y[0].floats, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(y[1].floats, ElementsAre(1, 2, 4, 5));
}

TEST_F(LayerTest, ExpandsOpenExtents) {
  Tensor y = runOne(R"(
    func.func @f(%x: tensor<?x6xf32>) -> tensor<?x2x3xf32> {
      %zero = arith.constant 0 : index
      %b = tensor.dim %x, %zero : tensor<?x6xf32>
      %y = tensor.expand_shape %x [[0], [1, 2]] output_shape [%b, 2, 3]
          : tensor<?x6xf32> into tensor<?x2x3xf32>
      return %y : tensor<?x2x3xf32>
    })",
                    {floats({1, 6}, {1, 2, 3, 4, 5, 6})});
  EXPECT_THAT(y.shape, ElementsAre(1, 2, 3));
}

TEST_F(LayerTest, ChecksIndicesAndCasts) {
  run(R"(
    func.func @f(%x: tensor<?xf32>) -> f32 {
      %two = arith.constant 2 : index
      %y = tensor.extract %x[%two] : tensor<?xf32>
      return %y : f32
    })",
      {floats({2}, {1, 2})});
  EXPECT_THAT(errors, HasSubstr("expected an index in [0, 2), got 2"));
  run(R"(
    func.func @f(%x: tensor<?xf32>) -> tensor<3xf32> {
      %y = tensor.cast %x : tensor<?xf32> to tensor<3xf32>
      return %y : tensor<3xf32>
    })",
      {floats({2}, {1, 2})});
  EXPECT_THAT(errors,
              HasSubstr("expected a result of type 'tensor<3xf32>', got 2"));
  run(R"(
    func.func @f(%x: tensor<?xf32>) -> tensor<2xf32> {
      %y = tensor.extract_slice %x[1] [2] [1] : tensor<?xf32> to tensor<2xf32>
      return %y : tensor<2xf32>
    })",
      {floats({2}, {1, 2})});
  EXPECT_THAT(errors, HasSubstr("expected a slice inside axis 0 of extent 2, "
                                "got 2 elements from 1 to 2"));
}

} // namespace
