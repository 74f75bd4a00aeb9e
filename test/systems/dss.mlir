// DSS: diagonal complex systems whose kernel rows are a softmax over L positions;
// as a recurrence, gain (e^z - 1) / (A (e^(zL) - 1)) with z = dt A (catalog A, DSS;
// Gupta et al. 2022). The constant is 1e-7 in the reciprocal of A (e^(zL) - 1).
!seq = tensor<?x?x2xf32>  // b l H
!state = tensor<?x2x3xf32>  // b H N
!matrix = tensor<2x3xf32>  // H N
!vector = tensor<2xf32>  // H
!n = tensor<3xf32>  // N
module attributes {ssm.checkpoint = "."} {
func.func @forward(%u: !seq) -> !seq {
  %log_dt = ssm.weight "log_dt" : !vector
  %length = ssm.weight "length" : !vector
  %log_A_real = ssm.weight "log_A_real" : !matrix
  %A_im = ssm.weight "A_im" : !matrix
  %C_re = ssm.weight "C_re" : !matrix
  %C_im = ssm.weight "C_im" : !matrix
  %D = ssm.weight "D" : !vector
  %dt = math.exp %log_dt : !vector
  %rate = math.exp %log_A_real : !matrix
  %A_re = arith.negf %rate : !matrix
  %ones = arith.constant dense<1.0> : !matrix
  %dts = ssm.contract "h,hn->hn" %dt, %ones : (!vector, !matrix) -> !matrix
  %log = arith.mulf %dts, %A_re : !matrix
  %angle = arith.mulf %dts, %A_im : !matrix
  %decay_re, %decay_im = ssm.complex_exp %log, %angle : !matrix
  // x = A (e^(zL) - 1), gain (decay - 1) conj(x) / (|x|^2 + 1e-7)
  %log_L = ssm.contract "h,hn->hn" %length, %log : (!vector, !matrix) -> !matrix
  %angle_L = ssm.contract "h,hn->hn" %length, %angle : (!vector, !matrix) -> !matrix
  %e_re, %e_im = ssm.complex_exp %log_L, %angle_L : !matrix
  %p_re = arith.subf %e_re, %ones : !matrix
  %q_re, %q_im = ssm.complex_mul %A_re, %A_im, %p_re, %e_im : !matrix
  %eps = arith.constant dense<1.0e-7> : !matrix
  %n0 = math.fma %q_re, %q_re, %eps : !matrix
  %norm = math.fma %q_im, %q_im, %n0 : !matrix
  %m_re = arith.subf %decay_re, %ones : !matrix
  %minus = arith.negf %q_im : !matrix
  %g_re, %g_im = ssm.complex_mul %m_re, %decay_im, %q_re, %minus : !matrix
  %gain_re = arith.divf %g_re, %norm : !matrix
  %gain_im = arith.divf %g_im, %norm : !matrix
  %y, %y_re, %y_im = ssm.recurrence sequence(l) step(n)
      ins(%u[b, l, h], %decay_re[h, n], %decay_im[h, n], %gain_re[h, n], %gain_im[h, n],
          %C_re[h, n], %C_im[h, n], %D[h]
          : !seq, !matrix, !matrix, !matrix, !matrix, !matrix, !matrix, !vector)
      outs([b, l, h] : !seq)
      states("real" [b, h, n], "imaginary" [b, h, n] : !state, !state) {
  ^step(%u_t: f32, %a_re: !n, %a_im: !n, %b_re: !n, %b_im: !n, %c_re: !n, %c_im: !n,
        %d: f32, %x_re: !n, %x_im: !n):
    %kept_re, %kept_im = ssm.complex_mul %a_re, %a_im, %x_re, %x_im : !n
    %in_re = ssm.contract ",n->n" %u_t, %b_re : (f32, !n) -> !n
    %in_im = ssm.contract ",n->n" %u_t, %b_im : (f32, !n) -> !n
    %next_re = arith.addf %kept_re, %in_re : !n
    %next_im = arith.addf %kept_im, %in_im : !n
    %read_re = ssm.contract "n,n->" %c_re, %next_re : (!n, !n) -> f32
    %read_im = ssm.contract "n,n->" %c_im, %next_im : (!n, !n) -> f32
    %read = arith.subf %read_re, %read_im : f32
    %y_t = math.fma %d, %u_t, %read : f32
    ssm.yield %y_t, %next_re, %next_im : f32, !n, !n
  }
  return %y : !seq
}
}
