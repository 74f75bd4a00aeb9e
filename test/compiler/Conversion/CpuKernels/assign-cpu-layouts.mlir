// RUN: ssmc-opt %s --ssmc-form-dispatches --ssmc-assign-cpu-layouts | FileCheck %s

// The state's and the decay's lanes, channels, lie last.
// CHECK: plan.state @s role "recurrent" layout <[1, 0]> : tensor<64x16xf32>
plan.state @s role "recurrent" : tensor<64x16xf32>

// A table that is also a projection is stored once, in panels.
// CHECK-LABEL: func.func private @embedding_64(
// CHECK-SAME: tensor<256x64xbf16> {plan.layout = #plan.layout<panels16>, plan.weight}
// CHECK-LABEL: func.func private @recurrent_64_16(
// CHECK-SAME: tensor<64x16xf32> {plan.layout = #plan.layout<[1, 0]>, plan.weight}
// CHECK-SAME: tensor<?x64x16xf32> {plan.layout = #plan.layout<[1, 0]>}
// The state, 64x16 floats, comes and goes once; x and y per time step.
// CHECK-SAME: plan.cost = #plan.cost<flops_per_row = {{[0-9]+}}, bytes_per_row = 512,
// CHECK-SAME: bytes_fixed = 4096, bytes_per_batch = 8192>
// CHECK-SAME: plan.grid = #plan.grid<items = 4, per_batch = true>
// CHECK-LABEL: func.func private @linear_256_64(
// CHECK-SAME: tensor<256x64xbf16> {plan.layout = #plan.layout<panels16>, plan.weight}
// CHECK-SAME: plan.cost = #plan.cost<flops_per_row = 32768,
// CHECK-SAME: bytes_fixed = 32768>
func.func @prefill(%ids: tensor<?x?xi64>, %h0: tensor<?x64x16xf32> {plan.state = @s})
    -> (tensor<?x?x256xf32>, tensor<?x64x16xf32> {plan.state = @s})
    attributes {ssm.entry} {
  %table = ssm.weight "table" : tensor<256x64xbf16>
  %a = ssm.weight "a" : tensor<64x16xf32>
  %x = ssm.embedding %ids, %table : tensor<?x?xi64>, tensor<256x64xbf16>
  %y, %h = ssm.recurrence sequence(l) step(n)
      ins(%x[b, l, d], %a[d, n] : tensor<?x?x64xf32>, tensor<64x16xf32>)
      outs([b, l, d] : tensor<?x?x64xf32>)
      states("recurrent" [b, d, n] init(%h0) : tensor<?x64x16xf32>) {
  ^step(%x_t: f32, %a_d: tensor<16xf32>, %s: tensor<16xf32>):
    %in = ssm.contract ",n->n" %x_t, %a_d : (f32, tensor<16xf32>) -> tensor<16xf32>
    %next = arith.addf %in, %s : tensor<16xf32>
    %sum = ssm.contract "n,n->" %next, %a_d : (tensor<16xf32>, tensor<16xf32>) -> f32
    ssm.yield %sum, %next : f32, tensor<16xf32>
  }
  %logits = ssm.linear %y, %table : tensor<?x?x64xf32>, tensor<256x64xbf16>
  return %logits, %h : tensor<?x?x256xf32>, tensor<?x64x16xf32>
}
