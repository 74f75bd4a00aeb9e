// LRU: a diagonal complex recurrence with the stable exponential
// parameterization (catalog A, LRU; Orvieto et al. 2023).
!seq = tensor<?x?x3xf32>  // b l D
!states = tensor<?x?x4xf32>  // b l N
!state = tensor<?x4xf32>  // b N
!diagonal = tensor<4xf32>  // N
!input = tensor<4x3xf32>  // N D
!output = tensor<3x4xf32>  // D N
!skip = tensor<3xf32>  // D
module attributes {ssm.checkpoint = "."} {
func.func @forward(%u: !seq) -> !seq {
  %nu = ssm.weight "nu_log" : !diagonal
  %theta = ssm.weight "theta_log" : !diagonal
  %gamma = ssm.weight "gamma_log" : !diagonal
  %b_re = ssm.weight "B_re" : !input
  %b_im = ssm.weight "B_im" : !input
  %c_re = ssm.weight "C_re" : !output
  %c_im = ssm.weight "C_im" : !output
  %d = ssm.weight "D" : !skip
  %bu_re = ssm.linear %u, %b_re : !seq, !input
  %bu_im = ssm.linear %u, %b_im : !seq, !input
  // x[t] = exp(-exp(nu) + i exp(theta)) x[t-1] + exp(gamma) B u[t]
  %x_re, %x_im, %last_re, %last_im = ssm.recurrence sequence(l) step()
      ins(%bu_re[b, l, n], %bu_im[b, l, n], %nu[n], %theta[n], %gamma[n]
          : !states, !states, !diagonal, !diagonal, !diagonal)
      outs([b, l, n], [b, l, n] : !states, !states)
      states("real" [b, n], "imaginary" [b, n] : !state, !state) {
  ^step(%in_re: f32, %in_im: f32, %nu_n: f32, %theta_n: f32, %gamma_n: f32,
        %s_re: f32, %s_im: f32):
    %rate = math.exp %nu_n : f32
    %log = arith.negf %rate : f32
    %angle = math.exp %theta_n : f32
    %l_re, %l_im = ssm.complex_exp %log, %angle : f32
    %gain = math.exp %gamma_n : f32
    %kept_re, %kept_im = ssm.complex_mul %l_re, %l_im, %s_re, %s_im : f32
    %next_re = math.fma %gain, %in_re, %kept_re : f32
    %next_im = math.fma %gain, %in_im, %kept_im : f32
    ssm.yield %next_re, %next_im, %next_re, %next_im : f32, f32, f32, f32
  }
  %y_re = ssm.linear %x_re, %c_re : !states, !output
  %y_im = ssm.linear %x_im, %c_im : !states, !output
  %y = arith.subf %y_re, %y_im : !seq
  %d_like = ssm.broadcast %d like %u [2] : !skip, !seq
  %skip = arith.mulf %d_like, %u : !seq
  %out = arith.addf %y, %skip : !seq
  return %out : !seq
}
}
