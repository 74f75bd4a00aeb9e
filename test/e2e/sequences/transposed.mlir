// A matrix, itself computed, with lanes along what it makes; it multiplies the state and
// an input that is computed where it is read.
module attributes {ssm.checkpoint = "."} {
func.func @forward(%x: tensor<?x?x37xf32>) -> tensor<?x?x37xf32> {
  %W = ssm.weight "W" : tensor<37x37xf32>
  %bounded = math.tanh %W : tensor<37x37xf32>
  %twice = arith.addf %x, %x : tensor<?x?x37xf32>
  %y, %last = ssm.recurrence sequence(l) step(m, n)
      ins(%twice[b, l, n], %bounded[m, n] : tensor<?x?x37xf32>, tensor<37x37xf32>)
      outs([b, l, n] : tensor<?x?x37xf32>) states("hidden" [b, n] : tensor<?x37xf32>) {
  ^step(%x_t: tensor<37xf32>, %W_: tensor<37x37xf32>, %s: tensor<37xf32>):
    %Ws = ssm.contract "mn,m->n" %W_, %s
        : (tensor<37x37xf32>, tensor<37xf32>) -> tensor<37xf32>
    %Wx = ssm.contract "mn,m->n" %W_, %x_t
        : (tensor<37x37xf32>, tensor<37xf32>) -> tensor<37xf32>
    %a = arith.addf %Wx, %Ws : tensor<37xf32>
    %next = math.tanh %a : tensor<37xf32>
    ssm.yield %next, %next : tensor<37xf32>, tensor<37xf32>
  }
  return %y : tensor<?x?x37xf32>
}
}
