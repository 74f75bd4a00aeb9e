// RWKV-4's time mix. Catalog C, 1.B "RWKV-4":
//   x_c = mix_c x_t + (1 - mix_c) x_{t-1},   y = O (sigmoid(R x_r) wkv(K x_k, V x_v))
// wkv is the system rwkv4, its sums relative to the largest exponent so far.
!seq = tensor<?x?x12xf32> // b l D
!vec = tensor<12xf32>     // D
!mat = tensor<12x12xf32>  // D D
func.func @forward(%x: !seq) -> !seq {
  %mix_k, %mix_v, %mix_r = ssm.weights ["mix_k", "mix_v", "mix_r"] : !vec, !vec, !vec
  %K, %V, %R, %O = ssm.weights ["K", "V", "R", "O"] : !mat, !mat, !mat, !mat
  %time_decay, %u = ssm.weights ["time_decay", "time_first"] : !vec, !vec
  %w = ssm.neg_exp %time_decay : !vec
  %before, %last = ssm.shift %x by(1) : !seq
  %x_k, %x_v, %x_r = ssm.lerp %before, %x, %mix_k, %mix_v, %mix_r : !seq, !vec, !vec, !vec
  %k = ssm.linear %x_k, %K : !seq, !mat
  %v = ssm.linear %x_v, %V : !seq, !mat
  %r = ssm.linear %x_r, %R : !seq, !mat
  %wkv, %num, %den, %max = ssm.recurrence sequence(l) step()
      ins(%k[b, l, d], %v[b, l, d], %w[d], %u[d] : !seq, !seq, !vec, !vec)
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
  %gate = ssm.sigmoid %r : !seq
  %gated = arith.mulf %gate, %wkv : !seq
  %y = ssm.linear %gated, %O : !seq, !mat
  return %y : !seq
}
