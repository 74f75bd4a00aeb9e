// RUN: ssmc-opt %s --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @weights
func.func @weights() -> tensor<3xf32> {
  // CHECK: %{{.*}}:2 = ssm.weights ["proj.weight", "proj.bias"] : tensor<3x2xbf16>, tensor<3xf32>
  %w, %b = ssm.weights ["proj.weight", "proj.bias"] : tensor<3x2xbf16>, tensor<3xf32>
  return %b : tensor<3xf32>
}
