// RUN: ssmc-opt %s --split-input-file --verify-diagnostics

func.func @product_of_open_extent(%d: tensor<?xf32>) {
  // expected-error@+1 {{'ssm.cumulative_product' op operand #0 must be tensor of f32 with at least one axis and fixed, positive extents, but got 'tensor<?xf32>'}}
  %p = ssm.cumulative_product %d : tensor<?xf32>
  return
}

// -----

// (C1)
func.func @scores_with_other_decay(%c: tensor<8x4xf32>, %d: tensor<4xf32>) {
  // expected-error@+1 {{expected 'decay' to have the type of 'queries', 'tensor<8x4xf32>', or their first axis, got 'tensor<4xf32>'}}
  %s = ssm.decayed_scores %c, %c decay(%d : tensor<4xf32>) : tensor<8x4xf32>
  return
}

// -----

// (C1)
func.func @product_with_other_steps(%s: tensor<8x8xf32>, %x: tensor<7xf32>) {
  // expected-error@+1 {{'ssm.causal_product' op expected 'scores' to have a row and a column per step of 'values', 'tensor<7xf32>', got 'tensor<8x8xf32>'}}
  %z = ssm.causal_product %s, %x : tensor<8x8xf32>, tensor<7xf32>
  return
}

// -----

// (C1)
func.func @solve_with_a_tall_matrix(%a: tensor<8x4xf32>, %x: tensor<8xf32>) {
  // expected-error@+1 {{'ssm.triangular_solve' op expected 'matrix' to be [Q, Q] or [Q, K, Q, K], got 'tensor<8x4xf32>'}}
  %z = ssm.triangular_solve %a, %x : tensor<8x4xf32>, tensor<8xf32>
  return
}

// -----

// (C1)
func.func @solve_for_other_steps(%a: tensor<8x2x8x2xf32>, %x: tensor<8x3xf32>) {
  // expected-error@+1 {{'ssm.triangular_solve' op expected 'input' to begin with the first 2 extents of 'matrix', 'tensor<8x2x8x2xf32>', got 'tensor<8x3xf32>'}}
  %z = ssm.triangular_solve %a, %x : tensor<8x2x8x2xf32>, tensor<8x3xf32>
  return
}

// -----

// (C1)
func.func @delay_from_a_scalar(%x: tensor<8x4xf32>, %h: f32) {
  // expected-error@+1 {{'ssm.delay' op expected 'first' to be one step of 'input', 'tensor<4xf32>', got 'f32'}}
  %y = ssm.delay %x, %h : tensor<8x4xf32>, f32
  return
}

// -----

// (C1)
func.func @scan_of_two_lengths(%a: tensor<8xf32>, %b: tensor<7xf32>) {
  // expected-error@+1 {{expected elements to have one first extent, 8, got 'tensor<7xf32>'}}
  %p, %q = ssm.associative_scan %a, %b : tensor<8xf32>, tensor<7xf32> {
  ^combine(%a0: f32, %b0: f32, %a1: f32, %b1: f32):
    ssm.yield %a0, %b0 : f32, f32
  }
  return
}

// -----

// (C1)
func.func @scan_of_nothing() {
  // expected-error@+2 {{expected at least one element}}
  // expected-error@+1 {{'ssm.associative_scan' op failed to infer returned types}}
  "ssm.associative_scan"() ({
    ssm.yield
  }) : () -> ()
  return
}

// -----

// (C2)
func.func @scan_of_one_side(%a: tensor<8x4xf32>) {
  // expected-error@+1 {{'ssm.associative_scan' op expected 'combine' to take ('tensor<4xf32>', 'tensor<4xf32>'), got ('tensor<4xf32>')}}
  %p = ssm.associative_scan %a : tensor<8x4xf32> {
  ^combine(%a0: tensor<4xf32>):
    ssm.yield %a0 : tensor<4xf32>
  }
  return
}

// -----

// (C2)
func.func @scan_to_nothing(%a: tensor<8xf32>) {
  // expected-error@+1 {{'ssm.associative_scan' op expected 'combine' to yield ('f32'), got ()}}
  %p = ssm.associative_scan %a : tensor<8xf32> {
  ^combine(%a0: f32, %a1: f32):
    ssm.yield
  }
  return
}

// -----

// (C1)
func.func @fixed_point_of_nothing() {
  // expected-error@+1 {{'ssm.fixed_point' op expected at least one initial value}}
  "ssm.fixed_point"() ({
    ssm.yield
  }) {max_iterations = 1 : i64, tolerance = 0.0 : f64} : () -> ()
  return
}

