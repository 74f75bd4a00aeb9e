// RUN: ssmc-opt %s --split-input-file --ssmc-derive-chunks --verify-diagnostics | FileCheck %s

// The kernel is computed for one of sixteen rows.
// CHECK-LABEL: @rows
// CHECK: ssm.long_conv
func.func @rows(%u: tensor<16x1024x8xf32>, %a: tensor<8x64x64xf32>) -> tensor<16x1024x8xf32> {
  // expected-remark @+2 {{convolution: sequential }}
  // expected-remark @+1 {{kept sequential: }}
  %y, %last = ssm.recurrence sequence(l) step(n, m)
      ins(%u[b, l, d], %a[d, m, n] : tensor<16x1024x8xf32>, tensor<8x64x64xf32>)
      outs([b, l, d] : tensor<16x1024x8xf32>)
      states("recurrent" [b, d, n] : tensor<16x8x64xf32>) {
  ^step(%u_t: f32, %a_d: tensor<64x64xf32>, %s: tensor<64xf32>):
    %kept = ssm.contract "mn,n->m" %a_d, %s : (tensor<64x64xf32>, tensor<64xf32>) -> tensor<64xf32>
    %ones = arith.constant dense<1.0> : tensor<64xf32>
    %in = ssm.contract ",n->n" %u_t, %ones : (f32, tensor<64xf32>) -> tensor<64xf32>
    %next = arith.addf %kept, %in : tensor<64xf32>
    %read = ssm.contract "n->" %next : (tensor<64xf32>) -> f32
    ssm.yield %read, %next : f32, tensor<64xf32>
  }
  return %y : tensor<16x1024x8xf32>
}

// -----

// A step of one state costs less than a transform.
// CHECK-LABEL: @cheap
// CHECK-NOT: ssm.long_conv
func.func @cheap(%u: tensor<16x1024x8xf32>, %a: tensor<8xf32>) -> tensor<16x1024x8xf32> {
  // expected-remark-re @+1 {{kept sequential: {{.*}}, convolution {{[0-9]+}}}}
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%u[b, l, d], %a[d] : tensor<16x1024x8xf32>, tensor<8xf32>)
      outs([b, l, d] : tensor<16x1024x8xf32>)
      states("recurrent" [b, d] : tensor<16x8xf32>) {
  ^step(%u_t: f32, %a_d: f32, %s: f32):
    %next = math.fma %a_d, %s, %u_t : f32
    ssm.yield %next, %next : f32, f32
  }
  return %y : tensor<16x1024x8xf32>
}

// -----

// CHECK-LABEL: @unknown
// CHECK-NOT: ssm.long_conv
func.func @unknown(%u: tensor<?x?x8xf32>, %a: tensor<8xf32>) -> tensor<?x?x8xf32> {
  // expected-remark @+1 {{convolution where it is asked for or the length is known}}
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%u[b, l, d], %a[d] : tensor<?x?x8xf32>, tensor<8xf32>)
      outs([b, l, d] : tensor<?x?x8xf32>)
      states("recurrent" [b, d] : tensor<?x8xf32>) {
  ^step(%u_t: f32, %a_d: f32, %s: f32):
    %next = math.fma %a_d, %s, %u_t : f32
    ssm.yield %next, %next : f32, f32
  }
  return %y : tensor<?x?x8xf32>
}
