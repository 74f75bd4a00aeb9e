// Vision Mamba, v1: one Mamba mixer whose scan also runs on the reversed sequence,
// with a matrix A of its own; skip and gate act in both (catalog B, 1.8; Zhu et al.).
!inner = tensor<?x?x6xf32>  // b l D
!inner2 = tensor<?x?x12xf32>  // b l 2*D
!low = tensor<?x?x2xf32>  // b l R
!mix = tensor<?x?x4xf32>  // b l N
!proj = tensor<?x?x10xf32>  // b l R+2*N
!result = tensor<?x?x5xf32>  // b l M
!conv = tensor<6x1x4xf32>  // D 1 4
!x_proj = tensor<10x6xf32>  // R+2*N D
!dt_proj = tensor<6x2xf32>  // D R
!matrix = tensor<6x4xf32>  // D N
!vector = tensor<6xf32>  // D
!out_proj = tensor<5x6xf32>  // M D
!out_bias = tensor<5xf32>  // M
func.func @forward(%xz: !inner2) -> !result {
  %w = ssm.weight "conv1d_weight" : !conv
  %b, %w_x = ssm.weights ["conv1d_bias", "x_proj_weight"] : !vector, !x_proj
  %w_dt, %b_dt = ssm.weights ["delta_proj_weight", "delta_bias"] : !dt_proj, !vector
  %A, %A_b, %D = ssm.weights ["A", "A_b", "D"] : !matrix, !matrix, !vector
  %w_out, %b_out = ssm.weights ["out_proj_weight", "out_proj_bias"] : !out_proj, !out_bias
  %x, %z = ssm.split %xz [6, 6] : !inner2  // [D, D]
  %u, %window = ssm.short_conv %x, %w bias(%b : !vector) activation(silu) : !inner, !conv
  %p = ssm.linear %u, %w_x : !inner, !x_proj
  %dt, %B, %C = ssm.split %p [2, 4, 4] : !proj  // [R, N, N]
  %delta = ssm.linear %dt, %w_dt : !low, !dt_proj
  %y, %h = ssm.selective_scan %u, %delta, %A, %B, %C D(%D : !vector) z(%z : !inner)
      dt_bias(%b_dt : !vector) softplus : !inner, !matrix, !mix, !mix
  %u_r = ssm.flip %u : !inner
  %delta_r = ssm.flip %delta : !inner
  %B_r = ssm.flip %B : !mix
  %C_r = ssm.flip %C : !mix
  %z_r = ssm.flip %z : !inner
  %r, %h_r = ssm.selective_scan %u_r, %delta_r, %A_b, %B_r, %C_r D(%D : !vector)
      z(%z_r : !inner) dt_bias(%b_dt : !vector) softplus : !inner, !matrix, !mix, !mix
  %back = ssm.flip %r : !inner
  %sum = arith.addf %y, %back : !inner
  %out = ssm.linear %sum, %w_out bias(%b_out : !out_bias) : !inner, !out_proj
  return %out : !result
}
