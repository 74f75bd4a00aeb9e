// RUN: ssmc-opt %s --ssmc-derive-entries=entries=forward --split-input-file | FileCheck %s

// Alone, `@forward` still carries the states that make it a prefill.
// CHECK: plan.state @op0.recurrent
// CHECK: func.func @forward({{.*}}) -> {{.*}} attributes {ssm.causal, ssm.entry, ssm.transient_state}
// CHECK-NOT: func.func
func.func @forward(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %h, %last = ssm.linear_scan %x, %x : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  return %h : tensor<?x?x8xf32>
}

// -----

// What has no step compiles as it stands: runs backwards,
// CHECK-NOT: plan.state
// CHECK: func.func @forward(%{{[a-z0-9_]+}}: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> attributes {ssm.entry} {
// CHECK-NEXT: ssm.linear_scan %{{[a-z0-9_]+}}, %{{[a-z0-9_]+}} reverse :
func.func @forward(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %h, %last = ssm.linear_scan %x, %x reverse : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  return %h : tensor<?x?x8xf32>
}

// -----

// has one length only,
// CHECK: func.func @forward(%{{[a-z0-9_]+}}: tensor<?x16x8xf32>) -> tensor<?x16x8xf32> attributes {ssm.entry} {
// CHECK-NEXT: ssm.linear_scan
func.func @forward(%x: tensor<?x16x8xf32>) -> tensor<?x16x8xf32> {
  %h, %last = ssm.linear_scan %x, %x : tensor<?x16x8xf32>, tensor<?x16x8xf32>
  return %h : tensor<?x16x8xf32>
}

// -----

// or starts from a state of its own.
// CHECK: func.func @forward(%[[X:[a-z0-9_]+]]: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> attributes {ssm.entry} {
// CHECK-NEXT: %[[A:[a-z0-9_]+]], %[[LAST:[a-z0-9_]+]] = ssm.linear_scan %[[X]], %[[X]] :
// CHECK-NEXT: ssm.linear_scan %[[A]], %[[X]] init(%[[LAST]] :
func.func @forward(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %a, %last = ssm.linear_scan %x, %x : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  %b, %end = ssm.linear_scan %a, %x init(%last : tensor<?x8xf32>)
      : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  return %b : tensor<?x?x8xf32>
}
