// Identity plus low rank. Catalog C, Core DP with g = 0:
//   S_t = (I + b_t a_t^T) S_{t-1} + k_t v_t^T,   o_t = S_t^T q_t
// q comes scaled by K^{-1/2}.
!qk = tensor<?x?x2x4xf32> // b l H K
!v = tensor<?x?x2x3xf32>  // b l H V
func.func @forward(%q: !qk, %k: !qk, %v: !v, %a: !qk, %b: !qk) -> !v {
  %o, %S = ssm.delta_rule %q, %k, %v rank_one(%a, %b : !qk, !qk) : !qk, !qk, !v
  return %o : !v
}
