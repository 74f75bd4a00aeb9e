// S4D in both directions by kernels as long as the sequence, the second from lag one
// on, then GELU and a gated linear layer (catalog A, CORE-3, CORE-5 convention E, S4D).
!seq = tensor<?x?x2xf32>  // b l H
!seq2 = tensor<?x?x4xf32>  // b l 2*H
!kernel = tensor<1x?x2xf32>  // 1 l H
!matrix = tensor<2x3xf32>  // H N
!vector = tensor<2xf32>  // H
!vector2 = tensor<4xf32>  // 2*H
!linear = tensor<4x2xf32>  // 2*H H
func.func @forward(%u: !seq) -> !seq {
  %log_dt, %log_rate = ssm.weights ["log_dt", "log_A_real"] : !vector, !matrix
  %A_im, %C_re, %C_im = ssm.weights ["A_im", "C_re", "C_im"] : !matrix, !matrix, !matrix
  %E_re, %E_im, %D = ssm.weights ["C_back_re", "C_back_im", "D"] : !matrix, !matrix, !vector
  %w, %b = ssm.weights ["output_linear.weight", "output_linear.bias"] : !linear, !vector2
  %dt = math.exp %log_dt : !vector
  %A_re = ssm.neg_exp %log_rate : !matrix
  %dts = ssm.broadcast %dt [0] : !vector, !matrix
  %a_re, %g_re, %a_im, %g_im = ssm.discretize zoh %dts, %A_re imag(%A_im : !matrix)
      : !matrix, !matrix
  // Twice the gain: a pole stands for its pair.
  %g2_re = arith.addf %g_re, %g_re : !matrix
  %g2_im = arith.addf %g_im, %g_im : !matrix
  %c_re, %c_im = ssm.complex_mul %C_re, %C_im, %g2_re, %g2_im : !matrix
  %e_re, %e_im = ssm.complex_mul %E_re, %E_im, %g2_re, %g2_im : !matrix
  %k0 = ssm.kernel vandermonde(%a_re, %a_im, %c_re, %c_im
      : !matrix, !matrix, !matrix, !matrix) like(%u : !seq) -> !kernel
  %k1 = ssm.kernel vandermonde(%a_re, %a_im, %e_re, %e_im
      : !matrix, !matrix, !matrix, !matrix) like(%u : !seq) -> !kernel
  %y = ssm.long_conv %u, %k0 back(%k1 : !kernel) D(%D : !vector) : !seq, !kernel
  %act = ssm.gelu %y : !seq
  %halves = ssm.linear %act, %w bias(%b : !vector2) : !seq, !linear
  %out = ssm.glu %halves : !seq2
  return %out : !seq
}
