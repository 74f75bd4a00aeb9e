// RUN: ssmc-opt %s --ssmc-expand-recurrences --split-input-file | FileCheck %s
// RUN: ssmc-opt %s --ssmc-expand-recurrences --split-input-file --mlir-print-debuginfo \
// RUN:   --mlir-print-local-scope | FileCheck %s --check-prefix=LOC

// CHECK-LABEL: @scan
// CHECK-SAME: %[[A:.*]]: tensor<?x?x8xf32>, %[[X:.*]]: tensor<?x?x8xf32>
// CHECK: %[[H:.*]], %[[LAST:.*]] = ssm.recurrence sequence(l) step()
// CHECK-NEXT: ins(%[[A]][b, l, d], %[[X]][b, l, d] : tensor<?x?x8xf32>, tensor<?x?x8xf32>)
// CHECK-NEXT: outs([b, l, d] : tensor<?x?x8xf32>)
// CHECK-NEXT: states("recurrent" [b, d] : tensor<?x8xf32>)
// CHECK-NEXT: ^bb0(%[[DECAY:.*]]: f32, %[[INPUT:.*]]: f32, %[[STATE:.*]]: f32):
// CHECK-NEXT: %[[KEPT:.*]] = arith.mulf %[[DECAY]], %[[STATE]] : f32
// CHECK-NEXT: %[[NEXT:.*]] = arith.addf %[[KEPT]], %[[INPUT]] : f32
// CHECK-NEXT: ssm.yield %[[NEXT]], %[[NEXT]] : f32, f32
// CHECK: return %[[H]], %[[LAST]]
// LOC-LABEL: @scan
// LOC: ssm.recurrence
// LOC: arith.mulf {{.*}} loc("here")
// LOC: } loc("here")
func.func @scan(%a: tensor<?x?x8xf32>, %x: tensor<?x?x8xf32>)
    -> (tensor<?x?x8xf32>, tensor<?x8xf32>) {
  %h, %last = ssm.linear_scan %a, %x : tensor<?x?x8xf32>, tensor<?x?x8xf32> loc("here")
  return %h, %last : tensor<?x?x8xf32>, tensor<?x8xf32>
}

// -----

// CHECK-LABEL: @constant_reverse_scan
// CHECK-SAME: %[[A:.*]]: tensor<8xf32>, %[[X:.*]]: tensor<?x?x8xf32>, %[[INIT:.*]]: tensor<?x8xf32>
// CHECK: ssm.recurrence sequence(l) step() reverse
// CHECK-NEXT: ins(%[[A]][d], %[[X]][b, l, d] :
// CHECK: states("recurrent" [b, d] init(%[[INIT]]) : tensor<?x8xf32>)
func.func @constant_reverse_scan(%a: tensor<8xf32>, %x: tensor<?x?x8xf32>, %init: tensor<?x8xf32>)
    -> tensor<?x?x8xf32> {
  %h, %last = ssm.linear_scan %a, %x init(%init : tensor<?x8xf32>) reverse
      : tensor<8xf32>, tensor<?x?x8xf32>
  return %h : tensor<?x?x8xf32>
}

// -----

// CHECK-LABEL: @short_conv
// CHECK-SAME: %[[X:.*]]: tensor<?x?x8xf32>, %[[W:.*]]: tensor<8x3xf32>, %[[BIAS:.*]]: tensor<8xf32>
// CHECK: ssm.recurrence sequence(l) step(k, w)
// CHECK-NEXT: ins(%[[X]][b, l, d], %[[W]][d, k], %[[BIAS]][d] :
// CHECK-NEXT: outs([b, l, d] : tensor<?x?x8xf32>)
// CHECK-NEXT: states("conv_window" [b, d, w] : tensor<?x8x2xf32>)
// CHECK-NEXT: ^bb0(%[[XT:.*]]: f32, %[[TAPS:.*]]: tensor<3xf32>, %[[B:.*]]: f32, %[[WINDOW:.*]]: tensor<2xf32>):
// CHECK: %[[C0:.*]] = arith.constant 0 : index
// CHECK: %[[OLDEST:.*]] = tensor.extract %[[WINDOW]][%[[C0]]]
// CHECK: %[[C1:.*]] = arith.constant 1 : index
// CHECK: %[[RECENT:.*]] = tensor.extract %[[WINDOW]][%[[C1]]]
// CHECK: %[[TAP0:.*]] = tensor.extract %[[TAPS]]
// CHECK: %[[TERM0:.*]] = arith.mulf %[[TAP0]], %[[OLDEST]] : f32
// CHECK: %[[TAP1:.*]] = tensor.extract %[[TAPS]]
// CHECK: %[[TERM1:.*]] = arith.mulf %[[TAP1]], %[[RECENT]] : f32
// CHECK: %[[SUM1:.*]] = arith.addf %[[TERM0]], %[[TERM1]] : f32
// CHECK: %[[TAP2:.*]] = tensor.extract %[[TAPS]]
// CHECK: %[[TERM2:.*]] = arith.mulf %[[TAP2]], %[[XT]] : f32
// CHECK: %[[SUM2:.*]] = arith.addf %[[SUM1]], %[[TERM2]] : f32
// CHECK: %[[BIASED:.*]] = arith.addf %[[SUM2]], %[[B]] : f32
// CHECK: %[[Y:.*]] = ssm.silu %[[BIASED]] : f32
// CHECK: %[[NEXT:.*]] = tensor.from_elements %[[RECENT]], %[[XT]] : tensor<2xf32>
// CHECK: ssm.yield %[[Y]], %[[NEXT]] : f32, tensor<2xf32>
func.func @short_conv(%x: tensor<?x?x8xf32>, %w: tensor<8x3xf32>, %b: tensor<8xf32>)
    -> tensor<?x?x8xf32> {
  %y, %window = ssm.short_conv %x, %w bias(%b : tensor<8xf32>) activation(silu)
      : tensor<?x?x8xf32>, tensor<8x3xf32>
  return %y : tensor<?x?x8xf32>
}

