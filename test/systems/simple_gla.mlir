// Simple GLA, linear attention with a scalar gate. Catalog C, Core SD:
//   S_t = e^{g_t} S_{t-1} + k_t v_t^T,   o_t = S_t^T q_t
// The state is zero before a step with reset. q comes scaled by K^{-1/2}.
!qk = tensor<?x?x2x4xf32> // b l H K
!v = tensor<?x?x2x3xf32>  // b l H V
!gate = tensor<?x?x2xf32> // b l H
!flag = tensor<?x?xf32>   // b l
func.func @forward(%q: !qk, %k: !qk, %v: !v, %g: !gate, %reset: !flag) -> !v {
  %o, %S = ssm.linear_attention %q, %k, %v log decay(%g : !gate)
      reset(%reset : !flag) : !qk, !qk, !v
  return %o : !v
}
