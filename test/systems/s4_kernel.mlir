// S4 as a convolution: the kernel of A = diag(w) - P P*, bilinear, from the parameter
// that trained models store, C (I - A^13), hence for 13 nodes (catalog A, CORE-4, S4;
// Gu et al. 2021). One of each conjugate pair of N; any rank R.
!seq = tensor<?x?x2xf32>  // b l H
!matrix = tensor<2x3xf32>  // H N
!low = tensor<2x1x3xf32>  // H R N
!vector = tensor<2xf32>  // H
!kernel = tensor<2x13xf32>  // H 13
func.func @forward(%u: !seq) -> !seq {
  %log_dt = ssm.weight "log_dt" : !vector
  %log_rate, %w_im, %P_re = ssm.weights ["log_A_real", "w_im", "P_re"] : !matrix, !matrix, !low
  %P_im, %B_re, %B_im = ssm.weights ["P_im", "B_re", "B_im"] : !low, !matrix, !matrix
  %C_re, %C_im, %D = ssm.weights ["C_re", "C_im", "D"] : !matrix, !matrix, !vector
  %dt = math.exp %log_dt : !vector
  %w_re = ssm.neg_exp %log_rate : !matrix
  %k = ssm.kernel dplr(%dt, %w_re, %w_im, %P_re, %P_im, %B_re, %B_im, %C_re, %C_im
      : !vector, !matrix, !matrix, !low, !low, !matrix, !matrix, !matrix, !matrix)
      nodes(13) -> !kernel
  %y, %y_window = ssm.long_conv %u, %k D(%D : !vector) : !seq, !kernel
  return %y : !seq
}
