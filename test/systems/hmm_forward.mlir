// The forward algorithm of a hidden Markov model. Catalog C, "Core HMM":
//   w_t = (A^T alpha_{t-1}) b_t,   w_1 = pi b_1
//   c_t = sum w_t,   alpha_t = w_t / c_t,   log Z = sum log c_t
// b holds the likelihoods of each step; "begun" is 1 after the first.
!like = tensor<?x?x3xf32> // b l K
!log = tensor<?x?xf32>    // b l
!pi = tensor<3xf32>       // K
!A = tensor<3x3xf32>      // K K
!state = tensor<?x3xf32>  // b K
!flag = tensor<?xf32>     // b
module attributes {ssm.checkpoint = "."} {
func.func @forward(%b: !like) -> (!like, !log) {
  %pi = ssm.weight "pi" : !pi
  %A = ssm.weight "A" : !A
  %alpha, %log_c, %last, %begun = ssm.recurrence sequence(l) step(i, j)
      ins(%b[b, l, j], %pi[j], %A[i, j] : !like, !pi, !A)
      outs([b, l, j], [b, l] : !like, !log)
      states("alpha" [b, j], "begun" [b] : !state, !flag) {
  ^step(%b_t: !pi, %pi_j: !pi, %A_ij: !A, %old: !pi, %begun_old: f32):
    %one = arith.constant 1.0 : f32
    %fresh = arith.subf %one, %begun_old : f32
    %start = ssm.contract ",j->j" %fresh, %pi_j : (f32, !pi) -> !pi
    %moved = ssm.contract "ij,i->j" %A_ij, %old : (!A, !pi) -> !pi
    %prior = arith.addf %start, %moved : !pi
    %w = arith.mulf %prior, %b_t : !pi
    %c = ssm.contract "j->" %w : (!pi) -> f32
    %inverse = arith.divf %one, %c : f32
    %next = ssm.contract ",j->j" %inverse, %w : (f32, !pi) -> !pi
    %log_c_t = math.log %c : f32
    ssm.yield %next, %log_c_t, %next, %one : !pi, f32, !pi, f32
  }
  return %alpha, %log_c : !like, !log
}
}
