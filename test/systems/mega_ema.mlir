// MEGA's moving average: N damped averages per channel, h = q h + p beta x with
// q = 1 - p alpha; y = sum gamma h / sqrt(N) + omega x (catalog A, MEGA; Ma et al.).
// `scale` is 1 / sqrt(N) throughout.
!seq = tensor<?x?x3xf32>  // b l D
!matrix = tensor<3x2xf32>  // D N
!vector = tensor<3xf32>  // D
func.func @forward(%x: !seq) -> !seq {
  %scale, %omega, %delta = ssm.weights ["scale", "omega", "delta"] : !matrix, !vector, !matrix
  %alpha, %beta, %gamma = ssm.weights ["alpha", "beta", "gamma"] : !matrix, !matrix, !matrix
  %p = ssm.sigmoid %delta : !matrix
  %a = ssm.sigmoid %alpha : !matrix
  %out = arith.mulf %gamma, %scale : !matrix
  %y, %h = ssm.lti %x A(%a : !matrix) B(%beta : !matrix) C(%out : !matrix) D(%omega : !vector)
      method(ema) dt(%p : !matrix) : !seq
  return %y : !seq
}
