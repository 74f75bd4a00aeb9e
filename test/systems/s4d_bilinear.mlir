// S4D with the bilinear rule: decay (1 + z/2) / (1 - z/2), gain dt / (1 - z/2)
// with z = dt A (catalog A, CORE-1, CORE-3 and S4D; Gu et al. 2022).
!seq = tensor<?x?x2xf32>  // b l H
!state = tensor<?x2x3xf32>  // b H N
!matrix = tensor<2x3xf32>  // H N
!vector = tensor<2xf32>  // H
!n = tensor<3xf32>  // N
module attributes {ssm.checkpoint = "."} {
func.func @forward(%u: !seq) -> !seq {
  %log_dt = ssm.weight "log_dt" : !vector
  %log_A_real = ssm.weight "log_A_real" : !matrix
  %A_im = ssm.weight "A_im" : !matrix
  %C_re = ssm.weight "C_re" : !matrix
  %C_im = ssm.weight "C_im" : !matrix
  %D = ssm.weight "D" : !vector
  %dt = math.exp %log_dt : !vector
  %rate = math.exp %log_A_real : !matrix
  %A_re = arith.negf %rate : !matrix
  %ones = arith.constant dense<1.0> : !matrix
  %dts = ssm.contract "h,hn->hn" %dt, %ones : (!vector, !matrix) -> !matrix
  %decay_re, %gain_re, %decay_im, %gain_im = ssm.discretize bilinear %dts, %A_re
      imag(%A_im : !matrix) : !matrix, !matrix
  %y, %y_re, %y_im = ssm.recurrence sequence(l) step(n)
      ins(%u[b, l, h], %decay_re[h, n], %decay_im[h, n], %gain_re[h, n], %gain_im[h, n],
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
  return %y : !seq
}
}
