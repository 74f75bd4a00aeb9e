// RWKV-7's channel mix. Catalog C, 1.B "RWKV-7":
//   y = V relu(K (x + (x_{t-1} - x) mix))^2
!seq = tensor<?x?x12xf32>  // b l D
!wide = tensor<?x?x48xf32> // b l F
!vec = tensor<12xf32>      // D
!K = tensor<48x12xf32>     // F D
!V = tensor<12x48xf32>     // D F
module attributes {ssm.checkpoint = "."} {
func.func private @relu_squared(%k: !wide) -> !wide {
  %y = ssm.recurrence sequence(l) step() ins(%k[b, l, f] : !wide) outs([b, l, f]) {
  ^step(%k_t: f32):
    %zero = arith.constant 0.0 : f32
    %open = arith.maximumf %k_t, %zero : f32
    %square = arith.mulf %open, %open : f32
    ssm.yield %square : f32
  }
  return %y : !wide
}
func.func @forward(%x: !seq) -> !seq {
  %mix, %K, %V = ssm.weights ["mix", "K", "V"] : !vec, !K, !V
  %before, %last = ssm.shift %x by(1) : !seq
  %x_k = ssm.lerp %x, %before, %mix : !seq, !vec
  %k = ssm.linear %x_k, %K : !seq, !K
  %open = func.call @relu_squared(%k) : (!wide) -> !wide
  %y = ssm.linear %open, %V : !wide, !V
  return %y : !seq
}
}
