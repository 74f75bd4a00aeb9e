// RUN: ssmc-opt %s --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @causal
func.func @causal(%u: tensor<?x?x6xf32>, %k: tensor<6x9xbf16>, %d: tensor<6xf32>,
                  %w: tensor<?x6x8xf32>) -> (tensor<?x?x6xf32>, tensor<?x6x8xf32>) {
  // CHECK: %[[Y:.*]], %[[W:.*]] = ssm.long_conv %{{.*}}, %{{.*}} D(%{{.*}} : tensor<6xf32>)
  // CHECK-SAME: init(%{{.*}} : tensor<?x6x8xf32>) : tensor<?x?x6xf32>, tensor<6x9xbf16>
  %y, %window = ssm.long_conv %u, %k D(%d : tensor<6xf32>) init(%w : tensor<?x6x8xf32>)
      : tensor<?x?x6xf32>, tensor<6x9xbf16>
  // CHECK: return %[[Y]], %[[W]]
  return %y, %window : tensor<?x?x6xf32>, tensor<?x6x8xf32>
}

// CHECK-LABEL: @forms
func.func @forms(%u: tensor<?x?x6xf32>, %k: tensor<2x9xf32>, %s: tensor<1x?x3xf32>)
    -> tensor<?x?x6xf32> {
  // CHECK: ssm.long_conv %{{.*}}, %{{.*}} back(%{{.*}} : tensor<2x9xf32>) inclusive
  %a = ssm.long_conv %u, %s back(%k : tensor<2x9xf32>) inclusive
      : tensor<?x?x6xf32>, tensor<1x?x3xf32>
  // CHECK: ssm.long_conv %{{.*}}, %{{.*}} spatial [4, 5] reverse interleaved
  %b = ssm.long_conv %a, %k spatial [4, 5] reverse interleaved
      : tensor<?x?x6xf32>, tensor<2x9xf32>
  // CHECK: ssm.long_conv %{{.*}}, %{{.*}} circular
  %c = ssm.long_conv %b, %k circular : tensor<?x?x6xf32>, tensor<2x9xf32>
  return %c : tensor<?x?x6xf32>
}

// CHECK-LABEL: @kernels
func.func @kernels(%u: tensor<?x?x6xf32>, %n: tensor<2x4xf32>, %h: tensor<6xf32>,
                   %k: tensor<6x9xf32>) -> tensor<1x?x6xf32> {
  // CHECK: ssm.kernel transfer_function(%{{.*}}, %{{.*}}, %{{.*}} : tensor<2x4xf32>,
  // CHECK-SAME: nodes(8) direct -> tensor<6x7xf32>
  %f = ssm.kernel transfer_function(%n, %n, %h : tensor<2x4xf32>, tensor<2x4xf32>, tensor<6xf32>)
      nodes(8) direct -> tensor<6x7xf32>
  // CHECK: ssm.kernel low_pass(%{{.*}} : tensor<6x9xf32>) nodes(12) bins(3) -> tensor<6x12xf32>
  %l = ssm.kernel low_pass(%k : tensor<6x9xf32>) nodes(12) bins(3) -> tensor<6x12xf32>
  // CHECK: ssm.kernel vandermonde({{.*}}) like(%{{.*}} : tensor<?x?x6xf32>) -> tensor<1x?x6xf32>
  %v = ssm.kernel vandermonde(%n, %n : tensor<2x4xf32>, tensor<2x4xf32>)
      like(%u : tensor<?x?x6xf32>) -> tensor<1x?x6xf32>
  return %v : tensor<1x?x6xf32>
}

// CHECK-LABEL: @positions
func.func @positions(%u: tensor<?x?x6xf32>) -> tensor<1x?x2xf32> {
  // CHECK: ssm.positions like %{{.*}} : tensor<?x?x6xf32> -> tensor<1x?x2xf32>
  %t = ssm.positions like %u : tensor<?x?x6xf32> -> tensor<1x?x2xf32>
  return %t : tensor<1x?x2xf32>
}
