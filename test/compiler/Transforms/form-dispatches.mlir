// RUN: ssmc-opt %s --split-input-file --ssmc-form-dispatches | FileCheck %s

// A pointwise op joins the anchor that alone feeds it; its other operand is there
// before.
// CHECK-LABEL: func.func private @linear_8_8(
// CHECK-SAME: %{{.*}}: tensor<8x8xf32> {plan.weight}
// CHECK-SAME: attributes {plan.kernel}
// CHECK: ssm.linear
// CHECK: arith.addf
// CHECK-LABEL: func.func @residual(
// CHECK-COUNT-1: plan.dispatch @linear_8_8(
// CHECK-NOT: plan.dispatch
func.func @residual(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
    attributes {ssm.entry} {
  %w = ssm.weight "w" : tensor<8x8xf32>
  %y = ssm.linear %x, %w : tensor<?x?x8xf32>, tensor<8x8xf32>
  %z = arith.addf %x, %y : tensor<?x?x8xf32>
  return %z : tensor<?x?x8xf32>
}

// -----

// Layers of one kind share kernels.
// CHECK-LABEL: func.func private @linear_8_8(
// CHECK-NOT: func.func private
// CHECK-LABEL: func.func @repeated(
// CHECK: plan.dispatch @linear_8_8(
// CHECK: plan.dispatch @linear_8_8(
func.func @repeated(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
    attributes {ssm.entry} {
  %w0 = ssm.weight "w0" : tensor<8x8xf32>
  %w1 = ssm.weight "w1" : tensor<8x8xf32>
  %y = ssm.linear %x, %w0 : tensor<?x?x8xf32>, tensor<8x8xf32>
  %z = ssm.linear %y, %w1 : tensor<?x?x8xf32>, tensor<8x8xf32>
  return %z : tensor<?x?x8xf32>
}

// -----

// An operand made by a later group keeps the op out of the earlier one, and a
// view is cloned into the kernel that reads it.
// CHECK-LABEL: func.func private @linear_8_4(
// CHECK-NEXT: ssm.split
// CHECK-NEXT: ssm.linear
// CHECK-NEXT: return
// CHECK-LABEL: func.func private @linear_8_4_0(
// CHECK: ssm.split
// CHECK: ssm.linear
// CHECK: arith.mulf
// CHECK-LABEL: func.func @gate(
// CHECK: %[[A:.*]] = plan.dispatch @linear_8_4(
// CHECK: plan.dispatch @linear_8_4_0(%{{.*}}, %{{.*}}, %[[A]])
func.func @gate(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
    attributes {ssm.entry} {
  %w0 = ssm.weight "w0" : tensor<8x4xf32>
  %w1 = ssm.weight "w1" : tensor<8x4xf32>
  %a, %b = ssm.split %x [4, 4] : tensor<?x?x8xf32>
  %y = ssm.linear %a, %w0 : tensor<?x?x4xf32>, tensor<8x4xf32>
  %z = ssm.linear %b, %w1 : tensor<?x?x4xf32>, tensor<8x4xf32>
  %g = arith.mulf %y, %z : tensor<?x?x8xf32>
  return %g : tensor<?x?x8xf32>
}

// -----

// What only a recurrence reads is computed inside it, once per element.
// CHECK-LABEL: func.func private @recurrent_8(
// CHECK: ssm.silu
// CHECK: ssm.recurrence
// CHECK-LABEL: func.func @prologue(
// CHECK-COUNT-1: plan.dispatch
// CHECK-NOT: plan.dispatch
func.func @prologue(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
    attributes {ssm.entry} {
  %s = ssm.silu %x : tensor<?x?x8xf32>
  %y, %last = ssm.recurrence sequence(l) step() ins(%s[b, l, d] : tensor<?x?x8xf32>)
      outs([b, l, d] : tensor<?x?x8xf32>)
      states("recurrent" [b, d] : tensor<?x8xf32>) {
  ^step(%in: f32, %h: f32):
    %next = arith.addf %in, %h : f32
    ssm.yield %next, %next : f32, f32
  }
  return %y : tensor<?x?x8xf32>
}

// -----

// A step shares the kernels that work row by row.
// CHECK-LABEL: func.func private @rms_norm_8(
// CHECK-SAME: tensor<?x?x8xf32>
// CHECK-NOT: func.func private
// CHECK-LABEL: func.func @prefill(
// CHECK: plan.dispatch @rms_norm_8(%{{.*}}) : (tensor<?x?x8xf32>)
// CHECK-LABEL: func.func @step(
// CHECK: plan.dispatch @rms_norm_8(%{{.*}}) : (tensor<?x1x8xf32>)
func.func @prefill(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
    attributes {ssm.entry} {
  %y = ssm.rms_norm %x eps(1.0e-5) : tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}
func.func @step(%x: tensor<?x1x8xf32>) -> tensor<?x1x8xf32>
    attributes {ssm.entry} {
  %y = ssm.rms_norm %x eps(1.0e-5) : tensor<?x1x8xf32>
  return %y : tensor<?x1x8xf32>
}

// -----

// A result that no kernel makes is copied.
// CHECK-LABEL: func.func private @copy(
// CHECK: ssm.split
// CHECK-LABEL: func.func @part(
// CHECK: plan.dispatch @copy(
func.func @part(%x: tensor<?x?x8xf32>) -> tensor<?x?x4xf32>
    attributes {ssm.entry} {
  %a, %b = ssm.split %x [4, 4] : tensor<?x?x8xf32>
  return %b : tensor<?x?x4xf32>
}

// -----

// A matrix product reads time steps in one piece: the part of each head is
// copied first.
// CHECK-LABEL: func.func private @copy(
// CHECK-SAME: -> tensor<?x?x4xf32>
// CHECK: ssm.split
// CHECK: ssm.reshape
// CHECK-LABEL: func.func private @linear_5_4(
// CHECK-NOT: ssm.split
// CHECK-LABEL: func.func @scattered(
// CHECK: %[[COPY:.*]] = plan.dispatch @copy(
// CHECK: plan.dispatch @linear_5_4(%[[COPY]],
func.func @scattered(%x: tensor<?x?x2x6xf32>) -> tensor<?x?x5xf32>
    attributes {ssm.entry} {
  %w = ssm.weight "w" : tensor<5x4xf32>
  %a, %b = ssm.split %x [4, 2] : tensor<?x?x2x6xf32>
  %r = ssm.reshape %b : tensor<?x?x2x2xf32> to tensor<?x?x4xf32>
  %y = ssm.linear %r, %w : tensor<?x?x4xf32>, tensor<5x4xf32>
  return %y : tensor<?x?x5xf32>
}

// -----

// Each kernel that reads truth values compares for itself, and what one compares
// and then selects is in no buffer.
// CHECK-LABEL: func.func private @copysign_8(
// CHECK-SAME: %[[A:[^ ]*]]: tensor<?x?x8xf32>, %[[B:[^ ]*]]: tensor<?x?x8xf32>
// CHECK: arith.cmpf ogt, %[[A]], %[[B]]
// CHECK: arith.select
// CHECK: %[[LAST:.*]] = math.copysign
// CHECK: return %[[LAST]] : tensor<?x?x8xf32>
// CHECK-LABEL: func.func private @linear_8_8(
// CHECK: %[[Y:.*]] = ssm.linear
// CHECK: arith.cmpf ogt
// CHECK: %[[Z:.*]] = arith.select %{{.*}}, %[[Y]], %{{.*}}
// CHECK: arith.cmpf olt, %[[Z]]
// CHECK: %[[R:.*]] = arith.select %{{.*}}, %[[Z]]
// CHECK: return %[[R]] : tensor<?x?x8xf32>
// CHECK-LABEL: func.func @compared(
// CHECK-NOT: arith
func.func @compared(%x: tensor<?x?x8xf32>, %y: tensor<?x?x8xf32>)
    -> (tensor<?x?x8xf32>, tensor<?x?x8xf32>) attributes {ssm.entry} {
  %w = ssm.weight "w" : tensor<8x8xf32>
  %larger = arith.cmpf ogt, %x, %y : tensor<?x?x8xf32>
  %most = arith.select %larger, %x, %y : tensor<?x?x8xi1>, tensor<?x?x8xf32>
  %last = math.copysign %most, %y : tensor<?x?x8xf32>
  %p = ssm.linear %x, %w : tensor<?x?x8xf32>, tensor<8x8xf32>
  %q = arith.select %larger, %p, %y : tensor<?x?x8xi1>, tensor<?x?x8xf32>
  %less = arith.cmpf olt, %q, %x : tensor<?x?x8xf32>
  %r = arith.select %less, %q, %x : tensor<?x?x8xi1>, tensor<?x?x8xf32>
  return %last, %r : tensor<?x?x8xf32>, tensor<?x?x8xf32>
}
