// The kernels of long convolutions: a mean over neighbouring taps, then a squash to
// zero of what is within lambda (catalog A, Long convs; Fu et al. 2023). `smoothing`
// is the mean as a matrix, the unit matrix without.
!seq = tensor<?x?x3xf32>  // b l H
!kernel = tensor<3x70xf32>  // H K
!mean = tensor<70x70xf32>  // K K
!vector = tensor<3xf32>  // H
!taps = tensor<70xf32>  // K
func.func @forward(%u: !seq) -> !seq {
  %k, %mean, %lambda = ssm.weights ["kernel", "smoothing", "lambda"] : !kernel, !mean, !vector
  %smooth = ssm.contract "hk,kj->hj" %k, %mean : (!kernel, !mean) -> !kernel
  %ones = arith.constant dense<1.0> : !taps
  %bound = ssm.contract "h,k->hk" %lambda, %ones : (!vector, !taps) -> !kernel
  %minus = arith.negf %bound : !kernel
  %low = arith.minimumf %smooth, %bound : !kernel
  %within = arith.maximumf %low, %minus : !kernel
  %squashed = arith.subf %smooth, %within : !kernel
  %y, %window = ssm.long_conv %u, %squashed : !seq, !kernel
  return %y : !seq
}
