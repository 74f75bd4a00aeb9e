// RUN: ssmc-fuzz --ssm-algorithm=all --seed=5 --check %s

// The transitions and inputs of the first two states are the same in all chunks: their
// scans run once, and what they compute stays for the chunks after the first.
func.func @forward(%x: tensor<?x?x5xf32>) -> tensor<?x?x5xf32> {
  %w = ssm.weight "w" : tensor<5x3xf32>
  %y, %p, %q, %r = ssm.recurrence sequence(l) step(n)
      ins(%x[b, l, d], %w[d, n] : tensor<?x?x5xf32>, tensor<5x3xf32>)
      outs([b, l, d] : tensor<?x?x5xf32>)
      states("p" [b, d, n], "q" [b, d, n], "r" [b, d, n]
             : tensor<?x5x3xf32>, tensor<?x5x3xf32>, tensor<?x5x3xf32>) {
  ^step(%x_t: f32, %w_d: tensor<3xf32>, %s: tensor<3xf32>, %r: tensor<3xf32>,
        %u: tensor<3xf32>):
    %limit = arith.constant 1.2 : f32
    %slow = arith.constant dense<0.9> : tensor<3xf32>
    %fast = arith.constant dense<0.5> : tensor<3xf32>
    %s_kept = arith.mulf %s, %slow : tensor<3xf32>
    %s_next = arith.addf %s_kept, %w_d : tensor<3xf32>
    %r_kept = arith.mulf %r, %fast : tensor<3xf32>
    %r_next = arith.addf %r_kept, %w_d : tensor<3xf32>
    %sum = ssm.contract "n,n->" %s_next, %r_next
        : (tensor<3xf32>, tensor<3xf32>) -> f32
    %gate = ssm.sigmoid %w_d : tensor<3xf32>
    %u_kept = arith.mulf %gate, %u : tensor<3xf32>
    %resets = arith.cmpf ogt, %x_t, %limit : f32
    %u_moved = arith.subf %u_kept, %w_d : tensor<3xf32>
    %u_next = arith.select %resets, %w_d, %u_moved : tensor<3xf32>
    %sum_u = ssm.contract "n,n->" %u_next, %s_next
        : (tensor<3xf32>, tensor<3xf32>) -> f32
    %both = arith.addf %sum, %sum_u : f32
    %y_t = arith.mulf %both, %x_t : f32
    ssm.yield %y_t, %s_next, %r_next, %u_next
        : f32, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
  }
  return %y : tensor<?x?x5xf32>
}
