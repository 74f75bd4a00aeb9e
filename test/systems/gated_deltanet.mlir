// Gated DeltaNet. Catalog C, 1.B "Gated DeltaNet" (Core GD):
//   R_t = e^{g_t} S_{t-1},   S_t = R_t + beta_t k_t (v_t - R_t^T k_t)^T
//   o_t = S_t^T q_t
// The state is zero before a step with reset. k comes with unit length, q scaled by
// K^{-1/2}.
!qk = tensor<?x?x2x4xf32> // b l H K
!v = tensor<?x?x2x3xf32>  // b l H V
!gate = tensor<?x?x2xf32> // b l H
!flag = tensor<?x?xf32>   // b l
func.func @forward(%q: !qk, %k: !qk, %v: !v, %g: !gate, %beta: !gate,
                   %reset: !flag) -> !v {
  %o, %S = ssm.delta_rule %q, %k, %v beta(%beta : !gate) log decay(%g : !gate)
      reset(%reset : !flag) : !qk, !qk, !v
  return %o : !v
}
