// State-space duality (Mamba-2): one decay per head, states of 64 x 128. No axis of
// the state meets another but in the read-out.
module attributes {ssm.name = "ssd"} {
func.func @forward(%x: tensor<?x?x1536xf32>, %dt: tensor<?x?x24xf32>, %B: tensor<?x?x128xf32>, %C:
    tensor<?x?x128xf32>) -> tensor<?x?x1536xf32> {
  %A = ssm.weight "A" splat(-1.0) : tensor<24xf32>
  %y, %last = ssm.recurrence sequence(l) step(n)
      ins(%x[b, l, h p], %dt[b, l, h], %A[h], %B[b, l, n], %C[b, l, n] : tensor<?x?x1536xf32>,
          tensor<?x?x24xf32>, tensor<24xf32>, tensor<?x?x128xf32>, tensor<?x?x128xf32>)
      outs([b, l, h p] : tensor<?x?x1536xf32>)
      states("recurrent" [b, h, p, n] : tensor<?x24x64x128xf32>) {
  ^step(%x_t: f32, %dt_t: f32, %A_h: f32, %B_t: tensor<128xf32>, %C_t: tensor<128xf32>, %h:
      tensor<128xf32>):
    %sp = ssm.softplus %dt_t : f32
    %e = arith.mulf %sp, %A_h : f32
    %a = math.exp %e : f32
    %dx = arith.mulf %sp, %x_t : f32
    %kept = ssm.contract ",n->n" %a, %h : (f32, tensor<128xf32>) -> tensor<128xf32>
    %in = ssm.contract ",n->n" %dx, %B_t : (f32, tensor<128xf32>) -> tensor<128xf32>
    %next = arith.addf %kept, %in : tensor<128xf32>
    %y_t = ssm.contract "n,n->" %next, %C_t : (tensor<128xf32>, tensor<128xf32>) -> f32
    ssm.yield %y_t, %next : f32, tensor<128xf32>
  }
  return %y : tensor<?x?x1536xf32>
}
}
