// The Kalman filter as a scan. Catalog C, "Core KF", sequence form: a step is the element
//   S = H Q H^T + R,  K = Q H^T S^-1,  A = (I - KH) F,  b = u + K (y - Hu),  C = (I - KH) Q,
//   G = F^T H^T S^-1,  eta = G (y - Hu),  J = G H F
// and an earlier step 0 and a later one 1 combine by M = (I + C0 J1)^-1. With the prior
// m_0 = 0, P_0 = 0 the first element is one like any other; b and C are what is filtered.
!y = tensor<?x?x2xf32>     // b l M
!m = tensor<?x?x3xf32>     // b l N
!P = tensor<?x?x3x3xf32>   // b l N N
!start = tensor<?x?xf32>   // b l
!vec = tensor<3xf32>       // N
!mat = tensor<3x3xf32>     // N N
!map = tensor<2x3xf32>     // M N
!noise = tensor<2x2xf32>   // M M
!gain = tensor<3x2xf32>    // N M
func.func @forward(%y: !y, %u: !m, %start: !start) -> (!m, !P) {
  %F, %Q, %H, %R = ssm.weights ["F", "Q", "H", "R"] : !mat, !mat, !map, !noise
  %HQ = ssm.contract "ri,ij->rj" %H, %Q : (!map, !mat) -> !map
  %S = ssm.contract "ri,si + rs -> rs" %HQ, %H, %R : (!map, !map, !noise) -> !noise
  %KT = ssm.solve %S, %HQ : !noise, !map
  %HF = ssm.contract "ri,ij->rj" %H, %F : (!map, !mat) -> !map
  %GT = ssm.solve %S, %HF : !noise, !map
  %A = ssm.contract "ij - ri,rj -> ij" %F, %KT, %HF : (!mat, !map, !map) -> !mat
  %C = ssm.contract "ij - ri,rj -> ij" %Q, %KT, %HQ : (!mat, !map, !map) -> !mat
  %J = ssm.contract "ri,rj->ij" %GT, %HF : (!map, !map) -> !mat
  %Hu = ssm.linear %u, %H : !m, !map
  %e = arith.subf %y, %Hu : !y
  %K = ssm.contract "ri->ir" %KT : (!map) -> !gain
  %Ke = ssm.linear %e, %K : !y, !gain
  %b = arith.addf %u, %Ke : !m
  %G = ssm.contract "ri->ir" %GT : (!map) -> !gain
  %eta = ssm.linear %e, %G : !y, !gain
  %r:11 = ssm.scan %A, %b, %C, %eta, %J reset(%start : !start) : !mat, !m, !mat, !m, !mat {
  ^combine(%A0: !mat, %b0: !vec, %C0: !mat, %eta0: !vec, %J0: !mat,
           %A1: !mat, %b1: !vec, %C1: !mat, %eta1: !vec, %J1: !mat):
    %one = arith.constant dense<[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]> : !mat
    %W = ssm.contract "ik + ij,jk -> ik" %one, %C0, %J1 : (!mat, !mat, !mat) -> !mat
    %MA = ssm.solve %W, %A0 : !mat, !mat
    %MC = ssm.solve %W, %C0 : !mat, !mat
    %seen = ssm.contract "i + ij,j -> i" %b0, %C0, %eta1 : (!vec, !mat, !vec) -> !vec
    %Mb = ssm.solve %W, %seen : !mat, !vec
    %A_ = ssm.contract "ij,jk->ik" %A1, %MA : (!mat, !mat) -> !mat
    %b_ = ssm.contract "ij,j + i -> i" %A1, %Mb, %b1 : (!mat, !vec, !vec) -> !vec
    %C_ = ssm.contract "ij,jk,lk + il -> il" %A1, %MC, %A1, %C1 : (!mat, !mat, !mat, !mat) -> !mat
    %rest = ssm.contract "i - ij,j -> i" %eta1, %J1, %b0 : (!vec, !mat, !vec) -> !vec
    %eta_ = ssm.contract "ji,j + i -> i" %MA, %rest, %eta0 : (!mat, !vec, !vec) -> !vec
    %J_ = ssm.contract "ji,jk,kl + il -> il" %MA, %J1, %A0, %J0 : (!mat, !mat, !mat, !mat) -> !mat
    ssm.yield %A_, %b_, %C_, %eta_, %J_ : !mat, !vec, !mat, !vec, !mat
  }
  return %r#1, %r#2 : !m, !P
}
