// RUN: ssmc-fuzz --ssm-algorithm=sequential --check %s

// What does not depend on states is computed ahead with lanes along its last
// axis; the first index of the other axis is 0 too and no lane.
func.func @forward(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %y, %last = ssm.recurrence sequence(l) step(n, m)
      ins(%x[b, l, m] : tensor<?x?x4xf32>)
      outs([b, l, m] : tensor<?x?x4xf32>)
      states("state" [b, m, n] : tensor<?x4x19xf32>) {
  ^step(%x_t: tensor<4xf32>, %s: tensor<4x19xf32>):
    %half = arith.constant dense<0.5> : tensor<19xf32>
    %v = ssm.contract "m,n->mn" %x_t, %half : (tensor<4xf32>, tensor<19xf32>) -> tensor<4x19xf32>
    %next = arith.negf %v : tensor<4x19xf32>
    %y_t = ssm.contract "mn->m" %s : (tensor<4x19xf32>) -> tensor<4xf32>
    ssm.yield %y_t, %next : tensor<4xf32>, tensor<4x19xf32>
  }
  return %y : tensor<?x?x4xf32>
}
