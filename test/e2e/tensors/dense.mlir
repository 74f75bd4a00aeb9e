// A cell without a chunk region: products of a constant matrix with the state,
// in both orders of its axes, and two states that need each other.
!seq = tensor<?x?x37xf32> // b l m
!matrix = tensor<37x37xf32>
module {
func.func @forward(%x: !seq) -> !seq {
  %W = ssm.weight "W" splat(0.02) : !matrix
  %V = ssm.weight "V" splat(-0.01) : tensor<37x37xbf16>
  %y, %h, %c = ssm.recurrence sequence(l) step(m, n)
      ins(%x[b, l, m], %W[m, n], %V[n, m] : !seq, !matrix, tensor<37x37xbf16>)
      outs([b, l, m] : !seq)
      states("h" [b, m], "c" [b, m] : tensor<?x37xf32>, tensor<?x37xf32>) {
  ^step(%x_t: tensor<37xf32>, %w: tensor<37x37xf32>, %v: tensor<37x37xf32>,
        %h_old: tensor<37xf32>, %c_old: tensor<37xf32>):
    %a = ssm.contract "mn,n->m" %w, %h_old
        : (tensor<37x37xf32>, tensor<37xf32>) -> tensor<37xf32>
    %b = ssm.contract "nm,n->m" %v, %c_old
        : (tensor<37x37xf32>, tensor<37xf32>) -> tensor<37xf32>
    %sum = arith.addf %a, %x_t : tensor<37xf32>
    %c_new = math.tanh %sum : tensor<37xf32>
    %gate = ssm.sigmoid %b : tensor<37xf32>
    %part = arith.mulf %gate, %c_new : tensor<37xf32>
    %h_new = arith.addf %part, %c_old : tensor<37xf32>
    ssm.yield %part, %h_new, %c_new : tensor<37xf32>, tensor<37xf32>, tensor<37xf32>
  }
  return %y : !seq
}
}
