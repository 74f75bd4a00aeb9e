// H3: queries gate a diagonal system of the product of values and of keys that went
// through a shift system, a causal filter (catalog A, H3; Fu et al. 2023). Head
// dimension 1; bilinear; `shift` has the filter's taps, oldest first.
!seq = tensor<?x?x2xf32>  // b l H
!state = tensor<?x2x3xf32>  // b H N
!matrix = tensor<2x3xf32>  // H N
!vector = tensor<2xf32>  // H
!n = tensor<3xf32>  // N
!shift = tensor<2x4xf32>  // H W
!linear = tensor<2x2xf32>  // H H
module attributes {ssm.checkpoint = "."} {
func.func @forward(%u: !seq) -> !seq {
  %w_q = ssm.weight "q_proj.weight" : !linear
  %b_q = ssm.weight "q_proj.bias" : !vector
  %w_k = ssm.weight "k_proj.weight" : !linear
  %b_k = ssm.weight "k_proj.bias" : !vector
  %w_v = ssm.weight "v_proj.weight" : !linear
  %b_v = ssm.weight "v_proj.bias" : !vector
  %shift = ssm.weight "shift" : !shift
  %shift_D = ssm.weight "shift_D" : !vector
  %log_dt = ssm.weight "log_dt" : !vector
  %log_A_real = ssm.weight "log_A_real" : !matrix
  %A_im = ssm.weight "A_im" : !matrix
  %C_re = ssm.weight "C_re" : !matrix
  %C_im = ssm.weight "C_im" : !matrix
  %D = ssm.weight "D" : !vector
  %w_o = ssm.weight "output_linear.weight" : !linear
  %b_o = ssm.weight "output_linear.bias" : !vector
  %dt = math.exp %log_dt : !vector
  %rate = math.exp %log_A_real : !matrix
  %A_re = arith.negf %rate : !matrix
  %ones = arith.constant dense<1.0> : !matrix
  %dts = ssm.contract "h,hn->hn" %dt, %ones : (!vector, !matrix) -> !matrix
  %decay_re, %gain_re, %decay_im, %gain_im = ssm.discretize bilinear %dts, %A_re
      imag(%A_im : !matrix) : !matrix, !matrix
  %q = ssm.linear %u, %w_q bias(%b_q : !vector) : !seq, !linear
  %k = ssm.linear %u, %w_k bias(%b_k : !vector) : !seq, !linear
  %v = ssm.linear %u, %w_v bias(%b_v : !vector) : !seq, !linear
  %filtered, %window = ssm.short_conv %k, %shift : !seq, !shift
  %like = ssm.broadcast %shift_D like %u [2] : !vector, !seq
  %kd = arith.mulf %like, %k : !seq
  %key = arith.addf %filtered, %kd : !seq
  %kv = arith.mulf %key, %v : !seq
  %y, %y_re, %y_im = ssm.recurrence sequence(l) step(n)
      ins(%kv[b, l, h], %decay_re[h, n], %decay_im[h, n], %gain_re[h, n], %gain_im[h, n],
          %C_re[h, n], %C_im[h, n], %D[h]
          : !seq, !matrix, !matrix, !matrix, !matrix, !matrix, !matrix, !vector)
      outs([b, l, h] : !seq)
      states("real" [b, h, n], "imaginary" [b, h, n] : !state, !state) {
  ^step(%u_t: f32, %a_re: !n, %a_im: !n, %b_re: !n, %b_im: !n, %c_re: !n, %c_im: !n,
        %d: f32, %x_re: !n, %x_im: !n):
    %kept_re, %kept_im = ssm.complex_mul %a_re, %a_im, %x_re, %x_im : !n
    %in_re = ssm.contract ",n->n" %u_t, %b_re : (f32, !n) -> !n
    %in_im = ssm.contract ",n->n" %u_t, %b_im : (f32, !n) -> !n
    %next_re = arith.addf %kept_re, %in_re : !n
    %next_im = arith.addf %kept_im, %in_im : !n
    %read_re = ssm.contract "n,n->" %c_re, %next_re : (!n, !n) -> f32
    %read_im = ssm.contract "n,n->" %c_im, %next_im : (!n, !n) -> f32
    %read = arith.subf %read_re, %read_im : f32
    %pair = arith.addf %read, %read : f32
    %y_t = math.fma %d, %u_t, %pair : f32
    ssm.yield %y_t, %next_re, %next_im : f32, !n, !n
  }
  %gated = arith.mulf %y, %q : !seq
  %out = ssm.linear %gated, %w_o bias(%b_o : !vector) : !seq, !linear
  return %out : !seq
}
}
