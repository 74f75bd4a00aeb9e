// StableSSM: S4D whose real parts come from raw weights as -1 / (w^2 + 0.1), which
// keeps gradients bounded (catalog A, StableSSM; Wang and Li 2023).
!seq = tensor<?x?x2xf32>  // b l H
!state = tensor<?x2x3xf32>  // b H N
!matrix = tensor<2x3xf32>  // H N
!vector = tensor<2xf32>  // H
!n = tensor<3xf32>  // N
module attributes {ssm.checkpoint = "."} {
func.func @forward(%u: !seq) -> !seq {
  %log_dt = ssm.weight "log_dt" : !vector
  %w = ssm.weight "w" : !matrix
  %A_im = ssm.weight "A_im" : !matrix
  %C_re = ssm.weight "C_re" : !matrix
  %C_im = ssm.weight "C_im" : !matrix
  %D = ssm.weight "D" : !vector
  %dt = math.exp %log_dt : !vector
  %beta = arith.constant dense<0.1> : !matrix
  %minus = arith.constant dense<-1.0> : !matrix
  %square = math.fma %w, %w, %beta : !matrix
  %A_re = arith.divf %minus, %square : !matrix
  %log = ssm.contract "h,hn->hn" %dt, %A_re : (!vector, !matrix) -> !matrix
  %angle = ssm.contract "h,hn->hn" %dt, %A_im : (!vector, !matrix) -> !matrix
  %radius = math.exp %log : !matrix
  %cos = math.cos %angle : !matrix
  %sin = math.sin %angle : !matrix
  %decay_re = arith.mulf %radius, %cos : !matrix
  %decay_im = arith.mulf %radius, %sin : !matrix
  %one = arith.constant dense<1.0> : !matrix
  %e_re = arith.subf %decay_re, %one : !matrix
  %sq = arith.mulf %A_re, %A_re : !matrix
  %norm = math.fma %A_im, %A_im, %sq : !matrix
  %g0 = arith.mulf %decay_im, %A_im : !matrix
  %g1 = math.fma %e_re, %A_re, %g0 : !matrix
  %gain_re = arith.divf %g1, %norm : !matrix
  %g2 = arith.mulf %e_re, %A_im : !matrix
  %g3 = arith.mulf %decay_im, %A_re : !matrix
  %g4 = arith.subf %g3, %g2 : !matrix
  %gain_im = arith.divf %g4, %norm : !matrix
  %y, %y_re, %y_im = ssm.recurrence sequence(l) step(n)
      ins(%u[b, l, h], %decay_re[h, n], %decay_im[h, n], %gain_re[h, n], %gain_im[h, n],
          %C_re[h, n], %C_im[h, n], %D[h]
          : !seq, !matrix, !matrix, !matrix, !matrix, !matrix, !matrix, !vector)
      outs([b, l, h] : !seq)
      states("real" [b, h, n], "imaginary" [b, h, n] : !state, !state) {
  ^step(%u_t: f32, %a_re: !n, %a_im: !n, %b_re: !n, %b_im: !n, %c_re: !n, %c_im: !n,
        %d: f32, %x_re: !n, %x_im: !n):
    %ii = arith.mulf %a_im, %x_im : !n
    %rr = arith.mulf %a_re, %x_re : !n
    %kept_re = arith.subf %rr, %ii : !n
    %ri = arith.mulf %a_re, %x_im : !n
    %kept_im = math.fma %a_im, %x_re, %ri : !n
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
