// Time-invariant systems by kernels as long as the sequence, each its system's
// response to an impulse: LSSL (krylov), SpaceTime (companion, two channels to a
// system), a rational transfer function, S4 (diagonal plus low rank) (catalog A).
!seq = tensor<?x?x4xf32>  // b l 2*H
!kernel = tensor<1x?x4xf32>  // 1 l 2*H
!dense = tensor<4x3x3xf32>  // 2*H N N
!matrix = tensor<4x3xf32>  // 2*H N
!shared = tensor<2x3xf32>  // H N
!vector = tensor<4xf32>  // 2*H
!rank = tensor<4x1x3xf32>  // 2*H 1 N
module attributes {ssm.checkpoint = "."} {
func.func @forward(%u: !seq) -> (!seq, !seq, !seq, !seq, !seq) {
  %A = ssm.weight "A" : !dense
  %b = ssm.weight "b" : !matrix
  %c = ssm.weight "c" : !matrix
  %a = ssm.weight "a" : !shared
  %b2 = ssm.weight "b2" : !shared
  %h0 = ssm.weight "h0" : !vector
  %dt = ssm.weight "dt" : !vector
  %w_re = ssm.weight "w_re" : !matrix
  %w_im = ssm.weight "w_im" : !matrix
  %p_re = ssm.weight "p_re" : !rank
  %p_im = ssm.weight "p_im" : !rank
  %k0 = ssm.kernel krylov(%A, %b, %c : !dense, !matrix, !matrix) like(%u : !seq) -> !kernel
  %k1 = ssm.kernel companion(%a, %b2, %c : !shared, !shared, !matrix) like(%u : !seq) -> !kernel
  %k2 = ssm.kernel transfer_function(%a, %b, %h0 : !shared, !matrix, !vector)
      like(%u : !seq) -> !kernel
  %k3 = ssm.kernel transfer_function(%a, %b, %h0 : !shared, !matrix, !vector)
      like(%u : !seq) direct -> !kernel
  %k4 = ssm.kernel dplr(%dt, %w_re, %w_im, %p_re, %p_im, %b, %c, %c, %b
      : !vector, !matrix, !matrix, !rank, !rank, !matrix, !matrix, !matrix, !matrix)
      like(%u : !seq) -> !kernel
  %y0 = ssm.long_conv %u, %k0 : !seq, !kernel
  %y1 = ssm.long_conv %u, %k1 : !seq, !kernel
  %y2 = ssm.long_conv %u, %k2 : !seq, !kernel
  %y3 = ssm.long_conv %u, %k3 : !seq, !kernel
  %y4 = ssm.long_conv %u, %k4 : !seq, !kernel
  return %y0, %y1, %y2, %y3, %y4 : !seq, !seq, !seq, !seq, !seq
}
}
