// H3: queries gate a diagonal system of the product of values and of keys that went
// through a shift system, a causal filter (catalog A, H3; Fu et al. 2023). Head
// dimension 1; bilinear; `shift` has the filter's taps, oldest first.
!seq = tensor<?x?x2xf32>  // b l H
!matrix = tensor<2x3xf32>  // H N
!vector = tensor<2xf32>  // H
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
  %q = ssm.linear %u, %w_q bias(%b_q : !vector) : !seq, !linear
  %k = ssm.linear %u, %w_k bias(%b_k : !vector) : !seq, !linear
  %v = ssm.linear %u, %w_v bias(%b_v : !vector) : !seq, !linear
  %filtered, %window = ssm.short_conv %k, %shift : !seq, !shift
  %like = ssm.broadcast %shift_D like %u [2] : !vector, !seq
  %kd = arith.mulf %like, %k : !seq
  %key = arith.addf %filtered, %kd : !seq
  %kv = arith.mulf %key, %v : !seq
  %y, %h_re, %h_im = ssm.lti %kv A(%A_re, %A_im : !matrix, !matrix)
      C(%C_re, %C_im : !matrix, !matrix) D(%D : !vector) method(bilinear)
      dt(%dt : !vector) conjugate : !seq
  %gated = arith.mulf %y, %q : !seq
  %out = ssm.linear %gated, %w_o bias(%b_o : !vector) : !seq, !linear
  return %out : !seq
}
}
