// RUN: ssmc-opt %s --ssmc-fold-parameters | FileCheck %s

// CHECK-LABEL: @decay
// CHECK-NEXT: %[[A:.*]] = ssm.parameter "A_log" : tensor<8x4xf32> {
// CHECK-NEXT:   %[[LOG:.*]] = ssm.weight "A_log" : tensor<8x4xbf16>
// CHECK-NEXT:   %[[WIDE:.*]] = arith.extf %[[LOG]] : tensor<8x4xbf16> to tensor<8x4xf32>
// CHECK-NEXT:   %[[EXP:.*]] = math.exp %[[WIDE]] : tensor<8x4xf32>
// CHECK-NEXT:   %[[NEG:.*]] = arith.negf %[[EXP]] : tensor<8x4xf32>
// CHECK-NEXT:   ssm.yield %[[NEG]] : tensor<8x4xf32>
// CHECK-NEXT: }
// CHECK-NEXT: return %[[A]]
func.func @decay() -> tensor<8x4xf32> {
  %log = ssm.weight "A_log" : tensor<8x4xbf16>
  %wide = arith.extf %log : tensor<8x4xbf16> to tensor<8x4xf32>
  %exp = math.exp %wide : tensor<8x4xf32>
  %neg = arith.negf %exp : tensor<8x4xf32>
  return %neg : tensor<8x4xf32>
}

// A computation ends where run time begins; what only a weight feeds stays.
// CHECK-LABEL: @boundary
// CHECK-SAME: %[[X:.*]]: tensor<8xf32>
// CHECK-NEXT: %[[W:.*]] = ssm.weight "w" : tensor<8xf32>
// A weight that stays keeps its name for itself.
// CHECK-NEXT: %[[E:.*]] = ssm.parameter "w.1" : tensor<8xf32> {
// CHECK:        math.exp
// CHECK:      }
// CHECK-NEXT: %[[Y:.*]] = arith.mulf %[[X]], %[[E]]
// CHECK-NEXT: %[[Z:.*]] = arith.addf %[[Y]], %[[W]]
// CHECK-NEXT: return %[[Z]]
func.func @boundary(%x: tensor<8xf32>) -> tensor<8xf32> {
  %w = ssm.weight "w" : tensor<8xf32>
  %e = math.exp %w : tensor<8xf32>
  %y = arith.mulf %x, %e : tensor<8xf32>
  %z = arith.addf %y, %w : tensor<8xf32>
  return %z : tensor<8xf32>
}

// A value used outside and inside is computed for each; constants go along.
// CHECK-LABEL: @shared
// CHECK-NEXT: %[[E:.*]] = ssm.parameter "w" : tensor<8xf32> {
// CHECK-NEXT:   ssm.weight "w"
// CHECK-NEXT:   math.exp
// CHECK-NEXT:   ssm.yield
// CHECK-NEXT: }
// CHECK-NEXT: %[[H:.*]] = ssm.parameter "w.1" : tensor<8xf32> {
// CHECK-NEXT:   %[[W:.*]] = ssm.weight "w"
// CHECK-NEXT:   %[[HALF:.*]] = arith.constant dense<5.000000e-01>
// CHECK-NEXT:   %[[EXP:.*]] = math.exp %[[W]]
// CHECK-NEXT:   arith.mulf %[[EXP]], %[[HALF]]
// CHECK-NEXT:   ssm.yield
// CHECK-NEXT: }
// CHECK-NEXT: return %[[E]], %[[H]]
func.func @shared() -> (tensor<8xf32>, tensor<8xf32>) {
  %w = ssm.weight "w" : tensor<8xf32>
  %half = arith.constant dense<0.5> : tensor<8xf32>
  %e = math.exp %w : tensor<8xf32>
  %h = arith.mulf %e, %half : tensor<8xf32>
  return %e, %h : tensor<8xf32>, tensor<8xf32>
}

// The first weight names what several give.
// CHECK-LABEL: @several
// CHECK-NEXT: ssm.parameter "a" : tensor<8xf32> {
// CHECK-NEXT:   ssm.weight "a"
// CHECK-NEXT:   ssm.weight "b"
// CHECK-NEXT:   arith.addf
func.func @several() -> tensor<8xf32> {
  %a = ssm.weight "a" : tensor<8xf32>
  %b = ssm.weight "b" : tensor<8xf32>
  %c = arith.addf %b, %a : tensor<8xf32>
  return %c : tensor<8xf32>
}

// A parameter of a parameter is one.
// CHECK-LABEL: @nested
// CHECK-NEXT: ssm.parameter "inner" : tensor<8xf32> {
// CHECK-NEXT:   %[[W:.*]] = ssm.weight "w"
// CHECK-NEXT:   %[[E:.*]] = math.exp %[[W]]
// CHECK-NEXT:   %[[N:.*]] = arith.negf %[[E]]
// CHECK-NEXT:   ssm.yield %[[N]]
// CHECK-NEXT: }
// CHECK-NEXT: return
func.func @nested() -> tensor<8xf32> {
  %e = ssm.parameter "inner" : tensor<8xf32> {
    %w = ssm.weight "w" : tensor<8xf32>
    %exp = math.exp %w : tensor<8xf32>
    ssm.yield %exp : tensor<8xf32>
  }
  %n = arith.negf %e : tensor<8xf32>
  return %n : tensor<8xf32>
}

