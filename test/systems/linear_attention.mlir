// Linear attention. Catalog C, 1.B "Linear attention" (Core SD with g = 0):
//   S_t = S_{t-1} + k_t v_t^T,   o_t = S_t^T q_t
// The feature map is the identity; q comes scaled by K^{-1/2}.
!qk = tensor<?x?x2x4xf32>    // b l H K
!v = tensor<?x?x2x3xf32>     // b l H V
!state = tensor<?x2x3x4xf32> // b H V K
!key = tensor<4xf32>         // K
func.func @forward(%q: !qk, %k: !qk, %v: !v) -> !v {
  %o, %S = ssm.recurrence sequence(l) step(k)
      ins(%q[b, l, h, k], %k[b, l, h, k], %v[b, l, h, v] : !qk, !qk, !v)
      outs([b, l, h, v] : !v) states("S" [b, h, v, k] : !state) {
  ^step(%q_t: !key, %k_t: !key, %v_t: f32, %s: !key):
    %write = ssm.contract ",k->k" %v_t, %k_t : (f32, !key) -> !key
    %next = arith.addf %s, %write : !key
    %o_t = ssm.contract "k,k->" %q_t, %next : (!key, !key) -> f32
    ssm.yield %o_t, %next : f32, !key
  }
  return %o : !v
}
