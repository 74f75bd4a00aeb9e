// RUN: ssmc-opt %s --ssmc-name-calls --mlir-print-debuginfo --mlir-use-nameloc-as-prefix | FileCheck %s

// Calls of one function are counted; a single call has the bare name; a name
// that is there stays.
// CHECK-LABEL: @forward
// CHECK: call @layer(%{{.*}}) : (f32) -> f32 loc([[LAYER0:#.*]])
// CHECK: call @mixer(%{{.*}}) : (f32) -> f32 loc([[MIXER:#.*]])
// CHECK: call @layer(%{{.*}}) : (f32) -> f32 loc([[LAYER1:#.*]])
// CHECK: call @layer(%{{.*}}) : (f32) -> f32 loc([[LAST:#.*]])
// CHECK-DAG: [[LAYER0]] = loc("layer0"({{.*}}))
// CHECK-DAG: [[MIXER]] = loc("mixer"({{.*}}))
// CHECK-DAG: [[LAYER1]] = loc("layer1"({{.*}}))
// CHECK-DAG: [[LAST]] = loc("last")
func.func @forward(%x: f32) -> f32 {
  %0 = func.call @layer(%x) : (f32) -> f32
  %1 = func.call @mixer(%0) : (f32) -> f32
  %2 = func.call @layer(%1) : (f32) -> f32
  %3 = func.call @layer(%2) : (f32) -> f32 loc("last")
  return %3 : f32
}
func.func private @layer(f32) -> f32
func.func private @mixer(f32) -> f32
