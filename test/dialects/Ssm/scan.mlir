// RUN: ssmc-opt %s --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @combine
func.func @combine(%h: tensor<4xf32>, %a: f32) -> (tensor<4xf32>, f32) {
  // CHECK: ssm.combine %{{.*}} with %{{.*}} : f32 with f32 {
  // CHECK-NOT: merge
  %m = ssm.combine %a with %a : f32 with f32 {
  ^act(%x: f32, %y: f32):
    %most = arith.maximumf %x, %y : f32
    ssm.yield %most : f32
  }
  // CHECK: ssm.combine %{{.*}} with %{{.*}} : tensor<4xf32> with f32 {
  // CHECK: } merge {
  %s = ssm.combine %h with %a : tensor<4xf32> with f32 {
  ^act(%x: tensor<4xf32>, %y: f32):
    %next = ssm.contract ",n->n" %y, %x : (f32, tensor<4xf32>) -> tensor<4xf32>
    ssm.yield %next : tensor<4xf32>
  } merge {
  ^merge(%x: f32, %y: f32):
    %both = arith.mulf %x, %y : f32
    ssm.yield %both : f32
  }
  return %s, %m : tensor<4xf32>, f32
}

// Channels, a matrix per step beside one for all of them, and every clause.
// CHECK-LABEL: @scan
func.func @scan(%x: tensor<?x?x8xf32>, %m: tensor<?x?x8x2x2xf32>, %c: tensor<3xf32>,
                %x0: tensor<?x8xf32>, %m0: tensor<?x8x2x2xf32>, %c0: tensor<?x8x3xf32>,
                %begun: tensor<?x8xf32>, %reset: tensor<?x?xf32>) -> tensor<?x?x8x3xf32> {
  // CHECK: ssm.scan %{{.*}}, %{{.*}}, %{{.*}} init({{.*}}) reset({{.*}} : tensor<?x?xf32>) reverse : tensor<?x?x8xf32>, tensor<?x?x8x2x2xf32>, tensor<3xf32> {
  %r:7 = ssm.scan %x, %m, %c
      init(%x0, %m0, %c0, %begun : tensor<?x8xf32>, tensor<?x8x2x2xf32>, tensor<?x8x3xf32>,
                                   tensor<?x8xf32>)
      reset(%reset : tensor<?x?xf32>) reverse
      : tensor<?x?x8xf32>, tensor<?x?x8x2x2xf32>, tensor<3xf32> {
  ^combine(%xa: f32, %ma: tensor<2x2xf32>, %ca: tensor<3xf32>,
           %xb: f32, %mb: tensor<2x2xf32>, %cb: tensor<3xf32>):
    %xc = arith.mulf %xa, %xb : f32
    %mc = ssm.contract "ij,jk->ik" %ma, %mb
        : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
    %cc = arith.addf %ca, %cb : tensor<3xf32>
    ssm.yield %xc, %mc, %cc : f32, tensor<2x2xf32>, tensor<3xf32>
  }
  return %r#2 : tensor<?x?x8x3xf32>
}
