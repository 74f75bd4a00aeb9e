// RetNet's retention. Catalog C, 1.B "RetNet" (Core SD, constant decay):
//   S_t = gamma_h S_{t-1} + k_t v_t^T,   o_t = S_t^T q_t
// q comes scaled by K^{-1/2}; q and k come rotated.
!qk = tensor<?x?x2x4xf32> // b l H K
!v = tensor<?x?x2x8xf32>  // b l H V
!head = tensor<2xf32>     // H
func.func @forward(%q: !qk, %k: !qk, %v: !v) -> !v {
  %gamma = ssm.weight "gamma" : !head
  %o, %S = ssm.linear_attention %q, %k, %v decay(%gamma : !head) : !qk, !qk, !v
  return %o : !v
}
