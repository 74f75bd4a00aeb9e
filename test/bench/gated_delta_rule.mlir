// Gated delta rule: a step reads the whole state before it writes it.
module attributes {ssm.name = "gated_delta_rule"} {
func.func @forward(%q4: tensor<?x?x16x64xf32>, %k4: tensor<?x?x16x64xf32>, %v: tensor<?x?x1024xf32>,
    %g: tensor<?x?x16xf32>, %beta: tensor<?x?x16xf32>) -> tensor<?x?x1024xf32> {
  %y, %last = ssm.recurrence sequence(l) step(k)
      ins(%q4[b, l, h, k], %k4[b, l, h, k], %v[b, l, h v], %g[b, l, h], %beta[b, l, h] :
          tensor<?x?x16x64xf32>, tensor<?x?x16x64xf32>, tensor<?x?x1024xf32>, tensor<?x?x16xf32>,
          tensor<?x?x16xf32>)
      outs([b, l, h v] : tensor<?x?x1024xf32>)
      states("recurrent" [b, h, v, k] : tensor<?x16x64x64xf32>) {
  ^step(%q_t: tensor<64xf32>, %k_t: tensor<64xf32>, %v_t: f32, %g_t: f32, %b_t: f32, %h:
      tensor<64xf32>):
    %sp = ssm.softplus %g_t : f32
    %ng = arith.negf %sp : f32
    %a = math.exp %ng : f32
    %beta_t = ssm.sigmoid %b_t : f32
    %kept = ssm.contract ",k->k" %a, %h : (f32, tensor<64xf32>) -> tensor<64xf32>
    %r = ssm.contract "k,k->" %kept, %k_t : (tensor<64xf32>, tensor<64xf32>) -> f32
    %d = arith.subf %v_t, %r : f32
    %u = arith.mulf %beta_t, %d : f32
    %in = ssm.contract ",k->k" %u, %k_t : (f32, tensor<64xf32>) -> tensor<64xf32>
    %next = arith.addf %kept, %in : tensor<64xf32>
    %y_t = ssm.contract "k,k->" %next, %q_t : (tensor<64xf32>, tensor<64xf32>) -> f32
    ssm.yield %y_t, %next : f32, tensor<64xf32>
  }
  return %y : tensor<?x?x1024xf32>
}
}
