// Long convolution: a kernel learned tap by tap and squashed, the skip, GELU, a
// linear layer and a gate (catalog A, Long convs; Fu et al. 2023). Steps keep the
// last K-1 inputs.
!seq = tensor<?x?x6xf32>  // b l H
!wide = tensor<?x?x12xf32>  // b l 2*H
!kernel = tensor<6x90xf32>  // H K
!vector = tensor<6xf32>  // H
!linear = tensor<12x6xf32>  // 2*H H
!bias = tensor<12xf32>  // 2*H
func.func @forward(%u: !seq) -> !seq {
  %k, %D = ssm.weights ["kernel", "D"] : !kernel, !vector
  %w, %b = ssm.weights ["output_linear.0.weight", "output_linear.0.bias"] : !linear, !bias
  %lambda = arith.constant dense<1.0e-3> : !kernel
  %minus = arith.constant dense<-1.0e-3> : !kernel
  %low = arith.minimumf %k, %lambda : !kernel
  %within = arith.maximumf %low, %minus : !kernel
  %squashed = arith.subf %k, %within : !kernel
  %y, %window = ssm.long_conv %u, %squashed D(%D : !vector) : !seq, !kernel
  %a = ssm.gelu %y : !seq
  %g = ssm.linear %a, %w bias(%b : !bias) : !seq, !linear
  %out = ssm.glu %g : !wide
  return %out : !seq
}
