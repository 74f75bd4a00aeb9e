// RUN: ssmc-opt %s --ssmc-wrap-kernels --ssmc-lower-kernels-to-llvm \
// RUN:   | FileCheck %s

// A whole kernel: loop, vectors and half floats, nothing left but llvm.
// CHECK-LABEL: llvm.func @scale(
// CHECK: llvm.call @scale.body
// CHECK-LABEL: llvm.func @scale.body(
// CHECK-NOT: unrealized_conversion_cast
// CHECK: llvm.cond_br
// CHECK: %[[HALF:.*]] = llvm.load {{.*}} {alignment = 2 : i64} : !llvm.ptr -> vector<8xbf16>
// CHECK-NOT: fpext
// CHECK: %[[BITS:.*]] = llvm.bitcast %[[HALF]] : vector<8xbf16> to vector<8xi16>
// CHECK: %[[WIDE:.*]] = llvm.zext %[[BITS]]
// CHECK: llvm.shl %[[WIDE]]
// CHECK: llvm.intr.fmuladd
// CHECK: llvm.intr.vector.reduce.fadd{{.*}}fastmathFlags = #llvm.fastmath<reassoc>
// CHECK-NOT: fptrunc
// CHECK: llvm.store {{.*}} {alignment = 2 : i64} : vector<8xbf16>, !llvm.ptr
func.func @scale(%x: memref<?xbf16>, %xs: index, %batch: index, %length: index,
                 %scratch: memref<?xf32>, %begin: index, %end: index)
    attributes {plan.kernel} {
  %c8 = arith.constant 8 : index
  %one = arith.constant dense<1.0> : vector<8xf32>
  scf.for %i = %begin to %end step %c8 {
    %h = vector.load %x[%i] : memref<?xbf16>, vector<8xbf16>
    %v = arith.extf %h : vector<8xbf16> to vector<8xf32>
    %w = vector.fma %v, %v, %one : vector<8xf32>
    %sum = vector.reduction <add>, %w : vector<8xf32> into f32
    %s = vector.broadcast %sum : f32 to vector<8xf32>
    %r = arith.divf %w, %s : vector<8xf32>
    %t = arith.truncf %r : vector<8xf32> to vector<8xbf16>
    vector.store %t, %x[%i] : memref<?xbf16>, vector<8xbf16>
  }
  return
}

// Two-dimensional vectors become one-dimensional ones.
// CHECK-LABEL: llvm.func @transpose
// CHECK: llvm.shufflevector
// CHECK-NOT: vector.transpose
func.func @transpose(%x: vector<4x4xf32>) -> vector<4x4xf32> {
  %y = vector.transpose %x, [1, 0] : vector<4x4xf32> to vector<4x4xf32>
  return %y : vector<4x4xf32>
}
