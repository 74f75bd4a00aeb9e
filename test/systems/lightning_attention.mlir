// Lightning attention. Catalog C, Core SD, the line "Lightning attention":
//   S_t = e^{g_h} S_{t-1} + k_t v_t^T,   o_t = S_t^T q_t
// with g_h = -(8/H) (1 - layer/n_layers) h. q comes scaled by K^{-1/2}.
!qk = tensor<?x?x2x4xf32> // b l H K
!v = tensor<?x?x2x3xf32>  // b l H V
!head = tensor<2xf32>     // H
func.func @forward(%q: !qk, %k: !qk, %v: !v) -> !v {
  %g = ssm.weight "g" : !head
  %o, %S = ssm.linear_attention %q, %k, %v log decay(%g : !head) : !qk, !qk, !v
  return %o : !v
}
