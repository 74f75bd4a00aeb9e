// RUN: ssmc-opt %s --ssmc-expand-recurrences | FileCheck %s

// Also in the body of a parameter.
// CHECK-LABEL: @weights
// CHECK: %[[W:.*]] = ssm.weight "proj.weight" : tensor<3x2xbf16>
// CHECK-NEXT: %[[B:.*]] = ssm.weight "proj.bias" : tensor<3xf32>
// CHECK-NEXT: %[[A:.*]] = ssm.parameter "A"
// CHECK-NEXT: %[[LOG:.*]] = ssm.weight "log" : tensor<3xf32>
// CHECK-NEXT: ssm.yield %[[LOG]]
// CHECK: return %[[W]], %[[B]], %[[A]]
func.func @weights() -> (tensor<3x2xbf16>, tensor<3xf32>, tensor<3xf32>) {
  %w, %b = ssm.weights ["proj.weight", "proj.bias"] : tensor<3x2xbf16>, tensor<3xf32>
  %a = ssm.parameter "A" : tensor<3xf32> {
    %log = ssm.weights ["log"] : tensor<3xf32>
    ssm.yield %log : tensor<3xf32>
  }
  return %w, %b, %a : tensor<3x2xbf16>, tensor<3xf32>, tensor<3xf32>
}

// A product keeps the axes of the result and of what comes after it.
// CHECK-LABEL: @covariance
// CHECK-SAME: %[[F:.*]]: tensor<2x3xf32>, %[[P:.*]]: tensor<3x3xf32>
// CHECK-NEXT: %[[FP:.*]] = ssm.contract "ij,jk->ik" %[[F]], %[[P]] : (tensor<2x3xf32>, tensor<3x3xf32>) -> tensor<2x3xf32>
// CHECK-NEXT: %[[FPF:.*]] = ssm.contract "ik,lk->il" %[[FP]], %[[F]] : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x2xf32>
// CHECK-NEXT: return %[[FPF]]
func.func @covariance(%F: tensor<2x3xf32>, %P: tensor<3x3xf32>) -> tensor<2x2xf32> {
  %y = ssm.contract "ij,jk,lk->il" %F, %P, %F
      : (tensor<2x3xf32>, tensor<3x3xf32>, tensor<2x3xf32>) -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// CHECK-LABEL: @scaled
// CHECK-SAME: %[[A:.*]]: f32, %[[X:.*]]: tensor<3xf32>, %[[Y:.*]]: tensor<?xf32>
// CHECK-NEXT: %[[AX:.*]] = ssm.contract ",p->p" %[[A]], %[[X]] : (f32, tensor<3xf32>) -> tensor<3xf32>
// CHECK-NEXT: %[[AXX:.*]] = ssm.contract "p,p->" %[[AX]], %[[X]] : (tensor<3xf32>, tensor<3xf32>) -> f32
// CHECK-NEXT: %[[R:.*]] = ssm.contract ",n->n" %[[AXX]], %[[Y]] : (f32, tensor<?xf32>) -> tensor<?xf32>
// CHECK-NEXT: return %[[R]]
func.func @scaled(%a: f32, %x: tensor<3xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %r = ssm.contract ",p,p,n->n" %a, %x, %x, %y
      : (f32, tensor<3xf32>, tensor<3xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}
