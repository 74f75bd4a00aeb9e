// The forward algorithm in log space, for packed sequences. Catalog C, "Core HMM":
//   log alpha_t(j) = log b_t(j) + log sum_i exp(log alpha_{t-1}(i) + log A_ij)
!seq = tensor<?x?x3xf32> // b l K
!flag = tensor<?x?xf32>  // b l
!vec = tensor<3xf32>     // K
!mat = tensor<3x3xf32>   // K K
func.func @forward(%log_b: !seq, %start: !flag) -> !seq {
  %log_pi, %log_A = ssm.weights ["log_pi", "log_A"] : !vec, !mat
  %alpha, %last, %begun = ssm.semiring_scan log_sum_exp %log_A, %log_b
      prior(%log_pi : !vec) reset(%start : !flag) : !mat, !seq
  return %alpha : !seq
}
