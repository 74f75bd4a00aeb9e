// RUN: ssmc-opt %s --split-input-file --ssmc-derive-entries --verify-diagnostics | FileCheck %s

// A long convolution sees sequences in one piece where it can.
// CHECK: plan.state @op0.conv_window role "conv_window" : tensor<4x99xf32>
// CHECK: func.func @forward(%{{.*}}: tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
// CHECK-SAME: attributes {ssm.entry}
// CHECK: func.func @prefill(%{{.*}}: tensor<?x?x4xf32>
// CHECK: ssm.long_conv %{{.*}} init(%{{.*}} : tensor<?x4x99xf32>) : tensor<?x?x4xf32>
// CHECK: func.func @step(%{{.*}}: tensor<?x1x4xf32>
// CHECK: ssm.long_conv %{{.*}} init(%{{.*}} : tensor<?x4x99xf32>) : tensor<?x1x4xf32>
func.func @forward(%u: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %k = ssm.weight "k" : tensor<4x100xf32>
  // expected-remark@+1 {{'ssm.long_conv' op keeps the state 'op0.conv_window' between calls, 'tensor<4x99xf32>' for each sequence}}
  %y, %w = ssm.long_conv %u, %k : tensor<?x?x4xf32>, tensor<4x100xf32>
  return %y : tensor<?x?x4xf32>
}

// -----

// Few taps are no reason to.
// CHECK: func.func @forward({{.*}}attributes {ssm.causal, ssm.entry, ssm.transient_state}
func.func @forward(%u: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %k = ssm.weight "k" : tensor<4x5xf32>
  %y, %w = ssm.long_conv %u, %k : tensor<?x?x4xf32>, tensor<4x5xf32>
  return %y : tensor<?x?x4xf32>
}

// -----

// CHECK: func.func @forward(%{{.*}}) -> tensor<?x?x4xf32> attributes {ssm.entry}
// CHECK-NOT: @step
func.func @forward(%u: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  // expected-remark@+1 {{'ssm.positions' op has no finite state, so no 'step' can be derived: it counts time steps from the first of the sequence; the artifact has the entry 'forward' only}}
  %k = ssm.positions like %u : tensor<?x?x4xf32> -> tensor<1x?x4xf32>
  %y = ssm.long_conv %u, %k : tensor<?x?x4xf32>, tensor<1x?x4xf32>
  return %y : tensor<?x?x4xf32>
}
