// The selective scan with none of its options: no D, gate, bias or softplus; B and C
// shared by groups of channels (catalog B, 1.1).
!seq = tensor<?x?x4xf32>   // b l D
!mix = tensor<?x?x2x3xf32> // b l G N
!matrix = tensor<4x3xf32>  // D N
func.func @forward(%u: !seq, %delta: !seq, %B: !mix, %C: !mix) -> !seq {
  %A = ssm.weight "A" : !matrix
  %y, %h = ssm.selective_scan %u, %delta, %A, %B, %C : !seq, !matrix, !mix, !mix
  return %y : !seq
}
