// RUN: ssmc-opt %s --ssmc-normalize --split-input-file --verify-diagnostics

// A function that calls itself cannot be inlined away.
func.func @forward(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  // expected-error @+1 {{'func.call' op expected calls to be inlined, got one of '@layer', which is recursive or has no body}}
  %y = func.call @layer(%x) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}
func.func private @layer(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %y = func.call @layer(%x) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

// -----

func.func @forward(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  return %x : tensor<?x?x8xf32>
}
// expected-error @+1 {{'func.func' op expected no function but '@forward', got public '@main'}}
func.func @main(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  return %x : tensor<?x?x8xf32>
}
