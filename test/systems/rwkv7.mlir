// RWKV-7, the core. Catalog C, 1.B "RWKV-7" (Core DP, g = -exp(w)):
//   S_t = (diag(e^{g_t}) + b_t a_t^T) S_{t-1} + k_t v_t^T,   o_t = S_t^T r_t
!qk = tensor<?x?x2x4xf32> // b l H K
!v = tensor<?x?x2x3xf32>  // b l H V
func.func @forward(%r: !qk, %w: !qk, %k: !qk, %v: !v, %a: !qk, %b: !qk) -> !v {
  %g = ssm.neg_exp %w : !qk
  %o, %S = ssm.delta_rule %r, %k, %v rank_one(%a, %b : !qk, !qk)
      log decay(%g : !qk) : !qk, !qk, !v
  return %o : !v
}
