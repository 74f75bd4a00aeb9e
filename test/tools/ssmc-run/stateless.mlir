// A model without states says so where one is asked for.
// RUN: ssmc %s -o %t.fb
// RUN: not ssmc-run %t.fb --input=1x2x4xf32=1 --splits=1,1 2>&1 | FileCheck %s
// CHECK: ssmc-run: error: the model carries no state: --load-state, --save-state and --splits need one that does
func.func @forward(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %y = math.tanh %x : tensor<?x?x4xf32>
  return %y : tensor<?x?x4xf32>
}