// -----

// The unit axis of a checkpoint's weight stays in the slice.
// CHECK-LABEL: @short_conv_unit_axis
// CHECK: ssm.recurrence sequence(l) step(one, k, w)
// CHECK-NEXT: ins(%{{.*}}[b, l, d], %{{.*}}[d, one, k] :
// CHECK: ^bb0(%{{.*}}: f32, %{{.*}}: tensor<1x4xf32>, %{{.*}}: tensor<3xf32>):
func.func @short_conv_unit_axis(%x: tensor<?x?x8xf32>, %w: tensor<8x1x4xbf16>)
    -> tensor<?x?x8xf32> {
  %y, %window = ssm.short_conv %x, %w : tensor<?x?x8xf32>, tensor<8x1x4xbf16>
  return %y : tensor<?x?x8xf32>
}

// -----

// CHECK-LABEL: @selective_scan
// CHECK-SAME: %[[U:.*]]: tensor<?x?x8xf32>, %[[DELTA:.*]]: tensor<?x?x8xf32>, %[[A:.*]]: tensor<8x4xf32>,
// CHECK-SAME: %[[B:.*]]: tensor<?x?x4xf32>, %[[D:.*]]: tensor<8xf32>
// CHECK: ssm.recurrence sequence(l) step(n)
// CHECK-NEXT: ins(%[[U]][b, l, d], %[[DELTA]][b, l, d], %[[A]][d, n], %[[B]][b, l, n], %[[B]][b, l, n], %[[D]][d], %[[U]][b, l, d], %[[D]][d] :
// CHECK-NEXT: outs([b, l, d] : tensor<?x?x8xf32>)
// CHECK-NEXT: states("recurrent" [b, d, n] : tensor<?x8x4xf32>)
// CHECK-NEXT: ^bb0(%[[UT:.*]]: f32, %[[DT:.*]]: f32, %[[AT:.*]]: tensor<4xf32>, %[[BT:.*]]: tensor<4xf32>, %[[CT:.*]]: tensor<4xf32>, %[[SKIP:.*]]: f32, %[[ZT:.*]]: f32, %[[BIAS:.*]]: f32, %[[H:.*]]: tensor<4xf32>):
// CHECK-NEXT: %[[BIASED:.*]] = arith.addf %[[DT]], %[[BIAS]] : f32
// CHECK-NEXT: %[[SOFT:.*]] = ssm.softplus %[[BIASED]] : f32
// CHECK-NEXT: %[[DECAY:.*]], %{{.*}} = ssm.discretize {{ ?}}exp_euler %[[SOFT]], %[[AT]]
// CHECK-NEXT: %[[DTU:.*]] = arith.mulf %[[SOFT]], %[[UT]] : f32
// CHECK-NEXT: %[[IN:.*]] = ssm.contract ",n->n" %[[DTU]], %[[BT]]
// CHECK-NEXT: %[[KEPT:.*]] = arith.mulf %[[DECAY]], %[[H]] : tensor<4xf32>
// CHECK-NEXT: %[[NEXT:.*]] = arith.addf %[[KEPT]], %[[IN]] : tensor<4xf32>
// CHECK-NEXT: %[[READ:.*]] = ssm.contract "n,n->" %[[NEXT]], %[[CT]]
// CHECK-NEXT: %[[DU:.*]] = arith.mulf %[[SKIP]], %[[UT]] : f32
// CHECK-NEXT: %[[Y:.*]] = arith.addf %[[READ]], %[[DU]] : f32
// CHECK-NEXT: %[[GATE:.*]] = ssm.silu %[[ZT]] : f32
// CHECK-NEXT: %[[GATED:.*]] = arith.mulf %[[Y]], %[[GATE]] : f32
// CHECK-NEXT: ssm.yield %[[GATED]], %[[NEXT]] : f32, tensor<4xf32>
func.func @selective_scan(%u: tensor<?x?x8xf32>, %delta: tensor<?x?x8xf32>, %A: tensor<8x4xf32>,
                          %B: tensor<?x?x4xf32>, %d: tensor<8xf32>) -> tensor<?x?x8xf32> {
  %y, %h = ssm.selective_scan %u, %delta, %A, %B, %B
      D(%d : tensor<8xf32>) z(%u : tensor<?x?x8xf32>) dt_bias(%d : tensor<8xf32>) softplus
      : tensor<?x?x8xf32>, tensor<8x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>
  return %y : tensor<?x?x8xf32>
}

