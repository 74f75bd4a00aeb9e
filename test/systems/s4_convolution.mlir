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
  %dt = math.exp %log_dt : !vector
  %rate = math.exp %log_A_real : !matrix
  %w_re = arith.negf %rate : !matrix
  %p_re = tensor.expand_shape %P_re [[0], [1, 2]] output_shape [2, 1, 3] : !matrix into !ranks  // [H, 1, N]
  %p_im = tensor.expand_shape %P_im [[0], [1, 2]] output_shape [2, 1, 3] : !matrix into !ranks  // [H, 1, N]
  %k = ssm.kernel dplr(%dt, %w_re, %w_im, %p_re, %p_im, %B_re, %B_im, %C_re, %C_im
      : !vector, !matrix, !matrix, !ranks, !ranks, !matrix, !matrix, !matrix, !matrix)
      -> !kernel
  %y, %history = ssm.long_conv %u, %k D(%D : !vector) : !seq, !kernel
  %w = ssm.weight "output_linear.weight" : !linear
  %b = ssm.weight "output_linear.bias" : !vector2
  %a = ssm.gelu %y : !seq
  %g = ssm.linear %a, %w bias(%b : !vector2) : !seq, !linear
  %value, %gate = ssm.split %g [2, 2] : !seq2  // [H, H]
  %s = ssm.sigmoid %gate : !seq
  %out = arith.mulf %value, %s : !seq
  return %y, %out : !seq, !seq
}
}
