// RWKV-7's channel mix. Catalog C, 1.B "RWKV-7":
//   y = V relu(K (x + (x_{t-1} - x) mix))^2
!seq = tensor<?x?x12xf32>  // b l D
!wide = tensor<?x?x48xf32> // b l F
!vec = tensor<12xf32>      // D
!K = tensor<48x12xf32>     // F D
!V = tensor<12x48xf32>     // D F
func.func @forward(%x: !seq) -> !seq {
  %mix, %K, %V = ssm.weights ["mix", "K", "V"] : !vec, !K, !V
  %before, %last = ssm.shift %x by(1) : !seq
  %x_k = ssm.lerp %x, %before, %mix : !seq, !vec
  %k = ssm.linear %x_k, %K : !seq, !K
  %open = ssm.relu %k : !wide
  %square = arith.mulf %open, %open : !wide
  %y = ssm.linear %square, %V : !wide, !V
  return %y : !seq
}
