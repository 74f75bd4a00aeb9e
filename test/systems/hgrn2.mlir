// HGRN2. Catalog C, 1.B "HGRN / HGRN2" (Core CD with k = 1 - e^g):
//   e^{g_t} = lb + (1 - lb) sigmoid(f_t),   k_t = 1 - e^{g_t}
//   S_t = diag(e^{g_t}) S_{t-1} + k_t v_t^T,   o_t = S_t^T q_t
// q comes through silu and scaled by K^{-1/2}; lb is the finished lower bound.
!qk = tensor<?x?x2x4xf32>    // b l H K
!v = tensor<?x?x2x3xf32>     // b l H V
!headkey = tensor<2x4xf32>   // H K
func.func @forward(%q: !qk, %f: !qk, %v: !v) -> !v {
  %lb = ssm.weight "lb" : !headkey
  %one = arith.constant dense<1.0> : !headkey
  %room = arith.subf %one, %lb : !headkey
  %minus = arith.subf %lb, %one : !headkey
  %gate = ssm.sigmoid %f : !qk
  %decay = ssm.affine %gate scale(%room : !headkey) shift(%lb : !headkey) : !qk
  %k = ssm.affine %gate scale(%minus : !headkey) shift(%room : !headkey) : !qk
  %o, %S = ssm.linear_attention %q, %k, %v decay(%decay : !qk) : !qk, !qk, !v
  return %o : !v
}
