// The Kalman smoother with one observation per step. Catalog C, "Core KF": the filter
// forwards (m', P' before the observation; gain K, S, e), then, for what RTS computes,
// the adjoint form that needs no inverse of P':
//   C = I - K H,  a_t = C^T (F^T a_{t+1}) - H e / S,  A_t = C^T F^T A_{t+1} F C + H H^T / S
//   m^s = m' - P' a_t,   P^s = P' - P' A_t P'
// The states start at m_0 = 0, P_0 = 0, a = 0, A = 0.
!y = tensor<?x?xf32>       // b l
!m = tensor<?x?x3xf32>     // b l N
!P = tensor<?x?x3x3xf32>   // b l N N
!sm = tensor<?x3xf32>      // b N
!sP = tensor<?x3x3xf32>    // b N N
!vec = tensor<3xf32>       // N
!mat = tensor<3x3xf32>     // N N
!one = tensor<1xf32>       // 1
module attributes {ssm.checkpoint = "."} {
func.func @forward(%y: !y, %u: !m) -> (!m, !P) {
  %F = ssm.weight "F" : !mat
  %Q = ssm.weight "Q" : !mat
  %H = ssm.weight "H" : !vec
  %R = ssm.weight "R" : !one
  %m, %P, %K, %e, %iS, %m_last, %P_last = ssm.recurrence sequence(l) step(i, j, r)
      ins(%y[b, l], %u[b, l, i], %F[i, j], %Q[i, j], %H[i], %R[r]
          : !y, !m, !mat, !mat, !vec, !one)
      outs([b, l, i], [b, l, i, j], [b, l, i], [b, l], [b, l] : !m, !P, !m, !y, !y)
      states("m" [b, i], "P" [b, i, j] : !sm, !sP) {
  ^step(%y_t: f32, %u_t: !vec, %F_: !mat, %Q_: !mat, %H_: !vec, %R_: !one, %m_old: !vec,
        %P_old: !mat):
    %Fm = ssm.contract "ij,j->i" %F_, %m_old : (!mat, !vec) -> !vec
    %m_prior = arith.addf %Fm, %u_t : !vec
    %FP = ssm.contract "ij,jk->ik" %F_, %P_old : (!mat, !mat) -> !mat
    %FPF = ssm.contract "ik,jk->ij" %FP, %F_ : (!mat, !mat) -> !mat
    %P_prior = arith.addf %FPF, %Q_ : !mat
    %PH = ssm.contract "ij,j->i" %P_prior, %H_ : (!mat, !vec) -> !vec
    %HPH = ssm.contract "i,i->" %H_, %PH : (!vec, !vec) -> f32
    %noise = ssm.contract "r->" %R_ : (!one) -> f32
    %S = arith.addf %HPH, %noise : f32
    %unit = arith.constant 1.0 : f32
    %inverse = arith.divf %unit, %S : f32
    %K_t = ssm.contract ",i->i" %inverse, %PH : (f32, !vec) -> !vec
    %seen = ssm.contract "i,i->" %H_, %m_prior : (!vec, !vec) -> f32
    %e_t = arith.subf %y_t, %seen : f32
    %move = ssm.contract ",i->i" %e_t, %K_t : (f32, !vec) -> !vec
    %m_next = arith.addf %m_prior, %move : !vec
    %gained = ssm.contract "i,j->ij" %K_t, %PH : (!vec, !vec) -> !mat
    %P_next = arith.subf %P_prior, %gained : !mat
    ssm.yield %m_prior, %P_prior, %K_t, %e_t, %inverse, %m_next, %P_next
        : !vec, !mat, !vec, f32, f32, !vec, !mat
  }
  %ms, %Ps, %a_last, %A_last = ssm.recurrence sequence(l) step(i, j) reverse
      ins(%m[b, l, i], %P[b, l, i, j], %K[b, l, i], %e[b, l], %iS[b, l], %F[i, j], %H[i]
          : !m, !P, !m, !y, !y, !mat, !vec)
      outs([b, l, i], [b, l, i, j] : !m, !P)
      states("a" [b, i], "A" [b, i, j] : !sm, !sP) {
  ^step(%m_t: !vec, %P_t: !mat, %K_t: !vec, %e_t: f32, %iS_t: f32, %F_: !mat, %H_: !vec,
        %a_new: !vec, %A_new: !mat):
    %a1 = ssm.contract "ji,j->i" %F_, %a_new : (!mat, !vec) -> !vec
    %Ka = ssm.contract "i,i->" %K_t, %a1 : (!vec, !vec) -> f32
    %pull = math.fma %iS_t, %e_t, %Ka : f32
    %less = ssm.contract ",i->i" %pull, %H_ : (f32, !vec) -> !vec
    %a = arith.subf %a1, %less : !vec
    %FA = ssm.contract "ki,kl->il" %F_, %A_new : (!mat, !mat) -> !mat
    %FAF = ssm.contract "il,lj->ij" %FA, %F_ : (!mat, !mat) -> !mat
    %AK = ssm.contract "ij,j->i" %FAF, %K_t : (!mat, !vec) -> !vec
    %KAK = ssm.contract "i,i->" %K_t, %AK : (!vec, !vec) -> f32
    %weight = arith.addf %KAK, %iS_t : f32
    %HAK = ssm.contract "i,j->ij" %H_, %AK : (!vec, !vec) -> !mat
    %AKH = ssm.contract "i,j->ij" %AK, %H_ : (!vec, !vec) -> !mat
    %wH = ssm.contract ",i->i" %weight, %H_ : (f32, !vec) -> !vec
    %HH = ssm.contract "i,j->ij" %wH, %H_ : (!vec, !vec) -> !mat
    %A1 = arith.subf %FAF, %HAK : !mat
    %A2 = arith.subf %A1, %AKH : !mat
    %A = arith.addf %A2, %HH : !mat
    %Pa = ssm.contract "ij,j->i" %P_t, %a : (!mat, !vec) -> !vec
    %m_s = arith.subf %m_t, %Pa : !vec
    %PA = ssm.contract "ij,jk->ik" %P_t, %A : (!mat, !mat) -> !mat
    %PAP = ssm.contract "ik,kj->ij" %PA, %P_t : (!mat, !mat) -> !mat
    %P_s = arith.subf %P_t, %PAP : !mat
    ssm.yield %m_s, %P_s, %a, %A : !vec, !mat, !vec, !mat
  }
  return %ms, %Ps : !m, !P
}
}
