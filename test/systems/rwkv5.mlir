// RWKV-5, the core. Catalog C, 1.B "RWKV-5" (Core RB, decay constant in time):
//   o_t = (S_{t-1} + diag(u) k_t v_t^T)^T r_t
//   S_t = diag(e^w) S_{t-1} + k_t v_t^T,   w = -exp(time_decay)
!qk = tensor<?x?x2x4xf32>  // b l H K
!v = tensor<?x?x2x3xf32>   // b l H V
!headkey = tensor<2x4xf32> // H K
func.func @forward(%r: !qk, %k: !qk, %v: !v) -> !v {
  %time_decay, %u = ssm.weights ["time_decay", "u"] : !headkey, !headkey
  %w = ssm.neg_exp %time_decay : !headkey
  %o, %S = ssm.linear_attention %r, %k, %v log decay(%w : !headkey)
      bonus(%u : !headkey) : !qk, !qk, !v
  return %o : !v
}
