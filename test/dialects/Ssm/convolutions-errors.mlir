// RUN: ssmc-opt %s --split-input-file --verify-diagnostics

// (C1)
func.func @conv_of_open_channels(%u: tensor<?x?x?xf32>, %k: tensor<6x4xf32>) {
  // expected-error@+1 {{expected 'input' to have a batch axis, a time axis and a channel axis of fixed extent, got 'tensor<?x?x?xf32>'}}
  %y, %w = ssm.long_conv %u, %k : tensor<?x?x?xf32>, tensor<6x4xf32>
  return
}

// -----

// (C2)
func.func @conv_with_rows_that_divide_nothing(%u: tensor<?x?x6xf32>, %k: tensor<4x4xf32>) {
  // expected-error@+1 {{expected 'kernel' to be [rows, K] or [1, length of 'input', rows] with rows that divide the 6 channels, got 'tensor<4x4xf32>'}}
  %y, %w = ssm.long_conv %u, %k : tensor<?x?x6xf32>, tensor<4x4xf32>
  return
}

// -----

// (C2)
func.func @conv_with_kernel_of_no_length(%u: tensor<?x?x6xf32>, %k: tensor<6x?xf32>) {
  // expected-error@+1 {{expected 'kernel' to be [rows, K] or [1, length of 'input', rows] with rows that divide the 6 channels, got 'tensor<6x?xf32>'}}
  %y = ssm.long_conv %u, %k : tensor<?x?x6xf32>, tensor<6x?xf32>
  return
}

// -----

// (C2)
func.func @conv_with_back_of_another_length(%u: tensor<?x?x6xf32>, %k: tensor<6x4xf32>,
    %r: tensor<1x9x6xf32>) {
  // expected-error@+1 {{expected 'back' to be [rows, K] or [1, length of 'input', rows] with rows that divide the 6 channels, got 'tensor<1x9x6xf32>'}}
  %y = ssm.long_conv %u, %k back(%r : tensor<1x9x6xf32>) : tensor<?x?x6xf32>, tensor<6x4xf32>
  return
}

// -----

// (C3)
func.func @conv_with_short_skip(%u: tensor<?x?x6xf32>, %k: tensor<6x4xf32>, %d: tensor<5xf32>) {
  // expected-error@+1 {{expected 'D' to have 6 elements, got 'tensor<5xf32>'}}
  %y, %w = ssm.long_conv %u, %k D(%d : tensor<5xf32>) : tensor<?x?x6xf32>, tensor<6x4xf32>
  return
}

// -----

// (C4)
func.func @conv_both_reverse_and_circular(%u: tensor<?x?x6xf32>, %k: tensor<6x4xf32>) {
  // expected-error@+1 {{expected at most one of 'back', 'reverse' and 'circular'}}
  %y = ssm.long_conv %u, %k reverse circular : tensor<?x?x6xf32>, tensor<6x4xf32>
  return
}

// -----

// (C4)
func.func @conv_circular_in_space(%u: tensor<?x?x6xf32>, %k: tensor<6x4xf32>) {
  // expected-error@+1 {{expected no 'back' and no 'circular' with 'spatial'}}
  %y = ssm.long_conv %u, %k spatial [2] circular : tensor<?x?x6xf32>, tensor<6x4xf32>
  return
}

// -----

// (C4)
func.func @conv_inclusive_of_nothing(%u: tensor<?x?x6xf32>, %k: tensor<6x4xf32>) {
  // expected-error@+1 {{expected 'inclusive' only with 'back'}}
  %y, %w = ssm.long_conv %u, %k inclusive : tensor<?x?x6xf32>, tensor<6x4xf32>
  return
}

// -----

// (C5)
func.func @conv_circular_with_open_kernel(%u: tensor<?x?x6xf32>, %k: tensor<1x?x6xf32>) {
  // expected-error@+1 {{expected a kernel [rows, K] with 'circular', got 'tensor<1x?x6xf32>'}}
  %y = ssm.long_conv %u, %k circular : tensor<?x?x6xf32>, tensor<1x?x6xf32>
  return
}

// -----

// (C6)
func.func @conv_in_an_empty_space(%u: tensor<?x?x6xf32>, %k: tensor<6x4xf32>) {
  // expected-error@+1 {{expected positive 'spatial' extents, got 0}}
  %y = ssm.long_conv %u, %k spatial [2, 0] : tensor<?x?x6xf32>, tensor<6x4xf32>
  return
}

// -----

// (C7)
func.func @conv_with_a_wide_window(%u: tensor<?x?x6xf32>, %k: tensor<6x4xf32>,
    %i: tensor<?x6x4xf32>) {
  // expected-error@+1 {{expected 'init' to be 'tensor<?x6x3xf32>', got 'tensor<?x6x4xf32>'}}
  %y, %w = ssm.long_conv %u, %k init(%i : tensor<?x6x4xf32>) : tensor<?x?x6xf32>, tensor<6x4xf32>
  return
}

