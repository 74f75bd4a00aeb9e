// Two heads, each in blocks of its own.
module attributes {ssm.checkpoint = "."} {
func.func @forward(%a: tensor<?x?x2x800xf32>) -> tensor<?x?x2x200xf32> {
  %R = ssm.weight "R" : tensor<2x800x200xf32>
  %out, %y, %c, %n, %m = ssm.rnn slstm %a, %R : tensor<?x?x2x800xf32>, tensor<2x800x200xf32>
  return %out : tensor<?x?x2x200xf32>
}
}
