// MEGA's moving average in both directions, a parameter set each; lag 0 counts in
// both (catalog A, MEGA, convention I). `scale` is 1 / sqrt(N) throughout.
!seq = tensor<?x?x3xf32>  // b l D
!matrix = tensor<3x2xf32>  // D N
!vector = tensor<3xf32>  // D
module attributes {ssm.checkpoint = "."} {
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
  %rdelta, %ralpha = ssm.weights ["delta_back", "alpha_back"] : !matrix, !matrix
  %rbeta, %rgamma = ssm.weights ["beta_back", "gamma_back"] : !matrix, !matrix
  %rp = ssm.sigmoid %rdelta : !matrix
  %ra = ssm.sigmoid %ralpha : !matrix
  %rpa = arith.mulf %rp, %ra : !matrix
  %rq = arith.subf %one, %rpa : !matrix
  %rin = arith.mulf %rp, %rbeta : !matrix
  %rout = arith.mulf %rgamma, %scale : !matrix
  %f, %f_h = ssm.lti %x A(%q : !matrix) B(%in : !matrix) C(%out : !matrix) D(%omega : !vector) : !seq
  %bk, %bk_h = ssm.lti %x A(%rq : !matrix) B(%rin : !matrix) C(%rout : !matrix) reverse : !seq
  %y = arith.addf %f, %bk : !seq
  return %y : !seq
}
}
