// RUN: ssmc-opt %s --ssmc-normalize --ssmc-derive=entries=step | FileCheck %s

// Ops that spell out extents get those of one time step; no cast is left.
// CHECK: func.func @step(%[[X:.*]]: tensor<?x1x8xf32>)
// CHECK-NOT: tensor.cast
// CHECK: %[[BATCH:.*]] = tensor.dim %[[X]], %c0 : tensor<?x1x8xf32>
// CHECK-NEXT: tensor.expand_shape %[[X]] {{.*}} output_shape [%[[BATCH]], 1, 2, 4] : tensor<?x1x8xf32> into tensor<?x1x2x4xf32>
// CHECK-NEXT: %[[SLICE:.*]] = tensor.extract_slice %[[X]][0, 0, 2] [%[[BATCH]], 1, 3] [1, 1, 1] : tensor<?x1x8xf32> to tensor<?x1x3xf32>
// CHECK-NEXT: tensor.expand_shape %[[SLICE]] {{.*}} output_shape [%[[BATCH]], 1, 3, 1] : tensor<?x1x3xf32> into tensor<?x1x3x1xf32>
// CHECK-NOT: tensor.cast
// CHECK: return
func.func @forward(%x: tensor<?x?x8xf32>)
    -> (tensor<?x?x2x4xf32>, tensor<?x?x3x1xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %batch = tensor.dim %x, %c0 : tensor<?x?x8xf32>
  %length = tensor.dim %x, %c1 : tensor<?x?x8xf32>
  %heads = tensor.expand_shape %x [[0], [1], [2, 3]] output_shape [%batch, %length, 2, 4]
      : tensor<?x?x8xf32> into tensor<?x?x2x4xf32>
  %slice = tensor.extract_slice %x [0, 0, 2] [%batch, %length, 3] [1, 1, 1]
      : tensor<?x?x8xf32> to tensor<?x?x3xf32>
  %twice = tensor.expand_shape %slice [[0], [1], [2, 3]] output_shape [%batch, %length, 3, 1]
      : tensor<?x?x3xf32> into tensor<?x?x3x1xf32>
  return %heads, %twice : tensor<?x?x2x4xf32>, tensor<?x?x3x1xf32>
}
