// RUN: ssmc-fuzz --ssm-algorithm=all --seed=1 --check %s

// One result of the product is the next state, which may overwrite the present
// one; the other is computed later, from the same present states.
func.func @forward(%u: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %a_re = ssm.weight "a_re" : tensor<3xf32>
  %a_im = ssm.weight "a_im" : tensor<3xf32>
  %y, %re, %im = ssm.recurrence sequence(l) step(n)
      ins(%u[b, l, h], %a_re[n], %a_im[n]
          : tensor<?x?x4xf32>, tensor<3xf32>, tensor<3xf32>)
      outs([b, l, h] : tensor<?x?x4xf32>)
      states("real" [b, h, n], "imaginary" [b, h, n]
             : tensor<?x4x3xf32>, tensor<?x4x3xf32>) {
  ^step(%u_t: f32, %a: tensor<3xf32>, %b: tensor<3xf32>, %x_re: tensor<3xf32>,
        %x_im: tensor<3xf32>):
    %half = arith.constant dense<0.5> : tensor<3xf32>
    %c = math.tanh %a : tensor<3xf32>
    %d = math.tanh %b : tensor<3xf32>
    %decay_re = arith.mulf %c, %half : tensor<3xf32>
    %decay_im = arith.mulf %d, %half : tensor<3xf32>
    %kept_re, %kept_im = ssm.complex_mul %decay_re, %decay_im, %x_re, %x_im
        : tensor<3xf32>
    %driven = tensor.splat %u_t : tensor<3xf32>
    %next_re = arith.addf %kept_re, %driven : tensor<3xf32>
    %read = ssm.contract "n,n->" %next_re, %kept_im
        : (tensor<3xf32>, tensor<3xf32>) -> f32
    ssm.yield %read, %next_re, %kept_im : f32, tensor<3xf32>, tensor<3xf32>
  }
  return %y : tensor<?x?x4xf32>
}
