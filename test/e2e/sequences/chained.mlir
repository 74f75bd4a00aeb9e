// A product of a product: the reset gate comes before the second matrix, so what that
// multiplies is computed for all sequences from what the first has made. A sequence that
// is reset keeps nothing, and what a third, small product sums is each sequence's own.
module attributes {ssm.checkpoint = "."} {
func.func @forward(%x: tensor<?x?x92xf32>, %reset: tensor<?x?xf32>)
    -> tensor<?x?x46xf32> {
  %U = ssm.weight "U" : tensor<92x46xf32>
  %V = ssm.weight "V" : tensor<46x46xf32>
  %y, %last = ssm.recurrence sequence(l) step(k, m, n)
      ins(%x[b, l, k], %reset[b, l], %U[k, n], %V[m, n]
          : tensor<?x?x92xf32>, tensor<?x?xf32>, tensor<92x46xf32>, tensor<46x46xf32>)
      outs([b, l, n] : tensor<?x?x46xf32>) states("hidden" [b, n] : tensor<?x46xf32>) {
  ^step(%x_t: tensor<92xf32>, %r: f32, %U_: tensor<92x46xf32>, %V_: tensor<46x46xf32>,
        %s: tensor<46xf32>):
    %one = arith.constant 1.0 : f32
    %keep = arith.subf %one, %r : f32
    %keeps = tensor.splat %keep : tensor<46xf32>
    %h = arith.mulf %s, %keeps : tensor<46xf32>
    %Uh = ssm.contract "kn,n->k" %U_, %h
        : (tensor<92x46xf32>, tensor<46xf32>) -> tensor<92xf32>
    %a = arith.addf %x_t, %Uh : tensor<92xf32>
    %a_r = tensor.extract_slice %a[0] [46] [1] : tensor<92xf32> to tensor<46xf32>
    %a_z = tensor.extract_slice %a[46] [46] [1] : tensor<92xf32> to tensor<46xf32>
    %gate = ssm.sigmoid %a_r : tensor<46xf32>
    %gated = arith.mulf %gate, %h : tensor<46xf32>
    %Vh = ssm.contract "mn,n->m" %V_, %gated
        : (tensor<46x46xf32>, tensor<46xf32>) -> tensor<46xf32>
    %b = arith.addf %a_z, %Vh : tensor<46xf32>
    %new = math.tanh %b : tensor<46xf32>
    %norm = ssm.contract "n,n->" %new, %h : (tensor<46xf32>, tensor<46xf32>) -> f32
    %part = arith.constant 0.02 : f32
    %little = arith.mulf %norm, %part : f32
    %norms = tensor.splat %little : tensor<46xf32>
    %z = ssm.sigmoid %a_z : tensor<46xf32>
    %moved = arith.mulf %z, %new : tensor<46xf32>
    %mixed = arith.addf %moved, %norms : tensor<46xf32>
    %next = math.tanh %mixed : tensor<46xf32>
    ssm.yield %next, %next : tensor<46xf32>, tensor<46xf32>
  }
  return %y : tensor<?x?x46xf32>
}
}
