// mLSTM with exponential gates, stabilized. Catalog C, Core ML, step:
//   m_t = max(lf_t + m_{t-1}, i_t),   lf_t = log sigmoid(f_t)
//   C_t = e^{lf_t + m_{t-1} - m_t} C_{t-1} + e^{i_t - m_t} k_t v_t^T, n_t alike
//   h_t = C_t^T q_t / (max(|<n_t, q_t>|, e^{-m_t}) + 1e-6)
// q comes scaled by K^{-1/2}.
!qk = tensor<?x?x2x4xf32> // b l H K
!v = tensor<?x?x2x3xf32>  // b l H V
!gate = tensor<?x?x2xf32> // b l H
func.func @forward(%q: !qk, %k: !qk, %v: !v, %i: !gate, %f: !gate) -> !v {
  %f_minus = arith.negf %f : !gate
  %f_soft = ssm.softplus %f_minus : !gate
  %lf = arith.negf %f_soft : !gate
  %o, %C, %n, %m = ssm.linear_attention %q, %k, %v log decay(%lf : !gate)
      input_gate(%i : !gate) normalizer(max) eps(1.0e-6) : !qk, !qk, !v
  return %o : !v
}
