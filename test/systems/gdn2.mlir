// GDN-2, with erase and write gates. Catalog C, "Variants of GD/KD":
//   R_t = diag(e^{g_t}) S_{t-1}
//   S_t = R_t + k_t (w_t . v_t - R_t^T (b_t . k_t))^T,   o_t = S_t^T q_t
// q comes scaled by K^{-1/2}.
!qk = tensor<?x?x2x4xf32>    // b l H K
!v = tensor<?x?x2x3xf32>     // b l H V
!key = tensor<4xf32>         // K
func.func @forward(%q: !qk, %k: !qk, %v: !v, %g: !qk, %b: !qk, %w: !v) -> !v {
  %o, %S = ssm.recurrence sequence(l) step(k)
      ins(%q[b, l, h, k], %k[b, l, h, k], %v[b, l, h, v], %g[b, l, h, k],
          %b[b, l, h, k], %w[b, l, h, v] : !qk, !qk, !v, !qk, !qk, !v)
      outs([b, l, h, v]) states("recurrent" [b, h, v, k]) {
  ^step(%q_t: !key, %k_t: !key, %v_t: f32, %g_t: !key, %b_t: !key, %w_t: f32,
        %s: !key):
    %decay = math.exp %g_t : !key
    %kept = arith.mulf %decay, %s : !key
    %erase = arith.mulf %b_t, %k_t : !key
    %known = ssm.contract "k,k->" %erase, %kept : (!key, !key) -> f32
    %wanted = arith.mulf %w_t, %v_t : f32
    %new = arith.subf %wanted, %known : f32
    %next = ssm.contract "k + ,k -> k" %kept, %new, %k_t : (!key, f32, !key) -> !key
    %o_t = ssm.contract "k,k->" %q_t, %next : (!key, !key) -> f32
    ssm.yield %o_t, %next : f32, !key
  }
  return %o : !v
}
