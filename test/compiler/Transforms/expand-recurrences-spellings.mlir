// RUN: ssmc-opt %s --ssmc-expand-recurrences | FileCheck %s

// Also in the body of a parameter.
// CHECK-LABEL: @weights
// CHECK: %[[W:.*]] = ssm.weight "proj.weight" : tensor<3x2xbf16>
// CHECK-NEXT: %[[B:.*]] = ssm.weight "proj.bias" : tensor<3xf32>
// CHECK-NEXT: %[[A:.*]] = ssm.parameter "A"
// CHECK-NEXT: %[[LOG:.*]] = ssm.weight "log" : tensor<3xf32>
// CHECK-NEXT: ssm.yield %[[LOG]]
// CHECK: return %[[W]], %[[B]], %[[A]]
func.func @weights() -> (tensor<3x2xbf16>, tensor<3xf32>, tensor<3xf32>) {
  %w, %b = ssm.weights ["proj.weight", "proj.bias"] : tensor<3x2xbf16>, tensor<3xf32>
  %a = ssm.parameter "A" : tensor<3xf32> {
    %log = ssm.weights ["log"] : tensor<3xf32>
    ssm.yield %log : tensor<3xf32>
  }
  return %w, %b, %a : tensor<3x2xbf16>, tensor<3xf32>, tensor<3xf32>
}

