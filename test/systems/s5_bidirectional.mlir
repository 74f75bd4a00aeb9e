// S5 in both directions with the same poles and inputs, two read-outs, and all poles
// stored, so that the output is the plain real part (catalog A, S5).
!seq = tensor<?x?x3xf32> // b l H
!vector = tensor<4xf32>  // P
!input = tensor<4x3xf32> // P H
!output = tensor<3x4xf32> // H P
!skip = tensor<3xf32>    // H
func.func @forward(%u: !seq) -> !seq {
  %log_step, %A_re, %A_im = ssm.weights ["log_step", "A_re", "A_im"] : !vector, !vector, !vector
  %B_re, %B_im = ssm.weights ["B_re", "B_im"] : !input, !input
  %C1_re, %C1_im = ssm.weights ["C1_re", "C1_im"] : !output, !output
  %C2_re, %C2_im, %D = ssm.weights ["C2_re", "C2_im", "D"] : !output, !output, !skip
  %dt = math.exp %log_step : !vector
  %y1, %f_re, %f_im = ssm.lti %u A(%A_re, %A_im : !vector, !vector)
      B(%B_re, %B_im : !input, !input) C(%C1_re, %C1_im : !output, !output)
      D(%D : !skip) method(zoh) dt(%dt : !vector) mimo : !seq
  %y2, %r_re, %r_im = ssm.lti %u A(%A_re, %A_im : !vector, !vector)
      B(%B_re, %B_im : !input, !input) C(%C2_re, %C2_im : !output, !output)
      method(zoh) dt(%dt : !vector) mimo reverse : !seq
  %y = arith.addf %y1, %y2 : !seq
  return %y : !seq
}
