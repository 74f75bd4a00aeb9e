// Mamba: gated block around a causal convolution and the selective scan
// (catalog B, 1.3; Gu and Dao 2023). The released models have no bias in in_proj
// and out_proj.
!model = tensor<?x?x8xf32>  // b l M
!inner = tensor<?x?x16xf32>  // b l D
!inner2 = tensor<?x?x32xf32>  // b l 2*D
!low = tensor<?x?x1xf32>  // b l R
!mix = tensor<?x?x4xf32>  // b l N
!proj = tensor<?x?x9xf32>  // b l R+2*N
!in_proj = tensor<32x8xf32>  // 2*D M
!in_bias = tensor<32xf32>  // 2*D
!conv = tensor<16x1x4xf32>  // D 1 4
!x_proj = tensor<9x16xf32>  // R+2*N D
!dt_proj = tensor<16x1xf32>  // D R
!matrix = tensor<16x4xf32>  // D N
!vector = tensor<16xf32>  // D
!out_proj = tensor<8x16xf32>  // M D
!out_bias = tensor<8xf32>  // M
func.func @forward(%input: !model) -> !model {
  %w_in, %b_in = ssm.weights ["in_proj.weight", "in_proj.bias"] : !in_proj, !in_bias
  %w_conv, %b_conv = ssm.weights ["conv1d.weight", "conv1d.bias"] : !conv, !vector
  %w_x = ssm.weight "x_proj.weight" : !x_proj
  %w_dt, %b_dt = ssm.weights ["dt_proj.weight", "dt_proj.bias"] : !dt_proj, !vector
  %A = ssm.parameter "A" : !matrix {
    %log = ssm.weight "A_log" : !matrix
    %negative = ssm.neg_exp %log : !matrix
    ssm.yield %negative : !matrix
  }
  %D = ssm.weight "D" : !vector
  %w_out, %b_out = ssm.weights ["out_proj.weight", "out_proj.bias"] : !out_proj, !out_bias
  %xz = ssm.linear %input, %w_in bias(%b_in : !in_bias) : !model, !in_proj
  %x, %z = ssm.split %xz [16, 16] : !inner2  // [D, D]
  %u, %window = ssm.short_conv %x, %w_conv bias(%b_conv : !vector) activation(silu)
      : !inner, !conv
  %p = ssm.linear %u, %w_x : !inner, !x_proj
  %dt, %B, %C = ssm.split %p [1, 4, 4] : !proj  // [R, N, N]
  %delta = ssm.linear %dt, %w_dt : !low, !dt_proj
  %y, %h = ssm.selective_scan %u, %delta, %A, %B, %C D(%D : !vector) z(%z : !inner)
      dt_bias(%b_dt : !vector) softplus : !inner, !matrix, !mix, !mix
  %out = ssm.linear %y, %w_out bias(%b_out : !out_bias) : !inner, !out_proj
  return %out : !model
}
