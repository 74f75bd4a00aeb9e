// MEGA's moving average with a kernel cut after 6 taps, as a convolution; omega is the
// skip (catalog A, MEGA, truncation). `scale` is 1 / sqrt(N) throughout.
!seq = tensor<?x?x3xf32>  // b l D
!matrix = tensor<3x2xf32>  // D N
!vector = tensor<3xf32>  // D
!kernel = tensor<3x6xf32>  // D 6
func.func @forward(%x: !seq) -> !seq {
  %one = arith.constant dense<1.0> : !matrix
  %scale, %omega, %delta = ssm.weights ["scale", "omega", "delta"] : !matrix, !vector, !matrix
  %alpha, %beta, %gamma = ssm.weights ["alpha", "beta", "gamma"] : !matrix, !matrix, !matrix
  %p = ssm.sigmoid %delta : !matrix
  %a = ssm.sigmoid %alpha : !matrix
  %pa = arith.mulf %p, %a : !matrix
  %q = arith.subf %one, %pa : !matrix
  %in = arith.mulf %p, %beta : !matrix
  %out = arith.mulf %gamma, %scale : !matrix
  %weight = arith.mulf %in, %out : !matrix
  %k = ssm.kernel vandermonde(%q, %weight : !matrix, !matrix) -> !kernel
  %y, %window = ssm.long_conv %x, %k D(%omega : !vector) : !seq, !kernel
  return %y : !seq
}
