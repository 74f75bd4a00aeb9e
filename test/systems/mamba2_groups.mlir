// Mamba-2 with groups of heads that share B and C, by ssm.ssd (catalog B, 1.4 to 1.6;
// Dao and Gu 2024). The norm is over the whole width, as where these models are run.
!model = tensor<?x?x6xf32>  // b l M
!all = tensor<?x?x44xf32>  // b l 2*H*P+2*G*N+H
!inner = tensor<?x?x12xf32>  // b l H*P
!xbc = tensor<?x?x28xf32>  // b l H*P+2*G*N
!groups = tensor<?x?x8xf32>  // b l G*N
!values = tensor<?x?x4x3xf32>  // b l H P
!mix = tensor<?x?x2x4xf32>  // b l G N
!heads = tensor<?x?x4xf32>  // b l H
!result = tensor<?x?x5xf32>  // b l O
!in_proj = tensor<44x6xf32>  // 2*H*P+2*G*N+H M
!conv = tensor<28x1x4xf32>  // H*P+2*G*N 1 4
!conv_bias = tensor<28xf32>  // H*P+2*G*N
!head = tensor<4xf32>  // H
!width = tensor<12xf32>  // H*P
!out_proj = tensor<5x12xf32>  // O H*P
!out_bias = tensor<5xf32>  // O
func.func @forward(%input: !model) -> !result {
  %w_in, %w_conv = ssm.weights ["in_proj.weight", "conv1d.weight"] : !in_proj, !conv
  %b_conv, %bias = ssm.weights ["conv1d.bias", "dt_bias"] : !conv_bias, !head
  %A_log, %D, %w_norm = ssm.weights ["A_log", "D", "norm.weight"] : !head, !head, !width
  %w_out, %b_out = ssm.weights ["out_proj.weight", "out_proj.bias"] : !out_proj, !out_bias
  %A = ssm.neg_exp %A_log : !head
  %zxbcdt = ssm.linear %input, %w_in : !model, !in_proj
  %z, %xbc0, %dt = ssm.split %zxbcdt [12, 28, 4] : !all  // [H*P, H*P+2*G*N, H]
  %xbc, %window = ssm.short_conv %xbc0, %w_conv bias(%b_conv : !conv_bias) activation(silu)
      : !xbc, !conv
  %x0, %B0, %C0 = ssm.split %xbc [12, 8, 8] : !xbc  // [H*P, G*N, G*N]
  %x = ssm.reshape %x0 : !inner to !values
  %B = ssm.reshape %B0 : !groups to !mix
  %C = ssm.reshape %C0 : !groups to !mix
  %y0, %S = ssm.ssd %x, %dt, %A, %B, %C D(%D : !head) dt_bias(%bias : !head) softplus
      : !values, !heads, !head, !mix, !mix
  %y = ssm.reshape %y0 : !values to !inner
  %gate = ssm.silu %z : !inner
  %gated = arith.mulf %y, %gate : !inner
  %normed = ssm.rms_norm %gated weight(%w_norm : !width) eps(1.0e-5) : !inner
  %out = ssm.linear %normed, %w_out bias(%b_out : !out_bias) : !inner, !out_proj
  return %out : !result
}
