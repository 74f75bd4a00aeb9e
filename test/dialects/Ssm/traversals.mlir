// RUN: ssmc-opt %s --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @orders
func.func @orders() -> (tensor<15xi64>, tensor<15xi64>, tensor<64xi64>, tensor<15xi64>,
                        tensor<24xi64>) {
  // CHECK: ssm.traversal raster shape [3, 5] axes [1, 0]
  %columns = ssm.traversal raster shape [3, 5] axes [1, 0]
  // CHECK: ssm.traversal serpentine shape [3, 5] reverse
  %back = ssm.traversal serpentine shape [3, 5] reverse
  // CHECK: ssm.traversal hilbert shape [8, 8] axes [1, 0] mirror [1] inverse
  %turned = ssm.traversal hilbert shape [8, 8] axes [1, 0] mirror [1] inverse
  // CHECK: ssm.traversal zigzag shape [3, 5] mirror [0] reverse inverse
  %zigzag = ssm.traversal zigzag shape [3, 5] mirror [0] reverse inverse
  // CHECK: ssm.traversal window shape [2, 3, 4] size(2)
  %window = ssm.traversal window shape [2, 3, 4] size(2)
  return %columns, %back, %turned, %zigzag, %window
      : tensor<15xi64>, tensor<15xi64>, tensor<64xi64>, tensor<15xi64>, tensor<24xi64>
}

// CHECK-LABEL: @traverse
func.func @traverse(%x: tensor<?x15x4x2xf32>, %every: tensor<15xi64>, %each: tensor<?x7xi64>)
    -> (tensor<?x15x4x2xf32>, tensor<?x7x4x2xf32>) {
  // CHECK: ssm.traverse %{{.*}}, %{{.*}} inverse : tensor<?x15x4x2xf32>, tensor<15xi64>
  %y = ssm.traverse %x, %every inverse : tensor<?x15x4x2xf32>, tensor<15xi64>
  // CHECK: ssm.traverse %{{.*}}, %{{.*}} : tensor<?x15x4x2xf32>, tensor<?x7xi64>
  %z = ssm.traverse %x, %each : tensor<?x15x4x2xf32>, tensor<?x7xi64>
  return %y, %z : tensor<?x15x4x2xf32>, tensor<?x7x4x2xf32>
}

// CHECK-LABEL: @flip_and_shift
func.func @flip_and_shift(%x: tensor<?x?x4xf32>, %before: tensor<?x4x3xf32>)
    -> (tensor<?x?x4xf32>, tensor<?x?x4xf32>) {
  // CHECK: ssm.flip %{{.*}} : tensor<?x?x4xf32>
  %y = ssm.flip %x : tensor<?x?x4xf32>
  // CHECK: ssm.shift %{{.*}} by(3) init(%{{.*}} : tensor<?x4x3xf32>) : tensor<?x?x4xf32>
  %z, %window = ssm.shift %x by(3) init(%before : tensor<?x4x3xf32>) : tensor<?x?x4xf32>
  // CHECK: ssm.shift %{{.*}} by(-1) : tensor<?x?x4xf32>
  %w, %first = ssm.shift %z by(-1) : tensor<?x?x4xf32>
  return %y, %w : tensor<?x?x4xf32>, tensor<?x?x4xf32>
}
