// RUN: ssmc-opt %s --ssmc-derive-entries --split-input-file | FileCheck %s

// One recurrence: its state becomes an argument, a result and a row of the
// table; a step has length 1.
// CHECK: plan.state @op0.recurrent role "recurrent" : tensor<8xf32>

// CHECK: func.func @forward(%{{[a-z0-9_]+}}: tensor<?x?x8xf32>, %[[S:[a-z0-9_]+]]: tensor<?x8xf32> {plan.state = @op0.recurrent})
// CHECK-SAME: -> (tensor<?x?x8xf32>, tensor<?x8xf32> {plan.state = @op0.recurrent})
// CHECK-SAME: attributes {ssm.causal, ssm.entry, ssm.transient_state}
// CHECK: ssm.recurrence
// CHECK: states("recurrent" [b, d] init(%[[S]]) : tensor<?x8xf32>)

// CHECK: func.func @prefill(%{{[a-z0-9_]+}}: tensor<?x?x8xf32>, %[[S:[a-z0-9_]+]]: tensor<?x8xf32> {plan.state = @op0.recurrent})
// CHECK-SAME: -> (tensor<?x?x8xf32>, tensor<?x8xf32> {plan.state = @op0.recurrent})
// CHECK-SAME: attributes {ssm.entry} {
// CHECK: %[[Y:[a-z0-9_]+]], %[[LAST:[a-z0-9_]+]] = ssm.recurrence
// CHECK: states("recurrent" [b, d] init(%[[S]]) : tensor<?x8xf32>)
// CHECK: %[[TWICE:[a-z0-9_]+]] = arith.addf %[[Y]], %[[Y]] : tensor<?x?x8xf32>
// CHECK: return %[[TWICE]], %[[LAST]]

// CHECK: func.func @step(%[[X:[a-z0-9_]+]]: tensor<?x1x8xf32>, %[[S:[a-z0-9_]+]]: tensor<?x8xf32> {plan.state = @op0.recurrent})
// CHECK-SAME: -> (tensor<?x1x8xf32>, tensor<?x8xf32> {plan.state = @op0.recurrent})
// CHECK-SAME: attributes {ssm.entry} {
// CHECK: %[[Y:[a-z0-9_]+]], %[[LAST:[a-z0-9_]+]] = ssm.recurrence
// CHECK-NEXT: ins(%[[X]][b, l, d] : tensor<?x1x8xf32>)
// CHECK-NEXT: outs([b, l, d] : tensor<?x1x8xf32>)
// CHECK-NEXT: states("recurrent" [b, d] init(%[[S]]) : tensor<?x8xf32>)
// CHECK-NEXT: ^bb0(%{{[a-z0-9_]+}}: f32, %{{[a-z0-9_]+}}: f32):
// CHECK: %[[TWICE:[a-z0-9_]+]] = arith.addf %[[Y]], %[[Y]] : tensor<?x1x8xf32>
// CHECK: return %[[TWICE]], %[[LAST]] : tensor<?x1x8xf32>, tensor<?x8xf32>
func.func @forward(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%x[b, l, d] : tensor<?x?x8xf32>)
      outs([b, l, d] : tensor<?x?x8xf32>)
      states("recurrent" [b, d] : tensor<?x8xf32>) {
  ^step(%x_t: f32, %s: f32):
    %next = arith.addf %x_t, %s : f32
    ssm.yield %next, %next : f32, f32
  }
  %twice = arith.addf %y, %y : tensor<?x?x8xf32>
  return %twice : tensor<?x?x8xf32>
}

// -----

