// RUN: ssmc-opt %s --ssmc-wrap-kernels --split-input-file | FileCheck %s

// The record is unpacked, buffers first, then strides, batch and length.
// CHECK-LABEL: func.func @copy(
// CHECK-SAME: %[[ARGS:.*]]: !llvm.ptr, %[[SCRATCH:.*]]: !llvm.ptr,
// CHECK-SAME: %[[BEGIN:.*]]: i64, %[[END:.*]]: i64) attributes {plan.kernel}
// CHECK: %[[BASES:.*]] = llvm.load {{.*}} -> !llvm.ptr
// CHECK: %[[STRIDES:.*]] = llvm.load {{.*}} -> !llvm.ptr
// CHECK: %[[AT_X:.*]] = llvm.getelementptr inbounds %[[BASES]][0]
// CHECK: %[[X:.*]] = llvm.load %[[AT_X]]
// CHECK: %[[AT_Y:.*]] = llvm.getelementptr inbounds %[[BASES]][1]
// CHECK: %[[Y:.*]] = llvm.load %[[AT_Y]]
// CHECK: %[[AT_XS:.*]] = llvm.getelementptr inbounds %[[STRIDES]][0]
// CHECK: %[[XS:.*]] = llvm.load %[[AT_XS]]
// CHECK: %[[AT_YS:.*]] = llvm.getelementptr inbounds %[[STRIDES]][1]
// CHECK: %[[YS:.*]] = llvm.load %[[AT_YS]]
// CHECK: getelementptr inbounds %[[ARGS]][2]
// CHECK: %[[BATCH:.*]] = llvm.load
// CHECK: getelementptr inbounds %[[ARGS]][3]
// CHECK: %[[LENGTH:.*]] = llvm.load
// CHECK: call @copy.body(%[[X]], %[[Y]], %[[XS]], %[[YS]], %[[BATCH]],
// CHECK-SAME: %[[LENGTH]], %[[SCRATCH]], %[[BEGIN]], %[[END]])

// The body works on memrefs made from pointers; scratch is reached by no other.
// CHECK-LABEL: func.func private @copy.body(
// CHECK-SAME: %[[PX:[^:]*]]: !llvm.ptr, %{{[^:]*}}: !llvm.ptr, %{{[^:]*}}: i64,
// CHECK-SAME: !llvm.ptr {llvm.align = 64 : i64, llvm.noalias}
// CHECK-NOT: plan
// CHECK: llvm.insertvalue %[[PX]], %{{.*}}[1]
// CHECK: %[[MX:.*]] = builtin.unrealized_conversion_cast {{.*}} to memref<?xf32>
// CHECK: memref.load %[[MX]]
func.func @copy(%x: memref<?xf32>, %y: memref<?xf32> {plan.weight},
                %xs: index, %ys: index, %batch: index, %length: index,
                %scratch: memref<?xf32>, %begin: index, %end: index)
    attributes {plan.kernel, plan.scratch_bytes = 64 : i64} {
  %v = memref.load %x[%begin] : memref<?xf32>
  memref.store %v, %y[%begin] : memref<?xf32>
  return
}

// -----

// Only kernels change.
// CHECK-LABEL: func.func private @twice(%arg0: f32) -> f32
func.func private @twice(%x: f32) -> f32 {
  %y = arith.addf %x, %x : f32
  return %y : f32
}

// -----

// Routines stay functions of their own.
// CHECK-LABEL: func.func private @routine()
// CHECK-SAME: passthrough = ["noinline"]
func.func private @routine() attributes {no_inline} {
  return
}
