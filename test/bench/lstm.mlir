// LSTM: four dense gates of 512, with the recurrent matrix the same at every step.
module attributes {ssm.name = "lstm"} {
func.func @forward(%x: tensor<?x?x2048xf32>) -> tensor<?x?x512xf32> {
  %R = ssm.weight "R" splat(0.01) : tensor<2048x512xf32>
  %h, %last_h, %last_c = ssm.recurrence sequence(l) step(r, n)
      ins(%x[b, l, r], %R[r, n] : tensor<?x?x2048xf32>, tensor<2048x512xf32>)
      outs([b, l, n] : tensor<?x?x512xf32>)
      states("hidden" [b, n], "cell" [b, n] : tensor<?x512xf32>, tensor<?x512xf32>) {
  ^step(%x_t: tensor<2048xf32>, %R_: tensor<2048x512xf32>, %s: tensor<512xf32>,
        %c: tensor<512xf32>):
    %Rs = ssm.contract "rn,n->r" %R_, %s
        : (tensor<2048x512xf32>, tensor<512xf32>) -> tensor<2048xf32>
    %a = arith.addf %x_t, %Rs : tensor<2048xf32>
    %ai = tensor.extract_slice %a[0] [512] [1] : tensor<2048xf32> to tensor<512xf32>
    %af = tensor.extract_slice %a[512] [512] [1] : tensor<2048xf32> to tensor<512xf32>
    %ag = tensor.extract_slice %a[1024] [512] [1] : tensor<2048xf32> to tensor<512xf32>
    %ao = tensor.extract_slice %a[1536] [512] [1] : tensor<2048xf32> to tensor<512xf32>
    %i = ssm.sigmoid %ai : tensor<512xf32>
    %f = ssm.sigmoid %af : tensor<512xf32>
    %g = math.tanh %ag : tensor<512xf32>
    %o = ssm.sigmoid %ao : tensor<512xf32>
    %kept = arith.mulf %f, %c : tensor<512xf32>
    %in = arith.mulf %i, %g : tensor<512xf32>
    %cell = arith.addf %kept, %in : tensor<512xf32>
    %bounded = math.tanh %cell : tensor<512xf32>
    %next = arith.mulf %o, %bounded : tensor<512xf32>
    ssm.yield %next, %next, %cell : tensor<512xf32>, tensor<512xf32>, tensor<512xf32>
  }
  return %h : tensor<?x?x512xf32>
}
}
