// StableSSM: S4D whose real parts come from raw weights as -1 / (w^2 + 0.1), which
// keeps gradients bounded (catalog A, StableSSM; Wang and Li 2023).
!seq = tensor<?x?x2xf32>  // b l H
!matrix = tensor<2x3xf32>  // H N
!vector = tensor<2xf32>  // H
func.func @forward(%u: !seq) -> !seq {
  %log_dt, %w, %A_im = ssm.weights ["log_dt", "w", "A_im"] : !vector, !matrix, !matrix
  %C_re, %C_im, %D = ssm.weights ["C_re", "C_im", "D"] : !matrix, !matrix, !vector
  %dt = math.exp %log_dt : !vector
  %beta = arith.constant dense<0.1> : !matrix
  %minus = arith.constant dense<-1.0> : !matrix
  %square = math.fma %w, %w, %beta : !matrix
  %A_re = arith.divf %minus, %square : !matrix
  %y, %h_re, %h_im = ssm.lti %u A(%A_re, %A_im : !matrix, !matrix)
      C(%C_re, %C_im : !matrix, !matrix) D(%D : !vector) method(zoh)
      dt(%dt : !vector) conjugate : !seq
  return %y : !seq
}
