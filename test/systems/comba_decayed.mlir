// Comba, the recurrent form's meaning. Catalog C, "Variants of GD/KD", trap:
//   R_t = e^{g_t} S_{t-1},   S_t = R_t + beta_t k_t (v_t - R_t^T p_t)^T
// The error is read on the decayed state. o_t = S_t^T q_t; q comes scaled.
!qk = tensor<?x?x2x4xf32>    // b l H K
!v = tensor<?x?x2x3xf32>     // b l H V
!gate = tensor<?x?x2xf32>    // b l H
!key = tensor<4xf32>         // K
func.func @forward(%q: !qk, %k: !qk, %v: !v, %p: !qk, %beta: !gate,
                   %g: !gate) -> !v {
  %o, %S = ssm.recurrence sequence(l) step(k)
      ins(%q[b, l, h, k], %k[b, l, h, k], %v[b, l, h, v], %p[b, l, h, k],
          %beta[b, l, h], %g[b, l, h] : !qk, !qk, !v, !qk, !gate, !gate)
      outs([b, l, h, v]) states("recurrent" [b, h, v, k]) {
  ^step(%q_t: !key, %k_t: !key, %v_t: f32, %p_t: !key, %beta_t: f32, %g_t: f32,
        %s: !key):
    %decay = math.exp %g_t : f32
    %kept = ssm.contract ",k->k" %decay, %s : (f32, !key) -> !key
    %known = ssm.contract "k,k->" %p_t, %kept : (!key, !key) -> f32
    %new = arith.subf %v_t, %known : f32
    %part = arith.mulf %beta_t, %new : f32
    %next = ssm.contract "k + ,k -> k" %kept, %part, %k_t : (!key, f32, !key) -> !key
    %o_t = ssm.contract "k,k->" %q_t, %next : (!key, !key) -> f32
    ssm.yield %o_t, %next : f32, !key
  }
  return %o : !v
}
