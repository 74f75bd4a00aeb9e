// RUN: ssmc-fuzz --ssm-algorithm=sequential --check %s

// A sum has one order of its terms in every form. Whole sequences compute the
// first before their loop, and the second in tiles of the state; a step
// computes both in loops of their own. Only the third is split into two chains,
// everywhere: its state waits for it.
func.func @forward(%x: tensor<?x?x17xf32>, %k: tensor<?x?x19xf32>)
    -> (tensor<?x?x17xf32>, tensor<?x?x17xf32>, tensor<?x?x17xf32>) {
  %w = ssm.weight "w" : tensor<17x19xf32>
  %constant, %last0 = ssm.recurrence sequence(l) step(n)
      ins(%x[b, l, p], %w[p, n] : tensor<?x?x17xf32>, tensor<17x19xf32>)
      outs([b, l, p] : tensor<?x?x17xf32>)
      states("h" [b, p] : tensor<?x17xf32>) {
  ^step(%x_t: f32, %w_t: tensor<19xf32>, %h: f32):
    %half = arith.constant 0.5 : f32
    %kept = arith.mulf %h, %half : f32
    %sum = ssm.contract "n->" %w_t : (tensor<19xf32>) -> f32
    %in = arith.mulf %sum, %x_t : f32
    %next = arith.addf %kept, %in : f32
    ssm.yield %next, %next : f32, f32
  }
  %strict, %last1 = ssm.recurrence sequence(l) step(n)
      ins(%x[b, l, p], %k[b, l, n] : tensor<?x?x17xf32>, tensor<?x?x19xf32>)
      outs([b, l, p] : tensor<?x?x17xf32>)
      states("h" [b, p, n] : tensor<?x17x19xf32>) {
  ^step(%x_t: f32, %k_t: tensor<19xf32>, %h: tensor<19xf32>):
    %read = ssm.contract "n,n->" %h, %k_t : (tensor<19xf32>, tensor<19xf32>) -> f32
    %norm = ssm.contract "n,n->" %k_t, %k_t : (tensor<19xf32>, tensor<19xf32>) -> f32
    %scaled = arith.mulf %norm, %x_t : f32
    %small = math.tanh %scaled : f32
    %in = ssm.contract ",n->n" %small, %k_t : (f32, tensor<19xf32>) -> tensor<19xf32>
    %half = arith.constant dense<0.5> : tensor<19xf32>
    %kept = arith.mulf %h, %half : tensor<19xf32>
    %next = arith.addf %kept, %in : tensor<19xf32>
    ssm.yield %read, %next : f32, tensor<19xf32>
  }
  %corrected, %last2 = ssm.recurrence sequence(l) step(n)
      ins(%x[b, l, p], %k[b, l, n] : tensor<?x?x17xf32>, tensor<?x?x19xf32>)
      outs([b, l, p] : tensor<?x?x17xf32>)
      states("h" [b, p, n] : tensor<?x17x19xf32>) {
  ^step(%x_t: f32, %k_t: tensor<19xf32>, %h: tensor<19xf32>):
    %tenth = arith.constant dense<0.1> : tensor<19xf32>
    %unit = arith.mulf %k_t, %tenth : tensor<19xf32>
    %read = ssm.contract "n,n->" %h, %unit : (tensor<19xf32>, tensor<19xf32>) -> f32
    %error = arith.subf %x_t, %read : f32
    %in = ssm.contract ",n->n" %error, %unit : (f32, tensor<19xf32>) -> tensor<19xf32>
    %next = arith.addf %h, %in : tensor<19xf32>
    ssm.yield %read, %next : f32, tensor<19xf32>
  }
  return %constant, %strict, %corrected
      : tensor<?x?x17xf32>, tensor<?x?x17xf32>, tensor<?x?x17xf32>
}
