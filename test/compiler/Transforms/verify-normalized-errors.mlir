// RUN: ssmc-opt %s --ssmc-verify-normalized --split-input-file --verify-diagnostics

// expected-error @+1 {{expected a public function '@forward' with a body}}
module {
  func.func @backward(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
    return %x : tensor<?x?xf32>
  }
}

// -----

func.func @forward(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  return %x : tensor<?x?xf32>
}
// expected-error @+1 {{'func.func' op expected no function but '@forward', got public '@other'}}
func.func @other(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  return %x : tensor<?x?xf32>
}

// -----

func.func @forward(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @+1 {{'func.call' op expected calls to be inlined, got one of '@layer', which is recursive or has no body}}
  %y = func.call @layer(%x) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}
func.func private @layer(tensor<?x?xf32>) -> tensor<?x?xf32>

// -----

// expected-error @+1 {{'func.func' op expected input 1 of '@forward' to be a tensor of i64 or f32, got 'tensor<?x?xf64>'}}
func.func @forward(%x: tensor<?x?xf32>, %y: tensor<?x?xf64>) -> tensor<?x?xf32> {
  return %x : tensor<?x?xf32>
}

// -----

// expected-error @+1 {{'func.func' op expected unknown extents only on axes 0 and 1 of input 0, got 'tensor<?x?x?xf32>'}}
func.func @forward(%x: tensor<?x?x?xf32>) -> tensor<?x?x?xf32> {
  return %x : tensor<?x?x?xf32>
}

// -----

// expected-error @+1 {{'func.func' op expected '@forward' to have one block}}
func.func @forward(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  cf.br ^next
^next:
  return %x : tensor<?x?xf32>
}

// -----

func.func @forward(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  // expected-error @+1 {{'ssm.linear_scan' op expected short spellings to be expanded}}
  %h, %last = ssm.linear_scan %x, %x : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  return %h : tensor<?x?x8xf32>
}

// -----

