// RUN: ssmc-opt %s --ssmc-lower-cpu-kernels --verify-diagnostics

// The plan of a kernel whose work items share memory says how much.
func.func private @kernel(%x: tensor<?x?x400xf32>, %R: tensor<400x400xf32> {plan.weight})
    -> tensor<?x?x400xf32> attributes {plan.kernel, plan.shared_bytes = 64 : i64} {
  // expected-error@+1 {{expected 'plan.shared_bytes' of its kernel to be 3200, got 64}}
  %y, %last = ssm.recurrence sequence(l) step(r, n)
      ins(%x[b, l, r], %R[r, n] : tensor<?x?x400xf32>, tensor<400x400xf32>)
      outs([b, l, n] : tensor<?x?x400xf32>) states("hidden" [b, n] : tensor<?x400xf32>) {
  ^step(%x_t: tensor<400xf32>, %R_: tensor<400x400xf32>, %s: tensor<400xf32>):
    %Rs = ssm.contract "rn,n->r" %R_, %s
        : (tensor<400x400xf32>, tensor<400xf32>) -> tensor<400xf32>
    %a = arith.addf %x_t, %Rs : tensor<400xf32>
    %next = math.tanh %a : tensor<400xf32>
    ssm.yield %next, %next : tensor<400xf32>, tensor<400xf32>
  }
  return %y : tensor<?x?x400xf32>
}
