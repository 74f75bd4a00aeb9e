// The Kalman filter with several observations per step. Catalog C, "Core KF", step form:
//   m' = F m + u,  P' = F P F^T + Q,  S = H P' H^T + R,  K = P' H^T S^-1
//   m = m' + K (y - H m'),  P = P' - K H P'
// The states start at the prior's m_0 = 0 and P_0 = 0.
!y = tensor<?x?x2xf32>     // b l M
!m = tensor<?x?x3xf32>     // b l N
!P = tensor<?x?x3x3xf32>   // b l N N
!obs = tensor<2xf32>       // M
!vec = tensor<3xf32>       // N
!mat = tensor<3x3xf32>     // N N
!map = tensor<2x3xf32>     // M N
!noise = tensor<2x2xf32>   // M M
func.func @forward(%y: !y, %u: !m) -> (!m, !P) {
  %F, %Q, %H, %R = ssm.weights ["F", "Q", "H", "R"] : !mat, !mat, !map, !noise
  %m, %P, %m_last, %P_last = ssm.recurrence sequence(l) step(i, j, r, s)
      ins(%y[b, l, r], %u[b, l, i], %F[i, j], %Q[i, j], %H[r, i], %R[r, s]
          : !y, !m, !mat, !mat, !map, !noise)
      outs([b, l, i], [b, l, i, j]) states("m" [b, i], "P" [b, i, j]) {
  ^step(%y_t: !obs, %u_t: !vec, %F_: !mat, %Q_: !mat, %H_: !map, %R_: !noise, %m_old: !vec,
        %P_old: !mat):
    %m_prior = ssm.contract "ij,j + i -> i" %F_, %m_old, %u_t : (!mat, !vec, !vec) -> !vec
    %FPF = ssm.contract "ij,jk,lk->il" %F_, %P_old, %F_ : (!mat, !mat, !mat) -> !mat
    %P_prior = arith.addf %FPF, %Q_ : !mat
    %HP = ssm.contract "ri,ij->rj" %H_, %P_prior : (!map, !mat) -> !map
    %S = ssm.contract "ri,si + rs -> rs" %HP, %H_, %R_ : (!map, !map, !noise) -> !noise
    %KT = ssm.solve %S, %HP : !noise, !map
    %e = ssm.contract "r - ri,i -> r" %y_t, %H_, %m_prior : (!obs, !map, !vec) -> !obs
    %m_next = ssm.contract "i + ri,r -> i" %m_prior, %KT, %e : (!vec, !map, !obs) -> !vec
    %P_next = ssm.contract "ij - ri,rj -> ij" %P_prior, %KT, %HP : (!mat, !map, !map) -> !mat
    ssm.yield %m_next, %P_next, %m_next, %P_next : !vec, !mat, !vec, !mat
  }
  return %m, %P : !m, !P
}