// -----

// (C1)
func.func @fixed_point_without_iterations(%x: f32) {
  // expected-error@+1 {{'ssm.fixed_point' op expected 'max_iterations' to be positive, got 0}}
  %y = ssm.fixed_point %x max_iterations(0) tolerance(0.0) : f32 {
  ^body(%z: f32):
    ssm.yield %z : f32
  }
  return
}

// -----

// (C1)
func.func @fixed_point_beyond_tolerance(%x: f32) {
  // expected-error@+1 {{'ssm.fixed_point' op expected 'tolerance' to be finite and not negative, got -1}}
  %y = ssm.fixed_point %x max_iterations(1) tolerance(-1.0) : f32 {
  ^body(%z: f32):
    ssm.yield %z : f32
  }
  return
}

// -----

// (C3)
func.func @causal_fixed_point_of_two_types(%x: tensor<8xf32>, %y: tensor<8x2xf32>) {
  // expected-error@+1 {{'ssm.fixed_point' op expected tensors of one type with 'causal', got 'tensor<8xf32>', 'tensor<8x2xf32>'}}
  %z:2 = ssm.fixed_point %x, %y max_iterations(1) tolerance(0.0) causal : tensor<8xf32>, tensor<8x2xf32> {
  ^body(%u: tensor<8xf32>, %v: tensor<8x2xf32>):
    ssm.yield %u, %v : tensor<8xf32>, tensor<8x2xf32>
  }
  return
}

// -----

// (C3)
func.func @causal_fixed_point_of_a_number(%x: f32) {
  // expected-error@+1 {{'ssm.fixed_point' op expected tensors of one type with 'causal', got 'f32'}}
  %y = ssm.fixed_point %x max_iterations(1) tolerance(0.0) causal : f32 {
  ^body(%z: f32):
    ssm.yield %z : f32
  }
  return
}

// -----

// (C2)
func.func @fixed_point_to_another_type(%x: f32, %w: tensor<2xf32>) {
  // expected-error@+1 {{'ssm.fixed_point' op expected 'body' to yield ('f32'), got ('tensor<2xf32>')}}
  %y = ssm.fixed_point %x max_iterations(1) tolerance(0.0) : f32 {
  ^body(%z: f32):
    ssm.yield %w : tensor<2xf32>
  }
  return
}

// -----

// (C9)
func.func @chunk_without_steps(%x: tensor<2x9xf32>) {
  // expected-error@+1 {{'ssm.recurrence' op expected a chunk region to have a positive size}}
  %y = ssm.recurrence sequence(l) step() ins(%x[b, l] : tensor<2x9xf32>)
      outs([b, l] : tensor<2x9xf32>) {
  ^step(%x_t: f32):
    ssm.yield %x_t : f32
  } chunk(0) {
  ^chunk(%x_q: tensor<0xf32>):
    ssm.yield %x_q : tensor<0xf32>
  }
  return
}

// -----

// (C9)
func.func @chunk_size_alone(%x: tensor<2x9xf32>) {
  // expected-error@+1 {{'ssm.recurrence' op expected neither a chunk size nor tile labels without a chunk region}}
  %y = "ssm.recurrence"(%x) <{chunk_size = 4 : i64, input_axes = [["b", "l"]],
      operandSegmentSizes = array<i32: 1, 0>, output_axes = [["b", "l"]],
      resultSegmentSizes = array<i32: 1, 0>, roles = [], sequence = "l",
      state_axes = [], step = []}> ({
  ^step(%x_t: f32):
    ssm.yield %x_t : f32
  }, {}) : (tensor<2x9xf32>) -> tensor<2x9xf32>
  return
}

// -----

// (C10)
func.func @tile_of_open_extent(%x: tensor<?x9xf32>) {
  // expected-error@+1 {{'ssm.recurrence' op expected tile label 'b' to be parallel and to have a fixed extent}}
  %y = ssm.recurrence sequence(l) step() ins(%x[b, l] : tensor<?x9xf32>)
      outs([b, l] : tensor<?x9xf32>) {
  ^step(%x_t: f32):
    ssm.yield %x_t : f32
  } chunk(4) tile(b) {
  ^chunk(%x_q: tensor<4xf32>):
    ssm.yield %x_q : tensor<4xf32>
  }
  return
}

// -----

