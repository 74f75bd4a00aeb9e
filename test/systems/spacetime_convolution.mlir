// SpaceTime by its kernels: companion systems whose last column is a, made to sum to
// one in absolute value; consecutive channels share a kernel (catalog A, SpaceTime;
// Zhang et al. 2023).
!seq = tensor<?x?x4xf32>  // b l K*R
!matrix = tensor<2x3xf32>  // K N
!kernels = tensor<2xf32>  // K
!vector = tensor<4xf32>  // K*R
!taps = tensor<2x130xf32>  // K T
func.func @forward(%u: !seq) -> !seq {
  %a, %b, %c, %skip = ssm.weights ["a", "b", "c", "skip"] : !matrix, !matrix, !matrix, !vector
  %size = math.absf %a : !matrix
  %norm = ssm.contract "kn->k" %size : (!matrix) -> !kernels
  %norms = ssm.broadcast %norm [0] : !kernels, !matrix
  %a1 = arith.divf %a, %norms : !matrix
  %k = ssm.kernel companion(%a1, %b, %c : !matrix, !matrix, !matrix) -> !taps
  %y, %history = ssm.long_conv %u, %k D(%skip : !vector) : !seq, !taps
  return %y : !seq
}
