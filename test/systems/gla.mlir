// Gated linear attention. Catalog C, 1.B "GLA" (Core CD):
//   S_t = diag(e^{g_t}) S_{t-1} + k_t v_t^T,   o_t = S_t^T q_t
// q comes scaled by K^{-1/2}.
!qk = tensor<?x?x2x4xf32> // b l H K
!v = tensor<?x?x2x3xf32>  // b l H V
func.func @forward(%q: !qk, %k: !qk, %v: !v, %g: !qk) -> !v {
  %o, %S = ssm.linear_attention %q, %k, %v log decay(%g : !qk) : !qk, !qk, !v
  return %o : !v
}
