// Mamba-2: convolution over x, B and C together, a scalar decay per head, and a
// gated norm over the whole width; the recurrence by hand, one group, step sizes
// clamped to [0.05, 0.8] (catalog B, 1.4 to 1.6; Dao and Gu 2024).
!model = tensor<?x?x6xf32>  // b l M
!all = tensor<?x?x28xf32>  // b l 2*H*P+2*N+H
!inner = tensor<?x?x8xf32>  // b l H*P
!xbc = tensor<?x?x16xf32>  // b l H*P+2*N
!mix = tensor<?x?x4xf32>  // b l N
!heads = tensor<?x?x4xf32>  // b l H
!in_proj = tensor<28x6xf32>  // 2*H*P+2*N+H M
!conv = tensor<16x1x4xf32>  // H*P+2*N 1 4
!conv_bias = tensor<16xf32>  // H*P+2*N
!head = tensor<4xf32>  // H
!width = tensor<8xf32>  // H*P
!out_proj = tensor<6x8xf32>  // M H*P
!n = tensor<4xf32>  // N
func.func @forward(%input: !model) -> !model {
  %w_in = ssm.weight "in_proj.weight" : !in_proj
  %w_conv, %b_conv = ssm.weights ["conv1d.weight", "conv1d.bias"] : !conv, !conv_bias
  %bias, %A_log, %D = ssm.weights ["dt_bias", "A_log", "D"] : !head, !head, !head
  %w_norm, %w_out = ssm.weights ["norm.weight", "out_proj.weight"] : !width, !out_proj
  %A = ssm.neg_exp %A_log : !head
  %zxbcdt = ssm.linear %input, %w_in : !model, !in_proj
  %z, %xbc0, %raw = ssm.split %zxbcdt [8, 16, 4] : !all  // [H*P, H*P+2*N, H]
  %xbc, %window = ssm.short_conv %xbc0, %w_conv bias(%b_conv : !conv_bias) activation(silu)
      : !xbc, !conv
  %x, %B, %C = ssm.split %xbc [8, 4, 4] : !xbc  // [H*P, N, N]
  %y, %last = ssm.recurrence sequence(l) step(n)
      ins(%x[b, l, h p], %raw[b, l, h], %B[b, l, n], %C[b, l, n], %A[h], %bias[h], %D[h]
          : !inner, !heads, !mix, !mix, !head, !head, !head)
      outs([b, l, h p]) states("recurrent" [b, h, p, n]) {
  ^step(%x_t: f32, %raw_t: f32, %b: !n, %c: !n, %a: f32, %bias_h: f32, %d: f32, %s: !n):
    %sum = arith.addf %raw_t, %bias_h : f32
    %soft = ssm.softplus %sum : f32
    %low = arith.constant 0.05 : f32
    %high = arith.constant 0.8 : f32
    %above = arith.maximumf %soft, %low : f32
    %dt = arith.minimumf %above, %high : f32
    %log = arith.mulf %dt, %a : f32
    %decay = math.exp %log : f32
    %dtx = arith.mulf %dt, %x_t : f32
    %next = ssm.contract ",n + ,n -> n" %decay, %s, %dtx, %b : (f32, !n, f32, !n) -> !n
    %read = ssm.contract "n,n->" %c, %next : (!n, !n) -> f32
    %y_t = math.fma %d, %x_t, %read : f32
    ssm.yield %y_t, %next : f32, !n
  }
  %gate = ssm.silu %z : !inner
  %gated = arith.mulf %y, %gate : !inner
  %normed = ssm.rms_norm %gated weight(%w_norm : !width) eps(1.0e-5) : !inner
  %out = ssm.linear %normed, %w_out : !inner, !out_proj
  return %out : !model
}
