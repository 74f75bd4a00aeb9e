// Simple GLA, linear attention with a scalar gate. Catalog C, Core SD:
//   S_t = e^{g_t} S_{t-1} + k_t v_t^T,   o_t = S_t^T q_t
// q comes scaled by K^{-1/2}.
!qk = tensor<?x?x2x4xf32>    // b l H K
!v = tensor<?x?x2x3xf32>     // b l H V
!gate = tensor<?x?x2xf32>    // b l H
!state = tensor<?x2x3x4xf32> // b H V K
!key = tensor<4xf32>         // K
func.func @forward(%q: !qk, %k: !qk, %v: !v, %g: !gate) -> !v {
  %o, %S = ssm.recurrence sequence(l) step(k)
      ins(%q[b, l, h, k], %k[b, l, h, k], %v[b, l, h, v], %g[b, l, h]
          : !qk, !qk, !v, !gate)
      outs([b, l, h, v] : !v) states("S" [b, h, v, k] : !state) {
  ^step(%q_t: !key, %k_t: !key, %v_t: f32, %g_t: f32, %s: !key):
    %decay = math.exp %g_t : f32
    %kept = ssm.contract ",k->k" %decay, %s : (f32, !key) -> !key
    %write = ssm.contract ",k->k" %v_t, %k_t : (f32, !key) -> !key
    %next = arith.addf %kept, %write : !key
    %o_t = ssm.contract "k,k->" %q_t, %next : (!key, !key) -> f32
    ssm.yield %o_t, %next : f32, !key
  }
  return %o : !v
}
