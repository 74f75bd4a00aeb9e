// The complex selective scan, its step written out (catalog B, 1.1): states are half of
// conjugate pairs, y = 2 Re(C h) + D u, gated.
!seq = tensor<?x?x4xf32>  // b l D
!mix = tensor<?x?x2x3xf32>  // b l G N
!matrix = tensor<4x3xf32>  // D N
!vector = tensor<4xf32>  // D
!n = tensor<3xf32>  // N
func.func @forward(%u: !seq, %delta: !seq, %B_re: !mix, %B_im: !mix, %C_re: !mix, %C_im: !mix,
                   %z: !seq) -> !seq {
  %A_re, %A_im = ssm.weights ["A_re", "A_im"] : !matrix, !matrix
  %D, %bias = ssm.weights ["D", "bias"] : !vector, !vector
  %y, %h_re, %h_im = ssm.recurrence sequence(l) step(n)
      ins(%u[b, l, g d], %delta[b, l, g d], %z[b, l, g d], %B_re[b, l, g, n], %B_im[b, l, g, n],
          %C_re[b, l, g, n], %C_im[b, l, g, n], %A_re[g d, n], %A_im[g d, n], %D[g d], %bias[g d]
          : !seq, !seq, !seq, !mix, !mix, !mix, !mix, !matrix, !matrix, !vector, !vector)
      outs([b, l, g d]) states("real" [b, g d, n], "imaginary" [b, g d, n]) {
  ^step(%u_t: f32, %delta_t: f32, %z_t: f32, %b_re: !n, %b_im: !n, %c_re: !n, %c_im: !n,
        %a_re: !n, %a_im: !n, %d: f32, %bias_d: f32, %s_re: !n, %s_im: !n):
    %raw = arith.addf %delta_t, %bias_d : f32
    %dt = ssm.softplus %raw : f32
    %log = ssm.contract ",n->n" %dt, %a_re : (f32, !n) -> !n
    %angle = ssm.contract ",n->n" %dt, %a_im : (f32, !n) -> !n
    %l_re, %l_im = ssm.complex_exp %log, %angle : !n
    %kept_re, %kept_im = ssm.complex_mul %l_re, %l_im, %s_re, %s_im : !n
    %dtu = arith.mulf %dt, %u_t : f32
    %in_re = ssm.contract ",n->n" %dtu, %b_re : (f32, !n) -> !n
    %in_im = ssm.contract ",n->n" %dtu, %b_im : (f32, !n) -> !n
    %next_re = arith.addf %kept_re, %in_re : !n
    %next_im = arith.addf %kept_im, %in_im : !n
    %read_re = ssm.contract "n,n->" %c_re, %next_re : (!n, !n) -> f32
    %read_im = ssm.contract "n,n->" %c_im, %next_im : (!n, !n) -> f32
    %read = arith.subf %read_re, %read_im : f32
    %pair = arith.addf %read, %read : f32
    %sum = math.fma %d, %u_t, %pair : f32
    %gate = ssm.silu %z_t : f32
    %out = arith.mulf %sum, %gate : f32
    ssm.yield %out, %next_re, %next_im : f32, !n, !n
  }
  return %y : !seq
}
