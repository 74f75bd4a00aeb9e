// Time-invariant systems by kernels as long as the sequence, each its system's
// response to an impulse: LSSL (krylov), SpaceTime (companion, two channels to a
// system), S4 (diagonal plus low rank) (catalog A, CORE-4, LSSL, SpaceTime).
!seq = tensor<?x?x4xf32>  // b l 2*H
!kernel = tensor<1x?x4xf32>  // 1 l 2*H
!dense = tensor<4x3x3xf32>  // 2*H N N
!matrix = tensor<4x3xf32>  // 2*H N
!shared = tensor<2x3xf32>  // H N
!vector = tensor<4xf32>  // 2*H
!rank = tensor<4x1x3xf32>  // 2*H 1 N
func.func @forward(%u: !seq) -> (!seq, !seq, !seq) {
  %A, %b, %c = ssm.weights ["A", "b", "c"] : !dense, !matrix, !matrix
  %a, %b2, %dt = ssm.weights ["a", "b2", "dt"] : !shared, !shared, !vector
  %w_re, %w_im = ssm.weights ["w_re", "w_im"] : !matrix, !matrix
  %p_re, %p_im = ssm.weights ["p_re", "p_im"] : !rank, !rank
  %k0 = ssm.kernel krylov(%A, %b, %c : !dense, !matrix, !matrix) like(%u : !seq) -> !kernel
  %k1 = ssm.kernel companion(%a, %b2, %c : !shared, !shared, !matrix) like(%u : !seq) -> !kernel
  %k2 = ssm.kernel dplr(%dt, %w_re, %w_im, %p_re, %p_im, %b, %c, %c, %b
      : !vector, !matrix, !matrix, !rank, !rank, !matrix, !matrix, !matrix, !matrix)
      like(%u : !seq) -> !kernel
  %y0 = ssm.long_conv %u, %k0 : !seq, !kernel
  %y1 = ssm.long_conv %u, %k1 : !seq, !kernel
  %y2 = ssm.long_conv %u, %k2 : !seq, !kernel
  return %y0, %y1, %y2 : !seq, !seq, !seq
}
