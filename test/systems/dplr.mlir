// Diagonal plus low rank, the general form. Catalog C, Core DP:
//   S_t = (diag(e^{g_t}) + b_t a_t^T) S_{t-1} + k_t v_t^T,   o_t = S_t^T q_t
// q comes scaled by K^{-1/2}.
!qk = tensor<?x?x2x4xf32> // b l H K
!v = tensor<?x?x2x3xf32>  // b l H V
func.func @forward(%q: !qk, %k: !qk, %v: !v, %a: !qk, %b: !qk, %g: !qk) -> !v {
  %o, %S = ssm.delta_rule %q, %k, %v rank_one(%a, %b : !qk, !qk)
      log decay(%g : !qk) : !qk, !qk, !v
  return %o : !v
}
