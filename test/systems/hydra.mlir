// Hydra: a bidirectional block, lower and upper triangular parts by one SSD each,
// delayed by a step, and a diagonal of its own (catalog B, Hydra; Hwang et al. 2024).
// One group; the symmetric convolution over 7 steps as its past and its future taps,
// oldest and latest first, the future's tap of the present zero.
!model = tensor<?x?x6xf32>  // b l M
!all = tensor<?x?x46xf32>  // b l 2*H*P+4*N+2*H
!inner = tensor<?x?x12xf32>  // b l H*P
!xbc = tensor<?x?x28xf32>  // b l H*P+4*N
!mix = tensor<?x?x4xf32>  // b l N
!heads = tensor<?x?x3xf32>  // b l H
!state = tensor<?x3x4x4xf32>  // b H P N
!column = tensor<?x3x4xf32>  // b H P
!in_proj = tensor<46x6xf32>  // 2*H*P+4*N+2*H M
!conv = tensor<28x4xf32>  // H*P+4*N 4
!conv_bias = tensor<28xf32>  // H*P+4*N
!head = tensor<3xf32>  // H
!width = tensor<12xf32>  // H*P
!fc = tensor<3x12xf32>  // H H*P
!out_proj = tensor<6x12xf32>  // M H*P
!n = tensor<4xf32>  // N
module attributes {ssm.checkpoint = "."} {
func.func @forward(%u: !model) -> !model {
  %w_in = ssm.weight "in_proj.weight" : !in_proj
  %past = ssm.weight "conv.past" : !conv
  %future = ssm.weight "conv.future" : !conv
  %b_conv = ssm.weight "conv.bias" : !conv_bias
  %bias = ssm.weight "dt_bias" : !head
  %A_log = ssm.weight "A_log" : !head
  %D = ssm.weight "D" : !head
  %fc = ssm.weight "fc_D.weight" : !fc
  %w_norm = ssm.weight "norm.weight" : !width
  %w_out = ssm.weight "out_proj.weight" : !out_proj
  %rate = math.exp %A_log : !head
  %A = arith.negf %rate : !head
  %p = ssm.linear %u, %w_in : !model, !in_proj
  %z, %xbc, %dt_f, %dt_r = ssm.split %p [12, 28, 3, 3] : !all  // [H*P, H*P+4*N, H, H]
  %c0, %w0 = ssm.short_conv %xbc, %past bias(%b_conv : !conv_bias) : !xbc, !conv
  %flipped = ssm.flip %xbc : !xbc
  %c1, %w1 = ssm.short_conv %flipped, %future : !xbc, !conv
  %c2 = ssm.flip %c1 : !xbc
  %conv = arith.addf %c0, %c2 : !xbc
  %act = ssm.silu %conv : !xbc
  %x, %B_f, %C_f, %B_r, %C_r = ssm.split %act [12, 4, 4, 4, 4] : !xbc  // [H*P, N, N, N, N]
  %d = ssm.linear %x, %fc bias(%D : !head) : !inner, !fc
  %f, %f_S, %f_y = ssm.recurrence sequence(l) step(n)
      ins(%x[b, l, h p], %dt_f[b, l, h], %B_f[b, l, n], %C_f[b, l, n], %A[h], %bias[h], %d[b, l, h]
          : !inner, !heads, !mix, !mix, !head, !head, !heads)
      outs([b, l, h p] : !inner)
      states("recurrent" [b, h, p, n], "output" [b, h, p] : !state, !column) {
  ^step(%x_t: f32, %raw: f32, %b: !n, %c: !n, %a: f32, %bias_h: f32, %d_t: f32, %s: !n,
        %y_old: f32):
    %sum = arith.addf %raw, %bias_h : f32
    %dt = ssm.softplus %sum : f32
    %log = arith.mulf %dt, %a : f32
    %decay = math.exp %log : f32
    %kept = ssm.contract ",n->n" %decay, %s : (f32, !n) -> !n
    %dtx = arith.mulf %dt, %x_t : f32
    %in = ssm.contract ",n->n" %dtx, %b : (f32, !n) -> !n
    %next = arith.addf %kept, %in : !n
    %y_t = ssm.contract "n,n->" %c, %next : (!n, !n) -> f32
    %out_t = math.fma %d_t, %x_t, %y_old : f32
    ssm.yield %out_t, %next, %y_t : f32, !n, f32
  }
  %r, %r_S, %r_y = ssm.recurrence sequence(l) step(n) reverse
      ins(%x[b, l, h p], %dt_r[b, l, h], %B_r[b, l, n], %C_r[b, l, n], %A[h], %bias[h]
          : !inner, !heads, !mix, !mix, !head, !head)
      outs([b, l, h p] : !inner)
      states("recurrent" [b, h, p, n], "output" [b, h, p] : !state, !column) {
  ^step(%x_t: f32, %raw: f32, %b: !n, %c: !n, %a: f32, %bias_h: f32, %s: !n,
        %y_old: f32):
    %sum = arith.addf %raw, %bias_h : f32
    %dt = ssm.softplus %sum : f32
    %log = arith.mulf %dt, %a : f32
    %decay = math.exp %log : f32
    %kept = ssm.contract ",n->n" %decay, %s : (f32, !n) -> !n
    %dtx = arith.mulf %dt, %x_t : f32
    %in = ssm.contract ",n->n" %dtx, %b : (f32, !n) -> !n
    %next = arith.addf %kept, %in : !n
    %y_t = ssm.contract "n,n->" %c, %next : (!n, !n) -> f32
    ssm.yield %y_old, %next, %y_t : f32, !n, f32
  }
  %y = arith.addf %f, %r : !inner
  %normed = ssm.rms_norm %y weight(%w_norm : !width) eps(1.0e-5) : !inner
  %gate = ssm.silu %z : !inner
  %gated = arith.mulf %normed, %gate : !inner
  %out = ssm.linear %gated, %w_out : !inner, !out_proj
  return %out : !model
}
}
