// RUN: ssmc-opt %s --ssmc-assign-cpu-layouts --ssmc-lower-cpu-kernels | FileCheck %s

// Products of any shape share the loops over rows and columns, per type of weights,
// whatever a kernel of the model is called; sums are finished where they are used.

// CHECK-LABEL: func.func @small(
// CHECK: call @[[F32:product_f32_[0-9]+]](
// CHECK: vector.load {{.*}} : memref<?xf32>, vector<4xf32>
func.func private @small(%x: tensor<?x?x3xf32>, %w: tensor<4x3xf32> {plan.weight})
    -> tensor<?x?x4xf32> attributes {plan.kernel} {
  %y = ssm.linear %x, %w : tensor<?x?x3xf32>, tensor<4x3xf32>
  return %y : tensor<?x?x4xf32>
}

// CHECK-LABEL: func.func @large(
// CHECK: call @[[F32]](
func.func private @large(%x: tensor<?x?x300xf32>, %w: tensor<500x300xf32> {plan.weight})
    -> tensor<?x?x500xf32> attributes {plan.kernel} {
  %y = ssm.linear %x, %w : tensor<?x?x300xf32>, tensor<500x300xf32>
  return %y : tensor<?x?x500xf32>
}

// CHECK-LABEL: func.func @half(
// CHECK: call @product_bf16(
func.func private @half(%x: tensor<?x?x3xf32>, %w: tensor<4x3xbf16> {plan.weight})
    -> tensor<?x?x4xf32> attributes {plan.kernel} {
  %y = ssm.linear %x, %w : tensor<?x?x3xf32>, tensor<4x3xbf16>
  return %y : tensor<?x?x4xf32>
}

// CHECK-LABEL: func.func @product_f32(
func.func private @product_f32(%x: tensor<?x?x3xf32>) -> tensor<?x?x3xf32>
    attributes {plan.kernel} {
  %y = arith.addf %x, %x : tensor<?x?x3xf32>
  return %y : tensor<?x?x3xf32>
}

// CHECK: func.func private @[[F32]]({{.*}}) attributes {no_inline, plan.routine = "product_f32"}
// CHECK: vector.fma
// CHECK: func.func private @product_bf16({{.*}}) attributes {no_inline, plan.routine = "product_bf16"}
// CHECK-NOT: func.func
