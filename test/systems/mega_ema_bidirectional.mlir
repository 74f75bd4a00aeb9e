// MEGA's moving average in both directions, a parameter set each; lag 0 counts in
// both (catalog A, MEGA, convention I). `scale` is 1 / sqrt(N) throughout.
!seq = tensor<?x?x3xf32>  // b l D
!matrix = tensor<3x2xf32>  // D N
!vector = tensor<3xf32>  // D
!n = tensor<2xf32>  // N
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
  %f, %f_h = ssm.recurrence sequence(l) step(n)
      ins(%x[b, l, d], %q[d, n], %in[d, n], %out[d, n]
          : !seq, !matrix, !matrix, !matrix)
      outs([b, l, d]) states("recurrent" [b, d, n]) {
  ^step(%x_t: f32, %q_d: !n, %b: !n, %c: !n, %h: !n):
    %kept = arith.mulf %q_d, %h : !n
    %driven = ssm.contract ",n->n" %x_t, %b : (f32, !n) -> !n
    %next = arith.addf %kept, %driven : !n
    %read = ssm.contract "n,n->" %c, %next : (!n, !n) -> f32
    ssm.yield %read, %next : f32, !n
  }
  %bk, %bk_h = ssm.recurrence sequence(l) step(n) reverse
      ins(%x[b, l, d], %rq[d, n], %rin[d, n], %rout[d, n]
          : !seq, !matrix, !matrix, !matrix)
      outs([b, l, d]) states("recurrent" [b, d, n]) {
  ^step(%x_t: f32, %q_d: !n, %b: !n, %c: !n, %h: !n):
    %kept = arith.mulf %q_d, %h : !n
    %driven = ssm.contract ",n->n" %x_t, %b : (f32, !n) -> !n
    %next = arith.addf %kept, %driven : !n
    %read = ssm.contract "n,n->" %c, %next : (!n, !n) -> f32
    ssm.yield %read, %next : f32, !n
  }
  %both = arith.addf %f, %bk : !seq
  %y = ssm.affine %x scale(%omega : !vector) shift(%both : !seq) : !seq
  return %y : !seq
}
}
