// RUN: ssmc-opt --ssmc-share-loops %s | FileCheck %s

// What differs between loops, values and where they read and write, is passed;
// addresses at one distance in every loop are one argument.
// CHECK-LABEL: func.func @addresses
// CHECK-DAG: %[[C64:.*]] = arith.constant 64 : index
// CHECK-DAG: %[[C1000:.*]] = arith.constant 1000 : index
// CHECK: call @[[CUBE:loops.*]](%[[C64]], %arg0, %arg1)
// CHECK-NEXT: call @[[CUBE]](%[[C1000]], %arg0, %arg2)
func.func @addresses(%x: memref<?xf32>, %a: f32, %b: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %c256 = arith.constant 256 : index
  %c512 = arith.constant 512 : index
  %c1000 = arith.constant 1000 : index
  %c1192 = arith.constant 1192 : index
  scf.for %i = %c0 to %c512 step %c1 {
    %from = arith.addi %i, %c64 : index
    %to = arith.addi %i, %c256 : index
    %value = memref.load %x[%from] : memref<?xf32>
    %sum = arith.addf %value, %a : f32
    %square = arith.mulf %sum, %sum : f32
    %cube = arith.mulf %square, %sum : f32
    memref.store %cube, %x[%to] : memref<?xf32>
  }
  scf.for %i = %c0 to %c512 step %c1 {
    %from = arith.addi %i, %c1000 : index
    %to = arith.addi %i, %c1192 : index
    %value = memref.load %x[%from] : memref<?xf32>
    %sum = arith.addf %value, %b : f32
    %square = arith.mulf %sum, %sum : f32
    %cube = arith.mulf %square, %sum : f32
    memref.store %cube, %x[%to] : memref<?xf32>
  }
  return
}

// Lengths and strides make code what it is: these differ in both.
// CHECK-LABEL: func.func @strides
// CHECK-COUNT-3: scf.for
// CHECK-NOT: call
func.func @strides(%x: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c511 = arith.constant 511 : index
  %c512 = arith.constant 512 : index
  scf.for %i = %c0 to %c512 step %c1 {
    %at = arith.muli %i, %c2 : index
    %value = memref.load %x[%at] : memref<?xf32>
    %square = arith.mulf %value, %value : f32
    %cube = arith.mulf %square, %value : f32
    %sum = arith.addf %cube, %value : f32
    memref.store %sum, %x[%at] : memref<?xf32>
  }
  scf.for %i = %c0 to %c512 step %c1 {
    %at = arith.muli %i, %c3 : index
    %value = memref.load %x[%at] : memref<?xf32>
    %square = arith.mulf %value, %value : f32
    %cube = arith.mulf %square, %value : f32
    %sum = arith.addf %cube, %value : f32
    memref.store %sum, %x[%at] : memref<?xf32>
  }
  scf.for %i = %c0 to %c511 step %c1 {
    %at = arith.muli %i, %c2 : index
    %value = memref.load %x[%at] : memref<?xf32>
    %square = arith.mulf %value, %value : f32
    %cube = arith.mulf %square, %value : f32
    %sum = arith.addf %cube, %value : f32
    memref.store %sum, %x[%at] : memref<?xf32>
  }
  return
}

// A call of so short a loop would take longer than the loop.
// CHECK-LABEL: func.func @short
// CHECK-COUNT-2: scf.for
// CHECK-NOT: call
func.func @short(%x: memref<?xf32>, %y: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  scf.for %i = %c0 to %c4 step %c1 {
    %value = memref.load %x[%i] : memref<?xf32>
    %square = arith.mulf %value, %value : f32
    %cube = arith.mulf %square, %value : f32
    %sum = arith.addf %cube, %value : f32
    %twice = arith.addf %sum, %sum : f32
    memref.store %twice, %x[%i] : memref<?xf32>
  }
  scf.for %i = %c0 to %c4 step %c1 {
    %value = memref.load %y[%i] : memref<?xf32>
    %square = arith.mulf %value, %value : f32
    %cube = arith.mulf %square, %value : f32
    %sum = arith.addf %cube, %value : f32
    %twice = arith.addf %sum, %sum : f32
    memref.store %twice, %y[%i] : memref<?xf32>
  }
  return
}

// Of nested loops the outer ones are shared. What the routine holds, and what
// stands elsewhere in the module, are shared next.
// CHECK-LABEL: func.func @nested
// CHECK: call @[[OUTER:loops.*]](%arg0)
// CHECK-NEXT: call @[[OUTER]](%arg1)
// CHECK-NEXT: return
func.func @nested(%x: memref<?xf32>, %y: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %c512 = arith.constant 512 : index
  scf.for %i = %c0 to %c8 step %c1 {
    %row = arith.muli %i, %c512 : index
    scf.for %j = %c0 to %c512 step %c1 {
      %at = arith.addi %row, %j : index
      %value = memref.load %x[%at] : memref<?xf32>
      %square = arith.mulf %value, %value : f32
      %cube = arith.mulf %square, %value : f32
      %sum = arith.addf %cube, %square : f32
      memref.store %sum, %x[%at] : memref<?xf32>
    }
  }
  scf.for %i = %c0 to %c8 step %c1 {
    %row = arith.muli %i, %c512 : index
    scf.for %j = %c0 to %c512 step %c1 {
      %at = arith.addi %row, %j : index
      %value = memref.load %y[%at] : memref<?xf32>
      %square = arith.mulf %value, %value : f32
      %cube = arith.mulf %square, %value : f32
      %sum = arith.addf %cube, %square : f32
      memref.store %sum, %y[%at] : memref<?xf32>
    }
  }
  return
}
// CHECK-LABEL: func.func @elsewhere
// CHECK: call @[[INNER:loops.*]](%arg1, %arg0)
func.func @elsewhere(%x: memref<?xf32>, %row: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c512 = arith.constant 512 : index
  scf.for %j = %c0 to %c512 step %c1 {
    %at = arith.addi %row, %j : index
    %value = memref.load %x[%at] : memref<?xf32>
    %square = arith.mulf %value, %value : f32
    %cube = arith.mulf %square, %value : f32
    %sum = arith.addf %cube, %square : f32
    memref.store %sum, %x[%at] : memref<?xf32>
  }
  return
}

// CHECK: func.func private @[[OUTER]](%[[X:.*]]: memref<?xf32>)
// CHECK-SAME: no_inline
// CHECK: scf.for
// CHECK-NEXT: %[[ROW:.*]] = arith.muli
// CHECK-NEXT: call @[[INNER]](%[[ROW]], %[[X]])

// CHECK: func.func private @[[CUBE]](%[[FROM:.*]]: index, %[[X:.*]]: memref<?xf32>, %[[A:.*]]: f32)
// CHECK: %[[C192:.*]] = arith.constant 192 : index
// CHECK: %[[TO:.*]] = arith.addi %[[FROM]], %[[C192]]
// CHECK: scf.for %[[I:.*]] =
// CHECK-NEXT: arith.addi %[[I]], %[[FROM]]
// CHECK-NEXT: %[[AT:.*]] = arith.addi %[[I]], %[[TO]]
// CHECK: memref.store %{{.*}}, %[[X]][%[[AT]]]

// CHECK: func.func private @[[INNER]](
// CHECK: scf.for