func.func @forward(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @+1 {{'tensor.cast' op expected unknown extents only on axes 0 and 1, got 'tensor<*xf32>'}}
  %u = tensor.cast %x : tensor<?x?xf32> to tensor<*xf32>
  %r = tensor.cast %u : tensor<*xf32> to tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// -----

func.func @forward(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  // expected-note @+1 {{first used here}}
  %a = ssm.weight "w" : tensor<8xf32>
  // expected-error @+1 {{'ssm.weight' op expected weight 'w' to be 'tensor<8xf32>' as before, got 'tensor<8xbf16>'}}
  %b = ssm.weight "w" : tensor<8xbf16>
  return %x : tensor<?x?x8xf32>
}

// -----

func.func @forward(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  // expected-note @+1 {{first used here}}
  %a = ssm.weight "w" : tensor<8xf32>
  // expected-error @+1 {{'ssm.weight' op expected weight 'w' with one splat or none throughout}}
  %b = ssm.weight "w" splat(1.0) : tensor<8xf32>
  return %x : tensor<?x?x8xf32>
}

// -----

func.func @forward(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %y, %last = ssm.recurrence sequence(l) step(d)
      ins(%x[b, l, d] : tensor<?x?x8xf32>)
      outs([b, l, d] : tensor<?x?x8xf32>)
      states("recurrent" [b, d] : tensor<?x8xf32>) {
  ^step(%x_t: tensor<8xf32>, %s: tensor<8xf32>):
    // expected-error @+1 {{'ssm.weight' op expected weights outside of 'ssm.recurrence'}}
    %w = ssm.weight "w" : tensor<8xf32>
    %next = arith.addf %s, %w : tensor<8xf32>
    ssm.yield %next, %next : tensor<8xf32>, tensor<8xf32>
  }
  return %y : tensor<?x?x8xf32>
}

// -----

// expected-error @+1 {{'func.func' op expected '@forward' to have an input}}
func.func @forward() -> tensor<8xf32> {
  %w = ssm.weight "w" : tensor<8xf32>
  return %w : tensor<8xf32>
}

// -----

func.func @forward(%x: tensor<?x?x6xf32>, %w: tensor<8x6xf32>) -> tensor<?x?x8xf32> {
  // expected-error @+1 {{'ssm.linear' op expected 'weight' to be a weight or a parameter, got an input}}
  %y = ssm.linear %x, %w : tensor<?x?x6xf32>, tensor<8x6xf32>
  return %y : tensor<?x?x8xf32>
}

// -----

func.func @forward(%ids: tensor<?x?xi64>, %t: tensor<7x6xf32>) -> tensor<?x?x6xf32> {
  %table = arith.mulf %t, %t : tensor<7x6xf32>
  // expected-error @+1 {{'ssm.embedding' op expected 'table' to be a weight or a parameter, got a computed value}}
  %x = ssm.embedding %ids, %table : tensor<?x?xi64>, tensor<7x6xf32>
  return %x : tensor<?x?x6xf32>
}

// -----

func.func @forward(%x: tensor<?x6x8xf32>, %i: tensor<?x6xi64>) -> tensor<?x6x8xf32> {
  %j = arith.addi %i, %i : tensor<?x6xi64>
  // expected-error @+1 {{'ssm.traverse' op expected indices to be an input of '@forward' or a table, got a computed value}}
  %y = ssm.traverse %x, %j : tensor<?x6x8xf32>, tensor<?x6xi64>
  return %y : tensor<?x6x8xf32>
}

// -----

func.func @forward(%x: tensor<?x6x8xf32>) -> tensor<?x9x8xf32> {
  %i = ssm.parameter "traversal" : tensor<9xi64> {
    %t = ssm.traversal zigzag shape [3, 3]
    ssm.yield %t : tensor<9xi64>
  }
  // expected-error @+1 {{'ssm.traverse' op expected indices below 6, got a table of indices below 9}}
  %y = ssm.traverse %x, %i : tensor<?x6x8xf32>, tensor<9xi64>
  return %y : tensor<?x9x8xf32>
}

// -----

// Truth values lie in no memory.
func.func @forward(%x: tensor<?x?x8xf32>, %y: tensor<?x?x8xf32>) -> tensor<?x?x8xi1> {
  // expected-error @+1 {{'arith.cmpf' op expected truth values outside of recurrences to be read element by element, got a use by 'func.return'}}
  %larger = arith.cmpf ogt, %x, %y : tensor<?x?x8xf32>
  return %larger : tensor<?x?x8xi1>
}

// -----

func.func @forward(%x: tensor<?x?xi64>) -> tensor<?x?xi64> {
  // expected-error @+1 {{'arith.trunci' op expected tensors outside of recurrences to be of f32, bf16, f16, i64 or i1, got 'tensor<?x?xi32>'}}
  %narrow = arith.trunci %x : tensor<?x?xi64> to tensor<?x?xi32>
  %wide = arith.extsi %narrow : tensor<?x?xi32> to tensor<?x?xi64>
  return %wide : tensor<?x?xi64>
}

// -----

func.func @forward(%x: tensor<?x?x0xf32>) -> tensor<?x?x0xf32> {
  // expected-error @+1 {{'ssm.silu' op expected positive extents, got 'tensor<?x?x0xf32>'}}
  %y = ssm.silu %x : tensor<?x?x0xf32>
  return %y : tensor<?x?x0xf32>
}

// -----

func.func @forward(%x: tensor<?x?x8388608x8388609xf32>) -> tensor<?x?x8388608x8388609xf32> {
  // expected-error @+1 {{'ssm.silu' op expected at most 2^46 elements, got 'tensor<?x?x8388608x8388609xf32>'}}
  %y = ssm.silu %x : tensor<?x?x8388608x8388609xf32>
  return %y : tensor<?x?x8388608x8388609xf32>
}

// -----

// expected-error @+1 {{'func.func' op expected '@forward' to have a result}}
func.func @forward(%x: tensor<?x?xf32>) {
  return
}

// -----

// expected-error @+1 {{'func.func' op expected tensors of at most 8 axes outside of recurrences, got 'tensor<?x?x1x1x1x1x1x1x1xf32>'}}
func.func @forward(%x: tensor<?x?x1x1x1x1x1x1x1xf32>) -> tensor<?x?x1x1x1x1x1x1x1xf32> {
  return %x : tensor<?x?x1x1x1x1x1x1x1xf32>
}

// -----

func.func @forward(%x: tensor<?x?x1xf32>) -> tensor<?x?x1x1x1x1x1x1x1xf32> {
  // expected-error @+1 {{'ssm.reshape' op expected tensors of at most 8 axes outside of recurrences, got 'tensor<?x?x1x1x1x1x1x1x1xf32>'}}
  %y = ssm.reshape %x : tensor<?x?x1xf32> to tensor<?x?x1x1x1x1x1x1x1xf32>
  return %y : tensor<?x?x1x1x1x1x1x1x1xf32>
}

// -----

func.func @forward(%x: tensor<1x2x2xf32>) -> tensor<1x2x2xf32> {
  // expected-error @+1 {{'arith.constant' op expected truth values outside of recurrences to be computed, or all the same, got a table of them}}
  %mask = arith.constant dense<[[[true, false], [false, true]]]> : tensor<1x2x2xi1>
  %zero = arith.constant dense<0.0> : tensor<1x2x2xf32>
  %y = arith.select %mask, %x, %zero : tensor<1x2x2xi1>, tensor<1x2x2xf32>
  return %y : tensor<1x2x2xf32>
}
