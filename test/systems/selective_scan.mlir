// The selective scan of Mamba with variable B and C, skip, gate, bias and
// softplus (catalog B, 1.1; Gu and Dao 2023).
!seq = tensor<?x?x4xf32>  // b l D
!mix = tensor<?x?x3xf32>  // b l N
!matrix = tensor<4x3xf32>  // D N
!vector = tensor<4xf32>  // D
func.func @forward(%u: !seq, %delta: !seq, %B: !mix, %C: !mix, %z: !seq) -> !seq {
  %A, %D, %bias = ssm.weights ["A", "D", "bias"] : !matrix, !vector, !vector
  %y, %h = ssm.selective_scan %u, %delta, %A, %B, %C D(%D : !vector) z(%z : !seq)
      dt_bias(%bias : !vector) softplus : !seq, !matrix, !mix, !mix
  return %y : !seq
}
