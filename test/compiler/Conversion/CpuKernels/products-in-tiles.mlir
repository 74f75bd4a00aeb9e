// RUN: ssmc-fuzz --ssm-algorithm=all --check %s

// A chunk of this holds a product that sums over nothing, in register tiles.
func.func @forward(%x: tensor<?x?x15xf32>) -> tensor<?x?x15xf32> {
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%x[b, l, p] : tensor<?x?x15xf32>)
      outs([b, l, p] : tensor<?x?x15xf32>)
      states("state" [b, p] : tensor<?x15xf32>) {
  ^step(%x_t: f32, %s: f32):
    %gate = ssm.sigmoid %x_t : f32
    %kept = arith.mulf %s, %gate : f32
    %new = math.tanh %x_t : f32
    %next = arith.addf %kept, %new : f32
    ssm.yield %s, %next : f32, f32
  }
  return %y : tensor<?x?x15xf32>
}