// -----

// Groups split the channel axis; a constant B follows it.
// CHECK-LABEL: @grouped_selective_scan
// CHECK: ins(%{{.*}}[b, l, g p], %{{.*}}[b, l, g p], %{{.*}}[g p, n], %{{.*}}[g p, n], %{{.*}}[b, l, g, n] :
// CHECK-NEXT: outs([b, l, g p] : tensor<?x?x8xf32>)
// CHECK-NEXT: states("recurrent" [b, g p, n] : tensor<?x8x4xf32>)
func.func @grouped_selective_scan(%u: tensor<?x?x8xf32>, %A: tensor<8x4xf32>,
                                  %C: tensor<?x?x2x4xf32>) -> tensor<?x?x8xf32> {
  %y, %h = ssm.selective_scan %u, %u, %A, %A, %C
      : tensor<?x?x8xf32>, tensor<8x4xf32>, tensor<8x4xf32>, tensor<?x?x2x4xf32>
  return %y : tensor<?x?x8xf32>
}

// -----

// States that are given, and time from the end.
// CHECK-LABEL: @given
// CHECK-SAME: %[[WINDOW:[a-z0-9]+]]: tensor<?x8x3xf32>, %[[STATE:[a-z0-9]+]]: tensor<?x8x4xf32>
// CHECK: ssm.recurrence sequence(l) step(k, w)
// CHECK-NOT: reverse
// CHECK: states("conv_window" [b, d, w] init(%[[WINDOW]]) : tensor<?x8x3xf32>)
// CHECK: ssm.recurrence sequence(l) step(n) reverse
// CHECK: states("recurrent" [b, d, n] init(%[[STATE]]) : tensor<?x8x4xf32>)
func.func @given(%u: tensor<?x?x8xf32>, %w: tensor<8x4xf32>, %window: tensor<?x8x3xf32>,
                 %state: tensor<?x8x4xf32>) -> tensor<?x?x8xf32> {
  %x, %last = ssm.short_conv %u, %w init(%window : tensor<?x8x3xf32>)
      : tensor<?x?x8xf32>, tensor<8x4xf32>
  %y, %h = ssm.selective_scan %x, %x, %w, %w, %w init(%state : tensor<?x8x4xf32>) reverse
      : tensor<?x?x8xf32>, tensor<8x4xf32>, tensor<8x4xf32>, tensor<8x4xf32>
  return %y : tensor<?x?x8xf32>
}

// -----

// Looking ahead is looking back from the end.
// CHECK-LABEL: @shift
// CHECK: ssm.recurrence sequence(l) step(w) reverse
// CHECK: ins(%{{.*}}[b, l, d0, d1] : tensor<?x?x4x8xf32>)
// CHECK-NEXT: outs([b, l, d0, d1] : tensor<?x?x4x8xf32>)
// CHECK-NEXT: states("shift_window" [b, d0, d1, w] : tensor<?x4x8x2xf32>)
// CHECK: ^{{.*}}(%[[X:.*]]: f32, %[[W:.*]]: tensor<2xf32>):
// CHECK: %[[OLD:.*]] = tensor.extract %[[W]][%{{.*}}]
// CHECK: %[[NEXT:.*]] = tensor.from_elements %{{.*}}, %[[X]] : tensor<2xf32>
// CHECK: ssm.yield %[[OLD]], %[[NEXT]]
func.func @shift(%x: tensor<?x?x4x8xf32>) -> tensor<?x?x4x8xf32> {
  %y, %window = ssm.shift %x by(-2) : tensor<?x?x4x8xf32>
  return %y : tensor<?x?x4x8xf32>
}
