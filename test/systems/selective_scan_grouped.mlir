// The selective scan with B and C shared by groups of channels (catalog B, 1.1).
!seq = tensor<?x?x4xf32>  // b l D
!mix = tensor<?x?x2x3xf32>  // b l G N
!matrix = tensor<4x3xf32>  // D N
!vector = tensor<4xf32>  // D
func.func @forward(%u: !seq, %delta: !seq, %B: !mix, %C: !mix, %z: !seq) -> !seq {
  %A, %D, %bias = ssm.weights ["A", "D", "bias"] : !matrix, !vector, !vector
  %y, %h = ssm.selective_scan %u, %delta, %A, %B, %C D(%D : !vector) z(%z : !seq)
      dt_bias(%bias : !vector) softplus : !seq, !matrix, !mix, !mix
  return %y : !seq
}
