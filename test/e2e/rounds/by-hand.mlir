// A product along the other axis of the matrix, a sum over the whole state, parts of a
// vector at uneven distances, and an input and an output that are computed beside the
// recurrence.
module attributes {ssm.checkpoint = "."} {
func.func @forward(%x: tensor<?x?x1520xf32>, %z: tensor<?x?x380xf32>) -> tensor<?x?x380xf32> {
  %W = ssm.weight "W" : tensor<380x380xf32>
  %twice = arith.addf %x, %x : tensor<?x?x1520xf32>
  %y, %last = ssm.recurrence sequence(l) step(k, m, n)
      ins(%twice[b, l, k], %W[m, n] : tensor<?x?x1520xf32>, tensor<380x380xf32>)
      outs([b, l, n] : tensor<?x?x380xf32>) states("hidden" [b, n] : tensor<?x380xf32>) {
  ^step(%x_t: tensor<1520xf32>, %W_: tensor<380x380xf32>, %h: tensor<380xf32>):
    %u = ssm.contract "mn,m->n" %W_, %h
        : (tensor<380x380xf32>, tensor<380xf32>) -> tensor<380xf32>
    %square = ssm.contract "n,n->" %h, %h : (tensor<380xf32>, tensor<380xf32>) -> f32
    %one = arith.constant 1.0 : f32
    %scale = arith.addf %square, %one : f32
    %spread = tensor.splat %scale : tensor<380xf32>
    %a = tensor.extract_slice %x_t[0] [380] [1] : tensor<1520xf32> to tensor<380xf32>
    %c = tensor.extract_slice %x_t[380] [380] [1] : tensor<1520xf32> to tensor<380xf32>
    %d = tensor.extract_slice %x_t[1140] [380] [1] : tensor<1520xf32> to tensor<380xf32>
    %ac = arith.mulf %a, %c : tensor<380xf32>
    %acd = arith.addf %ac, %d : tensor<380xf32>
    %sum = arith.addf %acd, %u : tensor<380xf32>
    %scaled = arith.divf %sum, %spread : tensor<380xf32>
    %next = math.tanh %scaled : tensor<380xf32>
    ssm.yield %scaled, %next : tensor<380xf32>, tensor<380xf32>
  }
  %gate = ssm.sigmoid %z : tensor<?x?x380xf32>
  %out = arith.mulf %y, %gate : tensor<?x?x380xf32>
  return %out : tensor<?x?x380xf32>
}
}
