// The gates of Gated DeltaNet and KDA. Catalog C, 1.B "Gated DeltaNet", "KDA":
//   scalar = -e^{A_log} softplus(g + dt_bias) per head,   vector = the same per key
//   bounded = -5 sigmoid(e^{A_log} (g + dt_bias)),   plain = -5 sigmoid(g + dt_bias)
!gate = tensor<?x?x2xf32>      // b l H
!qk = tensor<?x?x2x4xf32>      // b l H K
!head = tensor<2xf32>          // H
!headkey = tensor<2x4xf32>     // H K
func.func @forward(%g_scalar: !gate, %g: !qk) -> (!gate, !qk, !qk, !qk) {
  %A_log, %bias_scalar = ssm.weights ["A_log", "dt_bias_scalar"] : !head, !head
  %bias = ssm.weight "dt_bias" : !headkey
  %A_minus = ssm.neg_exp %A_log : !head
  %x1 = ssm.affine %g_scalar shift(%bias_scalar : !head) : !gate
  %soft1 = ssm.softplus %x1 : !gate
  %scalar = ssm.affine %soft1 scale(%A_minus : !head) : !gate
  %minus = ssm.broadcast %A_minus like %g [2] : !head, !qk
  %x = ssm.affine %g shift(%bias : !headkey) : !qk
  %soft = ssm.softplus %x : !qk
  %vector = arith.mulf %minus, %soft : !qk
  %bound = arith.constant dense<-5.0> : !headkey
  %rate = arith.negf %minus : !qk
  %fast = arith.mulf %rate, %x : !qk
  %fast_gate = ssm.sigmoid %fast : !qk
  %bounded = ssm.affine %fast_gate scale(%bound : !headkey) : !qk
  %gate = ssm.sigmoid %x : !qk
  %plain = ssm.affine %gate scale(%bound : !headkey) : !qk
  return %scalar, %vector, %bounded, %plain : !gate, !qk, !qk, !qk
}
