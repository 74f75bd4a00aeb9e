// DSS: diagonal complex systems whose kernel rows are a softmax over L = 13 positions;
// as a recurrence, gain (e^z - 1) / (A (e^(zL) - 1)) with z = dt A (catalog A, DSS;
// Gupta et al. 2022). The constant is 1e-7 in the reciprocal of A (e^(zL) - 1).
!seq = tensor<?x?x2xf32>  // b l H
!matrix = tensor<2x3xf32>  // H N
!vector = tensor<2xf32>  // H
func.func @forward(%u: !seq) -> !seq {
  %log_dt, %D = ssm.weights ["log_dt", "D"] : !vector, !vector
  %log_A_real, %A_im = ssm.weights ["log_A_real", "A_im"] : !matrix, !matrix
  %C_re, %C_im = ssm.weights ["C_re", "C_im"] : !matrix, !matrix
  %dt = math.exp %log_dt : !vector
  %dts = ssm.broadcast %dt [0] : !vector, !matrix
  %A_re = ssm.neg_exp %log_A_real : !matrix
  %a_re, %g_re, %a_im, %g_im = ssm.discretize dss %dts, %A_re imag(%A_im : !matrix)
      length(13) eps(1.0e-7) : !matrix, !matrix
  %y, %h_re, %h_im = ssm.lti %u A(%a_re, %a_im : !matrix, !matrix)
      B(%g_re, %g_im : !matrix, !matrix) C(%C_re, %C_im : !matrix, !matrix) D(%D : !vector)
      : !seq
  return %y : !seq
}
