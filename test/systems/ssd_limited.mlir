// SSD with a skip per head and step sizes kept within limits (catalog B, 1.4).
!values = tensor<?x?x4x5xf32>  // b l H P
!heads = tensor<?x?x4xf32>  // b l H
!mix = tensor<?x?x2x3xf32>  // b l G N
!head = tensor<4xf32>  // H
func.func @forward(%x: !values, %dt: !heads, %B: !mix, %C: !mix, %z: !values) -> !values {
  %A, %D, %bias = ssm.weights ["A", "D", "dt_bias"] : !head, !head, !head
  %y, %S = ssm.ssd %x, %dt, %A, %B, %C D(%D : !head) z(%z : !values) dt_bias(%bias : !head)
      softplus dt_min(0.05) dt_max(0.8) : !values, !heads, !head, !mix, !mix
  return %y : !values
}
