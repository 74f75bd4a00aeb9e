// Reads an element of the slice at a place that is only known at run time.
func.func @forward(%x: tensor<?x?x64x4xf32>) -> tensor<?x?x64xf32> {
  %y, %last = ssm.recurrence sequence(l) step(n)
      ins(%x[b, l, d, n] : tensor<?x?x64x4xf32>) outs([b, l, d])
      states("recurrent" [b, d] : tensor<?x64xf32>) {
  ^step(%x_t: tensor<4xf32>, %h: f32):
    %i = arith.fptosi %h : f32 to i64
    %at = arith.index_cast %i : i64 to index
    %x_i = tensor.extract %x_t[%at] : tensor<4xf32>
    %next = arith.addf %h, %x_i : f32
    ssm.yield %next, %next : f32, f32
  }
  return %y : tensor<?x?x64xf32>
}
