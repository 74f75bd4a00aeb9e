// RUN: ssmc-opt %s --ssmc-convolve-recurrences | FileCheck %s

// A dense system of two states, per channel.
// CHECK-LABEL: @dense
func.func @dense(%u: tensor<?x?x4xf32>, %a: tensor<4x2x2xf32>, %b: tensor<4x2xf32>)
    -> tensor<?x?x4xf32> {
  // CHECK: %[[T:.*]] = ssm.positions like %{{.*}} : tensor<?x?x4xf32> -> tensor<1x?x4xf32>
  // CHECK: %[[K:.*]], %{{.*}} = ssm.recurrence
  // CHECK-NEXT: ins(%[[T]][b, l, d], %{{.*}}[d, m, n], %{{.*}}[d, n]
  // CHECK: states("recurrent" [b, d, n] : tensor<1x4x2xf32>)
  // CHECK-NEXT: (%[[TIME:.*]]: f32, %{{.*}}: tensor<2x2xf32>
  // CHECK: %[[FIRST:.*]] = arith.cmpf oeq, %[[TIME]],
  // CHECK: %[[U:.*]] = arith.select %[[FIRST]],
  // CHECK: ssm.contract ",n->n" %[[U]],
  // CHECK: ssm.long_conv %{{.*}}, %[[K]] : tensor<?x?x4xf32>, tensor<1x?x4xf32>
  %y, %last = ssm.recurrence sequence(l) step(n, m)
      ins(%u[b, l, d], %a[d, m, n], %b[d, n]
          : tensor<?x?x4xf32>, tensor<4x2x2xf32>, tensor<4x2xf32>)
      outs([b, l, d] : tensor<?x?x4xf32>)
      states("recurrent" [b, d, n] : tensor<?x4x2xf32>) {
  ^step(%u_t: f32, %a_d: tensor<2x2xf32>, %b_d: tensor<2xf32>, %s: tensor<2xf32>):
    %kept = ssm.contract "mn,n->m" %a_d, %s : (tensor<2x2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %in = ssm.contract ",n->n" %u_t, %b_d : (f32, tensor<2xf32>) -> tensor<2xf32>
    %next = arith.addf %kept, %in : tensor<2xf32>
    %read = ssm.contract "n,n->" %b_d, %next : (tensor<2xf32>, tensor<2xf32>) -> f32
    ssm.yield %read, %next : f32, tensor<2xf32>
  }
  return %y : tensor<?x?x4xf32>
}

// CHECK-LABEL: @backwards
func.func @backwards(%u: tensor<?x?x4xf32>, %a: tensor<4xf32>) -> tensor<?x?x4xf32> {
  // CHECK-NOT: reverse
  // CHECK: ssm.recurrence
  // CHECK: ssm.long_conv {{.*}} reverse
  %y, %last = ssm.recurrence sequence(l) step() reverse
      ins(%u[b, l, d], %a[d] : tensor<?x?x4xf32>, tensor<4xf32>)
      outs([b, l, d] : tensor<?x?x4xf32>) states("recurrent" [b, d] : tensor<?x4xf32>) {
  ^step(%u_t: f32, %a_d: f32, %s: f32):
    %next = math.fma %a_d, %s, %u_t : f32
    ssm.yield %next, %next : f32, f32
  }
  return %y : tensor<?x?x4xf32>
}
