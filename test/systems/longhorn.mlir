// Longhorn: a Mamba block whose scan solves an online regression in closed form;
// the decay is 1 - delta k^2 with delta = beta / (1 + beta |k|^2) (catalog B,
// Longhorn; Liu et al. 2024).
!model = tensor<?x?x4xf32>  // b l M
!inner = tensor<?x?x8xf32>  // b l D
!inner2 = tensor<?x?x16xf32>  // b l 2*D
!low = tensor<?x?x1xf32>  // b l R
!mix = tensor<?x?x3xf32>  // b l N
!proj = tensor<?x?x7xf32>  // b l R+2*N
!in_proj = tensor<16x4xf32>  // 2*D M
!conv = tensor<8x1x4xf32>  // D 1 4
!x_proj = tensor<7x8xf32>  // R+2*N D
!dt_proj = tensor<8x1xf32>  // D R
!vector = tensor<8xf32>  // D
!out_proj = tensor<4x8xf32>  // M D
!n = tensor<3xf32>  // N
func.func @forward(%input: !model) -> !model {
  %w_in, %w_conv = ssm.weights ["in_proj.weight", "conv1d.weight"] : !in_proj, !conv
  %b_conv, %w_x = ssm.weights ["conv1d.bias", "x_proj.weight"] : !vector, !x_proj
  %w_dt, %b_dt = ssm.weights ["dt_head.weight", "dt_head.bias"] : !dt_proj, !vector
  %D, %w_out = ssm.weights ["D", "out_proj.weight"] : !vector, !out_proj
  %xz = ssm.linear %input, %w_in : !model, !in_proj
  %x, %z = ssm.split %xz [8, 8] : !inner2  // [D, D]
  %u, %window = ssm.short_conv %x, %w_conv bias(%b_conv : !vector) activation(silu)
      : !inner, !conv
  %p = ssm.linear %u, %w_x : !inner, !x_proj
  %dt, %k, %q = ssm.split %p [1, 3, 3] : !proj  // [R, N, N]
  %delta = ssm.linear %dt, %w_dt bias(%b_dt : !vector) : !low, !dt_proj
  %y, %h = ssm.recurrence sequence(l) step(n)
      ins(%u[b, l, d], %delta[b, l, d], %z[b, l, d], %k[b, l, n], %q[b, l, n], %D[d]
          : !inner, !inner, !inner, !mix, !mix, !vector)
      outs([b, l, d]) states("recurrent" [b, d, n]) {
  ^step(%u_t: f32, %raw: f32, %z_t: f32, %k_t: !n, %q_t: !n, %d: f32, %s: !n):
    %beta = ssm.sigmoid %raw : f32
    %norm = ssm.contract "n,n->" %k_t, %k_t : (!n, !n) -> f32
    %one = arith.constant 1.0 : f32
    %denominator = math.fma %beta, %norm, %one : f32
    %rate = arith.divf %beta, %denominator : f32
    %k2 = arith.mulf %k_t, %k_t : !n
    %ones = arith.constant dense<1.0> : !n
    %decay = ssm.contract "n - ,n -> n" %ones, %rate, %k2 : (!n, f32, !n) -> !n
    %step = arith.mulf %rate, %u_t : f32
    %next = ssm.contract "n,n + ,n -> n" %decay, %s, %step, %k_t : (!n, !n, f32, !n) -> !n
    %read = ssm.contract "n,n->" %q_t, %next : (!n, !n) -> f32
    %sum = math.fma %d, %u_t, %read : f32
    %gate = ssm.silu %z_t : f32
    %out = arith.mulf %sum, %gate : f32
    ssm.yield %out, %next : f32, !n
  }
  %out = ssm.linear %y, %w_out : !inner, !out_proj
  return %out : !model
}
