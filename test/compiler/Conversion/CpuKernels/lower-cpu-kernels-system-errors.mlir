// RUN: ssmc-opt %s --ssmc-lower-cpu-kernels --verify-diagnostics

func.func private @krylov(%u: tensor<?x?x4xf32>, %a: tensor<4x2x2xf32>, %b: tensor<4x2xf32>)
    -> tensor<1x?x4xf32> attributes {plan.kernel} {
  // expected-error@+1 {{'ssm.kernel' op expected a kernel of method krylov to be of a fixed length and computed from weights alone}}
  %k = ssm.kernel krylov(%a, %b, %b : tensor<4x2x2xf32>, tensor<4x2xf32>, tensor<4x2xf32>)
      like(%u : tensor<?x?x4xf32>) -> tensor<1x?x4xf32>
  return %k : tensor<1x?x4xf32>
}
