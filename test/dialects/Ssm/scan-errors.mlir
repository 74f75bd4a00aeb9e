// RUN: ssmc-opt %s --verify-diagnostics --split-input-file

// (C1)
func.func @combine_nothing() {
  // expected-error@+1 {{'ssm.combine' op expected at least one state}}
  "ssm.combine"() <{operandSegmentSizes = array<i32: 0, 0>}> ({
  ^act():
    "ssm.yield"() : () -> ()
  }, {}) : () -> ()
  return
}

// -----

// (C2)
func.func @combine_act_takes(%s: f32) {
  // expected-error@+1 {{'ssm.combine' op expected 'act' to take ('f32', 'f32'), got ('f32')}}
  %r = ssm.combine %s with %s : f32 with f32 {
  ^act(%a: f32):
    ssm.yield %a : f32
  }
  return
}

// -----

// (C2)
func.func @combine_act_yields(%s: f32) {
  // expected-error@+1 {{'ssm.combine' op expected 'act' to yield ('f32'), got ('f32', 'f32')}}
  %r = ssm.combine %s with %s : f32 with f32 {
  ^act(%a: f32, %b: f32):
    ssm.yield %a, %b : f32, f32
  }
  return
}

// -----

// (C3)
func.func @combine_other_elements(%s: f32, %e: tensor<2xf32>) {
  // expected-error@+1 {{'ssm.combine' op expected elements of the types of the states, ('f32'), without 'merge', got ('tensor<2xf32>')}}
  %r = ssm.combine %s with %e : f32 with tensor<2xf32> {
  ^act(%a: f32, %b: tensor<2xf32>):
    ssm.yield %a : f32
  }
  return
}

// -----

// (C4)
func.func @combine_merge_takes(%s: f32, %e: tensor<2xf32>) {
  // expected-error@+1 {{'ssm.combine' op expected 'merge' to take ('tensor<2xf32>', 'tensor<2xf32>'), got ('f32', 'tensor<2xf32>')}}
  %r = ssm.combine %s with %e : f32 with tensor<2xf32> {
  ^act(%a: f32, %b: tensor<2xf32>):
    ssm.yield %a : f32
  } merge {
  ^merge(%a: f32, %b: tensor<2xf32>):
    ssm.yield %b : tensor<2xf32>
  }
  return
}

// -----

// (C4)
func.func @combine_merge_yields(%s: f32, %e: tensor<2xf32>) {
  // expected-error@+1 {{'ssm.combine' op expected 'merge' to yield ('tensor<2xf32>'), got ()}}
  %r = ssm.combine %s with %e : f32 with tensor<2xf32> {
  ^act(%a: f32, %b: tensor<2xf32>):
    ssm.yield %a : f32
  } merge {
  ^merge(%a: tensor<2xf32>, %b: tensor<2xf32>):
    ssm.yield
  }
  return
}

// -----

// (C1)
func.func @scan_takes(%x: tensor<?x?xf32>) {
  // expected-error@+1 {{expected 'combine' to take one step of each element, twice, got 1 arguments for 1 elements}}
  %y, %last, %begun = ssm.scan %x : tensor<?x?xf32> {
  ^combine(%a: f32):
    ssm.yield %a : f32
  }
  return
}

// -----

// (C1)
func.func @scan_takes_twice_the_same(%x: tensor<?x?x2xf32>) {
  // expected-error@+1 {{'ssm.scan' op expected 'combine' to take ('tensor<2xf32>', 'tensor<2xf32>'), got ('tensor<2xf32>', 'f32')}}
  %y, %last, %begun = ssm.scan %x : tensor<?x?x2xf32> {
  ^combine(%a: tensor<2xf32>, %b: f32):
    ssm.yield %a : tensor<2xf32>
  }
  return
}

// -----

// (C1)
func.func @scan_yields(%x: tensor<?x?xf32>) {
  // expected-error@+1 {{'ssm.scan' op expected 'combine' to yield ('f32'), got ('f32', 'f32')}}
  %y, %last, %begun = ssm.scan %x : tensor<?x?xf32> {
  ^combine(%a: f32, %b: f32):
    ssm.yield %a, %b : f32, f32
  }
  return
}

// -----

// (C1)
func.func @scan_step_axes(%x: tensor<?x?x3xf32>) {
  // expected-error@+1 {{expected the last axes of 'tensor<?x?x3xf32>' to be those that 'combine' takes, 'tensor<2xf32>'}}
  %y, %last, %begun = ssm.scan %x : tensor<?x?x3xf32> {
  ^combine(%a: tensor<2xf32>, %b: tensor<2xf32>):
    ssm.yield %b : tensor<2xf32>
  }
  return
}

// -----

// (C2)
func.func @scan_without_time(%x: tensor<3xf32>) {
  // expected-error@+1 {{expected some element to have a batch and a time axis}}
  %y, %last, %begun = ssm.scan %x : tensor<3xf32> {
  ^combine(%a: tensor<3xf32>, %b: tensor<3xf32>):
    ssm.yield %b : tensor<3xf32>
  }
  return
}

// -----

// (C2)
func.func @scan_other_channels(%x: tensor<?x?x3xf32>, %y: tensor<?x?x4xf32>) {
  // expected-error@+1 {{expected elements to have the same batch, time and channel axes or none, got 'tensor<?x?x3xf32>', 'tensor<?x?x4xf32>'}}
  %r:5 = ssm.scan %x, %y : tensor<?x?x3xf32>, tensor<?x?x4xf32> {
  ^combine(%a: f32, %b: f32, %c: f32, %d: f32):
    ssm.yield %c, %d : f32, f32
  }
  return
}

// -----

// (C3)
func.func @scan_open_channels(%x: tensor<?x?x?xf32>) {
  // expected-error@+1 {{expected channel axes to have fixed extents, got 'tensor<?x?x?xf32>'}}
  %y, %last, %begun = ssm.scan %x : tensor<?x?x?xf32> {
  ^combine(%a: f32, %b: f32):
    ssm.yield %b : f32
  }
  return
}

// -----

// (C3)
func.func @scan_open_step(%x: tensor<?x?x?xf32>) {
  // expected-error@+1 {{expected step axes to have fixed extents, got 'tensor<?xf32>'}}
  %y, %last, %begun = ssm.scan %x : tensor<?x?x?xf32> {
  ^combine(%a: tensor<?xf32>, %b: tensor<?xf32>):
    ssm.yield %b : tensor<?xf32>
  }
  return
}

// -----

// (C4)
func.func @scan_init(%x: tensor<?x?x8xf32>, %s: tensor<?x8xf32>) {
  // expected-error@+1 {{expected 'init' to be ('tensor<?x8xf32>', 'tensor<?x8xf32>'), got ('tensor<?x8xf32>')}}
  %y, %last, %begun = ssm.scan %x init(%s : tensor<?x8xf32>) : tensor<?x?x8xf32> {
  ^combine(%a: f32, %b: f32):
    ssm.yield %b : f32
  }
  return
}

// -----

// (C5)
func.func @scan_reset(%x: tensor<?x?x8xf32>, %r: tensor<?xf32>) {
  // expected-error@+1 {{expected 'reset' to be 'tensor<?x?xf32>', got 'tensor<?xf32>'}}
  %y, %last, %begun = ssm.scan %x reset(%r : tensor<?xf32>) : tensor<?x?x8xf32> {
  ^combine(%a: f32, %b: f32):
    ssm.yield %b : f32
  }
  return
}
