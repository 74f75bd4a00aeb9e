// RUN: ssmc-fuzz --ssm-algorithm=convolution --check %s

// The kernel of the convolution is computed for one batch row, which is no tile of its
// chunks.
func.func @forward(%x: tensor<?x?xf32>, %u: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%x[b, l], %u[b, l] : tensor<?x?xf32>, tensor<?x?xf32>)
      outs([b, l] : tensor<?x?xf32>)
      states("recurrent" [b] : tensor<?xf32>) {
  ^step(%x_t: f32, %u_t: f32, %s: f32):
    %a = arith.constant 0.9 : f32
    %kept = arith.mulf %a, %s : f32
    %next = arith.addf %kept, %u_t : f32
    %y_t = arith.subf %next, %x_t : f32
    ssm.yield %y_t, %next : f32, f32
  }
  return %y : tensor<?x?xf32>
}
