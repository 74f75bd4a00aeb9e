func.func @forward(%x: tensor<?x?x5xf32>) -> tensor<?x?x5xf32> {
  %a = ssm.weight "a" : tensor<5xf32>
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%x[b, l, p], %a[p] : tensor<?x?x5xf32>, tensor<5xf32>)
      outs([b, l, p] : tensor<?x?x5xf32>)
      states("recurrent" [b, p] : tensor<?x5xf32>) {
  ^step(%x_t: f32, %a_p: f32, %s: f32):
    %decay = ssm.sigmoid %a_p : f32
    %kept = arith.mulf %decay, %s : f32
    %next = arith.addf %kept, %x_t : f32
    ssm.yield %next, %next : f32, f32
  }
  return %y : tensor<?x?x5xf32>
}
