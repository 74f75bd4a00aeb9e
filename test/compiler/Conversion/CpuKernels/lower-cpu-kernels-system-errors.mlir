// RUN: ssmc-opt %s --ssmc-lower-cpu-kernels --split-input-file --verify-diagnostics

func.func private @krylov(%u: tensor<?x?x4xf32>, %a: tensor<4x2x2xf32>, %b: tensor<4x2xf32>)
    -> tensor<1x?x4xf32> attributes {plan.kernel} {
  // expected-error@+1 {{'ssm.kernel' op expected a kernel of method krylov to be of a fixed length and computed from weights alone}}
  %k = ssm.kernel krylov(%a, %b, %b : tensor<4x2x2xf32>, tensor<4x2xf32>, tensor<4x2xf32>)
      like(%u : tensor<?x?x4xf32>) -> tensor<1x?x4xf32>
  return %k : tensor<1x?x4xf32>
}

// -----

func.func private @nodes(%u: tensor<?x?x4xf32>, %a: tensor<4x2xf32>, %h: tensor<4xf32>)
    -> tensor<1x?x4xf32> attributes {plan.kernel} {
  // expected-error@+1 {{'ssm.kernel' op expected a kernel of method transfer_function with 'nodes' to be of a fixed length and computed from weights alone}}
  %k = ssm.kernel transfer_function(%a, %a, %h : tensor<4x2xf32>, tensor<4x2xf32>, tensor<4xf32>)
      like(%u : tensor<?x?x4xf32>) nodes(8) -> tensor<1x?x4xf32>
  return %k : tensor<1x?x4xf32>
}

// -----

func.func private @ranks(%u: tensor<?x?x4xf32>, %dt: tensor<4xf32>, %w: tensor<4x2xf32>,
                         %p: tensor<4x3x2xf32>) -> tensor<1x?x4xf32> attributes {plan.kernel} {
  // expected-error@+1 {{'ssm.kernel' op expected a kernel of method dplr of rank above 1 to be of a fixed length and computed from weights alone}}
  %k = ssm.kernel dplr(%dt, %w, %w, %p, %p, %w, %w, %w, %w
      : tensor<4xf32>, tensor<4x2xf32>, tensor<4x2xf32>, tensor<4x3x2xf32>, tensor<4x3x2xf32>,
        tensor<4x2xf32>, tensor<4x2xf32>, tensor<4x2xf32>, tensor<4x2xf32>)
      like(%u : tensor<?x?x4xf32>) -> tensor<1x?x4xf32>
  return %k : tensor<1x?x4xf32>
}
