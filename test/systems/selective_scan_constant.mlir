// The selective scan with constant B and C and raw step sizes (catalog B, 1.1);
// a second one has constant B only, a third constant C only.
!seq = tensor<?x?x4xf32>  // b l D
!mix = tensor<?x?x3xf32>  // b l N
!matrix = tensor<4x3xf32>  // D N
!vector = tensor<4xf32>  // D
func.func @forward(%u: !seq, %delta: !seq, %B_t: !mix, %C_t: !mix, %z: !seq)
    -> (!seq, !seq, !seq) {
  %A, %B, %C, %bias = ssm.weights ["A", "B", "C", "bias"] : !matrix, !matrix, !matrix, !vector
  %y, %h = ssm.selective_scan %u, %delta, %A, %B, %C : !seq, !matrix, !matrix, !matrix
  %y_b, %h_b = ssm.selective_scan %u, %delta, %A, %B, %C_t dt_bias(%bias : !vector) softplus
      : !seq, !matrix, !matrix, !mix
  %y_c, %h_c = ssm.selective_scan %u, %delta, %A, %B_t, %C z(%z : !seq)
      : !seq, !matrix, !mix, !matrix
  return %y, %y_b, %y_c : !seq, !seq, !seq
}
