// RUN: ssmc-fuzz --ssm-algorithm=associative --seed=302292 --check %s

// Transitions of a chunk multiply to more than float32 holds; the first state is zero,
// and so is what becomes of it.
func.func @forward(%x: tensor<?x?x17xf32>) -> tensor<?x?x17xf32> {
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%x[b, l, d] : tensor<?x?x17xf32>)
      outs([b, l, d] : tensor<?x?x17xf32>)
      states("state" [b, d] : tensor<?x17xf32>) {
  ^step(%x_t: f32, %s: f32):
    %large = arith.constant 1.0e3 : f32
    %factor = math.fma %x_t, %x_t, %large : f32
    %kept = arith.mulf %factor, %s : f32
    %in = ssm.softplus %x_t : f32
    %next = arith.addf %kept, %in : f32
    %y_t = ssm.sigmoid %next : f32
    ssm.yield %y_t, %next : f32, f32
  }
  return %y : tensor<?x?x17xf32>
}
