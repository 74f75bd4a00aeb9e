// RUN: not ssmc-opt %s --ssmc-derive-chunks=algorithm=newton 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: echo 'func.func private @nothing()' \
// RUN:   | not ssmc-opt --ssmc-derive-chunks=algorithm=newton 2>&1 | FileCheck %s --check-prefix=EMPTY
// RUN: sed 's/?x?x8/?x7x8/g' %s | not ssmc-opt --ssmc-derive-chunks=algorithm=associative 2>&1 \
// RUN:   | FileCheck %s --check-prefix=SHORT
// RUN: not ssmc-opt %s --ssmc-derive-chunks=algorithm=fast 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not ssmc-opt %s --ssmc-derive-chunks=chunk=0 2>&1 | FileCheck %s --check-prefix=CHUNK

// NONE: remark: 'newton' does not apply: no state is nonlinear
// NONE: error: expected algorithm 'newton' to apply to some recurrence of the model
// NONE: derive-chunks-errors.mlir:[[# @LINE + 6]]:15: note: it does not apply here: no state is nonlinear
// EMPTY: error: expected algorithm 'newton' to apply to some recurrence of the model, which has none
// SHORT: note: it does not apply here: its sequence is shorter than a chunk
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
