// Heads side by side, each with a matrix summed along its first axis and with a state of
// two axes, one of which the product does not touch; from the end, with initial states.
module attributes {ssm.checkpoint = "."} {
func.func @forward(%x: tensor<?x?x5x3x21xf32>, %h0: tensor<?x5x3x21xf32>)
    -> tensor<?x?x5x3x21xf32> {
  %W = ssm.weight "W" : tensor<5x21x21xf32>
  %y, %last = ssm.recurrence sequence(l) step(d, m, n) reverse
      ins(%x[b, l, h, d, n], %W[h, m, n] : tensor<?x?x5x3x21xf32>, tensor<5x21x21xf32>)
      outs([b, l, h, d, n] : tensor<?x?x5x3x21xf32>)
      states("hidden" [b, h, d, n] init(%h0) : tensor<?x5x3x21xf32>) {
  ^step(%x_t: tensor<3x21xf32>, %W_: tensor<21x21xf32>, %s: tensor<3x21xf32>):
    %Ws = ssm.contract "mn,dm->dn" %W_, %s
        : (tensor<21x21xf32>, tensor<3x21xf32>) -> tensor<3x21xf32>
    %a = arith.addf %x_t, %Ws : tensor<3x21xf32>
    %next = math.tanh %a : tensor<3x21xf32>
    ssm.yield %next, %next : tensor<3x21xf32>, tensor<3x21xf32>
  }
  return %y : tensor<?x?x5x3x21xf32>
}
}
