// RUN: ssmc-fuzz --ssm-algorithm=sequential --check %s

// Constants with different elements, beside a sequence and in a recurrence.
func.func @forward(%x: tensor<?x?x3xf32>) -> tensor<?x?x3xf32> {
  %scale = arith.constant dense<[1.0, 2.0, -3.0]> : tensor<3xf32>
  %decay = arith.constant dense<[0.5, 0.25, -0.5]> : tensor<3xf32>
  %like = ssm.broadcast %scale like %x [2] : tensor<3xf32>, tensor<?x?x3xf32>
  %u = arith.mulf %like, %x : tensor<?x?x3xf32>
  %y, %last = ssm.linear_scan %decay, %u : tensor<3xf32>, tensor<?x?x3xf32>
  return %y : tensor<?x?x3xf32>
}
