// MEGA's moving average in both directions, a parameter set each; lag 0 counts in
// both (catalog A, MEGA, convention I). `scale` is 1 / sqrt(N) throughout.
!seq = tensor<?x?x3xf32>  // b l D
!matrix = tensor<3x2xf32>  // D N
!vector = tensor<3xf32>  // D
func.func @forward(%x: !seq) -> !seq {
  %scale, %omega, %delta = ssm.weights ["scale", "omega", "delta"] : !matrix, !vector, !matrix
  %alpha, %beta, %gamma = ssm.weights ["alpha", "beta", "gamma"] : !matrix, !matrix, !matrix
  %p = ssm.sigmoid %delta : !matrix
  %a = ssm.sigmoid %alpha : !matrix
  %out = arith.mulf %gamma, %scale : !matrix
  %rdelta, %ralpha = ssm.weights ["delta_back", "alpha_back"] : !matrix, !matrix
  %rbeta, %rgamma = ssm.weights ["beta_back", "gamma_back"] : !matrix, !matrix
  %rp = ssm.sigmoid %rdelta : !matrix
  %ra = ssm.sigmoid %ralpha : !matrix
  %rout = arith.mulf %rgamma, %scale : !matrix
  %f, %f_h = ssm.lti %x A(%a : !matrix) B(%beta : !matrix) C(%out : !matrix) D(%omega : !vector)
      method(ema) dt(%p : !matrix) : !seq
  %bk, %bk_h = ssm.lti %x A(%ra : !matrix) B(%rbeta : !matrix) C(%rout : !matrix)
      method(ema) dt(%rp : !matrix) reverse : !seq
  %y = arith.addf %f, %bk : !seq
  return %y : !seq
}
