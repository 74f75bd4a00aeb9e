// Hydra: a bidirectional block, lower and upper triangular parts by one SSD each,
// delayed by a step, and a diagonal of its own (catalog B, Hydra; Hwang et al. 2024).
// One group; the symmetric convolution over 7 steps by its taps of the present and the
// past, latest first, and those of the future, next first.
!model = tensor<?x?x6xf32>    // b l M
!all = tensor<?x?x46xf32>     // b l 2*H*P+4*N+2*H
!inner = tensor<?x?x12xf32>   // b l H*P
!xbc = tensor<?x?x28xf32>     // b l H*P+4*N
!mix = tensor<?x?x4xf32>      // b l N
!dt = tensor<?x?x3xf32>       // b l H
!heads = tensor<?x?x3x4xf32>  // b l H P
!in_proj = tensor<46x6xf32>   // 2*H*P+4*N+2*H M
!past = tensor<28x4xf32>      // H*P+4*N 4
!future = tensor<28x3xf32>    // H*P+4*N 3
!conv_bias = tensor<28xf32>   // H*P+4*N
!head = tensor<3xf32>         // H
!width = tensor<12xf32>       // H*P
!fc = tensor<3x12xf32>        // H H*P
!out_proj = tensor<6x12xf32>  // M H*P
func.func @forward(%u: !model) -> !model {
  %w_in, %past = ssm.weights ["in_proj.weight", "conv.past"] : !in_proj, !past
  %future, %b_conv = ssm.weights ["conv.future", "conv.bias"] : !future, !conv_bias
  %bias, %A_log, %D = ssm.weights ["dt_bias", "A_log", "D"] : !head, !head, !head
  %fc = ssm.weight "fc_D.weight" : !fc
  %w_norm, %w_out = ssm.weights ["norm.weight", "out_proj.weight"] : !width, !out_proj
  %A = ssm.neg_exp %A_log : !head
  %p = ssm.linear %u, %w_in : !model, !in_proj
  %z, %xbc, %dt_f, %dt_r = ssm.split %p [12, 28, 3, 3] : !all  // [H*P, H*P+4*N, H, H]
  %taps = ssm.long_conv %xbc, %past back(%future : !future) : !xbc, !past
  %conv = ssm.affine %taps shift(%b_conv : !conv_bias) : !xbc
  %act = ssm.silu %conv : !xbc
  %x, %B_f, %C_f, %B_r, %C_r = ssm.split %act [12, 4, 4, 4, 4] : !xbc  // [H*P, N, N, N, N]
  %x_h = ssm.reshape %x : !inner to !heads
  %f, %S_f = ssm.ssd %x_h, %dt_f, %A, %B_f, %C_f dt_bias(%bias : !head) softplus
      : !heads, !dt, !head, !mix, !mix
  %r, %S_r = ssm.ssd %x_h, %dt_r, %A, %B_r, %C_r dt_bias(%bias : !head) softplus reverse
      : !heads, !dt, !head, !mix, !mix
  %below, %last_f = ssm.shift %f by(1) : !heads
  %above, %last_r = ssm.shift %r by(-1) : !heads
  %d = ssm.linear %x, %fc bias(%D : !head) : !inner, !fc
  %d_h = ssm.broadcast %d like %x_h [0, 1, 2] : !dt, !heads
  %both = arith.addf %below, %above : !heads
  %y = math.fma %d_h, %x_h, %both : !heads
  %y_d = ssm.reshape %y : !heads to !inner
  %normed = ssm.rms_norm %y_d weight(%w_norm : !width) eps(1.0e-5) : !inner
  %gate = ssm.silu %z : !inner
  %gated = arith.mulf %normed, %gate : !inner
  %out = ssm.linear %gated, %w_out : !inner, !out_proj
  return %out : !model
}
