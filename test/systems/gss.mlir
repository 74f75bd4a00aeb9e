// GSS: a gated block whose mixer is a diagonal system of a few channels, with poles
// that the channels share and no step size (catalog A, GSS; Mehta et al. 2022). The
// norms before both the block and the mixer are those of the checked code.
!seq = tensor<?x?x8xf32>  // b l E
!wide = tensor<?x?x16xf32>  // b l F
!mid = tensor<?x?x4xf32>  // b l H
!matrix = tensor<4x3xf32>  // H N
!poles = tensor<3xf32>  // N
!vector = tensor<4xf32>  // H
!e = tensor<8xf32>  // E
!w_v = tensor<16x8xf32>  // F E
!w_u = tensor<4x8xf32>  // H E
!w_uc = tensor<16x4xf32>  // F H
!w_o = tensor<8x16xf32>  // E F
func.func @forward(%x: !seq) -> !seq {
  %w_norm, %b_norm = ssm.weights ["norm.weight", "norm.bias"] : !e, !e
  %w_v, %w_u = ssm.weights ["to_u.0.weight", "to_v.0.weight"] : !w_v, !w_u
  %w_m, %b_m = ssm.weights ["dss.norm.weight", "dss.norm.bias"] : !vector, !vector
  %L_re, %L_im = ssm.weights ["dss.Lambda_real", "dss.Lambda_imag"] : !poles, !poles
  %C_re, %C_im = ssm.weights ["dss.C_real", "dss.C_imag"] : !matrix, !matrix
  %D, %w_uc = ssm.weights ["dss.param_D", "to_gate.weight"] : !vector, !w_uc
  %w_o, %b_o = ssm.weights ["to_out.weight", "to_out.bias"] : !w_o, !e
  %xn = ssm.layer_norm %x weight(%w_norm : !e) bias(%b_norm : !e) eps(1.0e-5) : !seq
  %v0 = ssm.linear %xn, %w_v : !seq, !w_v
  %v = ssm.gelu %v0 : !wide
  %u0 = ssm.linear %xn, %w_u : !seq, !w_u
  %u1 = ssm.gelu %u0 : !mid
  %u = ssm.layer_norm %u1 weight(%w_m : !vector) bias(%b_m : !vector) eps(1.0e-5) : !mid
  %A_re = ssm.neg_exp %L_re : !poles
  %A_im = math.exp %L_im : !poles
  %one = arith.constant dense<1.0> : !vector
  %P_re = ssm.broadcast %A_re [1] : !poles, !matrix
  %P_im = ssm.broadcast %A_im [1] : !poles, !matrix
  %y, %h_re, %h_im = ssm.lti %u A(%P_re, %P_im : !matrix, !matrix)
      C(%C_re, %C_im : !matrix, !matrix) D(%D : !vector) method(zoh) dt(%one : !vector) : !mid
  %gate = ssm.linear %y, %w_uc : !mid, !w_uc
  %gated = arith.mulf %gate, %v : !wide
  %o = ssm.linear %gated, %w_o bias(%b_o : !e) : !wide, !w_o
  %out = arith.addf %o, %x : !seq
  return %out : !seq
}
