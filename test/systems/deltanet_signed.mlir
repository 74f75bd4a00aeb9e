// DeltaNet with eigenvalues in (-1, 1). Catalog C, 1.B "Negative eigenvalues":
//   beta_t = 2 sigmoid(b_t)
//   S_t = S_{t-1} + beta_t k_t (v_t - S_{t-1}^T k_t)^T,   o_t = S_t^T q_t
// k comes with unit length, q scaled by K^{-1/2}.
!qk = tensor<?x?x2x4xf32>    // b l H K
!v = tensor<?x?x2x3xf32>     // b l H V
!gate = tensor<?x?x2xf32>    // b l H
!state = tensor<?x2x3x4xf32> // b H V K
!key = tensor<4xf32>         // K
func.func @forward(%q: !qk, %k: !qk, %v: !v, %b: !gate) -> !v {
  %o, %S = ssm.recurrence sequence(l) step(k)
      ins(%q[b, l, h, k], %k[b, l, h, k], %v[b, l, h, v], %b[b, l, h]
          : !qk, !qk, !v, !gate)
      outs([b, l, h, v] : !v) states("S" [b, h, v, k] : !state) {
  ^step(%q_t: !key, %k_t: !key, %v_t: f32, %b_t: f32, %s: !key):
    %gate = ssm.sigmoid %b_t : f32
    %beta_t = arith.addf %gate, %gate : f32
    %known = ssm.contract "k,k->" %k_t, %s : (!key, !key) -> f32
    %new = arith.subf %v_t, %known : f32
    %part = arith.mulf %beta_t, %new : f32
    %write = ssm.contract ",k->k" %part, %k_t : (f32, !key) -> !key
    %next = arith.addf %s, %write : !key
    %o_t = ssm.contract "k,k->" %q_t, %next : (!key, !key) -> f32
    ssm.yield %o_t, %next : f32, !key
  }
  return %o : !v
}
