// The channel mix of RWKV-4, 5 and 6. Catalog C, 1.B "RWKV-4", "RWKV-6":
//   x_c = mix_c x_t + (1 - mix_c) x_{t-1}
//   y = sigmoid(R x_r) V relu(K x_k)^2
!seq = tensor<?x?x12xf32>  // b l D
!wide = tensor<?x?x48xf32> // b l F
!vec = tensor<12xf32>      // D
!K = tensor<48x12xf32>     // F D
!V = tensor<12x48xf32>     // D F
!R = tensor<12x12xf32>     // D D
func.func @forward(%x: !seq) -> !seq {
  %mix_k, %mix_r = ssm.weights ["mix_k", "mix_r"] : !vec, !vec
  %K, %V, %R = ssm.weights ["K", "V", "R"] : !K, !V, !R
  %before, %last = ssm.shift %x by(1) : !seq
  %x_k, %x_r = ssm.lerp %before, %x, %mix_k, %mix_r : !seq, !vec, !vec
  %k = ssm.linear %x_k, %K : !seq, !K
  %open = ssm.relu %k : !wide
  %square = arith.mulf %open, %open : !wide
  %v = ssm.linear %square, %V : !wide, !V
  %r = ssm.linear %x_r, %R : !seq, !R
  %gate = ssm.sigmoid %r : !seq
  %y = arith.mulf %gate, %v : !seq
  return %y : !seq
}
