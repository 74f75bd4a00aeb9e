// RUN: ssmc-fuzz --ssm-algorithm=sequential --check %s

// Both results of a pointwise op outside of recurrences, each used alone; a sum
// makes a program with a state.
func.func @forward(%a: tensor<?x?x4xf32>, %b: tensor<?x?x4xf32>)
    -> (tensor<?x?x4xf32>, tensor<?x?x4xf32>) {
  %re, %im = ssm.complex_mul %a, %b, %b, %b : tensor<?x?x4xf32>
  %q_re, %q_im = ssm.complex_mul %b, %a, %a, %a : tensor<?x?x4xf32>
  %n = arith.negf %im : tensor<?x?x4xf32>
  %one = arith.constant dense<1.0> : tensor<4xf32>
  %sum, %last = ssm.linear_scan %one, %n : tensor<4xf32>, tensor<?x?x4xf32>
  return %sum, %q_re : tensor<?x?x4xf32>, tensor<?x?x4xf32>
}
