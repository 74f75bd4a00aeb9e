// RUN: ssmc-opt %s --ssmc-plan-entries | FileCheck %s

// Weights of one name and layout are one; a computed one keeps its computation.
// CHECK: plan.weight @scale "scale" layout <[0]> : tensor<8xf32>
// CHECK: plan.weight @A "A" layout <[0]> : tensor<8xf32> {
// CHECK: ssm.parameter "A"
// CHECK-NOT: plan.weight @

plan.state @layer.recurrent role "recurrent" layout <[0]> : tensor<8xf32>

func.func private @norm(%x: tensor<?x?x8xf32>,
    %s: tensor<8xf32> {plan.weight, plan.layout = #plan.layout<[0]>})
    -> tensor<?x?x8xf32> attributes {plan.kernel,
    plan.grid = #plan.grid<items = 1, row_tile = 8>,
    plan.cost = #plan.cost<flops_per_row = 1, bytes_per_row = 2, bytes_fixed = 3>} {
  return %x : tensor<?x?x8xf32>
}
func.func private @scan(%x: tensor<?x?x8xf32>,
    %a: tensor<8xf32> {plan.weight, plan.layout = #plan.layout<[0]>},
    %h: tensor<?x8xf32>) -> (tensor<?x?x8xf32>, tensor<?x8xf32>)
    attributes {plan.kernel,
    plan.grid = #plan.grid<items = 1, per_batch = true>,
    plan.cost = #plan.cost<flops_per_row = 1, bytes_per_row = 2, bytes_fixed = 3>} {
  return %x, %h : tensor<?x?x8xf32>, tensor<?x8xf32>
}

// Three rows of 32 bytes, rounded to a cache line; the first and the last never
// live together. The state is updated in place; the result is the output.
// CHECK: plan.entry @prefill inputs [tensor<?x?x8xf32>] outputs [tensor<?x?x8xf32>]
// CHECK-SAME: bounds [0] state carried block 256 arena(0, 0, 128)
// CHECK-NEXT: plan.run @norm <items = 1, row_tile = 8> {{.*}} [#plan.input<0>, #plan.weight_ref<@scale>, #plan.arena<row, offset = 0, size = 64, start = 0, end = 1>] written 1
// CHECK-NEXT: plan.run @norm {{.*}} [#plan.arena<row, offset = 0, size = 64, start = 0, end = 1>, #plan.weight_ref<@scale>, #plan.arena<row, offset = 64, size = 64, start = 1, end = 2>] written 1
// CHECK-NEXT: plan.run @norm {{.*}} #plan.arena<row, offset = 0, size = 64, start = 2, end = 3>] written 1
// CHECK-NEXT: plan.run @scan {{.*}} [#plan.arena<row, offset = 0, size = 64, start = 2, end = 3>, #plan.weight_ref<@A>, #plan.state_ref<@layer.recurrent>, #plan.output<0>, #plan.state_ref<@layer.recurrent>] written 2
func.func @prefill(%x: tensor<?x?x8xf32>,
    %h: tensor<?x8xf32> {plan.state = @layer.recurrent})
    -> (tensor<?x?x8xf32>, tensor<?x8xf32> {plan.state = @layer.recurrent})
    attributes {ssm.entry} {
  %s = ssm.weight "scale" : tensor<8xf32>
  %a = ssm.parameter "A" : tensor<8xf32> {
    %w = ssm.weight "A_log" : tensor<8xf32>
    %e = math.exp %w : tensor<8xf32>
    ssm.yield %e : tensor<8xf32>
  }
  %0 = plan.dispatch @norm(%x, %s) : (tensor<?x?x8xf32>, tensor<8xf32>) -> tensor<?x?x8xf32>
  %1 = plan.dispatch @norm(%0, %s) : (tensor<?x?x8xf32>, tensor<8xf32>) -> tensor<?x?x8xf32>
  %2 = plan.dispatch @norm(%1, %s) : (tensor<?x?x8xf32>, tensor<8xf32>) -> tensor<?x?x8xf32>
  %y, %next = plan.dispatch @scan(%2, %a, %h)
      : (tensor<?x?x8xf32>, tensor<8xf32>, tensor<?x8xf32>)
      -> (tensor<?x?x8xf32>, tensor<?x8xf32>)
  return %y, %next : tensor<?x?x8xf32>, tensor<?x8xf32>
}
