// Each step of the outer recurrence runs the inner one over its slice.
func.func @forward(%x: tensor<?x?x2x3xf32>) -> tensor<?x?x2x3xf32> {
  %y, %last = ssm.recurrence sequence(l) step(n, m)
      ins(%x[b, l, n, m] : tensor<?x?x2x3xf32>)
      outs([b, l, n, m] : tensor<?x?x2x3xf32>)
      states("recurrent" [b, n, m] : tensor<?x2x3xf32>) {
  ^step(%x_t: tensor<2x3xf32>, %h: tensor<2x3xf32>):
    %z, %inner = ssm.recurrence sequence(q) step()
        ins(%x_t[b, q] : tensor<2x3xf32>) outs([b, q] : tensor<2x3xf32>)
        states("recurrent" [b] : tensor<2xf32>) {
    ^step(%x_q: f32, %s: f32):
      %sum = arith.addf %x_q, %s : f32
      ssm.yield %sum, %sum : f32, f32
    }
    %next = arith.addf %z, %h : tensor<2x3xf32>
    ssm.yield %next, %next : tensor<2x3xf32>, tensor<2x3xf32>
  }
  return %y : tensor<?x?x2x3xf32>
}
