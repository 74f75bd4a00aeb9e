// S5: one diagonal complex system with many inputs and outputs, a step size per
// state, zero-order hold, one of each conjugate pair (catalog A, S5; Smith et al.).
!seq = tensor<?x?x3xf32>  // b l H
!states = tensor<?x?x4xf32>  // b l P
!state = tensor<?x4xf32>  // b P
!vector = tensor<4xf32>  // P
!input = tensor<4x3xf32>  // P H
!output = tensor<3x4xf32>  // H P
!skip = tensor<3xf32>  // H
module attributes {ssm.checkpoint = "."} {
func.func @forward(%u: !seq) -> !seq {
  %log_step = ssm.weight "log_step" : !vector
  %A_re = ssm.weight "A_re" : !vector
  %A_im = ssm.weight "A_im" : !vector
  %B_re = ssm.weight "B_re" : !input
  %B_im = ssm.weight "B_im" : !input
  %C_re = ssm.weight "C_re" : !output
  %C_im = ssm.weight "C_im" : !output
  %D = ssm.weight "D" : !skip
  %dt = math.exp %log_step : !vector
  %decay_re, %gain_re, %decay_im, %gain_im = ssm.discretize zoh %dt, %A_re
      imag(%A_im : !vector) : !vector, !vector
  %bu_re = ssm.linear %u, %B_re : !seq, !input
  %bu_im = ssm.linear %u, %B_im : !seq, !input
  %x_re, %x_im, %x0, %x1 = ssm.recurrence sequence(l) step()
      ins(%bu_re[b, l, p], %bu_im[b, l, p], %decay_re[p], %decay_im[p], %gain_re[p], %gain_im[p]
          : !states, !states, !vector, !vector, !vector, !vector)
      outs([b, l, p], [b, l, p] : !states, !states)
      states("real" [b, p], "imaginary" [b, p] : !state, !state) {
  ^step(%in_re: f32, %in_im: f32, %a_re: f32, %a_im: f32, %g_re: f32, %g_im: f32,
        %s_re: f32, %s_im: f32):
    %kept_re, %kept_im = ssm.complex_mul %a_re, %a_im, %s_re, %s_im : f32
    %v_re, %v_im = ssm.complex_mul %g_re, %g_im, %in_re, %in_im : f32
    %next_re = arith.addf %kept_re, %v_re : f32
    %next_im = arith.addf %kept_im, %v_im : f32
    ssm.yield %next_re, %next_im, %next_re, %next_im : f32, f32, f32, f32
  }
  %y_re = ssm.linear %x_re, %C_re : !states, !output
  %y_im = ssm.linear %x_im, %C_im : !states, !output
  %half = arith.subf %y_re, %y_im : !seq
  %y = arith.addf %half, %half : !seq
  %like = ssm.broadcast %D like %u [2] : !skip, !seq
  %skip = arith.mulf %like, %u : !seq
  %out = arith.addf %y, %skip : !seq
  return %out : !seq
}
}
