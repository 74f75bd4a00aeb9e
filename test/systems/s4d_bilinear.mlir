// S4D with the bilinear rule: decay (1 + z/2) / (1 - z/2), gain dt / (1 - z/2)
// with z = dt A (catalog A, CORE-1, CORE-3 and S4D; Gu et al. 2022).
!seq = tensor<?x?x2xf32>  // b l H
!matrix = tensor<2x3xf32>  // H N
!vector = tensor<2xf32>  // H
func.func @forward(%u: !seq) -> !seq {
  %log_dt = ssm.weight "log_dt" : !vector
  %log_A_real, %A_im = ssm.weights ["log_A_real", "A_im"] : !matrix, !matrix
  %C_re, %C_im, %D = ssm.weights ["C_re", "C_im", "D"] : !matrix, !matrix, !vector
  %dt = math.exp %log_dt : !vector
  %A_re = ssm.neg_exp %log_A_real : !matrix
  %y, %h_re, %h_im = ssm.lti %u A(%A_re, %A_im : !matrix, !matrix)
      C(%C_re, %C_im : !matrix, !matrix) D(%D : !vector) method(bilinear)
      dt(%dt : !vector) conjugate : !seq
  return %y : !seq
}
