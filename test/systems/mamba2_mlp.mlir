// Mamba-2 narrower than its projections: the first channels are a gated MLP, the norm
// is over each group of heads, the skip is one number per channel, and sequences may be
// packed (catalog B, 1.4 to 1.6; Dao and Gu 2024). out_proj comes in its two parts.
!model = tensor<?x?x6xf32>  // b l M
!all = tensor<?x?x54xf32>  // b l 2*E+2*H*P+2*G*N+H
!mlp = tensor<?x?x5xf32>  // b l E
!inner = tensor<?x?x12xf32>  // b l H*P
!normed = tensor<?x?x2x6xf32>  // b l G H*P//G
!xbc = tensor<?x?x28xf32>  // b l H*P+2*G*N
!groups = tensor<?x?x8xf32>  // b l G*N
!values = tensor<?x?x4x3xf32>  // b l H P
!mix = tensor<?x?x2x4xf32>  // b l G N
!heads = tensor<?x?x4xf32>  // b l H
!flags = tensor<?x?xf32>  // b l
!in_proj = tensor<54x6xf32>  // 2*E+2*H*P+2*G*N+H M
!conv = tensor<28x1x4xf32>  // H*P+2*G*N 1 4
!conv_bias = tensor<28xf32>  // H*P+2*G*N
!head = tensor<4xf32>  // H
!skip = tensor<4x3xf32>  // H P
!width = tensor<12xf32>  // H*P
!out_mlp = tensor<6x5xf32>  // M E
!out_ssm = tensor<6x12xf32>  // M H*P
func.func @forward(%input: !model, %reset: !flags) -> !model {
  %w_in = ssm.weight "in_proj.weight" : !in_proj
  %w_conv = ssm.weight "conv1d.weight" : !conv
  %b_conv = ssm.weight "conv1d.bias" : !conv_bias
  %bias = ssm.weight "dt_bias" : !head
  %A = ssm.weight "A" : !head
  %D = ssm.weight "D" : !skip
  %w_norm = ssm.weight "norm.weight" : !width
  %w_mlp = ssm.weight "out_proj.mlp" : !out_mlp
  %w_ssm = ssm.weight "out_proj.ssm" : !out_ssm
  %all = ssm.linear %input, %w_in : !model, !in_proj
  %z0, %x0, %z, %raw, %dt = ssm.split %all [5, 5, 12, 28, 4] : !all  // [E, E, H*P, H*P+2*G*N, H]
  %xbc, %window = ssm.short_conv %raw, %w_conv bias(%b_conv : !conv_bias)
      reset(%reset : !flags) activation(silu) : !xbc, !conv
  %x1, %B0, %C0 = ssm.split %xbc [12, 8, 8] : !xbc  // [H*P, G*N, G*N]
  %x = ssm.reshape %x1 : !inner to !values
  %B = ssm.reshape %B0 : !groups to !mix
  %C = ssm.reshape %C0 : !groups to !mix
  %y0, %S = ssm.ssd %x, %dt, %A, %B, %C D(%D : !skip) dt_bias(%bias : !head)
      reset(%reset : !flags) softplus : !values, !heads, !head, !mix, !mix
  %y = ssm.reshape %y0 : !values to !inner
  %gate = ssm.silu %z : !inner
  %gated = arith.mulf %y, %gate : !inner
  %parts = ssm.reshape %gated : !inner to !normed
  %unit = ssm.rms_norm %parts eps(1.0e-5) : !normed
  %unit_all = ssm.reshape %unit : !normed to !inner
  %scale = ssm.broadcast %w_norm like %y [2] : !width, !inner
  %scaled = arith.mulf %unit_all, %scale : !inner
  %from_ssm = ssm.linear %scaled, %w_ssm : !inner, !out_ssm
  %open = ssm.silu %z0 : !mlp
  %hidden = arith.mulf %open, %x0 : !mlp
  %from_mlp = ssm.linear %hidden, %w_mlp : !mlp, !out_mlp
  %out = arith.addf %from_mlp, %from_ssm : !model
  return %out : !model
}
