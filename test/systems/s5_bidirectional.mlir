// S5 in both directions with the same poles and inputs, two read-outs, and all poles
// stored, so that the output is the plain real part (catalog A, S5).
!seq = tensor<?x?x3xf32>  // b l H
!states = tensor<?x?x4xf32>  // b l P
!state = tensor<?x4xf32>  // b P
!vector = tensor<4xf32>  // P
!input = tensor<4x3xf32>  // P H
!output = tensor<3x4xf32>  // H P
!skip = tensor<3xf32>  // H
module attributes {ssm.checkpoint = "."} {
func.func private @scan(%bu_re: !states, %bu_im: !states, %decay_re: !vector, %decay_im: !vector,
                        %gain_re: !vector, %gain_im: !vector) -> (!states, !states) {
  %f_re, %f_im, %f0, %f1 = ssm.recurrence sequence(l) step()
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
  return %f_re, %f_im : !states, !states
}
func.func @forward(%u: !seq) -> !seq {
  %log_step = ssm.weight "log_step" : !vector
  %A_re = ssm.weight "A_re" : !vector
  %A_im = ssm.weight "A_im" : !vector
  %B_re = ssm.weight "B_re" : !input
  %B_im = ssm.weight "B_im" : !input
  %C1_re = ssm.weight "C1_re" : !output
  %C1_im = ssm.weight "C1_im" : !output
  %C2_re = ssm.weight "C2_re" : !output
  %C2_im = ssm.weight "C2_im" : !output
  %D = ssm.weight "D" : !skip
  %dt = math.exp %log_step : !vector
  %decay_re, %gain_re, %decay_im, %gain_im = ssm.discretize zoh %dt, %A_re
      imag(%A_im : !vector) : !vector, !vector
  %bu_re = ssm.linear %u, %B_re : !seq, !input
  %bu_im = ssm.linear %u, %B_im : !seq, !input
  %f_re, %f_im = func.call @scan(%bu_re, %bu_im, %decay_re, %decay_im, %gain_re, %gain_im)
      : (!states, !states, !vector, !vector, !vector, !vector) -> (!states, !states)
  %ub_re = ssm.flip %bu_re : !states
  %ub_im = ssm.flip %bu_im : !states
  %b_re, %b_im = func.call @scan(%ub_re, %ub_im, %decay_re, %decay_im, %gain_re, %gain_im)
      : (!states, !states, !vector, !vector, !vector, !vector) -> (!states, !states)
  %r_re = ssm.flip %b_re : !states
  %r_im = ssm.flip %b_im : !states
  %y1_re = ssm.linear %f_re, %C1_re : !states, !output
  %y1_im = ssm.linear %f_im, %C1_im : !states, !output
  %y1 = arith.subf %y1_re, %y1_im : !seq
  %y2_re = ssm.linear %r_re, %C2_re : !states, !output
  %y2_im = ssm.linear %r_im, %C2_im : !states, !output
  %y2 = arith.subf %y2_re, %y2_im : !seq
  %y = arith.addf %y1, %y2 : !seq
  %like = ssm.broadcast %D like %u [2] : !skip, !seq
  %skip = arith.mulf %like, %u : !seq
  %out = arith.addf %y, %skip : !seq
  return %out : !seq
}
}
