// H3: queries gate a diagonal system of the product of values and of keys that went
// through a shift system, a causal filter (catalog A, H3; Fu et al. 2023). Head
// dimension 1; bilinear; `shift` has the filter's taps, oldest first.
!seq = tensor<?x?x2xf32>  // b l H
!matrix = tensor<2x3xf32>  // H N
!vector = tensor<2xf32>  // H
!shift = tensor<2x4xf32>  // H W
!linear = tensor<2x2xf32>  // H H
func.func @forward(%u: !seq) -> !seq {
  %w_q, %b_q = ssm.weights ["q_proj.weight", "q_proj.bias"] : !linear, !vector
  %w_k, %b_k = ssm.weights ["k_proj.weight", "k_proj.bias"] : !linear, !vector
  %w_v, %b_v = ssm.weights ["v_proj.weight", "v_proj.bias"] : !linear, !vector
  %shift, %shift_D, %log_dt = ssm.weights ["shift", "shift_D", "log_dt"] : !shift, !vector, !vector
  %log_A_real, %A_im = ssm.weights ["log_A_real", "A_im"] : !matrix, !matrix
  %C_re, %C_im, %D = ssm.weights ["C_re", "C_im", "D"] : !matrix, !matrix, !vector
  %w_o, %b_o = ssm.weights ["output_linear.weight", "output_linear.bias"] : !linear, !vector
  %dt = math.exp %log_dt : !vector
  %A_re = ssm.neg_exp %log_A_real : !matrix
  %q = ssm.linear %u, %w_q bias(%b_q : !vector) : !seq, !linear
  %k = ssm.linear %u, %w_k bias(%b_k : !vector) : !seq, !linear
  %v = ssm.linear %u, %w_v bias(%b_v : !vector) : !seq, !linear
  %filtered, %window = ssm.short_conv %k, %shift : !seq, !shift
  %key = ssm.affine %k scale(%shift_D : !vector) shift(%filtered : !seq) : !seq
  %kv = arith.mulf %key, %v : !seq
  %y, %h_re, %h_im = ssm.lti %kv A(%A_re, %A_im : !matrix, !matrix)
      C(%C_re, %C_im : !matrix, !matrix) D(%D : !vector) method(bilinear)
      dt(%dt : !vector) conjugate : !seq
  %gated = arith.mulf %y, %q : !seq
  %out = ssm.linear %gated, %w_o bias(%b_o : !vector) : !seq, !linear
  return %out : !seq
}
