// mLSTM with sigmoid input gate. Catalog C, Core ML, "siging":
//   C_t = f_t C_{t-1} + i_t k_t v_t^T,   n_t = f_t n_{t-1} + i_t k_t
//   h_t = C_t^T q_t / (max(|<n_t, q_t>|, 1) + 1e-6),   f, i = sigmoid(raw)
// q comes scaled by K^{-1/2}.
!qk = tensor<?x?x2x4xf32> // b l H K
!v = tensor<?x?x2x3xf32>  // b l H V
!gate = tensor<?x?x2xf32> // b l H
!key = tensor<4xf32>      // K
!val = tensor<3xf32>      // V
!mat = tensor<4x3xf32>    // K V
func.func @forward(%q: !qk, %k: !qk, %v: !v, %i: !gate, %f: !gate) -> !v {
  %o, %C, %n = ssm.recurrence sequence(l) step(k, v)
      ins(%q[b, l, h, k], %k[b, l, h, k], %v[b, l, h, v], %i[b, l, h],
          %f[b, l, h] : !qk, !qk, !v, !gate, !gate)
      outs([b, l, h, v]) states("recurrent" [b, h, k, v], "normalizer" [b, h, k]) {
  ^step(%q_t: !key, %k_t: !key, %v_t: !val, %i_t: f32, %f_t: f32, %c: !mat,
        %n: !key):
    %input = ssm.sigmoid %i_t : f32
    %forget = ssm.sigmoid %f_t : f32
    %gated = ssm.contract ",k->k" %input, %k_t : (f32, !key) -> !key
    %c_next = ssm.contract ",kv + k,v -> kv" %forget, %c, %gated, %v_t
        : (f32, !mat, !key, !val) -> !mat
    %n_next = ssm.contract ",k + k -> k" %forget, %n, %gated : (f32, !key, !key) -> !key
    %num = ssm.contract "k,kv->v" %q_t, %c_next : (!key, !mat) -> !val
    %weight = ssm.contract "k,k->" %q_t, %n_next : (!key, !key) -> f32
    %size = math.absf %weight : f32
    %one = arith.constant 1.0 : f32
    %eps = arith.constant 1.0e-6 : f32
    %floor = arith.maximumf %size, %one : f32
    %den = arith.addf %floor, %eps : f32
    %inverse = arith.divf %one, %den : f32
    %h_t = ssm.contract ",v->v" %inverse, %num : (f32, !val) -> !val
    ssm.yield %h_t, %c_next, %n_next : !val, !mat, !key
  }
  return %o : !v
}
