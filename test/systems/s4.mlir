// S4: diagonal plus low rank, A = diag(w) - P P*, bilinear, one of each conjugate
// pair of N, stepped in O(N); then GELU and a gated linear layer; both are results
// (catalog A, CORE-4 and S4; Gu et al. 2021).
!seq = tensor<?x?x2xf32>  // b l H
!matrix = tensor<2x3xf32>  // H N
!vector = tensor<2xf32>  // H
!seq2 = tensor<?x?x4xf32>  // b l 2*H
!linear = tensor<4x2xf32>  // 2*H H
!vector2 = tensor<4xf32>  // 2*H
func.func @forward(%u: !seq) -> (!seq, !seq) {
  %log_A_real, %w_im, %P_re = ssm.weights ["log_A_real", "w_im", "P_re"] : !matrix, !matrix, !matrix
  %P_im, %B_re, %B_im = ssm.weights ["P_im", "B_re", "B_im"] : !matrix, !matrix, !matrix
  %C_re, %C_im = ssm.weights ["C_re", "C_im"] : !matrix, !matrix
  %D, %log_dt = ssm.weights ["D", "log_dt"] : !vector, !vector
  %dt = math.exp %log_dt : !vector
  %w_re = ssm.neg_exp %log_A_real : !matrix
  %y, %h_re, %h_im = ssm.lti %u A(%w_re, %w_im : !matrix, !matrix)
      low_rank(%P_re, %P_im : !matrix, !matrix) B(%B_re, %B_im : !matrix, !matrix)
      C(%C_re, %C_im : !matrix, !matrix) D(%D : !vector) method(bilinear) dt(%dt : !vector)
      conjugate : !seq
  %w_out, %b_out = ssm.weights ["output_linear.weight", "output_linear.bias"] : !linear, !vector2
  %act = ssm.gelu %y : !seq
  %halves = ssm.linear %act, %w_out bias(%b_out : !vector2) : !seq, !linear
  %out = ssm.glu %halves : !seq2
  return %y, %out : !seq, !seq
}
