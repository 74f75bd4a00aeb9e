// RUN: ssmc-opt %s --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @weights
func.func @weights() -> tensor<3xf32> {
  // CHECK: %{{.*}}:2 = ssm.weights ["proj.weight", "proj.bias"] : tensor<3x2xbf16>, tensor<3xf32>
  %w, %b = ssm.weights ["proj.weight", "proj.bias"] : tensor<3x2xbf16>, tensor<3xf32>
  return %b : tensor<3xf32>
}

// CHECK-LABEL: @arithmetic
func.func @arithmetic(%x: tensor<?x?x2x3xf32>, %y: tensor<?x?x2x3xf32>, %c: tensor<3xbf16>,
                      %h: tensor<2x3xf32>) -> tensor<?x?x2x3xf32> {
  // CHECK: ssm.affine %{{.*}} scale(%{{.*}} : tensor<3xbf16>) : tensor<?x?x2x3xf32>
  %0 = ssm.affine %x scale(%c : tensor<3xbf16>) : tensor<?x?x2x3xf32>
  // CHECK: ssm.affine %{{.*}} shift(%{{.*}} : tensor<?x?x2x3xf32>) : tensor<?x?x2x3xf32>
  %1 = ssm.affine %0 shift(%y : tensor<?x?x2x3xf32>) : tensor<?x?x2x3xf32>
  // CHECK: ssm.affine %{{.*}} scale(%{{.*}} : tensor<2x3xf32>) shift(%{{.*}} : tensor<3xbf16>) : tensor<?x?x2x3xf32>
  %2 = ssm.affine %1 scale(%h : tensor<2x3xf32>) shift(%c : tensor<3xbf16>) : tensor<?x?x2x3xf32>
  // CHECK: %{{.*}}:2 = ssm.lerp %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : tensor<?x?x2x3xf32>, tensor<3xbf16>, tensor<2x3xf32>
  %3:2 = ssm.lerp %2, %y, %c, %h : tensor<?x?x2x3xf32>, tensor<3xbf16>, tensor<2x3xf32>
  // CHECK: ssm.l2_norm %{{.*}} eps(5.000000e-01) : tensor<?x?x2x3xf32>
  %4 = ssm.l2_norm %3#1 eps(0.5) : tensor<?x?x2x3xf32>
  return %4 : tensor<?x?x2x3xf32>
}

// CHECK-LABEL: @low_rank
func.func @low_rank(%x: tensor<?x?x6xf32>, %down: tensor<2x6xbf16>, %up: tensor<5x2xf32>,
                    %b: tensor<5xf32>) -> tensor<?x?x5xf32> {
  // CHECK: ssm.low_rank %{{.*}}, %{{.*}}, %{{.*}} : tensor<?x?x6xf32>, tensor<2x6xbf16>, tensor<5x2xf32>
  %y = ssm.low_rank %x, %down, %up : tensor<?x?x6xf32>, tensor<2x6xbf16>, tensor<5x2xf32>
  // CHECK: ssm.low_rank %{{.*}}, %{{.*}}, %{{.*}} bias(%{{.*}} : tensor<5xf32>) activation(tanh) :
  %z = ssm.low_rank %x, %down, %up bias(%b : tensor<5xf32>) activation(tanh)
      : tensor<?x?x6xf32>, tensor<2x6xbf16>, tensor<5x2xf32>
  return %z : tensor<?x?x5xf32>
}

// CHECK-LABEL: @neg_exp
func.func @neg_exp(%x: tensor<2x3xf32>, %s: f32) -> (tensor<2x3xf32>, f32) {
  // CHECK: ssm.neg_exp %{{.*}} : tensor<2x3xf32>
  %y = ssm.neg_exp %x : tensor<2x3xf32>
  // CHECK: ssm.neg_exp %{{.*}} : f32
  %z = ssm.neg_exp %s : f32
  return %y, %z : tensor<2x3xf32>, f32
}

// CHECK-LABEL: @glu
func.func @glu(%x: tensor<?x?x6xf32>) -> tensor<?x?x3xf32> {
  // CHECK: ssm.glu %{{.*}} : tensor<?x?x6xf32>
  %y = ssm.glu %x : tensor<?x?x6xf32>
  return %y : tensor<?x?x3xf32>
}
