// RUN: ssmc-fuzz --ssm-algorithm=sequential --check %s

// A state small enough for registers is read by sums that run in groups of four:
// each element by a constant index.
func.func @forward(%a: tensor<?x?x1x5xf32>) -> (tensor<?x?x1x5xf32>, tensor<?x?x1xf32>) {
  %w = ssm.weight "w" : tensor<5x1xf32>
  %y, %z, %last = ssm.recurrence sequence(l) step(n, m)
      ins(%a[b, l, p, n], %w[n, m] : tensor<?x?x1x5xf32>, tensor<5x1xf32>)
      outs([b, l, p, n], [b, l, p] : tensor<?x?x1x5xf32>, tensor<?x?x1xf32>)
      states("state" [b, p, n, m] : tensor<?x1x5x1xf32>) {
  ^step(%a_t: tensor<5xf32>, %w_p: tensor<5x1xf32>, %s: tensor<5x1xf32>):
    %sum = ssm.contract "n->" %a_t : (tensor<5xf32>) -> f32
    %scaled = ssm.contract ",nm->nm" %sum, %w_p : (f32, tensor<5x1xf32>) -> tensor<5x1xf32>
    %gate = ssm.sigmoid %scaled : tensor<5x1xf32>
    %kept = arith.mulf %s, %gate : tensor<5x1xf32>
    %half = arith.constant dense<0.5> : tensor<1xf32>
    %v = ssm.contract "n,m->nm" %a_t, %half : (tensor<5xf32>, tensor<1xf32>) -> tensor<5x1xf32>
    %next = arith.addf %kept, %v : tensor<5x1xf32>
    %y_t = ssm.contract "nm->n" %s : (tensor<5x1xf32>) -> tensor<5xf32>
    %z_t = ssm.contract "nm->" %next : (tensor<5x1xf32>) -> f32
    ssm.yield %y_t, %z_t, %next : tensor<5xf32>, f32, tensor<5x1xf32>
  }
  return %y, %z : tensor<?x?x1x5xf32>, tensor<?x?x1xf32>
}
