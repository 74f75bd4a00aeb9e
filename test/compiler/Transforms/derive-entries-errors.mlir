// RUN: ssmc-opt %s --ssmc-derive-entries=entries=forward,prefill,step --split-input-file --verify-diagnostics
// RUN: not ssmc-opt --ssmc-derive-entries=entries=forward,pace --split-input-file %s 2>&1 \
// RUN:   | FileCheck %s --check-prefix=ENTRY
// RUN: not ssmc-opt --ssmc-derive-entries=entries=forward,prefill --split-input-file %s 2>&1 \
// RUN:   | FileCheck %s --check-prefix=PREFILL
// ENTRY: error: expected an entry to derive to be 'forward', 'prefill' or 'step', got 'pace'
// PREFILL: error: 'ssm.linear_scan' op makes the model non-causal, so no 'prefill' can be derived

// expected-note @+1 {{derived from this function, which as the only entry 'forward' needs no state}}
func.func @forward(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  // expected-error @+1 {{'ssm.linear_scan' op makes the model non-causal, so no 'step' can be derived: it runs from the last time step to the first}}
  %h, %last = ssm.linear_scan %x, %x reverse : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  return %h : tensor<?x?x8xf32>
}

// -----

// expected-note @+1 {{derived from this function}}
func.func @forward(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %a, %last = ssm.linear_scan %x, %x : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  // expected-error @+1 {{'ssm.linear_scan' op is not supported with an explicit initial state, so no 'step' can be derived}}
  %b, %end = ssm.linear_scan %a, %x init(%last : tensor<?x8xf32>)
      : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  return %b : tensor<?x?x8xf32>
}

// -----

// expected-error @+2 {{'func.func' op expected the extents of axes 0 and 1 of input 1 to be unknown, got 'tensor<?x16x8xf32>', so no 'step' can be derived}}
// expected-note @+1 {{derived from this function}}
func.func @forward(%ids: tensor<?x?xi64>, %x: tensor<?x16x8xf32>) -> tensor<?x16x8xf32> {
  return %x : tensor<?x16x8xf32>
}

// -----

// expected-note @+1 {{derived from this function}}
func.func @forward(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %y = scf.for %i = %c0 to %c1 step %c1 iter_args(%in = %x) -> (tensor<?x?x8xf32>) {
    // expected-error @+1 {{'ssm.linear_scan' op inside 'scf.for' cannot carry state, so no 'step' can be derived}}
    %h, %last = ssm.linear_scan %in, %in : tensor<?x?x8xf32>, tensor<?x?x8xf32>
    scf.yield %h : tensor<?x?x8xf32>
  }
  return %y : tensor<?x?x8xf32>
}

// -----

// expected-note @+1 {{derived from this function}}
func.func @forward(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  // expected-error @+1 {{'ssm.recurrence' op expected states of [batch, ...] with fixed extents after the batch, got 'tensor<8x?xf32>', so no 'step' can be derived}}
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%x[b, l, d] : tensor<?x?x8xf32>)
      outs([b, l, d] : tensor<?x?x8xf32>)
      states("recurrent" [d, b] : tensor<8x?xf32>) {
  ^step(%x_t: f32, %s: f32):
    ssm.yield %s, %x_t : f32, f32
  }
  return %y : tensor<?x?x8xf32>
}

// -----

// Three time steps added to the length leave no step of one.
// expected-error @+1 {{expected every op to work on one time step, so no 'step' can be derived}}
func.func @forward(%x: tensor<?x?x8xf32>, %pad: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  // expected-error @+1 {{'tensor.concat' op}}
  %y = tensor.concat dim(1) %x, %pad : (tensor<?x?x8xf32>, tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

// -----

func.func @forward(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  return %x : tensor<?x?x8xf32>
}
// expected-error @+1 {{expected the name 'step' to be free for the entry derived from '@forward'}}
func.func private @step()

// -----

// expected-error @+1 {{expected a public function '@forward' of one block to derive entries from}}
module {
  func.func private @forward(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
    return %x : tensor<?x?x8xf32>
  }
}

// -----

func.func @forward(%a: tensor<?x?x8xf32>, %x: tensor<?x?x8xf32>)
    -> (tensor<?x?x8xf32>, tensor<?x8xf32>) {
  // expected-error @+1 {{expected '@forward' not to return a final state, got it as result 1; entries with state carry it from call to call}}
  %h, %last = ssm.linear_scan %a, %x : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  return %h, %last : tensor<?x?x8xf32>, tensor<?x8xf32>
}

// -----

// expected-note @+1 {{derived from this function}}
func.func @forward(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  // expected-error @+1 {{'ssm.flip' op makes the model non-causal, so no 'step' can be derived: it runs from the last time step to the first}}
  %y = ssm.flip %x : tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}