// -----

// (C7)
func.func @conv_with_a_window_it_cannot_use(%u: tensor<?x?x6xf32>, %k: tensor<6x4xf32>,
    %i: tensor<?x6x3xf32>) {
  // expected-error@+1 {{expected 'init' only for a causal convolution with a fixed kernel of at least 2 taps}}
  %y = ssm.long_conv %u, %k init(%i : tensor<?x6x3xf32>) reverse : tensor<?x?x6xf32>,
      tensor<6x4xf32>
  return
}

// -----

// (C1)
func.func @kernel_of_open_length(%n: tensor<2x4xf32>) {
  // expected-error@+1 {{expected a result of [systems, L] with fixed L, got 'tensor<2x?xf32>'}}
  %k = ssm.kernel vandermonde(%n, %n : tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x?xf32>
  return
}

// -----

// (C1)
func.func @kernel_like_another_length(%n: tensor<2x4xf32>, %u: tensor<?x?x6xf32>) {
  // expected-error@+1 {{expected a result of [1, length of 'like', systems] with 'like' of 'tensor<?x?x6xf32>', got 'tensor<1x9x2xf32>'}}
  %k = ssm.kernel vandermonde(%n, %n : tensor<2x4xf32>, tensor<2x4xf32>) like(%u :
      tensor<?x?x6xf32>) -> tensor<1x9x2xf32>
  return
}

// -----

// (C2)
func.func @kernel_of_three(%n: tensor<2x4xf32>) {
  // expected-error@+1 {{expected 2 operands for method vandermonde, got 3}}
  %k = ssm.kernel vandermonde(%n, %n, %n : tensor<2x4xf32>, tensor<2x4xf32>, tensor<2x4xf32>) ->
      tensor<2x9xf32>
  return
}

// -----

// (C2)
func.func @kernel_of_extents_that_differ(%n: tensor<2x4xf32>, %m: tensor<2x5xf32>) {
  // expected-error@+1 {{expected operands of method vandermonde to be [systems, N] with extents that agree, got 'tensor<2x5xf32>'}}
  %k = ssm.kernel vandermonde(%n, %m : tensor<2x4xf32>, tensor<2x5xf32>) -> tensor<2x9xf32>
  return
}

// -----

// (C2)
func.func @kernel_of_rows_that_divide_nothing(%n: tensor<2x4xf32>) {
  // expected-error@+1 {{expected operands of method vandermonde to be [systems, N] with extents that agree, got 'tensor<2x4xf32>'}}
  %k = ssm.kernel vandermonde(%n, %n : tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<3x9xf32>
  return
}

// -----

// (C3)
func.func @kernel_of_few_nodes(%n: tensor<2x4xf32>, %h: tensor<2xf32>) {
  // expected-error@+1 {{expected 'nodes' to be the length of the result or more, got 8 for 'tensor<2x9xf32>'}}
  %k = ssm.kernel transfer_function(%n, %n, %h : tensor<2x4xf32>, tensor<2x4xf32>, tensor<2xf32>)
      nodes(8) -> tensor<2x9xf32>
  return
}

// -----

// (C3)
func.func @kernel_with_nodes_it_has_no_use_for(%n: tensor<2x4xf32>) {
  // expected-error@+1 {{expected no 'nodes' for method vandermonde}}
  %k = ssm.kernel vandermonde(%n, %n : tensor<2x4xf32>, tensor<2x4xf32>) nodes(9) -> tensor<2x9xf32>
  return
}

// -----

// (C3)
func.func @kernel_without_nodes(%n: tensor<2x4xf32>) {
  // expected-error@+1 {{expected 'nodes' to be positive for method low_pass}}
  %k = ssm.kernel low_pass(%n : tensor<2x4xf32>) bins(2) -> tensor<2x9xf32>
  return
}

// -----

// (C4)
func.func @kernel_without_bins(%n: tensor<2x4xf32>) {
  // expected-error@+1 {{expected 'bins' to be positive for method low_pass}}
  %k = ssm.kernel low_pass(%n : tensor<2x4xf32>) nodes(9) -> tensor<2x9xf32>
  return
}

// -----

// (C5)
func.func @kernel_that_cannot_be_direct(%n: tensor<2x4xf32>) {
  // expected-error@+1 {{expected no 'direct' for method vandermonde}}
  %k = ssm.kernel vandermonde(%n, %n : tensor<2x4xf32>, tensor<2x4xf32>) direct -> tensor<2x9xf32>
  return
}

// -----

// (C1)
func.func @positions_of_another_length(%u: tensor<?x?x6xf32>) {
  // expected-error@+1 {{expected a result of [1, extent of axis 1 of 'like', channels] with 'like' of 'tensor<?x?x6xf32>', got 'tensor<1x4x2xf32>'}}
  %t = ssm.positions like %u : tensor<?x?x6xf32> -> tensor<1x4x2xf32>
  return
}
