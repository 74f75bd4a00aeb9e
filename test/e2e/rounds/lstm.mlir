// Peepholes and resets; the last of 7 blocks of 32 hidden units has 8.
module attributes {ssm.checkpoint = "."} {
func.func @forward(%a: tensor<?x?x800xf32>, %reset: tensor<?x?xf32>) -> tensor<?x?x200xf32> {
  %U = ssm.weight "U" : tensor<800x200xf32>
  %c = ssm.weight "c" : tensor<800xf32>
  %p = ssm.weight "p" : tensor<3x200xf32>
  %y, %h, %cell = ssm.rnn lstm %a, %U hidden_bias(%c : tensor<800xf32>)
      peephole(%p : tensor<3x200xf32>) reset(%reset : tensor<?x?xf32>)
      : tensor<?x?x800xf32>, tensor<800x200xf32>
  return %y : tensor<?x?x200xf32>
}
}
