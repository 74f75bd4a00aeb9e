// RUN: not ssmc-opt %s --ssmc-derive-chunks=algorithm=newton 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not ssmc-opt %s --ssmc-derive-chunks=algorithm=fast 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not ssmc-opt %s --ssmc-derive-chunks=chunk=0 2>&1 | FileCheck %s --check-prefix=CHUNK

// NONE: remark: 'newton' does not apply: no state is nonlinear
// NONE: error: expected algorithm 'newton' to apply to some recurrence of the model
// NAME: error: expected algorithm 'auto', 'sequential', 'chunked', 'associative', 'newton' or 'convolution', got 'fast'
// CHUNK: error: expected a positive number of steps in a chunk, got 0
func.func @sum(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%x[b, l, d] : tensor<?x?x8xf32>)
      outs([b, l, d] : tensor<?x?x8xf32>)
      states("sum" [b, d] : tensor<?x8xf32>) {
  ^step(%x_t: f32, %s: f32):
    %next = arith.addf %s, %x_t : f32
    ssm.yield %next, %next : f32, f32
  }
  return %y : tensor<?x?x8xf32>
}
