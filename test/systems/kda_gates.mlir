// The gates of Gated DeltaNet and KDA. Catalog C, 1.B "Gated DeltaNet", "KDA":
//   scalar = -e^{A_log} softplus(g + dt_bias) per head,   vector = the same per key
//   bounded = -5 sigmoid(e^{A_log} (g + dt_bias)),   plain = -5 sigmoid(g + dt_bias)
!gate = tensor<?x?x2xf32>      // b l H
!qk = tensor<?x?x2x4xf32>      // b l H K
!head = tensor<2xf32>          // H
!headkey = tensor<2x4xf32>     // H K
module attributes {ssm.checkpoint = "."} {
func.func @forward(%g_scalar: !gate, %g: !qk) -> (!gate, !qk, !qk, !qk) {
  %A_log, %bias_scalar = ssm.weights ["A_log", "dt_bias_scalar"] : !head, !head
  %bias = ssm.weight "dt_bias" : !headkey
  %A = math.exp %A_log : !head
  %A_minus = arith.negf %A : !head
  %rate1 = ssm.broadcast %A_minus like %g_scalar [2] : !head, !gate
  %bias1 = ssm.broadcast %bias_scalar like %g_scalar [2] : !head, !gate
  %x1 = arith.addf %g_scalar, %bias1 : !gate
  %soft1 = ssm.softplus %x1 : !gate
  %scalar = arith.mulf %rate1, %soft1 : !gate
  %minus = ssm.broadcast %A_minus like %g [2] : !head, !qk
  %bias2 = ssm.broadcast %bias like %g [2, 3] : !headkey, !qk
  %x = arith.addf %g, %bias2 : !qk
  %soft = ssm.softplus %x : !qk
  %vector = arith.mulf %minus, %soft : !qk
  %bound_value = arith.constant dense<-5.0> : !headkey
  %bound = ssm.broadcast %bound_value like %g [2, 3] : !headkey, !qk
  %rate = arith.negf %minus : !qk
  %fast = arith.mulf %rate, %x : !qk
  %fast_gate = ssm.sigmoid %fast : !qk
  %bounded = arith.mulf %bound, %fast_gate : !qk
  %gate = ssm.sigmoid %x : !qk
  %plain = arith.mulf %bound, %gate : !qk
  return %scalar, %vector, %bounded, %plain : !gate, !qk, !qk, !qk
}
}
