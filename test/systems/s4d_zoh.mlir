// S4D with zero-order hold: one diagonal complex system per channel in pair form,
// then GELU and a gated linear layer; both are results (catalog A, CORE-3 and S4D;
// Gu et al. 2022).
!seq = tensor<?x?x2xf32>  // b l H
!matrix = tensor<2x3xf32>  // H N
!vector = tensor<2xf32>  // H
!seq2 = tensor<?x?x4xf32>  // b l 2*H
!linear = tensor<4x2xf32>  // 2*H H
!vector2 = tensor<4xf32>  // 2*H
func.func @forward(%u: !seq) -> (!seq, !seq) {
  %log_dt = ssm.weight "log_dt" : !vector
  %log_A_real, %A_im = ssm.weights ["log_A_real", "A_im"] : !matrix, !matrix
  %C_re, %C_im, %D = ssm.weights ["C_re", "C_im", "D"] : !matrix, !matrix, !vector
  %dt = math.exp %log_dt : !vector
  %A_re = ssm.neg_exp %log_A_real : !matrix
  %y, %h_re, %h_im = ssm.lti %u A(%A_re, %A_im : !matrix, !matrix)
      C(%C_re, %C_im : !matrix, !matrix) D(%D : !vector) method(zoh)
      dt(%dt : !vector) conjugate : !seq
  %w_out, %b_out = ssm.weights ["output_linear.weight", "output_linear.bias"] : !linear, !vector2
  %act = ssm.gelu %y : !seq
  %halves = ssm.linear %act, %w_out bias(%b_out : !vector2) : !seq, !linear
  %out = ssm.glu %halves : !seq2
  return %y, %out : !seq, !seq
}
