// DeltaNet. Catalog C, 1.B "DeltaNet" (Core DR):
//   S_t = S_{t-1} + beta_t k_t (v_t - S_{t-1}^T k_t)^T,   o_t = S_t^T q_t
// k comes with unit length, q scaled by K^{-1/2}.
!qk = tensor<?x?x2x4xf32> // b l H K
!v = tensor<?x?x2x3xf32>  // b l H V
!gate = tensor<?x?x2xf32> // b l H
func.func @forward(%q: !qk, %k: !qk, %v: !v, %beta: !gate) -> !v {
  %o, %S = ssm.delta_rule %q, %k, %v beta(%beta : !gate) : !qk, !qk, !v
  return %o : !v
}
