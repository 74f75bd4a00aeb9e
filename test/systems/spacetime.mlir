// SpaceTime: a companion system, a shift down whose last column is a, made to sum to
// one in absolute value; consecutive channels share one (catalog A, SpaceTime; Zhang
// et al. 2023). `down` is the shift, `last` the last unit vector.
!seq = tensor<?x?x4xf32>  // b l K*R
!matrix = tensor<2x3xf32>  // K N
!kernels = tensor<2xf32>  // K
!vector = tensor<4xf32>  // K*R
!n = tensor<3xf32>  // N
!nn = tensor<3x3xf32>  // N N
module attributes {ssm.checkpoint = "."} {
func.func @forward(%u: !seq) -> !seq {
  %a, %b, %c = ssm.weights ["a", "b", "c"] : !matrix, !matrix, !matrix
  %skip, %down, %last = ssm.weights ["skip", "down", "last"] : !vector, !nn, !n
  %size = math.absf %a : !matrix
  %norm = ssm.contract "kn->k" %size : (!matrix) -> !kernels
  %one = arith.constant dense<1.0> : !kernels
  %inverse = arith.divf %one, %norm : !kernels
  %a1 = ssm.contract "k,kn->kn" %inverse, %a : (!kernels, !matrix) -> !matrix
  %y, %x = ssm.recurrence sequence(l) step(n, m)
      ins(%u[b, l, k r], %a1[k, n], %b[k, n], %c[k, n], %skip[k r], %down[n, m], %last[n]
          : !seq, !matrix, !matrix, !matrix, !vector, !nn, !n)
      outs([b, l, k r]) states("recurrent" [b, k r, n]) {
  ^step(%u_t: f32, %a_k: !n, %b_k: !n, %c_k: !n, %d: f32, %S: !nn, %e: !n, %s: !n):
    %end = ssm.contract "n,n->" %e, %s : (!n, !n) -> f32
    %shifted = ssm.contract "nm,m->n" %S, %s : (!nn, !n) -> !n
    %fed = ssm.contract ",n->n" %end, %a_k : (f32, !n) -> !n
    %driven = ssm.contract ",n->n" %u_t, %b_k : (f32, !n) -> !n
    %kept = arith.addf %shifted, %fed : !n
    %next = arith.addf %kept, %driven : !n
    %read = ssm.contract "n,n->" %c_k, %next : (!n, !n) -> f32
    %y_t = math.fma %d, %u_t, %read : f32
    ssm.yield %y_t, %next : f32, !n
  }
  return %y : !seq
}
}