// Each result that is used becomes a parameter; the op itself goes.
// CHECK-LABEL: @results
// CHECK-NEXT: %[[B:.*]] = ssm.parameter "w" : tensor<6xf32> {
// CHECK-NEXT:   %[[W:.*]] = ssm.weight "w" : tensor<8xf32>
// CHECK-NEXT:   %[[PARTS:.*]]:2 = ssm.split %[[W]] [2, 6]
// CHECK-NEXT:   ssm.yield %[[PARTS]]#1 : tensor<6xf32>
// CHECK-NEXT: }
// CHECK-NEXT: return %[[B]]
func.func @results() -> tensor<6xf32> {
  %w = ssm.weight "w" : tensor<8xf32>
  %a, %b = ssm.split %w [2, 6] : tensor<8xf32>
  return %b : tensor<6xf32>
}

// A scalar is no parameter: it stays, and what it needs is one.
// CHECK-LABEL: @scalar
// CHECK:      %[[E:.*]] = ssm.parameter "w" : tensor<8xf32> {
// CHECK:      }
// CHECK-NEXT: %[[S:.*]] = tensor.extract %[[E]]
// CHECK-NEXT: return %[[S]] : f32
func.func @scalar() -> f32 {
  %i = arith.constant 3 : index
  %w = ssm.weight "w" : tensor<8xf32>
  %e = math.exp %w : tensor<8xf32>
  %s = tensor.extract %e[%i] : tensor<8xf32>
  return %s : f32
}

// Neither weights alone nor constants alone are a computation on weights.
// CHECK-LABEL: @nothing
// CHECK-NOT: ssm.parameter
// CHECK: return
func.func @nothing(%x: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %c = arith.constant dense<2.0> : tensor<8xf32>
  %e = math.exp %c : tensor<8xf32>
  %w = ssm.weight "w" : tensor<8xf32>
  %y = arith.mulf %x, %w : tensor<8xf32>
  return %e, %y : tensor<8xf32>, tensor<8xf32>
}

// A table needs no weight.
// CHECK-LABEL: @table
// CHECK:      %[[T:.*]] = ssm.parameter "traversal" : tensor<15xi64> {
// CHECK-NEXT:   %[[C:.*]] = ssm.traversal raster shape [3, 5] axes [1, 0]
// CHECK-NEXT:   ssm.yield %[[C]] : tensor<15xi64>
// CHECK-NEXT: }
// CHECK-NEXT: ssm.traverse %{{.*}}, %[[T]] : tensor<?x15x8xf32>, tensor<15xi64>
func.func @table(%x: tensor<?x15x8xf32>) -> tensor<?x15x8xf32> {
  %columns = ssm.traversal raster shape [3, 5] axes [1, 0]
  %y = ssm.traverse %x, %columns : tensor<?x15x8xf32>, tensor<15xi64>
  return %y : tensor<?x15x8xf32>
}

// A constant of different numbers is stored; one number everywhere is not.
// CHECK-LABEL: @constants
// CHECK: %[[P:.*]] = ssm.parameter "constant" : tensor<2xf32> {
// CHECK-NEXT: arith.constant dense<[1.000000e+00, 2.000000e+00]>
// CHECK: %[[ONE:.*]] = arith.constant dense<1.000000e+00>
// CHECK: return %[[P]], %[[ONE]]
func.func @constants() -> (tensor<2xf32>, tensor<2xf32>) {
  %differ = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %same = arith.constant dense<1.0> : tensor<2xf32>
  return %differ, %same : tensor<2xf32>, tensor<2xf32>
}

// Nothing folds a reciprocal root.
// CHECK-LABEL: @of_constants
// CHECK: %[[P:.*]] = ssm.parameter "rsqrt" : tensor<2xf32> {
// CHECK-NEXT: %[[FIVE:.*]] = arith.constant dense<5.000000e+00> : tensor<2xf32>
// CHECK-NEXT: %[[SUM:.*]] = arith.addf %[[FIVE]], %[[FIVE]]
// CHECK-NEXT: %[[ROOT:.*]] = math.rsqrt %[[SUM]]
// CHECK-NEXT: ssm.yield %[[ROOT]]
// CHECK: return %[[P]]
func.func @of_constants() -> tensor<2xf32> {
  %c = arith.constant dense<5.0> : tensor<2xf32>
  %s = arith.addf %c, %c : tensor<2xf32>
  %r = math.rsqrt %s : tensor<2xf32>
  return %r : tensor<2xf32>
}
