// LRU: a diagonal complex recurrence with the stable exponential
// parameterization (catalog A, LRU; Orvieto et al. 2023).
!seq = tensor<?x?x3xf32>  // b l D
!diagonal = tensor<4xf32>  // N
!input = tensor<4x3xf32>  // N D
!output = tensor<3x4xf32>  // D N
!skip = tensor<3xf32>  // D
func.func @forward(%u: !seq) -> !seq {
  %nu, %theta = ssm.weights ["nu_log", "theta_log"] : !diagonal, !diagonal
  %gamma, %b_re, %b_im = ssm.weights ["gamma_log", "B_re", "B_im"] : !diagonal, !input, !input
  %c_re, %c_im, %d = ssm.weights ["C_re", "C_im", "D"] : !output, !output, !skip
  // lambda = exp(-exp(nu) + i exp(theta)), inputs scaled by exp(gamma).
  %log = ssm.neg_exp %nu : !diagonal
  %angle = math.exp %theta : !diagonal
  %l_re, %l_im = ssm.complex_exp %log, %angle : !diagonal
  %gain = math.exp %gamma : !diagonal
  %g_re = ssm.contract "n,nd->nd" %gain, %b_re : (!diagonal, !input) -> !input
  %g_im = ssm.contract "n,nd->nd" %gain, %b_im : (!diagonal, !input) -> !input
  %y, %h_re, %h_im = ssm.lti %u A(%l_re, %l_im : !diagonal, !diagonal)
      B(%g_re, %g_im : !input, !input) C(%c_re, %c_im : !output, !output) D(%d : !skip) mimo : !seq
  return %y : !seq
}
