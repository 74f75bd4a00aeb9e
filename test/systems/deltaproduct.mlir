// DeltaProduct. Catalog C, 1.B "DeltaProduct" (Core DR on N micro-steps):
//   S <- S + beta_tj k_tj (v_tj - S^T k_tj)^T for j = 1..N,   o_t = S_t^T q_t
!qk = tensor<?x?x2x4xf32>    // b l H K
!v = tensor<?x?x2x3xf32>     // b l H V
!ks = tensor<?x?x2x2x4xf32>  // b l N H K
!vs = tensor<?x?x2x2x3xf32>  // b l N H V
!betas = tensor<?x?x2x2xf32> // b l N H
func.func @forward(%q: !qk, %k: !ks, %v: !vs, %beta: !betas) -> !v {
  %o, %S = ssm.delta_rule %q, %k, %v beta(%beta : !betas) : !qk, !ks, !vs
  return %o : !v
}
