// The mixer of GSS alone: a norm and a diagonal system whose poles the channels share,
// with no step size (catalog A, GSS; Mehta et al. 2022).
!seq = tensor<?x?x4xf32>  // b l H
!matrix = tensor<4x3xf32>  // H N
!poles = tensor<3xf32>  // N
!vector = tensor<4xf32>  // H
func.func @forward(%x: !seq) -> !seq {
  %w, %b = ssm.weights ["norm.weight", "norm.bias"] : !vector, !vector
  %L_re, %L_im = ssm.weights ["Lambda_real", "Lambda_imag"] : !poles, !poles
  %C_re, %C_im, %D = ssm.weights ["C_real", "C_imag", "param_D"] : !matrix, !matrix, !vector
  %u = ssm.layer_norm %x weight(%w : !vector) bias(%b : !vector) eps(1.0e-5) : !seq
  %A_re = ssm.neg_exp %L_re : !poles
  %A_im = math.exp %L_im : !poles
  %one = arith.constant dense<1.0> : !vector
  %P_re = ssm.broadcast %A_re [1] : !poles, !matrix
  %P_im = ssm.broadcast %A_im [1] : !poles, !matrix
  %y, %h_re, %h_im = ssm.lti %u A(%P_re, %P_im : !matrix, !matrix)
      C(%C_re, %C_im : !matrix, !matrix) D(%D : !vector) method(zoh) dt(%one : !vector) : !seq
  return %y : !seq
}
