// Bidirectional long convolution: one kernel for what was, one for what comes
// after, and the block around (catalog A, Long convs and CORE-5 (E)).
!seq = tensor<?x?x6xf32>  // b l H
!wide = tensor<?x?x12xf32>  // b l 2*H
!kernel = tensor<6x90xf32>  // H K
!vector = tensor<6xf32>  // H
!linear = tensor<12x6xf32>  // 2*H H
!bias = tensor<12xf32>  // 2*H
func.func @forward(%u: !seq) -> !seq {
  %k0, %k1, %D = ssm.weights ["kernel", "back", "D"] : !kernel, !kernel, !vector
  %w, %b = ssm.weights ["output_linear.0.weight", "output_linear.0.bias"] : !linear, !bias
  %lambda = arith.constant dense<1.0e-3> : !kernel
  %minus = arith.constant dense<-1.0e-3> : !kernel
  %low0 = arith.minimumf %k0, %lambda : !kernel
  %within0 = arith.maximumf %low0, %minus : !kernel
  %squashed0 = arith.subf %k0, %within0 : !kernel
  %low1 = arith.minimumf %k1, %lambda : !kernel
  %within1 = arith.maximumf %low1, %minus : !kernel
  %squashed1 = arith.subf %k1, %within1 : !kernel
  %y = ssm.long_conv %u, %squashed0 back(%squashed1 : !kernel) D(%D : !vector) : !seq, !kernel
  %a = ssm.gelu %y : !seq
  %g = ssm.linear %a, %w bias(%b : !bias) : !seq, !linear
  %out = ssm.glu %g : !wide
  return %out : !seq
}
