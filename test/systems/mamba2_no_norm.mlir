// Mamba-2 from its projections on, without a norm: the gate is part of the SSD, and
// step sizes are clamped to [0.05, 0.8] (catalog B, 1.4 and 1.6).
!all = tensor<?x?x44xf32>      // b l 2*H*P+2*G*N+H
!inner = tensor<?x?x12xf32>    // b l H*P
!xbc = tensor<?x?x28xf32>      // b l H*P+2*G*N
!groups = tensor<?x?x8xf32>    // b l G*N
!values = tensor<?x?x4x3xf32>  // b l H P
!mix = tensor<?x?x2x4xf32>     // b l G N
!heads = tensor<?x?x4xf32>     // b l H
!result = tensor<?x?x5xf32>    // b l O
!conv = tensor<28x1x4xf32>     // H*P+2*G*N 1 4
!conv_bias = tensor<28xf32>    // H*P+2*G*N
!head = tensor<4xf32>          // H
!out_proj = tensor<5x12xf32>   // O H*P
!out_bias = tensor<5xf32>      // O
func.func @forward(%zxbcdt: !all) -> !result {
  %w_conv, %b_conv = ssm.weights ["conv1d.weight", "conv1d.bias"] : !conv, !conv_bias
  %bias, %A, %D = ssm.weights ["dt_bias", "A", "D"] : !head, !head, !head
  %w_out, %b_out = ssm.weights ["out_proj.weight", "out_proj.bias"] : !out_proj, !out_bias
  %z, %xbc0, %dt = ssm.split %zxbcdt [12, 28, 4] : !all  // [H*P, H*P+2*G*N, H]
  %xbc, %window = ssm.short_conv %xbc0, %w_conv bias(%b_conv : !conv_bias) activation(silu)
      : !xbc, !conv
  %x0, %B0, %C0 = ssm.split %xbc [12, 8, 8] : !xbc  // [H*P, G*N, G*N]
  %x = ssm.reshape %x0 : !inner to !values
  %B = ssm.reshape %B0 : !groups to !mix
  %C = ssm.reshape %C0 : !groups to !mix
  %z_h = ssm.reshape %z : !inner to !values
  %y0, %S = ssm.ssd %x, %dt, %A, %B, %C D(%D : !head) z(%z_h : !values) dt_bias(%bias : !head)
      softplus dt_min(0.05) dt_max(0.8) : !values, !heads, !head, !mix, !mix
  %y = ssm.reshape %y0 : !values to !inner
  %out = ssm.linear %y, %w_out bias(%b_out : !out_bias) : !inner, !out_proj
  return %out : !result
}
