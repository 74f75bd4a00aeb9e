// mLSTM with exponential gates, stabilized. Catalog C, Core ML, step:
//   m_t = max(lf_t + m_{t-1}, i_t),   lf_t = log sigmoid(f_t)
//   C_t = e^{lf_t + m_{t-1} - m_t} C_{t-1} + e^{i_t - m_t} k_t v_t^T, n_t alike
//   h_t = C_t^T q_t / (max(|<n_t, q_t>|, e^{-m_t}) + 1e-6)
// q comes scaled by K^{-1/2}.
!qk = tensor<?x?x2x4xf32> // b l H K
!v = tensor<?x?x2x3xf32>  // b l H V
!gate = tensor<?x?x2xf32> // b l H
!kv = tensor<?x2x4x3xf32> // b H K V
!sum = tensor<?x2x4xf32>  // b H K
!scalar = tensor<?x2xf32> // b H
!key = tensor<4xf32>      // K
!val = tensor<3xf32>      // V
!mat = tensor<4x3xf32>    // K V
func.func @forward(%q: !qk, %k: !qk, %v: !v, %i: !gate, %f: !gate) -> !v {
  %o, %C, %n, %m = ssm.recurrence sequence(l) step(k, v)
      ins(%q[b, l, h, k], %k[b, l, h, k], %v[b, l, h, v], %i[b, l, h],
          %f[b, l, h] : !qk, !qk, !v, !gate, !gate)
      outs([b, l, h, v] : !v)
      states("C" [b, h, k, v], "n" [b, h, k], "m" [b, h] : !kv, !sum, !scalar) {
  ^step(%q_t: !key, %k_t: !key, %v_t: !val, %i_t: f32, %f_t: f32, %c: !mat,
        %n: !key, %m: f32):
    %f_minus = arith.negf %f_t : f32
    %f_soft = ssm.softplus %f_minus : f32
    %old = arith.subf %m, %f_soft : f32
    %m_next = arith.maximumf %old, %i_t : f32
    %old_log = arith.subf %old, %m_next : f32
    %new_log = arith.subf %i_t, %m_next : f32
    %forget = math.exp %old_log : f32
    %input = math.exp %new_log : f32
    %gated = ssm.contract ",k->k" %input, %k_t : (f32, !key) -> !key
    %kept = ssm.contract ",kv->kv" %forget, %c : (f32, !mat) -> !mat
    %write = ssm.contract "k,v->kv" %gated, %v_t : (!key, !val) -> !mat
    %c_next = arith.addf %kept, %write : !mat
    %n_kept = ssm.contract ",k->k" %forget, %n : (f32, !key) -> !key
    %n_next = arith.addf %n_kept, %gated : !key
    %num = ssm.contract "k,kv->v" %q_t, %c_next : (!key, !mat) -> !val
    %weight = ssm.contract "k,k->" %q_t, %n_next : (!key, !key) -> f32
    %size = math.absf %weight : f32
    %m_minus = arith.negf %m_next : f32
    %one_log = math.exp %m_minus : f32
    %floor = arith.maximumf %size, %one_log : f32
    %eps = arith.constant 1.0e-6 : f32
    %den = arith.addf %floor, %eps : f32
    %one = arith.constant 1.0 : f32
    %inverse = arith.divf %one, %den : f32
    %h_t = ssm.contract ",v->v" %inverse, %num : (f32, !val) -> !val
    ssm.yield %h_t, %c_next, %n_next, %m_next : !val, !mat, !key, f32
  }
  return %o : !v
}
