// RUN: ssmc-opt %s --ssmc-expand-math | FileCheck %s

// CHECK-LABEL: @exp
// CHECK-SAME: %[[X:.*]]: vector<8xf32>
func.func @exp(%x: vector<8xf32>) -> vector<8xf32> {
  // The argument is clamped to where results are neither 0 nor infinity.
  // CHECK: %[[LOW:.*]] = arith.constant dense<-1.040000e+02> : vector<8xf32>
  // CHECK: %[[BELOW:.*]] = arith.cmpf olt, %[[X]], %[[LOW]]
  // CHECK: %[[ATLEAST:.*]] = arith.select %[[BELOW]], %[[LOW]], %[[X]]
  // CHECK: %[[HIGH:.*]] = arith.constant dense<8.900000e+01> : vector<8xf32>
  // CHECK: %[[ABOVE:.*]] = arith.cmpf ogt, %[[ATLEAST]], %[[HIGH]]
  // CHECK: arith.select %[[ABOVE]], %[[HIGH]], %[[ATLEAST]]
  // The exponent is made by an integer shift and applied in two halves.
  // CHECK: %[[BITS:.*]] = arith.shli {{.*}} : vector<8xi32>
  // CHECK: %[[SCALE:.*]] = arith.bitcast %[[BITS]] : vector<8xi32> to vector<8xf32>
  // CHECK: %[[ONCE:.*]] = arith.mulf %{{.*}}, %[[SCALE]] : vector<8xf32>
  // CHECK: %[[Y:.*]] = arith.mulf %[[ONCE]], %[[SCALE]] : vector<8xf32>
  // CHECK-NEXT: return %[[Y]]
  %y = math.exp %x : vector<8xf32>
  return %y : vector<8xf32>
}

// CHECK-LABEL: @rsqrt
func.func @rsqrt(%x: f32) -> f32 {
  // CHECK: %[[ROOT:.*]] = math.sqrt %{{.*}} : f32
  // CHECK: arith.divf %{{.*}}, %[[ROOT]] : f32
  %y = math.rsqrt %x : f32
  return %y : f32
}

// CHECK-LABEL: @all
func.func @all(%x: vector<2x4xf32>) -> vector<2x4xf32> {
  // CHECK-NOT: math.{{exp|log|tanh|erf|sin|cos}}
  %0 = math.exp2 %x : vector<2x4xf32>
  %1 = math.expm1 %0 : vector<2x4xf32>
  %2 = math.log %1 : vector<2x4xf32>
  %3 = math.log1p %2 : vector<2x4xf32>
  %4 = math.tanh %3 : vector<2x4xf32>
  %5 = math.erf %4 : vector<2x4xf32>
  %6 = math.sin %5 : vector<2x4xf32>
  %7 = math.cos %6 : vector<2x4xf32>
  // CHECK: return
  return %7 : vector<2x4xf32>
}

// CHECK-LABEL: @other_types_stay
func.func @other_types_stay(%x: f64, %y: tensor<4xf32>) -> (f64, tensor<4xf32>) {
  // CHECK: math.exp %{{.*}} : f64
  // CHECK: math.exp %{{.*}} : tensor<4xf32>
  %0 = math.exp %x : f64
  %1 = math.exp %y : tensor<4xf32>
  return %0, %1 : f64, tensor<4xf32>
}
