// RUN: ssmc-opt %s --ssmc-form-dispatches --ssmc-assign-cpu-layouts | FileCheck %s

// A step on tensors reads a matrix along its last axis.
// CHECK: func.func private @alone_8_4
// CHECK-SAME: tensor<8x4xf32> {plan.layout = #plan.layout<[0, 1]>, plan.weight}
func.func @forward(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> attributes {ssm.entry} {
  %a = ssm.weight "a" : tensor<8x4xf32>
  %y, %last = ssm.recurrence sequence(l) step(n)
      ins(%x[b, l, h], %a[h, n] : tensor<?x?x8xf32>, tensor<8x4xf32>)
      outs([b, l, h] : tensor<?x?x8xf32>) states("alone" [b, h, n] : tensor<?x8x4xf32>) {
  ^step(%x_t: f32, %a_: tensor<4xf32>, %s: tensor<4xf32>):
    %in = tensor.splat %x_t : tensor<4xf32>
    %kept = arith.mulf %a_, %s : tensor<4xf32>
    %next = arith.addf %kept, %in : tensor<4xf32>
    %read = ssm.contract "n->" %next : (tensor<4xf32>) -> f32
    ssm.yield %read, %next : f32, tensor<4xf32>
  }
  return %y : tensor<?x?x8xf32>
}

// A weight has one layout: where lanes run along its first axis too, that one.
// CHECK: func.func private @first_8_4
// CHECK-SAME: tensor<8x4xf32> {plan.layout = #plan.layout<[1, 0]>, plan.weight}
// CHECK: func.func private @second_4_8
// CHECK-SAME: tensor<8x4xf32> {plan.layout = #plan.layout<[1, 0]>, plan.weight}
func.func @both(%x: tensor<?x?x8xf32>, %z: tensor<?x?x4x8xf32>)
    -> (tensor<?x?x8xf32>, tensor<?x?x4x8xf32>) attributes {ssm.entry} {
  %b = ssm.weight "b" : tensor<8x4xf32>
  %y, %last = ssm.recurrence sequence(l) step(n)
      ins(%x[b, l, h], %b[h, n] : tensor<?x?x8xf32>, tensor<8x4xf32>)
      outs([b, l, h] : tensor<?x?x8xf32>) states("first" [b, h, n] : tensor<?x8x4xf32>) {
  ^step(%x_t: f32, %b_: tensor<4xf32>, %s: tensor<4xf32>):
    %in = tensor.splat %x_t : tensor<4xf32>
    %kept = arith.mulf %b_, %s : tensor<4xf32>
    %next = arith.addf %kept, %in : tensor<4xf32>
    %read = ssm.contract "n->" %next : (tensor<4xf32>) -> f32
    ssm.yield %read, %next : f32, tensor<4xf32>
  }
  %w, %last_w = ssm.recurrence sequence(l) step()
      ins(%z[b, l, n, h], %b[h, n] : tensor<?x?x4x8xf32>, tensor<8x4xf32>)
      outs([b, l, n, h] : tensor<?x?x4x8xf32>)
      states("second" [b, n, h] : tensor<?x4x8xf32>) {
  ^step(%z_t: f32, %b_: f32, %s: f32):
    %kept = arith.mulf %b_, %s : f32
    %next = arith.addf %kept, %z_t : f32
    ssm.yield %next, %next : f32, f32
  }
  return %y, %w : tensor<?x?x8xf32>, tensor<?x?x4x8xf32>
}
