// RWKV-4, the core. Catalog C, 1.B "RWKV-4", step form: sums of exponentials
// kept relative to the largest exponent so far, which may start at zero.
//   wkv_t = (sum_{j<t} e^{(t-1-j) w + k_j} v_j + e^{u + k_t} v_t)
//         / (sum_{j<t} e^{(t-1-j) w + k_j} + e^{u + k_t}),   w = -e^{time_decay}
!seq = tensor<?x?x3xf32> // b l D
!channel = tensor<3xf32> // D
func.func @forward(%k: !seq, %v: !seq) -> !seq {
  %time_decay, %u = ssm.weights ["time_decay", "time_first"] : !channel, !channel
  %w = ssm.neg_exp %time_decay : !channel
  %y, %num, %den, %max = ssm.recurrence sequence(l) step()
      ins(%k[b, l, d], %v[b, l, d], %w[d], %u[d] : !seq, !seq, !channel, !channel)
      outs([b, l, d]) states("num" [b, d], "den" [b, d], "max" [b, d]) {
  ^step(%k_t: f32, %v_t: f32, %w_d: f32, %u_d: f32, %n: f32, %d: f32, %m: f32):
    %now = arith.addf %k_t, %u_d : f32
    %m_out = arith.maximumf %m, %now : f32
    %x0 = arith.subf %m, %m_out : f32
    %x1 = arith.subf %now, %m_out : f32
    %e0 = math.exp %x0 : f32
    %e1 = math.exp %x1 : f32
    %n0 = arith.mulf %e0, %n : f32
    %n1 = math.fma %e1, %v_t, %n0 : f32
    %d1 = math.fma %e0, %d, %e1 : f32
    %y_t = arith.divf %n1, %d1 : f32
    %m_kept = arith.addf %m, %w_d : f32
    %m_next = arith.maximumf %m_kept, %k_t : f32
    %x2 = arith.subf %m_kept, %m_next : f32
    %x3 = arith.subf %k_t, %m_next : f32
    %e2 = math.exp %x2 : f32
    %e3 = math.exp %x3 : f32
    %n2 = arith.mulf %e2, %n : f32
    %n_next = math.fma %e3, %v_t, %n2 : f32
    %d_next = math.fma %e2, %d, %e3 : f32
    ssm.yield %y_t, %n_next, %d_next, %m_next : f32, f32, f32, f32
  }
  return %y : !seq
}
