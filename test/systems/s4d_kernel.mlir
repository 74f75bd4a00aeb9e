// S4D as a convolution: the kernel of a diagonal system, with zero-order hold, as long
// as the sequence (catalog A, CORE-3, CORE-5 and S4D; Gu et al. 2022). The weight is
// 2 C (exp(dt A) - 1) / A, the decay exp(dt A).
!seq = tensor<?x?x2xf32>  // b l H
!kernel = tensor<1x?x2xf32>  // 1 l H
!matrix = tensor<2x3xf32>  // H N
!vector = tensor<2xf32>  // H
func.func @forward(%u: !seq) -> !seq {
  %decay_re, %decay_im = ssm.weights ["decay_re", "decay_im"] : !matrix, !matrix
  %weight_re, %weight_im = ssm.weights ["weight_re", "weight_im"] : !matrix, !matrix
  %D = ssm.weight "D" : !vector
  %k = ssm.kernel vandermonde(%decay_re, %decay_im, %weight_re, %weight_im
      : !matrix, !matrix, !matrix, !matrix) like(%u : !seq) -> !kernel
  %y = ssm.long_conv %u, %k D(%D : !vector) : !seq, !kernel
  return %y : !seq
}
