// RUN: ssmc-opt %s --ssmc-form-dispatches --ssmc-assign-cpu-layouts \
// RUN:   | FileCheck %s --check-prefixes=CHECK,STEPS
// RUN: ssmc-opt %s "--ssmc-derive-chunks=algorithm=chunked chunk=8" \
// RUN:     --ssmc-form-dispatches --ssmc-assign-cpu-layouts 2>/dev/null \
// RUN:   | FileCheck %s --check-prefixes=CHECK,CHUNKS

// By steps, 4 work items: exp, 3 operations for each of 5 states, and a sum of 5.
// STEPS: plan.cost = #plan.cost<flops_per_row = 104, bytes_per_row = 76, bytes_fixed = 0,
// STEPS-SAME: elementary_per_row = 4>
// A chunk of 8, 1432 in all: scores 320 + 32, their products with values 256, of
// queries and of inputs with states 320 each; the rest is decays and sums.
// CHUNKS: plan.cost = #plan.cost<flops_per_row = 179, bytes_per_row = 76, bytes_fixed = 0,
// CHUNKS-SAME: elementary_per_row = 1>
func.func @prefill(%g: tensor<?x?xf32>, %x: tensor<?x?x4xf32>, %B: tensor<?x?x5xf32>,
                   %C: tensor<?x?x5xf32>) -> tensor<?x?x4xf32> attributes {ssm.entry} {
  %y, %last = ssm.recurrence sequence(l) step(n)
      ins(%g[b, l], %x[b, l, p], %B[b, l, n], %C[b, l, n]
          : tensor<?x?xf32>, tensor<?x?x4xf32>, tensor<?x?x5xf32>, tensor<?x?x5xf32>)
      outs([b, l, p] : tensor<?x?x4xf32>)
      states("recurrent" [b, p, n] : tensor<?x4x5xf32>) {
  ^step(%g_t: f32, %x_t: f32, %B_t: tensor<5xf32>, %C_t: tensor<5xf32>, %h: tensor<5xf32>):
    %a = math.exp %g_t : f32
    %kept = ssm.contract ",n->n" %a, %h : (f32, tensor<5xf32>) -> tensor<5xf32>
    %in = ssm.contract ",n->n" %x_t, %B_t : (f32, tensor<5xf32>) -> tensor<5xf32>
    %next = arith.addf %kept, %in : tensor<5xf32>
    %y_t = ssm.contract "n,n->" %next, %C_t : (tensor<5xf32>, tensor<5xf32>) -> f32
    ssm.yield %y_t, %next : f32, tensor<5xf32>
  }
  return %y : tensor<?x?x4xf32>
}

// A dense recurrent matrix is read at every step, and stated apart from what is
// read once.
// CHECK-LABEL: func.func private @{{.*}}_32
// CHECK-SAME: bytes_per_row = 256, bytes_fixed = 0,
// CHECK-SAME: elementary_per_row = 32, weight_bytes_per_step = 4096>
func.func @forward(%x: tensor<?x?x32xf32>) -> tensor<?x?x32xf32> attributes {ssm.entry} {
  %R = ssm.weight "R" splat(0.01) : tensor<32x32xf32>
  %y, %last = ssm.recurrence sequence(l) step(r, n)
      ins(%x[b, l, r], %R[r, n] : tensor<?x?x32xf32>, tensor<32x32xf32>)
      outs([b, l, n] : tensor<?x?x32xf32>) states("hidden" [b, n] : tensor<?x32xf32>) {
  ^step(%x_t: tensor<32xf32>, %R_: tensor<32x32xf32>, %s: tensor<32xf32>):
    %Rs = ssm.contract "rn,n->r" %R_, %s : (tensor<32x32xf32>, tensor<32xf32>) -> tensor<32xf32>
    %a = arith.addf %x_t, %Rs : tensor<32xf32>
    %next = math.tanh %a : tensor<32xf32>
    ssm.yield %next, %next : tensor<32xf32>, tensor<32xf32>
  }
  return %y : tensor<?x?x32xf32>
}
