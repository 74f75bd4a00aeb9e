// SSD, the recurrence of Mamba-2: a scalar decay per head, B and C shared by groups
// of heads, a skip per channel, gate, bias, softplus; a reset drops the state before
// its step (catalog B, 1.4; Dao and Gu 2024).
!values = tensor<?x?x4x5xf32>  // b l H P
!heads = tensor<?x?x4xf32>  // b l H
!mix = tensor<?x?x2x3xf32>  // b l G N
!flags = tensor<?x?xf32>  // b l
!head = tensor<4xf32>  // H
!channel = tensor<4x5xf32>  // H P
func.func @forward(%x: !values, %dt: !heads, %B: !mix, %C: !mix, %z: !values, %reset: !flags)
    -> !values {
  %A, %D, %bias = ssm.weights ["A", "D", "dt_bias"] : !head, !channel, !head
  %y, %S = ssm.ssd %x, %dt, %A, %B, %C D(%D : !channel) z(%z : !values)
      dt_bias(%bias : !head) reset(%reset : !flags) softplus : !values, !heads, !head, !mix, !mix
  return %y : !values
}
