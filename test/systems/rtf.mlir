// RTF: the kernel is what N nodes of the unit circle see of a rational transfer
// function, whatever its order (catalog A, RTF; Parnichkun et al. 2024). Channels
// share denominators.
!seq = tensor<?x?x4xf32>  // b l D
!a = tensor<2x3xf32>  // A S
!b = tensor<4x3xf32>  // D S
!vector = tensor<4xf32>  // D
!kernel = tensor<4x64xf32>  // D K
func.func @forward(%u: !seq) -> !seq {
  %a, %b, %h0 = ssm.weights ["a", "b", "h_0"] : !a, !b, !vector
  %k = ssm.kernel transfer_function(%a, %b, %h0 : !a, !b, !vector) nodes(64) -> !kernel
  %y, %history = ssm.long_conv %u, %k : !seq, !kernel
  return %y : !seq
}
