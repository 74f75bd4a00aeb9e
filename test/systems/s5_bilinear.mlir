// S5: one diagonal complex system with many inputs and outputs, a step size per
// state, bilinear, one of each conjugate pair (catalog A, S5; Smith et al. 2023).
!seq = tensor<?x?x3xf32>  // b l H
!vector = tensor<4xf32>  // P
!input = tensor<4x3xf32>  // P H
!output = tensor<3x4xf32>  // H P
!skip = tensor<3xf32>  // H
func.func @forward(%u: !seq) -> !seq {
  %log_step, %A_re, %A_im = ssm.weights ["log_step", "A_re", "A_im"] : !vector, !vector, !vector
  %B_re, %B_im = ssm.weights ["B_re", "B_im"] : !input, !input
  %C_re, %C_im, %D = ssm.weights ["C_re", "C_im", "D"] : !output, !output, !skip
  %dt = math.exp %log_step : !vector
  %y, %h_re, %h_im = ssm.lti %u A(%A_re, %A_im : !vector, !vector)
      B(%B_re, %B_im : !input, !input) C(%C_re, %C_im : !output, !output) D(%D : !skip)
      method(bilinear) dt(%dt : !vector) conjugate mimo : !seq
  return %y : !seq
}
