// The smoother of Rauch, Tung and Striebel over what a Kalman filter found, as a scan from
// the last step to the first. Catalog C, "Core KF", sequence form: with m' = F m + u_{t+1}
// and P' = F P F^T + Q of the next step, a step is the element
//   E = P F^T P'^-1,  g = m - E m',  L = P - E F P
// and a later one 0 and an earlier one 1 combine to (E1 E0, E1 g0 + g1, E1 L0 E1^T + L1).
// The last step's own m and P are the first states.
!m = tensor<?x?x3xf32>     // b l N
!P = tensor<?x?x3x3xf32>   // b l N N
!vec = tensor<3xf32>       // N
!mat = tensor<3x3xf32>     // N N
func.func @forward(%m: !m, %P: !P, %u: !m) -> (!m, !P) {
  %F, %Q = ssm.weights ["F", "Q"] : !mat, !mat
  %ms, %Ps, %g_last, %L_last, %u_last, %begun = ssm.recurrence sequence(l) step(i, j) reverse
      ins(%m[b, l, i], %P[b, l, i, j], %u[b, l, i], %F[i, j], %Q[i, j] : !m, !P, !m, !mat, !mat)
      outs([b, l, i], [b, l, i, j])
      states("mean" [b, i], "covariance" [b, i, j], "u" [b, i], "begun" [b]) {
  ^step(%m_t: !vec, %P_t: !mat, %u_t: !vec, %F_: !mat, %Q_: !mat, %mean: !vec, %covariance: !mat,
        %u_next: !vec, %begun_: f32):
    %FP = ssm.contract "ij,jk->ik" %F_, %P_t : (!mat, !mat) -> !mat
    %P_next = ssm.contract "ik,jk + ij -> ij" %FP, %F_, %Q_ : (!mat, !mat, !mat) -> !mat
    %ET = ssm.solve %P_next, %FP : !mat, !mat
    %m_next = ssm.contract "ij,j + i -> i" %F_, %m_t, %u_next : (!mat, !vec, !vec) -> !vec
    %g = ssm.contract "i - ji,j -> i" %m_t, %ET, %m_next : (!vec, !mat, !vec) -> !vec
    %L = ssm.contract "ik - ji,jk -> ik" %P_t, %ET, %FP : (!mat, !mat, !mat) -> !mat
    %smoothed:2 = ssm.combine %mean, %covariance with %ET, %g, %L
        : !vec, !mat with !mat, !vec, !mat {
    ^act(%g0: !vec, %L0: !mat, %E1T: !mat, %g1: !vec, %L1: !mat):
      %Eg = ssm.contract "ji,j->i" %E1T, %g0 : (!mat, !vec) -> !vec
      %g01 = arith.addf %Eg, %g1 : !vec
      %ELE = ssm.contract "ji,jk,kl->il" %E1T, %L0, %E1T : (!mat, !mat, !mat) -> !mat
      %L01 = arith.addf %ELE, %L1 : !mat
      ssm.yield %g01, %L01 : !vec, !mat
    } merge {
    ^merge(%E0T: !mat, %g0: !vec, %L0: !mat, %E1T: !mat, %g1: !vec, %L1: !mat):
      %E01T = ssm.contract "ij,jk->ik" %E0T, %E1T : (!mat, !mat) -> !mat
      %Eg = ssm.contract "ji,j->i" %E1T, %g0 : (!mat, !vec) -> !vec
      %g01 = arith.addf %Eg, %g1 : !vec
      %ELE = ssm.contract "ji,jk,kl->il" %E1T, %L0, %E1T : (!mat, !mat, !mat) -> !mat
      %L01 = arith.addf %ELE, %L1 : !mat
      ssm.yield %E01T, %g01, %L01 : !mat, !vec, !mat
    }
    %zero = arith.constant 0.0 : f32
    %one = arith.constant 1.0 : f32
    %fresh = arith.cmpf oeq, %begun_, %zero : f32
    %mean_t = arith.select %fresh, %m_t, %smoothed#0 : !vec
    %covariance_t = arith.select %fresh, %P_t, %smoothed#1 : !mat
    ssm.yield %mean_t, %covariance_t, %mean_t, %covariance_t, %u_t, %one
        : !vec, !mat, !vec, !mat, !vec, f32
  }
  return %ms, %Ps : !m, !P
}
