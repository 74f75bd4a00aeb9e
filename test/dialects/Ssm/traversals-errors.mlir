// RUN: ssmc-opt %s --split-input-file --verify-diagnostics

// (C1)
// expected-error@+1 {{expected 'shape' to have one to 6 positive extents of at most 8388608 cells, got [3, 0]}}
%t = ssm.traversal raster shape [3, 0]

// -----

// (C1)
// expected-error@+1 {{positive extents of at most 8388608 cells, got [4294967296, 4294967296]}}
%t = ssm.traversal raster shape [4294967296, 4294967296]

// -----

// (C2)
// expected-error@+1 {{expected 'axes' to be a permutation of the 2 axes, got [1, 1]}}
%t = ssm.traversal raster shape [3, 5] axes [1, 1]

// -----

// (C2)
// expected-error@+1 {{expected 'mirror' to name different ones of the 2 axes, got [2]}}
%t = ssm.traversal raster shape [3, 5] mirror [2]

// -----

// (C3)
// expected-error@+1 {{expected a positive 'size' for order 'window'}}
%t = ssm.traversal window shape [3, 5]

// -----

// (C3)
// expected-error@+1 {{expected a positive 'size' for order 'atrous'}}
%t = ssm.traversal atrous shape [3, 5] size(-2)

// -----

// (C3)
// expected-error@+1 {{expected no 'size' for order 'hilbert'}}
%t = ssm.traversal hilbert shape [3, 5] size(2)

// -----

// (C4)
// expected-error@+1 {{expected a grid of two axes for order 'zigzag', got 3}}
%t = ssm.traversal zigzag shape [3, 5, 2]

// -----

// (C5)
// expected-error@+1 {{expected coordinates of at most 63 bits together for order 'z_order', got 66}}
%t = ssm.traversal z_order shape [2048, 1, 1, 1, 1, 1]

// -----

// (C1)
func.func @traverse_of_any_length(%x: tensor<?x?x8xf32>, %i: tensor<?x9xi64>) {
  // expected-error@+1 {{expected 'input' to have a batch axis, a length and later axes of fixed extents, got 'tensor<?x?x8xf32>'}}
  %y = ssm.traverse %x, %i : tensor<?x?x8xf32>, tensor<?x9xi64>
  return
}

// -----

// (C2)
func.func @traverse_of_another_batch(%x: tensor<?x9x8xf32>, %i: tensor<2x9xi64>) {
  // expected-error@+1 {{expected 'indices' to be [length] or [batch, length] of fixed length, the batch that of 'input', 'tensor<?x9x8xf32>', got 'tensor<2x9xi64>'}}
  %y = ssm.traverse %x, %i : tensor<?x9x8xf32>, tensor<2x9xi64>
  return
}

// -----

// (C2)
func.func @inverse_of_a_part(%x: tensor<?x9x8xf32>, %i: tensor<4xi64>) {
  // expected-error@+1 {{expected an inverse traversal of 9 indices, got 4}}
  %y = ssm.traverse %x, %i inverse : tensor<?x9x8xf32>, tensor<4xi64>
  return
}

// -----

// (C1)
func.func @flip_of_a_vector(%x: tensor<8xf32>) {
  // expected-error@+1 {{'ssm.flip' op expected 'input' to have a batch and a time axis, then fixed extents, got 'tensor<8xf32>'}}
  %y = ssm.flip %x : tensor<8xf32>
  return
}

// -----

// (C1)
func.func @shift_of_open_channels(%x: tensor<?x?x?xf32>) {
  // expected-error@+1 {{expected 'input' to have a batch and a time axis, then fixed extents, got 'tensor<?x?x?xf32>'}}
  %y, %w = ssm.shift %x by(1) : tensor<?x?x?xf32>
  return
}

// -----

// (C2)
func.func @shift_by_nothing(%x: tensor<?x?x8xf32>) {
  // expected-error@+1 {{expected a shift by 1 to 4096 time steps, either way, got 0}}
  %y, %w = ssm.shift %x by(0) : tensor<?x?x8xf32>
  return
}

// -----

// (C2)
func.func @shift_too_far(%x: tensor<?x?x8xf32>) {
  // expected-error@+1 {{expected a shift by 1 to 4096 time steps, either way, got -4097}}
  %y, %w = ssm.shift %x by(-4097) : tensor<?x?x8xf32>
  return
}

// -----

// (C3)
func.func @shift_from_another_window(%x: tensor<?x?x8xf32>, %w: tensor<?x8xf32>) {
  // expected-error@+1 {{expected 'init' to be 'tensor<?x8x2xf32>', got 'tensor<?x8xf32>'}}
  %y, %v = ssm.shift %x by(2) init(%w : tensor<?x8xf32>) : tensor<?x?x8xf32>
  return
}
