// S4: diagonal plus low rank, A = diag(w) - P P*, bilinear, one of each conjugate
// pair of N; the O(N) step (catalog A, CORE-4; Gu et al. 2021). With
// d = 1 / (2/dt - w), e = 2/dt + w, s = 2 Re(P* x) and rho = 1 + 2 Re(P* d P):
//   t = e x - s P + 2 B u;  x = d (t - P 2 Re(P* d t) / rho);  y = 2 Re(C x) + D u
!seq = tensor<?x?x2xf32>  // b l H
!state = tensor<?x2x3xf32>  // b H N
!matrix = tensor<2x3xf32>  // H N
!vector = tensor<2xf32>  // H
!n = tensor<3xf32>  // N
!seq2 = tensor<?x?x4xf32>  // b l 2*H
!linear = tensor<4x2xf32>  // 2*H H
!vector2 = tensor<4xf32>  // 2*H
module attributes {ssm.checkpoint = "."} {
func.func @forward(%u: !seq) -> (!seq, !seq) {
  %log_dt = ssm.weight "log_dt" : !vector
  %log_A_real = ssm.weight "log_A_real" : !matrix
  %w_im = ssm.weight "w_im" : !matrix
  %P_re = ssm.weight "P_re" : !matrix
  %P_im = ssm.weight "P_im" : !matrix
  %B_re = ssm.weight "B_re" : !matrix
  %B_im = ssm.weight "B_im" : !matrix
  %C_re = ssm.weight "C_re" : !matrix
  %C_im = ssm.weight "C_im" : !matrix
  %D = ssm.weight "D" : !vector
  %two = arith.constant dense<2.0> : !vector
  %one = arith.constant dense<1.0> : !vector
  %ones = arith.constant dense<1.0> : !matrix
  %dt = math.exp %log_dt : !vector
  %k = arith.divf %two, %dt : !vector
  %K = ssm.contract "h,hn->hn" %k, %ones : (!vector, !matrix) -> !matrix
  %rate = math.exp %log_A_real : !matrix
  // e = (K - rate) + i w_im; d = conj(K + rate - i w_im) / norm
  %e_re = arith.subf %K, %rate : !matrix
  %f = arith.addf %K, %rate : !matrix
  %f2 = arith.mulf %f, %f : !matrix
  %norm = math.fma %w_im, %w_im, %f2 : !matrix
  %d_re = arith.divf %f, %norm : !matrix
  %d_im = arith.divf %w_im, %norm : !matrix
  // q = P* d, that is conj(P) d; rho = 1 + 2 Re(q P)
  %P_minus = arith.negf %P_im : !matrix
  %q_re, %q_im = ssm.complex_mul %P_re, %P_minus, %d_re, %d_im : !matrix
  %r0 = ssm.contract "hn,hn->h" %q_re, %P_re : (!matrix, !matrix) -> !vector
  %r1 = ssm.contract "hn,hn->h" %q_im, %P_im : (!matrix, !matrix) -> !vector
  %r2 = arith.subf %r0, %r1 : !vector
  %r3 = math.fma %two, %r2, %one : !vector
  %over = arith.divf %two, %r3 : !vector
  %y, %x_re, %x_im = ssm.recurrence sequence(l) step(n)
      ins(%u[b, l, h], %e_re[h, n], %w_im[h, n], %d_re[h, n], %d_im[h, n], %q_re[h, n],
          %q_im[h, n], %P_re[h, n], %P_im[h, n], %B_re[h, n], %B_im[h, n], %C_re[h, n],
          %C_im[h, n], %over[h], %D[h] : !seq, !matrix, !matrix, !matrix, !matrix, !matrix,
          !matrix, !matrix, !matrix, !matrix, !matrix, !matrix, !matrix, !vector, !vector)
      outs([b, l, h] : !seq)
      states("real" [b, h, n], "imaginary" [b, h, n] : !state, !state) {
  ^step(%u_t: f32, %er: !n, %ei: !n, %dr: !n, %di: !n, %qr: !n, %qi: !n, %pr: !n, %pi: !n,
        %br: !n, %bi: !n, %cr: !n, %ci: !n, %scale: f32, %d: f32, %xr: !n, %xi: !n):
    %ex_re, %ex_im = ssm.complex_mul %er, %ei, %xr, %xi : !n
    %s0 = ssm.contract "n,n->" %pr, %xr : (!n, !n) -> f32
    %s1 = ssm.contract "n,n->" %pi, %xi : (!n, !n) -> f32
    %s2 = arith.addf %s0, %s1 : f32
    %s = arith.addf %s2, %s2 : f32
    %sp_re = ssm.contract ",n->n" %s, %pr : (f32, !n) -> !n
    %sp_im = ssm.contract ",n->n" %s, %pi : (f32, !n) -> !n
    %u2 = arith.addf %u_t, %u_t : f32
    %in_re = ssm.contract ",n->n" %u2, %br : (f32, !n) -> !n
    %in_im = ssm.contract ",n->n" %u2, %bi : (f32, !n) -> !n
    %low_re = arith.subf %ex_re, %sp_re : !n
    %low_im = arith.subf %ex_im, %sp_im : !n
    %t_re = arith.addf %low_re, %in_re : !n
    %t_im = arith.addf %low_im, %in_im : !n
    %m0 = ssm.contract "n,n->" %qr, %t_re : (!n, !n) -> f32
    %m1 = ssm.contract "n,n->" %qi, %t_im : (!n, !n) -> f32
    %m2 = arith.subf %m0, %m1 : f32
    %m = arith.mulf %scale, %m2 : f32
    %mp_re = ssm.contract ",n->n" %m, %pr : (f32, !n) -> !n
    %mp_im = ssm.contract ",n->n" %m, %pi : (f32, !n) -> !n
    %v_re = arith.subf %t_re, %mp_re : !n
    %v_im = arith.subf %t_im, %mp_im : !n
    %next_re, %next_im = ssm.complex_mul %dr, %di, %v_re, %v_im : !n
    %y0 = ssm.contract "n,n->" %cr, %next_re : (!n, !n) -> f32
    %y1 = ssm.contract "n,n->" %ci, %next_im : (!n, !n) -> f32
    %y2 = arith.subf %y0, %y1 : f32
    %y3 = arith.addf %y2, %y2 : f32
    %y_t = math.fma %d, %u_t, %y3 : f32
    ssm.yield %y_t, %next_re, %next_im : f32, !n, !n
  }
  %w_out = ssm.weight "output_linear.weight" : !linear
  %b_out = ssm.weight "output_linear.bias" : !vector2
  %act = ssm.gelu %y : !seq
  %halves = ssm.linear %act, %w_out bias(%b_out : !vector2) : !seq, !linear
  %value, %raw = ssm.split %halves [2, 2] : !seq2  // [H, H]
  %gate = ssm.sigmoid %raw : !seq
  %out = arith.mulf %value, %gate : !seq
  return %y, %out : !seq, !seq
}
}
