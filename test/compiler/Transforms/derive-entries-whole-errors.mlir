// RUN: ssmc-opt %s --ssmc-derive-entries=entries=step --verify-diagnostics

// expected-note@+1 {{derived from this function, which as the only entry 'forward' needs no state}}
func.func @forward(%u: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %a = ssm.weight "a" : tensor<4x2xf32>
  // expected-error@+1 {{'ssm.kernel' op has no finite state, so no 'step' can be derived: it makes a kernel as long as the sequence, so that a convolution with it has no bound to its history; a kernel of a fixed length has one}}
  %k = ssm.kernel vandermonde(%a, %a : tensor<4x2xf32>, tensor<4x2xf32>)
      like(%u : tensor<?x?x4xf32>) -> tensor<1x?x4xf32>
  %y = ssm.long_conv %u, %k : tensor<?x?x4xf32>, tensor<1x?x4xf32>
  return %y : tensor<?x?x4xf32>
}