// (C10)
func.func @tile_of_time(%x: tensor<2x9xf32>) {
  // expected-error@+1 {{'ssm.recurrence' op expected tile label 'l' to be parallel and to have a fixed extent}}
  %y = ssm.recurrence sequence(l) step() ins(%x[b, l] : tensor<2x9xf32>)
      outs([b, l] : tensor<2x9xf32>) {
  ^step(%x_t: f32):
    ssm.yield %x_t : f32
  } chunk(4) tile(l) {
  ^chunk(%x_q: tensor<4xf32>):
    ssm.yield %x_q : tensor<4xf32>
  }
  return
}

// -----

// (C10)
func.func @tile_twice(%x: tensor<2x9xf32>) {
  // expected-error@+1 {{'ssm.recurrence' op expected different labels in 'tile', got 'b' twice}}
  %y = ssm.recurrence sequence(l) step() ins(%x[b, l] : tensor<2x9xf32>)
      outs([b, l] : tensor<2x9xf32>) {
  ^step(%x_t: f32):
    ssm.yield %x_t : f32
  } chunk(4) tile(b, b) {
  ^chunk(%x_q: tensor<4x2xf32>):
    ssm.yield %x_q : tensor<4x2xf32>
  }
  return
}

// -----

// (C11): time comes first, whatever the operand's order.
func.func @chunk_in_the_operands_order(%x: tensor<2x9xf32>) {
  // expected-error@+1 {{'ssm.recurrence' op expected the chunk region to take ('tensor<4x2xf32>'), got ('tensor<2x4xf32>')}}
  %y = ssm.recurrence sequence(l) step() ins(%x[b, l] : tensor<2x9xf32>)
      outs([b, l] : tensor<2x9xf32>) {
  ^step(%x_t: f32):
    ssm.yield %x_t : f32
  } chunk(4) tile(b) {
  ^chunk(%x_q: tensor<2x4xf32>):
    ssm.yield %x_q : tensor<2x4xf32>
  }
  return
}

// -----

// (C12)
func.func @chunk_of_one_output_step(%x: tensor<2x9xf32>, %o: tensor<2xf32>) {
  // expected-error@+1 {{'ssm.recurrence' op expected the chunk region to yield ('tensor<4xf32>', 'f32'), got ('tensor<4xf32>')}}
  %y, %s = ssm.recurrence sequence(l) step() ins(%x[b, l] : tensor<2x9xf32>)
      outs([b, l] : tensor<2x9xf32>) states("recurrent" [b] : tensor<2xf32>) {
  ^step(%x_t: f32, %h: f32):
    ssm.yield %x_t, %h : f32, f32
  } chunk(4) {
  ^chunk(%x_q: tensor<4xf32>, %h: f32):
    ssm.yield %x_q : tensor<4xf32>
  }
  return
}

// -----

// (C1)
func.func @solve_of_no_square(%a: tensor<3x2xf32>, %b: tensor<3xf32>) {
  // expected-error@+1 {{'ssm.solve' op expected the last two axes of 'matrix' to be equal, got 'tensor<3x2xf32>'}}
  %x = ssm.solve %a, %b : tensor<3x2xf32>, tensor<3xf32>
  return
}

// -----

// (C1)
func.func @solve_of_a_vector(%a: tensor<3xf32>, %b: tensor<3xf32>) {
  // expected-error@+1 {{'ssm.solve' op expected the last two axes of 'matrix' to be equal, got 'tensor<3xf32>'}}
  %x = ssm.solve %a, %b : tensor<3xf32>, tensor<3xf32>
  return
}

// -----

// (C2)
func.func @solve_other_systems(%a: tensor<4x3x3xf32>, %b: tensor<5x3xf32>) {
  // expected-error@+1 {{'ssm.solve' op expected 'input' to have the axes of 'matrix', 'tensor<4x3x3xf32>', but the last, and at most one more, got 'tensor<5x3xf32>'}}
  %x = ssm.solve %a, %b : tensor<4x3x3xf32>, tensor<5x3xf32>
  return
}

// -----

// (C2)
func.func @solve_too_many_axes(%a: tensor<3x3xf32>, %b: tensor<3x2x2xf32>) {
  // expected-error@+1 {{'ssm.solve' op expected 'input' to have the axes of 'matrix', 'tensor<3x3xf32>', but the last, and at most one more, got 'tensor<3x2x2xf32>'}}
  %x = ssm.solve %a, %b : tensor<3x3xf32>, tensor<3x2x2xf32>
  return
}
