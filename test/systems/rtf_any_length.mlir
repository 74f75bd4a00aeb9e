// RTF by kernels as long as the sequence: the response of a rational transfer function
// to an impulse, with b[i] at z^-(i+1) beside h0, and with b[i] at z^-i; two channels
// share a denominator (catalog A, RTF).
!seq = tensor<?x?x4xf32>  // b l 2*H
!kernel = tensor<1x?x4xf32>  // 1 l 2*H
!shared = tensor<2x3xf32>  // H N
!matrix = tensor<4x3xf32>  // 2*H N
!vector = tensor<4xf32>  // 2*H
func.func @forward(%u: !seq) -> (!seq, !seq) {
  %a, %b, %h0 = ssm.weights ["a", "b", "h0"] : !shared, !matrix, !vector
  %k0 = ssm.kernel transfer_function(%a, %b, %h0 : !shared, !matrix, !vector)
      like(%u : !seq) -> !kernel
  %k1 = ssm.kernel transfer_function(%a, %b, %h0 : !shared, !matrix, !vector)
      like(%u : !seq) direct -> !kernel
  %y0 = ssm.long_conv %u, %k0 : !seq, !kernel
  %y1 = ssm.long_conv %u, %k1 : !seq, !kernel
  return %y0, %y1 : !seq, !seq
}
