// Vision Mamba, v2: two Mamba mixers after one in_proj, the second on the reversed
// sequence with parameters of its own, before one out_proj (catalog B, 1.8; Zhu et
// al. 2024).
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
func.func private @mixer(%xz: !inner2, %w: !conv, %b: !vector, %w_x: !x_proj, %w_dt: !dt_proj,
                         %b_dt: !vector, %A: !matrix, %D: !vector) -> !inner {
  %x, %z = ssm.split %xz [6, 6] : !inner2  // [D, D]
  %u, %window = ssm.short_conv %x, %w bias(%b : !vector) activation(silu) : !inner, !conv
  %p = ssm.linear %u, %w_x : !inner, !x_proj
  %dt, %B, %C = ssm.split %p [2, 4, 4] : !proj  // [R, N, N]
  %delta = ssm.linear %dt, %w_dt : !low, !dt_proj
  %y, %h = ssm.selective_scan %u, %delta, %A, %B, %C D(%D : !vector) z(%z : !inner)
      dt_bias(%b_dt : !vector) softplus : !inner, !matrix, !mix, !mix
  return %y : !inner
}
func.func @forward(%xz: !inner2) -> !result {
  %fw, %fc = ssm.weights ["f.conv1d_weight", "f.conv1d_bias"] : !conv, !vector
  %fx, %ft = ssm.weights ["f.x_proj_weight", "f.delta_proj_weight"] : !x_proj, !dt_proj
  %fs, %fA, %fD = ssm.weights ["f.delta_bias", "f.A", "f.D"] : !vector, !matrix, !vector
  %bw, %bc = ssm.weights ["b.conv1d_weight", "b.conv1d_bias"] : !conv, !vector
  %bx, %bt = ssm.weights ["b.x_proj_weight", "b.delta_proj_weight"] : !x_proj, !dt_proj
  %bs, %bA, %bD = ssm.weights ["b.delta_bias", "b.A", "b.D"] : !vector, !matrix, !vector
  %w_out, %b_out = ssm.weights ["out_proj_weight", "out_proj_bias"] : !out_proj, !out_bias
  %y = func.call @mixer(%xz, %fw, %fc, %fx, %ft, %fs, %fA, %fD)
      : (!inner2, !conv, !vector, !x_proj, !dt_proj, !vector, !matrix, !vector) -> !inner
  %zx = ssm.flip %xz : !inner2
  %r = func.call @mixer(%zx, %bw, %bc, %bx, %bt, %bs, %bA, %bD)
      : (!inner2, !conv, !vector, !x_proj, !dt_proj, !vector, !matrix, !vector) -> !inner
  %back = ssm.flip %r : !inner
  %sum = arith.addf %y, %back : !inner
  %out = ssm.linear %sum, %w_out bias(%b_out : !out_bias) : !inner, !out_proj
  return %out : !result
}
