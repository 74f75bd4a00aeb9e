// RUN: ssmc-opt %s --ssmc-derive-entries=entries=step | FileCheck %s

// CHECK: plan.state @op0.recurrent
// CHECK-NOT: func.func @forward
// CHECK-NOT: func.func @prefill
// CHECK: func.func @step(%{{[a-z0-9_]+}}: tensor<?x1x8xf32>, %{{[a-z0-9_]+}}: tensor<?x8xf32> {plan.state = @op0.recurrent})
// CHECK-SAME: attributes {ssm.entry} {
// CHECK-NOT: func.func
func.func @forward(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %h, %last = ssm.linear_scan %x, %x : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  return %h : tensor<?x?x8xf32>
}
