// RUN: ssmc-run %s --reference --input=1x4x2xf32=1 | FileCheck %s
// RUN: ssmc-run %s --reference=f32 --input=1x4x2xf32=1 | FileCheck %s --check-prefix=F32
// RUN: not ssmc-run %s --reference --input=1x4x2xf32=1 --entry=main 2>&1 | FileCheck %s --check-prefix=NAME --implicit-check-not=ssm.
// RUN: not ssmc-run %s --reference 2>&1 | FileCheck %s --check-prefix=COUNT --implicit-check-not=ssm.

// CHECK: output 0: 1x4x2xf64 min 1 max 1.875 mean 1.53125 [1, 1, 1.5, 1.5, ...]
// CHECK: output 1: 1x2xf64 min 1.875
// F32: output 0: 1x4x2xf32
// NAME: ssmc-run: error: {{.*}}reference.mlir:{{.*}} expected a function named @main
// COUNT: ssmc-run: error: {{.*}}reference.mlir:{{.*}} expected 1 arguments of @forward, got 0
func.func @forward(%x: tensor<?x?x2xf32>) -> (tensor<?x?x2xf32>, tensor<?x2xf32>) {
  %decay = arith.constant dense<0.5> : tensor<2xf32>
  %y, %last = ssm.linear_scan %decay, %x : tensor<2xf32>, tensor<?x?x2xf32>
  return %y, %last : tensor<?x?x2xf32>, tensor<?x2xf32>
}
