// RUN: ssmc-opt %s --split-input-file --verify-diagnostics

// (C1)
func.func @weights_without_a_name() {
  // expected-error@+1 {{'ssm.weights' op expected as many results as names, 1, got 2}}
  %w, %b = ssm.weights ["w"] : tensor<2xf32>, tensor<2xf32>
  return
}

// -----

// (C2)
func.func @weights_with_open_shape() {
  // expected-error@+1 {{'ssm.weights' op expected fixed shapes, got 'tensor<?xf32>'}}
  %w, %b = ssm.weights ["w", "b"] : tensor<2xf32>, tensor<?xf32>
  return
}
