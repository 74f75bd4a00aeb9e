// Gated linear attention, its step written out. Catalog C, 1.B "GLA" (Core CD):
//   S_t = diag(e^{g_t}) S_{t-1} + k_t v_t^T,   o_t = S_t^T q_t
// q comes scaled by K^{-1/2}.
!qk = tensor<?x?x2x4xf32>    // b l H K
!v = tensor<?x?x2x3xf32>     // b l H V
!key = tensor<4xf32>         // K
func.func @forward(%q: !qk, %k: !qk, %v: !v, %g: !qk) -> !v {
  %o, %S = ssm.recurrence sequence(l) step(k)
      ins(%q[b, l, h, k], %k[b, l, h, k], %v[b, l, h, v], %g[b, l, h, k]
          : !qk, !qk, !v, !qk)
      outs([b, l, h, v]) states("recurrent" [b, h, v, k]) {
  ^step(%q_t: !key, %k_t: !key, %v_t: f32, %g_t: !key, %s: !key):
    %decay = math.exp %g_t : !key
    %kept = arith.mulf %decay, %s : !key
    %write = ssm.contract ",k->k" %v_t, %k_t : (f32, !key) -> !key
    %next = arith.addf %kept, %write : !key
    %o_t = ssm.contract "k,k->" %q_t, %next : (!key, !key) -> f32
    ssm.yield %o_t, %next : f32, !key
  }
  return %o : !v
}
