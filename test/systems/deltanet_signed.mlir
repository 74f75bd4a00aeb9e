// DeltaNet with eigenvalues in (-1, 1). Catalog C, 1.B "Negative eigenvalues":
//   beta_t = 2 sigmoid(b_t)
//   S_t = S_{t-1} + beta_t k_t (v_t - S_{t-1}^T k_t)^T,   o_t = S_t^T q_t
// k comes with unit length, q scaled by K^{-1/2}.
!qk = tensor<?x?x2x4xf32> // b l H K
!v = tensor<?x?x2x3xf32>  // b l H V
!gate = tensor<?x?x2xf32> // b l H
func.func @forward(%q: !qk, %k: !qk, %v: !v, %b: !gate) -> !v {
  %half = ssm.sigmoid %b : !gate
  %beta = arith.addf %half, %half : !gate
  %o, %S = ssm.delta_rule %q, %k, %v beta(%beta : !gate) : !qk, !qk, !v
  return %o : !v
}
