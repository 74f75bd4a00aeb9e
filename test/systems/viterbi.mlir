// Viterbi's algorithm on three states. Catalog C, "Core HMM":
//   delta_t(j) = max_i(delta_{t-1}(i) + log A_ij) + log b_t(j),  delta_1 = log pi + log b_1
//   path_L = argmax delta_L,   path_t = argmax_i(delta_t(i) + log A_{i, path_{t+1}})
// The path is one-hot, so that log A_{i, path} is a product; before the last step there
// is no next one and the product is zero.
!seq = tensor<?x?x3xf32> // b l K
!vec = tensor<3xf32>     // K
!A = tensor<3x3xf32>     // K K
!state = tensor<?x3xf32> // b K
!flag = tensor<?xf32>    // b
!mask = tensor<3xi1>     // K
module attributes {ssm.checkpoint = "."} {
func.func @forward(%log_b: !seq) -> (!seq, !seq) {
  %pi = ssm.weight "log_pi" : !vec
  %A = ssm.weight "log_A" : !A
  %delta, %last, %begun = ssm.recurrence sequence(l) step(i, j)
      ins(%log_b[b, l, j], %pi[j], %A[i, j] : !seq, !vec, !A)
      outs([b, l, j] : !seq) states("delta" [b, j], "begun" [b] : !state, !flag) {
  ^step(%b_t: !vec, %pi_j: !vec, %A_ij: !A, %old: !vec, %begun_old: f32):
    %e0 = arith.constant dense<[1.0, 0.0, 0.0]> : !vec
    %e1 = arith.constant dense<[0.0, 1.0, 0.0]> : !vec
    %e2 = arith.constant dense<[0.0, 0.0, 1.0]> : !vec
    %ones = arith.constant dense<1.0> : !vec
    %spread = ssm.contract "i,j->ij" %old, %ones : (!vec, !vec) -> !A
    %through = arith.addf %spread, %A_ij : !A
    %from0 = ssm.contract "ij,i->j" %through, %e0 : (!A, !vec) -> !vec
    %from1 = ssm.contract "ij,i->j" %through, %e1 : (!A, !vec) -> !vec
    %from2 = ssm.contract "ij,i->j" %through, %e2 : (!A, !vec) -> !vec
    %best01 = arith.maximumf %from0, %from1 : !vec
    %best = arith.maximumf %best01, %from2 : !vec
    %one = arith.constant 1.0 : f32
    %fresh = arith.subf %one, %begun_old : f32
    %kept = ssm.contract ",j->j" %begun_old, %best : (f32, !vec) -> !vec
    %start = ssm.contract ",j->j" %fresh, %pi_j : (f32, !vec) -> !vec
    %prior = arith.addf %kept, %start : !vec
    %next = arith.addf %prior, %b_t : !vec
    ssm.yield %next, %next, %one : !vec, !vec, f32
  }
  %path, %first = ssm.recurrence sequence(l) step(i, j) reverse
      ins(%delta[b, l, i], %A[i, j] : !seq, !A)
      outs([b, l, i] : !seq) states("path" [b, i] : !state) {
  ^step(%d_t: !vec, %A_ij: !A, %later: !vec):
    %into = ssm.contract "ij,j->i" %A_ij, %later : (!A, !vec) -> !vec
    %score = arith.addf %d_t, %into : !vec
    %e0 = arith.constant dense<[1.0, 0.0, 0.0]> : !vec
    %e1 = arith.constant dense<[0.0, 1.0, 0.0]> : !vec
    %e2 = arith.constant dense<[0.0, 0.0, 1.0]> : !vec
    %s0 = ssm.contract "i,i->" %score, %e0 : (!vec, !vec) -> f32
    %s1 = ssm.contract "i,i->" %score, %e1 : (!vec, !vec) -> f32
    %s2 = ssm.contract "i,i->" %score, %e2 : (!vec, !vec) -> f32
    %best01 = arith.maximumf %s0, %s1 : f32
    %best = arith.maximumf %best01, %s2 : f32
    %ones = arith.constant dense<1.0> : !vec
    %zeros = arith.constant dense<0.0> : !vec
    %bound = ssm.contract ",i->i" %best, %ones : (f32, !vec) -> !vec
    %is_best = arith.cmpf oge, %score, %bound : !vec
    %here = arith.select %is_best, %ones, %zeros : !mask, !vec
    ssm.yield %here, %here : !vec, !vec
  }
  return %delta, %path : !seq, !seq
}
}
