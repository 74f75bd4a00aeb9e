// mLSTM with sigmoid input gate, not normalized. Catalog C, Core ML, "siging":
//   C_t = f_t C_{t-1} + i_t k_t v_t^T,   h_t = C_t^T q_t,   f, i = sigmoid(raw)
// q comes scaled by K^{-1/2}.
!qk = tensor<?x?x2x4xf32>    // b l H K
!v = tensor<?x?x2x3xf32>     // b l H V
!gate = tensor<?x?x2xf32>    // b l H
!key = tensor<4xf32>         // K
func.func @forward(%q: !qk, %k: !qk, %v: !v, %i: !gate, %f: !gate) -> !v {
  %o, %C = ssm.recurrence sequence(l) step(k)
      ins(%q[b, l, h, k], %k[b, l, h, k], %v[b, l, h, v], %i[b, l, h],
          %f[b, l, h] : !qk, !qk, !v, !gate, !gate)
      outs([b, l, h, v]) states("recurrent" [b, h, v, k]) {
  ^step(%q_t: !key, %k_t: !key, %v_t: f32, %i_t: f32, %f_t: f32, %c: !key):
    %input = ssm.sigmoid %i_t : f32
    %forget = ssm.sigmoid %f_t : f32
    %gated = arith.mulf %input, %v_t : f32
    %next = ssm.contract ",k + ,k -> k" %forget, %c, %gated, %k_t : (f32, !key, f32, !key) -> !key
    %o_t = ssm.contract "k,k->" %q_t, %next : (!key, !key) -> f32
    ssm.yield %o_t, %next : f32, !key
  }
  return %o : !v
}
