// The Kalman smoother with one observation per step. Catalog C, "Core KF": the filter
// forwards (m', P' before the observation; gain K, S, e), then, for what RTS computes,
// the adjoint form that needs no inverse of P':
//   G = F (I - K H),  a_t = G^T a_{t+1} - H e / S,  A_t = G^T A_{t+1} G + H H^T / S
//   m^s = m' - P' a_t,   P^s = P' - P' A_t P'
// The states start at m_0 = 0, P_0 = 0, a = 0, A = 0.
!y = tensor<?x?xf32>       // b l
!m = tensor<?x?x3xf32>     // b l N
!P = tensor<?x?x3x3xf32>   // b l N N
!vec = tensor<3xf32>       // N
!mat = tensor<3x3xf32>     // N N
!one = tensor<1xf32>       // 1
func.func @forward(%y: !y, %u: !m) -> (!m, !P) {
  %F, %Q, %H, %R = ssm.weights ["F", "Q", "H", "R"] : !mat, !mat, !vec, !one
  %m, %P, %G, %HS, %e, %m_last, %P_last = ssm.recurrence sequence(l) step(i, j, r)
      ins(%y[b, l], %u[b, l, i], %F[i, j], %Q[i, j], %H[i], %R[r]
          : !y, !m, !mat, !mat, !vec, !one)
      outs([b, l, i], [b, l, i, j], [b, l, i, j], [b, l, i], [b, l])
      states("m" [b, i], "P" [b, i, j]) {
  ^step(%y_t: f32, %u_t: !vec, %F_: !mat, %Q_: !mat, %H_: !vec, %R_: !one, %m_: !vec, %P_: !mat):
    %m_prior = ssm.contract "ij,j + i -> i" %F_, %m_, %u_t : (!mat, !vec, !vec) -> !vec
    %FPF = ssm.contract "ij,jk,lk->il" %F_, %P_, %F_ : (!mat, !mat, !mat) -> !mat
    %P_prior = arith.addf %FPF, %Q_ : !mat
    %PH = ssm.contract "ij,j->i" %P_prior, %H_ : (!mat, !vec) -> !vec
    %HPH = ssm.contract "i,i->" %H_, %PH : (!vec, !vec) -> f32
    %noise = ssm.contract "r->" %R_ : (!one) -> f32
    %S = arith.addf %HPH, %noise : f32
    %spread = tensor.splat %S : !vec
    %HS_t = arith.divf %H_, %spread : !vec
    %seen = ssm.contract "i,i->" %H_, %m_prior : (!vec, !vec) -> f32
    %e_t = arith.subf %y_t, %seen : f32
    %G_t = ssm.contract "ik - ij,j,k -> ik" %F_, %F_, %PH, %HS_t : (!mat, !mat, !vec, !vec) -> !mat
    %K = arith.divf %PH, %spread : !vec
    %m_next = ssm.contract "i + ,i -> i" %m_prior, %e_t, %K : (!vec, f32, !vec) -> !vec
    %P_next = ssm.contract "ij - i,j -> ij" %P_prior, %K, %PH : (!mat, !vec, !vec) -> !mat
    ssm.yield %m_prior, %P_prior, %G_t, %HS_t, %e_t, %m_next, %P_next
        : !vec, !mat, !mat, !vec, f32, !vec, !mat
  }
  %ms, %Ps, %a_last, %A_last = ssm.recurrence sequence(l) step(i, j) reverse
      ins(%m[b, l, i], %P[b, l, i, j], %G[b, l, i, j], %HS[b, l, i], %e[b, l], %H[i]
          : !m, !P, !P, !m, !y, !vec)
      outs([b, l, i], [b, l, i, j]) states("a" [b, i], "A" [b, i, j]) {
  ^step(%m_t: !vec, %P_t: !mat, %G_t: !mat, %HS_t: !vec, %e_t: f32, %H_: !vec, %a_: !vec,
        %A_: !mat):
    %a = ssm.contract "ji,j - ,i -> i" %G_t, %a_, %e_t, %HS_t : (!mat, !vec, f32, !vec) -> !vec
    %A = ssm.contract "ki,kl,lj + i,j -> ij" %G_t, %A_, %G_t, %H_, %HS_t
        : (!mat, !mat, !mat, !vec, !vec) -> !mat
    %m_s = ssm.contract "i - ij,j -> i" %m_t, %P_t, %a : (!vec, !mat, !vec) -> !vec
    %PAP = ssm.contract "ij,jk,kl->il" %P_t, %A, %P_t : (!mat, !mat, !mat) -> !mat
    %P_s = arith.subf %P_t, %PAP : !mat
    ssm.yield %m_s, %P_s, %a, %A : !vec, !mat, !vec, !mat
  }
  return %ms, %Ps : !m, !P
}
