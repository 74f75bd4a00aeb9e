// RUN: ssmc-opt %s --ssmc-derive-chunks 2>/dev/null | FileCheck %s
// RUN: ssmc-opt %s --ssmc-derive-chunks -o /dev/null 2>&1 | FileCheck %s --check-prefix=WHY

// Too few channels to fill lanes, and many states: a chunk is a product of
// matrices, at half the cost of the steps.
// WHY:         remark: chunked by 64: sequential {{.*}} cycles a step, chunked {{.*}}, associative
// CHECK-LABEL: @few_channels
// CHECK:       } chunk(64)
func.func @few_channels(%a: tensor<?x?xf32>, %x: tensor<?x?x8xf32>, %k: tensor<?x?x256xf32>)
    -> tensor<?x?x8xf32> {
  %y, %last = ssm.recurrence sequence(l) step(n)
      ins(%a[b, l], %x[b, l, d], %k[b, l, n]
          : tensor<?x?xf32>, tensor<?x?x8xf32>, tensor<?x?x256xf32>)
      outs([b, l, d] : tensor<?x?x8xf32>)
      states("h" [b, d, n] : tensor<?x8x256xf32>) {
  ^step(%a_t: f32, %x_t: f32, %k_t: tensor<256xf32>, %h: tensor<256xf32>):
    %kept = ssm.contract ",n->n" %a_t, %h : (f32, tensor<256xf32>) -> tensor<256xf32>
    %in = ssm.contract ",n->n" %x_t, %k_t : (f32, tensor<256xf32>) -> tensor<256xf32>
    %next = arith.addf %kept, %in : tensor<256xf32>
    %y_t = ssm.contract "n,n->" %next, %k_t : (tensor<256xf32>, tensor<256xf32>) -> f32
    ssm.yield %y_t, %next : f32, tensor<256xf32>
  }
  return %y : tensor<?x?x8xf32>
}

// One value per channel: a step is one multiplication and one addition.
// WHY:         remark: kept sequential: {{.*}} cycles a step, chunked {{.*}}, associative
// CHECK-LABEL: @channels
// CHECK-NOT:   chunk(
func.func @channels(%a: tensor<?x?x512xf32>, %x: tensor<?x?x512xf32>) -> tensor<?x?x512xf32> {
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%a[b, l, d], %x[b, l, d] : tensor<?x?x512xf32>, tensor<?x?x512xf32>)
      outs([b, l, d] : tensor<?x?x512xf32>)
      states("h" [b, d] : tensor<?x512xf32>) {
  ^step(%a_t: f32, %x_t: f32, %h: f32):
    %kept = arith.mulf %a_t, %h : f32
    %next = arith.addf %kept, %x_t : f32
    ssm.yield %next, %next : f32, f32
  }
  return %y : tensor<?x?x512xf32>
}
