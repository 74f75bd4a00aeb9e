// Viterbi's algorithm on three states. Catalog C, "Core HMM":
//   delta_t(j) = max_i(delta_{t-1}(i) + log A_ij) + log b_t(j),  delta_1 = log pi + log b_1
// and the same backwards, h_t(i) = max_j(h_{t+1}(j) + log A_ij) + log b_t(i),  h_L = log b_L.
// delta_t + h_t - log b_t is the score of the best path through each state; the path, here
// one-hot, goes where that is largest.
!seq = tensor<?x?x3xf32> // b l K
!mask = tensor<3xi1>     // K
!vec = tensor<3xf32>     // K
!mat = tensor<3x3xf32>   // K K
func.func @forward(%log_b: !seq) -> (!seq, !seq) {
  %log_pi, %log_A = ssm.weights ["log_pi", "log_A"] : !vec, !mat
  %log_At = ssm.contract "ij->ji" %log_A : (!mat) -> !mat
  %zeros = ssm.weight "zeros" splat(0.0) : !vec
  %delta, %d_last, %d_begun = ssm.semiring_scan max_plus %log_A, %log_b
      prior(%log_pi : !vec) : !mat, !seq
  %h, %h_last, %h_begun = ssm.semiring_scan max_plus %log_At, %log_b
      prior(%zeros : !vec) reverse : !mat, !seq
  %path = ssm.recurrence sequence(l) step(j)
      ins(%delta[b, l, j], %h[b, l, j], %log_b[b, l, j] : !seq, !seq, !seq)
      outs([b, l, j]) {
  ^step(%d_t: !vec, %h_t: !vec, %b_t: !vec):
    %i0 = arith.constant 0 : index
    %i1 = arith.constant 1 : index
    %i2 = arith.constant 2 : index
    %rest = arith.subf %h_t, %b_t : !vec
    %score = arith.addf %d_t, %rest : !vec
    %s0 = tensor.extract %score[%i0] : !vec
    %s1 = tensor.extract %score[%i1] : !vec
    %s2 = tensor.extract %score[%i2] : !vec
    %s01 = arith.maximumf %s0, %s1 : f32
    %s012 = arith.maximumf %s01, %s2 : f32
    %best = tensor.splat %s012 : !vec
    %is_best = arith.cmpf oge, %score, %best : !vec
    %one = arith.constant dense<1.0> : !vec
    %zero = arith.constant dense<0.0> : !vec
    %path_t = arith.select %is_best, %one, %zero : !mask, !vec
    ssm.yield %path_t : !vec
  }
  return %delta, %path : !seq, !seq
}
