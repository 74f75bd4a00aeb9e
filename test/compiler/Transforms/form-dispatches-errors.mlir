// RUN: ssmc-opt %s --split-input-file --verify-diagnostics --ssmc-form-dispatches

func.func @unknown(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
    attributes {ssm.entry} {
  %zero = arith.constant 0 : index
  // expected-error@+1 {{'tensor.dim' op cannot be scheduled: it is neither an anchor, nor a view, nor pointwise}}
  %d = tensor.dim %x, %zero : tensor<?x?x8xf32>
  return %x : tensor<?x?x8xf32>
}
