// Kimi Delta Attention. Catalog C, 1.B "KDA" (Core KD):
//   R_t = diag(e^{g_t}) S_{t-1},   S_t = R_t + beta_t k_t (v_t - R_t^T k_t)^T
//   o_t = S_t^T q_t
// Each head of q and k serves R consecutive heads of v. k comes with unit length, q
// scaled by K^{-1/2}.
!qk = tensor<?x?x2x4xf32>    // b l H K
!v = tensor<?x?x4x3xf32>     // b l H*R V
!g = tensor<?x?x4x4xf32>     // b l H*R K
!gate = tensor<?x?x4xf32>    // b l H*R
!key = tensor<4xf32>         // K
func.func @forward(%q: !qk, %k: !qk, %v: !v, %g: !g, %beta: !gate) -> !v {
  %o, %S = ssm.recurrence sequence(l) step(k)
      ins(%q[b, l, h, k], %k[b, l, h, k], %v[b, l, h r, v], %g[b, l, h r, k],
          %beta[b, l, h r] : !qk, !qk, !v, !g, !gate)
      outs([b, l, h r, v]) states("recurrent" [b, h r, v, k]) {
  ^step(%q_t: !key, %k_t: !key, %v_t: f32, %g_t: !key, %beta_t: f32, %s: !key):
    %decay = math.exp %g_t : !key
    %kept = arith.mulf %decay, %s : !key
    %known = ssm.contract "k,k->" %k_t, %kept : (!key, !key) -> f32
    %new = arith.subf %v_t, %known : f32
    %part = arith.mulf %beta_t, %new : f32
    %next = ssm.contract "k + ,k -> k" %kept, %part, %k_t : (!key, f32, !key) -> !key
    %o_t = ssm.contract "k,k->" %q_t, %next : (!key, !key) -> f32
    ssm.yield %o_t, %next : f32, !key
  }
  return %o : !v
}
