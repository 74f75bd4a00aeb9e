// S4 by its kernel: diagonal plus low rank, bilinear, K taps computed once from the
// weights; the block's GELU, linear layer and gate (catalog A, CORE-4, CORE-5; Gu et
// al. 2021).
!seq = tensor<?x?x2xf32>  // b l H
!matrix = tensor<2x3xf32>  // H N
!ranks = tensor<2x1x3xf32>  // H 1 N
!vector = tensor<2xf32>  // H
!kernel = tensor<2x130xf32>  // H K
!seq2 = tensor<?x?x4xf32>  // b l 2*H
!linear = tensor<4x2xf32>  // 2*H H
!vector2 = tensor<4xf32>  // 2*H
func.func @forward(%u: !seq) -> (!seq, !seq) {
  %log_A_real, %w_im, %P_re = ssm.weights ["log_A_real", "w_im", "P_re"] : !matrix, !matrix, !ranks
  %P_im, %B_re, %B_im = ssm.weights ["P_im", "B_re", "B_im"] : !ranks, !matrix, !matrix
  %C_re, %C_im = ssm.weights ["C_re", "C_im"] : !matrix, !matrix
  %D, %log_dt = ssm.weights ["D", "log_dt"] : !vector, !vector
  %dt = math.exp %log_dt : !vector
  %w_re = ssm.neg_exp %log_A_real : !matrix
  %k = ssm.kernel dplr(%dt, %w_re, %w_im, %P_re, %P_im, %B_re, %B_im, %C_re, %C_im
      : !vector, !matrix, !matrix, !ranks, !ranks, !matrix, !matrix, !matrix, !matrix)
      -> !kernel
  %y, %history = ssm.long_conv %u, %k D(%D : !vector) : !seq, !kernel
  %w, %b = ssm.weights ["output_linear.weight", "output_linear.bias"] : !linear, !vector2
  %a = ssm.gelu %y : !seq
  %g = ssm.linear %a, %w bias(%b : !vector2) : !seq, !linear
  %out = ssm.glu %g : !seq2
  return %y, %out : !seq, !seq
}
