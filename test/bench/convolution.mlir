// A convolution as long as the sequence, one kernel per channel.
module attributes {ssm.name = "convolution"} {
func.func @forward(%u: tensor<?x?x768xf32>) -> tensor<?x?x768xf32> {
  %k = ssm.weight "kernel" splat(0.001) : tensor<768x16384xf32>
  %y, %window = ssm.long_conv %u, %k : tensor<?x?x768xf32>, tensor<768x16384xf32>
  return %y : tensor<?x?x768xf32>
}
}