// States are named after the calls that inlined the op, outermost first, else
// after the op; equal names are told apart.
// CHECK: plan.state @layer0.recurrent role "recurrent" : tensor<8xf32>
// CHECK: plan.state @layer1.mixer.recurrent role "recurrent" : tensor<8xf32>
// CHECK: plan.state @own.conv_window role "conv_window" : tensor<8x2xf32>
// CHECK: plan.state @own.conv_window_0 role "conv_window" : tensor<8x2xf32>
// CHECK: plan.state @op4.recurrent role "recurrent" : tensor<8xf32>
// CHECK: func.func @prefill(
// CHECK-SAME: %[[A:[a-z0-9_]+]]: tensor<?x8xf32> {plan.state = @layer0.recurrent},
// CHECK-SAME: %[[B:[a-z0-9_]+]]: tensor<?x8xf32> {plan.state = @layer1.mixer.recurrent},
// CHECK-SAME: %[[C:[a-z0-9_]+]]: tensor<?x8x2xf32> {plan.state = @own.conv_window},
// CHECK-SAME: %[[D:[a-z0-9_]+]]: tensor<?x8x2xf32> {plan.state = @own.conv_window_0},
// CHECK-SAME: %[[E:[a-z0-9_]+]]: tensor<?x8xf32> {plan.state = @op4.recurrent})
// CHECK-NEXT: %[[YA:[a-z0-9_]+]], %[[LA:[a-z0-9_]+]] = ssm.linear_scan %{{[a-z0-9_]+}}, %{{[a-z0-9_]+}} init(%[[A]] :
// CHECK-NEXT: %[[YB:[a-z0-9_]+]], %[[LB:[a-z0-9_]+]] = ssm.linear_scan %[[YA]], %[[YA]] init(%[[B]] :
// CHECK: %[[YC:[a-z0-9_]+]], %[[LC:[a-z0-9_]+]] = ssm.short_conv %[[YB]], %{{[a-z0-9_]+}} init(%[[C]] :
// CHECK-NEXT: %[[YD:[a-z0-9_]+]], %[[LD:[a-z0-9_]+]] = ssm.short_conv %[[YC]], %{{[a-z0-9_]+}} init(%[[D]] :
// CHECK-NEXT: %[[YE:[a-z0-9_]+]], %[[LE:[a-z0-9_]+]] = ssm.linear_scan %[[YD]], %[[YD]] init(%[[E]] :
// CHECK-NEXT: return %[[YE]], %[[LA]], %[[LB]], %[[LC]], %[[LD]], %[[LE]]
func.func @forward(%x: tensor<?x?x8xf32>, %w: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %a, %la = ssm.linear_scan %x, %w : tensor<?x?x8xf32>, tensor<?x?x8xf32>
      loc(callsite("op" at "layer0"("model.mlir":1:2)))
  %b, %lb = ssm.linear_scan %a, %a : tensor<?x?x8xf32>, tensor<?x?x8xf32>
      loc(callsite(callsite("op" at "mixer") at "layer1"))
  %taps = ssm.weight "w" : tensor<8x3xf32>
  %c, %lc = ssm.short_conv %b, %taps : tensor<?x?x8xf32>, tensor<8x3xf32>
      loc(callsite("own" at unknown))
  %d, %ld = ssm.short_conv %c, %taps : tensor<?x?x8xf32>, tensor<8x3xf32> loc(fused[unknown, "own"])
  %e, %le = ssm.linear_scan %d, %d : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  return %e : tensor<?x?x8xf32>
}

// -----

// Ops that take extents as operands keep their types between casts; ids of one
// time step are a column.
// CHECK: func.func @step(%[[IDS:[a-z0-9_]+]]: tensor<?x1xi64>, %[[X:[a-z0-9_]+]]: tensor<?x1x8xf32>) -> tensor<?x1x2x4xf32>
// CHECK: %[[LONG:[a-z0-9_]+]] = tensor.cast %[[X]] : tensor<?x1x8xf32> to tensor<?x?x8xf32>
// CHECK: %[[HEADS:[a-z0-9_]+]] = tensor.expand_shape %[[LONG]] {{.*}} : tensor<?x?x8xf32> into tensor<?x?x2x4xf32>
// CHECK: %[[SHORT:[a-z0-9_]+]] = tensor.cast %[[HEADS]] : tensor<?x?x2x4xf32> to tensor<?x1x2x4xf32>
// CHECK: arith.negf %[[SHORT]] : tensor<?x1x2x4xf32>
func.func @forward(%ids: tensor<?x?xi64>, %x: tensor<?x?x8xf32>) -> tensor<?x?x2x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %batch = tensor.dim %x, %c0 : tensor<?x?x8xf32>
  %length = tensor.dim %x, %c1 : tensor<?x?x8xf32>
  %heads = tensor.expand_shape %x [[0], [1], [2, 3]] output_shape [%batch, %length, 2, 4]
      : tensor<?x?x8xf32> into tensor<?x?x2x4xf32>
  %n = arith.negf %heads : tensor<?x?x2x4xf32>
  return %n : tensor<?x?x2x4xf32>
}
