// RUN: ssmc-opt %s --ssmc-derive-chunks 2>/dev/null | FileCheck %s
// RUN: ssmc-opt %s --ssmc-derive-chunks -o /dev/null 2>&1 | FileCheck %s --check-prefix=WHY

// A matrix state of 128 x 128 per head: products of matrices cost half of the
// steps at the least.
// WHY:         remark: chunked by 64: sequential {{.*}} cycles a step, chunked {{.*}}, associative
// CHECK-LABEL: @matrix_state
// CHECK:       } chunk(64)
func.func @matrix_state(%q: tensor<?x?x4x128xf32>, %k: tensor<?x?x4x128xf32>,
                        %v: tensor<?x?x4x128xf32>, %g: tensor<?x?x4xf32>)
    -> tensor<?x?x4x128xf32> {
  %y, %last = ssm.recurrence sequence(l) step(k)
      ins(%q[b, l, h, k], %k[b, l, h, k], %v[b, l, h, v], %g[b, l, h]
          : tensor<?x?x4x128xf32>, tensor<?x?x4x128xf32>, tensor<?x?x4x128xf32>,
            tensor<?x?x4xf32>)
      outs([b, l, h, v] : tensor<?x?x4x128xf32>)
      states("S" [b, h, v, k] : tensor<?x4x128x128xf32>) {
  ^step(%q_t: tensor<128xf32>, %k_t: tensor<128xf32>, %v_t: f32, %a: f32, %s: tensor<128xf32>):
    %kept = ssm.contract ",k->k" %a, %s : (f32, tensor<128xf32>) -> tensor<128xf32>
    %in = ssm.contract ",k->k" %v_t, %k_t : (f32, tensor<128xf32>) -> tensor<128xf32>
    %next = arith.addf %kept, %in : tensor<128xf32>
    %y_t = ssm.contract "k,k->" %next, %q_t : (tensor<128xf32>, tensor<128xf32>) -> f32
    ssm.yield %y_t, %next : f32, tensor<128xf32>
  }
  return %y : tensor<?x?x4x128xf32>
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
