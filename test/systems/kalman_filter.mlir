// The Kalman filter with one observation per step. Catalog C, "Core KF", step form:
//   m' = F m + u,  P' = F P F^T + Q,  S = H P' H^T + R,  K = P' H^T / S
//   m = m' + K e,  P = P' - K S K^T
//   cost_t = e^2 / S + log S = -2 loglik_t - log(2 pi),   e = y - H m' - d
// The states start at the prior's m_0 = 0 and P_0 = 0.
!y = tensor<?x?xf32>       // b l
!m = tensor<?x?x3xf32>     // b l N
!P = tensor<?x?x3x3xf32>   // b l N N
!vec = tensor<3xf32>       // N
!mat = tensor<3x3xf32>     // N N
!one = tensor<1xf32>       // 1
func.func @forward(%y: !y, %u: !m) -> (!m, !P, !y) {
  %F, %Q, %H, %R = ssm.weights ["F", "Q", "H", "R"] : !mat, !mat, !vec, !one
  %m, %P, %cost, %m_last, %P_last = ssm.recurrence sequence(l) step(i, j, r)
      ins(%y[b, l], %u[b, l, i], %F[i, j], %Q[i, j], %H[i], %R[r]
          : !y, !m, !mat, !mat, !vec, !one)
      outs([b, l, i], [b, l, i, j], [b, l]) states("m" [b, i], "P" [b, i, j]) {
  ^step(%y_t: f32, %u_t: !vec, %F_: !mat, %Q_: !mat, %H_: !vec, %R_: !one, %m_old: !vec,
        %P_old: !mat):
    %m_prior = ssm.contract "ij,j + i -> i" %F_, %m_old, %u_t : (!mat, !vec, !vec) -> !vec
    %FPF = ssm.contract "ij,jk,lk->il" %F_, %P_old, %F_ : (!mat, !mat, !mat) -> !mat
    %P_prior = arith.addf %FPF, %Q_ : !mat
    %PH = ssm.contract "ij,j->i" %P_prior, %H_ : (!mat, !vec) -> !vec
    %HPH = ssm.contract "i,i->" %H_, %PH : (!vec, !vec) -> f32
    %noise = ssm.contract "r->" %R_ : (!one) -> f32
    %S = arith.addf %HPH, %noise : f32
    %one = arith.constant 1.0 : f32
    %inverse = arith.divf %one, %S : f32
    %K = ssm.contract ",i->i" %inverse, %PH : (f32, !vec) -> !vec
    %seen = ssm.contract "i,i->" %H_, %m_prior : (!vec, !vec) -> f32
    %e = arith.subf %y_t, %seen : f32
    %m_next = ssm.contract "i + ,i -> i" %m_prior, %e, %K : (!vec, f32, !vec) -> !vec
    %P_next = ssm.contract "ij - i,j -> ij" %P_prior, %K, %PH : (!mat, !vec, !vec) -> !mat
    %e2 = arith.mulf %e, %e : f32
    %fit = arith.mulf %e2, %inverse : f32
    %log = math.log %S : f32
    %cost_t = arith.addf %fit, %log : f32
    ssm.yield %m_next, %P_next, %cost_t, %m_next, %P_next : !vec, !mat, f32, !vec, !mat
  }
  return %m, %P, %cost : !m, !P, !y
}