// A product keeps the axes of the result and of what comes after it.
// CHECK-LABEL: @covariance
// CHECK-SAME: %[[F:.*]]: tensor<2x3xf32>, %[[P:.*]]: tensor<3x3xf32>
// CHECK-NEXT: %[[FP:.*]] = ssm.contract "ij,jk->ik" %[[F]], %[[P]] : (tensor<2x3xf32>, tensor<3x3xf32>) -> tensor<2x3xf32>
// CHECK-NEXT: %[[FPF:.*]] = ssm.contract "ik,lk->il" %[[FP]], %[[F]] : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x2xf32>
// CHECK-NEXT: return %[[FPF]]
func.func @covariance(%F: tensor<2x3xf32>, %P: tensor<3x3xf32>) -> tensor<2x2xf32> {
  %y = ssm.contract "ij,jk,lk->il" %F, %P, %F
      : (tensor<2x3xf32>, tensor<3x3xf32>, tensor<2x3xf32>) -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// CHECK-LABEL: @scaled
// CHECK-SAME: %[[A:.*]]: f32, %[[X:.*]]: tensor<3xf32>, %[[Y:.*]]: tensor<?xf32>
// CHECK-NEXT: %[[AX:.*]] = ssm.contract ",p->p" %[[A]], %[[X]] : (f32, tensor<3xf32>) -> tensor<3xf32>
// CHECK-NEXT: %[[AXX:.*]] = ssm.contract "p,p->" %[[AX]], %[[X]] : (tensor<3xf32>, tensor<3xf32>) -> f32
// CHECK-NEXT: %[[R:.*]] = ssm.contract ",n->n" %[[AXX]], %[[Y]] : (f32, tensor<?xf32>) -> tensor<?xf32>
// CHECK-NEXT: return %[[R]]
func.func @scaled(%a: f32, %x: tensor<3xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %r = ssm.contract ",p,p,n->n" %a, %x, %x, %y
      : (f32, tensor<3xf32>, tensor<3xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// Terms are added and subtracted in order, products of their values before that.
// CHECK-LABEL: @terms
// CHECK-SAME: %[[V:.*]]: tensor<3xf32>, %[[M:.*]]: tensor<2x3xf32>, %[[W:.*]]: tensor<2xf32>, %[[S:.*]]: f32
// CHECK-NEXT: %[[MW:.*]] = ssm.contract "pn,p->n" %[[M]], %[[W]] : (tensor<2x3xf32>, tensor<2xf32>) -> tensor<3xf32>
// CHECK-NEXT: %[[LEFT:.*]] = arith.subf %[[V]], %[[MW]] : tensor<3xf32>
// CHECK-NEXT: %[[WW:.*]] = ssm.contract "p,p->" %[[W]], %[[W]] : (tensor<2xf32>, tensor<2xf32>) -> f32
// CHECK-NEXT: %[[WWV:.*]] = ssm.contract ",n->n" %[[WW]], %[[V]] : (f32, tensor<3xf32>) -> tensor<3xf32>
// CHECK-NEXT: %[[ALL:.*]] = arith.addf %[[LEFT]], %[[WWV]] : tensor<3xf32>
// CHECK-NEXT: %[[SUM:.*]] = ssm.contract "pn->n" %[[M]] : (tensor<2x3xf32>) -> tensor<3xf32>
// CHECK-NEXT: %[[Y:.*]] = arith.addf %[[ALL]], %[[SUM]] : tensor<3xf32>
// CHECK-NEXT: %[[VV:.*]] = ssm.contract "n,n->" %[[V]], %[[V]] : (tensor<3xf32>, tensor<3xf32>) -> f32
// CHECK-NEXT: %[[Z:.*]] = arith.addf %[[S]], %[[VV]] : f32
// CHECK-NEXT: return %[[Y]], %[[Z]]
func.func @terms(%v: tensor<3xf32>, %m: tensor<2x3xf32>, %w: tensor<2xf32>, %s: f32)
    -> (tensor<3xf32>, f32) {
  %y = ssm.contract "n - pn,p + p,p,n + pn -> n" %v, %m, %w, %w, %w, %v, %m
      : (tensor<3xf32>, tensor<2x3xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>,
         tensor<3xf32>, tensor<2x3xf32>) -> tensor<3xf32>
  %z = ssm.contract " + n,n -> " %s, %v, %v : (f32, tensor<3xf32>, tensor<3xf32>) -> f32
  return %y, %z : tensor<3xf32>, f32
}

// CHECK-LABEL: @rates
// CHECK-SAME: %[[X:.*]]: tensor<2x3xf32>
// CHECK-NEXT: %[[EXP:.*]] = math.exp %[[X]] : tensor<2x3xf32>
// CHECK-NEXT: %[[Y:.*]] = arith.negf %[[EXP]] : tensor<2x3xf32>
// CHECK-NEXT: return %[[Y]]
func.func @rates(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %y = ssm.neg_exp %x : tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// CHECK-LABEL: @arithmetic
// CHECK-SAME: %[[X:.*]]: tensor<?x?x2x3xf32>, %[[Y:.*]]: tensor<?x?x2x3xf32>, %[[W:.*]]: tensor<2x3xf32>
// CHECK-NEXT: %[[SCALE:.*]] = ssm.broadcast %[[W]] like %[[X]] [2, 3]
// CHECK-NEXT: %[[A:.*]] = math.fma %[[X]], %[[SCALE]], %[[Y]]
// CHECK-NEXT: %[[CHANGE:.*]] = arith.subf %[[Y]], %[[A]]
// CHECK-NEXT: %[[SHARE:.*]] = ssm.broadcast %[[W]] like %[[A]] [2, 3]
// CHECK-NEXT: %[[B:.*]] = math.fma %[[CHANGE]], %[[SHARE]], %[[A]]
// CHECK-NEXT: return %[[B]]
func.func @arithmetic(%x: tensor<?x?x2x3xf32>, %y: tensor<?x?x2x3xf32>, %w: tensor<2x3xf32>)
    -> tensor<?x?x2x3xf32> {
  %a = ssm.affine %x scale(%w : tensor<2x3xf32>) shift(%y : tensor<?x?x2x3xf32>)
      : tensor<?x?x2x3xf32>
  %b = ssm.lerp %a, %y, %w : tensor<?x?x2x3xf32>, tensor<2x3xf32>
  return %b : tensor<?x?x2x3xf32>
}

// CHECK-LABEL: @unit
// CHECK-NEXT: %[[FOUR:.*]] = arith.constant dense<4.000000e+00> : tensor<4xf32>
// CHECK-NEXT: %[[TWO:.*]] = math.sqrt %[[FOUR]] : tensor<4xf32>
// CHECK-NEXT: %[[ONE:.*]] = arith.constant dense<1.000000e+00> : tensor<4xf32>
// CHECK-NEXT: %[[HALF:.*]] = arith.divf %[[ONE]], %[[TWO]] : tensor<4xf32>
// CHECK-NEXT: ssm.rms_norm %{{.*}} weight(%[[HALF]] : tensor<4xf32>) eps(2.500000e-01)
func.func @unit(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %y = ssm.l2_norm %x eps(1.0) : tensor<?x?x4xf32>
  return %y : tensor<?x?x4xf32>
}

// CHECK-LABEL: @low_rank
// CHECK-SAME: %[[X:.*]]: tensor<?x?x6xf32>, %[[DOWN:.*]]: tensor<2x6xf32>, %[[UP:.*]]: tensor<5x2xf32>, %[[B:.*]]: tensor<5xf32>
// CHECK-NEXT: %[[LOW:.*]] = ssm.linear %[[X]], %[[DOWN]]
// CHECK-NEXT: %[[GATE:.*]] = ssm.sigmoid %[[LOW]]
// CHECK-NEXT: %[[Y:.*]] = ssm.linear %[[GATE]], %[[UP]] bias(%[[B]] : tensor<5xf32>)
// CHECK-NEXT: return %[[Y]]
func.func @low_rank(%x: tensor<?x?x6xf32>, %down: tensor<2x6xf32>, %up: tensor<5x2xf32>,
                    %b: tensor<5xf32>) -> tensor<?x?x5xf32> {
  %y = ssm.low_rank %x, %down, %up bias(%b : tensor<5xf32>) activation(sigmoid)
      : tensor<?x?x6xf32>, tensor<2x6xf32>, tensor<5x2xf32>
  return %y : tensor<?x?x5xf32>
}

// CHECK-LABEL: @glu
// CHECK-NEXT: %[[HALVES:.*]]:2 = ssm.split %{{.*}} [3, 3] : tensor<?x?x6xf32>
// CHECK-NEXT: %[[GATE:.*]] = ssm.sigmoid %[[HALVES]]#1
// CHECK-NEXT: %[[Y:.*]] = arith.mulf %[[HALVES]]#0, %[[GATE]]
// CHECK-NEXT: return %[[Y]]
func.func @glu(%x: tensor<?x?x6xf32>) -> tensor<?x?x3xf32> {
  %y = ssm.glu %x : tensor<?x?x6xf32>
  return %y : tensor<?x?x3xf32>
}
