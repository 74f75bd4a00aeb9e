// Lightning attention. Catalog C, Core SD, the line "Lightning attention":
//   S_t = e^{g_h} S_{t-1} + k_t v_t^T,   o_t = S_t^T q_t
// with g_h = -(8/H) (1 - layer/n_layers) h. q comes scaled by K^{-1/2}.
!qk = tensor<?x?x2x4xf32>    // b l H K
!v = tensor<?x?x2x3xf32>     // b l H V
!head = tensor<2xf32>        // H
!state = tensor<?x2x3x4xf32> // b H V K
!key = tensor<4xf32>         // K
module attributes {ssm.checkpoint = "."} {
func.func @forward(%q: !qk, %k: !qk, %v: !v) -> !v {
  %g = ssm.weight "g" : !head
  %o, %S = ssm.recurrence sequence(l) step(k)
      ins(%q[b, l, h, k], %k[b, l, h, k], %v[b, l, h, v], %g[h]
          : !qk, !qk, !v, !head)
      outs([b, l, h, v] : !v) states("S" [b, h, v, k] : !state) {
  ^step(%q_t: !key, %k_t: !key, %v_t: f32, %g_h: f32, %s: !key):
    %decay = math.exp %g_h : f32
    %kept = ssm.contract ",k->k" %decay, %s : (f32, !key) -> !key
    %write = ssm.contract ",k->k" %v_t, %k_t : (f32, !key) -> !key
    %next = arith.addf %kept, %write : !key
    %o_t = ssm.contract "k,k->" %q_t, %next : (!key, !key) -> f32
    ssm.yield %o_t, %next : f32, !key
  }
  return %o : !v
}
}
