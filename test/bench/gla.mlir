// Gated linear attention: a decay per key, states of 64 x 64.
module attributes {ssm.name = "gla"} {
func.func @forward(%q4: tensor<?x?x16x64xf32>, %k4: tensor<?x?x16x64xf32>, %v: tensor<?x?x1024xf32>,
    %g4: tensor<?x?x16x64xf32>) -> tensor<?x?x1024xf32> {
  %y, %last = ssm.recurrence sequence(l) step(k)
      ins(%q4[b, l, h, k], %k4[b, l, h, k], %v[b, l, h v], %g4[b, l, h, k] : tensor<?x?x16x64xf32>,
          tensor<?x?x16x64xf32>, tensor<?x?x1024xf32>, tensor<?x?x16x64xf32>)
      outs([b, l, h v] : tensor<?x?x1024xf32>)
      states("recurrent" [b, h, v, k] : tensor<?x16x64x64xf32>) {
  ^step(%q_t: tensor<64xf32>, %k_t: tensor<64xf32>, %v_t: f32, %g_t: tensor<64xf32>, %h:
      tensor<64xf32>):
    %a = math.exp %g_t : tensor<64xf32>
    %kept = arith.mulf %a, %h : tensor<64xf32>
    %in = ssm.contract ",k->k" %v_t, %k_t : (f32, tensor<64xf32>) -> tensor<64xf32>
    %next = arith.addf %kept, %in : tensor<64xf32>
    %y_t = ssm.contract "k,k->" %next, %q_t : (tensor<64xf32>, tensor<64xf32>) -> f32
    ssm.yield %y_t, %next : f32, tensor<64xf32>
  }
  return %y : tensor<?x?x1024xf32>
}
}
