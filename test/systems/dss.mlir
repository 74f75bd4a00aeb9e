// DSS: diagonal complex systems whose kernel rows are a softmax over L positions;
// as a recurrence, gain (e^z - 1) / (A (e^(zL) - 1)) with z = dt A (catalog A, DSS;
// Gupta et al. 2022). The constant is 1e-7 in the reciprocal of A (e^(zL) - 1).
!seq = tensor<?x?x2xf32>  // b l H
!matrix = tensor<2x3xf32>  // H N
!vector = tensor<2xf32>  // H
module attributes {ssm.checkpoint = "."} {
func.func @forward(%u: !seq) -> !seq {
  %log_dt, %length = ssm.weights ["log_dt", "length"] : !vector, !vector
  %log_A_real, %A_im = ssm.weights ["log_A_real", "A_im"] : !matrix, !matrix
  %C_re, %C_im, %D = ssm.weights ["C_re", "C_im", "D"] : !matrix, !matrix, !vector
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
  %y, %h_re, %h_im = ssm.lti %u A(%decay_re, %decay_im : !matrix, !matrix)
      B(%gain_re, %gain_im : !matrix, !matrix) C(%C_re, %C_im : !matrix, !matrix) D(%D : !vector)
      : !seq
  return %y : !seq
}
}
