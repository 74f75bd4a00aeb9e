// HGRN2. Catalog C, 1.B "HGRN / HGRN2" (Core CD with k = 1 - e^g):
//   e^{g_t} = lb + (1 - lb) sigmoid(f_t),   k_t = 1 - e^{g_t}
//   S_t = diag(e^{g_t}) S_{t-1} + k_t v_t^T,   o_t = S_t^T q_t
// q comes through silu and scaled by K^{-1/2}; lb is the finished lower bound.
!qk = tensor<?x?x2x4xf32>    // b l H K
!v = tensor<?x?x2x3xf32>     // b l H V
!headkey = tensor<2x4xf32>   // H K
!key = tensor<4xf32>         // K
module attributes {ssm.checkpoint = "."} {
func.func @forward(%q: !qk, %f: !qk, %v: !v) -> !v {
  %lb = ssm.weight "lb" : !headkey
  %o, %S = ssm.recurrence sequence(l) step(k)
      ins(%q[b, l, h, k], %f[b, l, h, k], %v[b, l, h, v], %lb[h, k]
          : !qk, !qk, !v, !headkey)
      outs([b, l, h, v]) states("recurrent" [b, h, v, k]) {
  ^step(%q_t: !key, %f_t: !key, %v_t: f32, %lb_h: !key, %s: !key):
    %gate = ssm.sigmoid %f_t : !key
    %one = arith.constant dense<1.0> : !key
    %room = arith.subf %one, %lb_h : !key
    %above = arith.mulf %room, %gate : !key
    %decay = arith.addf %lb_h, %above : !key
    %k_t = arith.subf %one, %decay : !key
    %kept = arith.mulf %decay, %s : !key
    %write = ssm.contract ",k->k" %v_t, %k_t : (f32, !key) -> !key
    %next = arith.addf %kept, %write : !key
    %o_t = ssm.contract "k,k->" %q_t, %next : (!key, !key) -> f32
    ssm.yield %o_t, %next : f32, !key
  }
  return %o : !v
}
}
