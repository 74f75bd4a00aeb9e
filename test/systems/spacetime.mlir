// SpaceTime: a companion system, a shift down whose last column is a, made to sum to
// one in absolute value; consecutive channels share one (catalog A, SpaceTime; Zhang
// et al. 2023). `down` is the shift, `last` the last unit vector.
!seq = tensor<?x?x4xf32>  // b l K*R
!matrix = tensor<2x3xf32>  // K N
!kernels = tensor<2xf32>  // K
!vector = tensor<4xf32>  // K*R
!n = tensor<3xf32>  // N
!nn = tensor<3x3xf32>  // N N
func.func @forward(%u: !seq) -> !seq {
  %a, %b, %c = ssm.weights ["a", "b", "c"] : !matrix, !matrix, !matrix
  %skip, %down, %last = ssm.weights ["skip", "down", "last"] : !vector, !nn, !n
  %size = math.absf %a : !matrix
  %norm = ssm.contract "kn->k" %size : (!matrix) -> !kernels
  %norms = ssm.broadcast %norm [0] : !kernels, !matrix
  %a1 = arith.divf %a, %norms : !matrix
  %y, %x = ssm.recurrence sequence(l) step(n, m)
      ins(%u[b, l, k r], %a1[k, n], %b[k, n], %c[k, n], %skip[k r], %down[n, m], %last[n]
          : !seq, !matrix, !matrix, !matrix, !vector, !nn, !n)
      outs([b, l, k r]) states("recurrent" [b, k r, n]) {
  ^step(%u_t: f32, %a_k: !n, %b_k: !n, %c_k: !n, %d: f32, %S: !nn, %e: !n, %s: !n):
    %next = ssm.contract "nm,m + m,m,n + ,n -> n" %S, %s, %e, %s, %a_k, %u_t, %b_k
        : (!nn, !n, !n, !n, !n, f32, !n) -> !n
    %read = ssm.contract "n,n->" %c_k, %next : (!n, !n) -> f32
    %y_t = math.fma %d, %u_t, %read : f32
    ssm.yield %y_t, %next : f32, !n
  }
  return %y : !seq
}
