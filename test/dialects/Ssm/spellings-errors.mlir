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

// -----

// (C1)
func.func @affine_of_first_axes(%x: tensor<?x4x6xf32>, %w: tensor<4xf32>) {
  // expected-error@+1 {{'ssm.affine' op expected 'shift' to have the extents of the last axes of 'input', 'tensor<?x4x6xf32>', got 'tensor<4xf32>'}}
  %y = ssm.affine %x shift(%w : tensor<4xf32>) : tensor<?x4x6xf32>
  return
}

// -----

// (C1)
func.func @affine_of_more_axes(%x: tensor<4x6xf32>, %w: tensor<2x4x6xf32>) {
  // expected-error@+1 {{'ssm.affine' op expected 'scale' to have the extents of the last axes of 'input', 'tensor<4x6xf32>', got 'tensor<2x4x6xf32>'}}
  %y = ssm.affine %x scale(%w : tensor<2x4x6xf32>) : tensor<4x6xf32>
  return
}

// -----

// (C2)
func.func @affine_of_nothing(%x: tensor<?x4x6xf32>) {
  // expected-error@+1 {{'ssm.affine' op expected 'scale' or 'shift', got neither}}
  %y = ssm.affine %x : tensor<?x4x6xf32>
  return
}

// -----

// (C1)
func.func @lerp_by_other_channels(%x: tensor<?x?x6xf32>, %w: tensor<6xf32>, %v: tensor<5xf32>) {
  // expected-error@+1 {{'ssm.lerp' op expected 'weights' to have the extents of the last axes of 'from', 'tensor<?x?x6xf32>', got 'tensor<5xf32>'}}
  %y:2 = ssm.lerp %x, %x, %w, %v : tensor<?x?x6xf32>, tensor<6xf32>, tensor<5xf32>
  return
}

// -----

// (C1)
func.func @lerp_by_nothing(%x: tensor<?x?x6xf32>) {
  // expected-error@+1 {{'ssm.lerp' op expected one weight or more, got none}}
  "ssm.lerp"(%x, %x) : (tensor<?x?x6xf32>, tensor<?x?x6xf32>) -> ()
  return
}

// -----

// (C1)
func.func @l2_norm_of_open_width(%x: tensor<4x?xf32>) {
  // expected-error@+1 {{'ssm.l2_norm' op expected 'input' to have a last axis of fixed extent, not zero, got 'tensor<4x?xf32>'}}
  %y = ssm.l2_norm %x eps(1.0e-6) : tensor<4x?xf32>
  return
}

// -----

// (C1)
func.func @low_rank_down(%x: tensor<?x6xf32>, %d: tensor<2x5xf32>, %u: tensor<6x2xf32>) {
  // expected-error@+1 {{expected 'down' to be a matrix with as many columns as the last axis of 'input', 'tensor<?x6xf32>', got 'tensor<2x5xf32>'}}
  %y = ssm.low_rank %x, %d, %u : tensor<?x6xf32>, tensor<2x5xf32>, tensor<6x2xf32>
  return
}

// -----

// (C2)
func.func @low_rank_up(%x: tensor<?x6xf32>, %d: tensor<2x6xf32>, %u: tensor<6x3xf32>) {
  // expected-error@+1 {{expected 'up' to be a matrix with as many columns as 'down', 'tensor<2x6xf32>', has rows, got 'tensor<6x3xf32>'}}
  %y = ssm.low_rank %x, %d, %u : tensor<?x6xf32>, tensor<2x6xf32>, tensor<6x3xf32>
  return
}

// -----

// (C3)
func.func @low_rank_bias(%x: tensor<?x6xf32>, %d: tensor<2x6xf32>, %u: tensor<7x2xf32>,
                         %b: tensor<6xf32>) {
  // expected-error@+1 {{expected 'bias' to have 7 elements, one per row of 'up', got 'tensor<6xf32>'}}
  %y = ssm.low_rank %x, %d, %u bias(%b : tensor<6xf32>)
      : tensor<?x6xf32>, tensor<2x6xf32>, tensor<7x2xf32>
  return
}

// -----

// (C1)
func.func @glu_of_odd_width(%x: tensor<?x?x5xf32>) {
  // expected-error@+1 {{expected 'input' to have a last axis of even extent, not zero, got 'tensor<?x?x5xf32>'}}
  %y = ssm.glu %x : tensor<?x?x5xf32>
  return
}
