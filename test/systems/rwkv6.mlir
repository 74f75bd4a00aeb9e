// RWKV-6, the core. Catalog C, 1.B "RWKV-6" (Core RB):
//   o_t = (S_{t-1} + diag(u) k_t v_t^T)^T r_t
//   S_t = diag(e^{w_t}) S_{t-1} + k_t v_t^T
!qk = tensor<?x?x2x4xf32>  // b l H K
!v = tensor<?x?x2x3xf32>   // b l H V
!headkey = tensor<2x4xf32> // H K
func.func @forward(%r: !qk, %k: !qk, %v: !v, %w: !qk) -> !v {
  %u = ssm.weight "u" : !headkey
  %o, %S = ssm.linear_attention %r, %k, %v log decay(%w : !qk)
      bonus(%u : !headkey) : !qk, !qk, !v
  return %o : !v
}
