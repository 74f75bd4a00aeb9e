// RUN: ssmc-fuzz --ssm-algorithm=sequential --check %s

// A matrix product of what a part of every head makes: a time step of it does not
// lie in one piece. A sum makes a program with a state.
func.func @forward(%x: tensor<?x?x12xf32>) -> tensor<?x?x5xf32> {
  %w = ssm.weight "w" : tensor<5x4xf32>
  %heads = ssm.reshape %x : tensor<?x?x12xf32> to tensor<?x?x2x6xf32>
  %a, %b = ssm.split %heads [4, 2] : tensor<?x?x2x6xf32>
  %r = ssm.reshape %b : tensor<?x?x2x2xf32> to tensor<?x?x4xf32>
  %y = ssm.linear %r, %w : tensor<?x?x4xf32>, tensor<5x4xf32>
  %one = arith.constant dense<1.0> : tensor<5xf32>
  %sum, %last = ssm.linear_scan %one, %y : tensor<5xf32>, tensor<?x?x5xf32>
  return %sum : tensor<?x?x5xf32>
}
