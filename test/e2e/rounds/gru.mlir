// From the end, with an initial state, which a step has not.
module attributes {ssm.checkpoint = "."} {
func.func @forward(%a: tensor<?x?x648xf32>, %h0: tensor<?x216xf32>) -> tensor<?x?x216xf32> {
  %U = ssm.weight "U" : tensor<648x216xf32>
  %y, %h = ssm.rnn gru %a, %U init(%h0 : tensor<?x216xf32>) reverse
      : tensor<?x?x648xf32>, tensor<648x216xf32>
  return %y : tensor<?x?x216xf32>
}
}
