// RUN: ssmc-opt %s --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @values
func.func @values(%d: tensor<8xf32>, %c: tensor<8x4xf32>, %h: tensor<4xf32>,
                  %s: f32) -> tensor<8x4xf32> {
  // CHECK: ssm.cumulative_product %{{.*}} : tensor<8xf32>
  %p = ssm.cumulative_product %d : tensor<8xf32>
  // CHECK: ssm.cumulative_product %{{.*}} suffix : tensor<8xf32>
  %q = ssm.cumulative_product %d suffix : tensor<8xf32>
  // CHECK: ssm.decayed_scores %{{.*}}, %{{.*}} : tensor<8x4xf32>
  %s0 = ssm.decayed_scores %c, %c : tensor<8x4xf32>
  // CHECK: ssm.decayed_scores %{{.*}}, %{{.*}} decay(%{{.*}} : tensor<8x4xf32>) : tensor<8x4xf32>
  %s1 = ssm.decayed_scores %c, %c decay(%c : tensor<8x4xf32>) : tensor<8x4xf32>
  // CHECK: ssm.decayed_scores %{{.*}}, %{{.*}} decay(%{{.*}} : tensor<8xf32>) strict : tensor<8x4xf32>
  %s2 = ssm.decayed_scores %c, %c decay(%d : tensor<8xf32>) strict : tensor<8x4xf32>
  // CHECK: ssm.triangular_solve %{{.*}}, %{{.*}} : tensor<8x8xf32>, tensor<8x4xf32>
  %z = ssm.triangular_solve %s2, %c : tensor<8x8xf32>, tensor<8x4xf32>
  // CHECK: ssm.solve %{{.*}}, %{{.*}} : tensor<8x8xf32>, tensor<8xf32>
  %x0 = ssm.solve %s2, %d : tensor<8x8xf32>, tensor<8xf32>
  // CHECK: ssm.solve %{{.*}}, %{{.*}} : tensor<8x8xf32>, tensor<8x4xf32>
  %x1 = ssm.solve %s2, %c : tensor<8x8xf32>, tensor<8x4xf32>
  // CHECK: ssm.causal_product %{{.*}}, %{{.*}} : tensor<8x8xf32>, tensor<8x4xf32>
  %v = ssm.causal_product %s2, %c : tensor<8x8xf32>, tensor<8x4xf32>
  // CHECK: ssm.delay %{{.*}}, %{{.*}} : tensor<8x4xf32>, tensor<4xf32>
  %y = ssm.delay %z, %h : tensor<8x4xf32>, tensor<4xf32>
  // CHECK: ssm.delay %{{.*}}, %{{.*}} : tensor<8xf32>, f32
  %u = ssm.delay %d, %s : tensor<8xf32>, f32
  return %y : tensor<8x4xf32>
}

// CHECK-LABEL: @regions
func.func @regions(%d: tensor<8xf32>, %s: f32) -> tensor<8xf32> {
  // CHECK: ssm.associative_scan %{{.*}} : tensor<8xf32> {
  %p = ssm.associative_scan %d : tensor<8xf32> {
  ^combine(%a: f32, %b: f32):
    %c = arith.maximumf %a, %b : f32
    ssm.yield %c : f32
  }
  // CHECK: ssm.fixed_point %{{.*}}, %{{.*}} max_iterations(10) tolerance(5.000000e-01) : tensor<8xf32>, f32 {
  %x:2 = ssm.fixed_point %p, %s max_iterations(10) tolerance(0.5) : tensor<8xf32>, f32 {
  ^body(%a: tensor<8xf32>, %b: f32):
    ssm.yield %p, %b : tensor<8xf32>, f32
  }
  // CHECK: ssm.fixed_point %{{.*}} max_iterations(8) tolerance(0.000000e+00) causal : tensor<8xf32> {
  %y = ssm.fixed_point %x#0 max_iterations(8) tolerance(0.0) causal : tensor<8xf32> {
  ^body(%a: tensor<8xf32>):
    ssm.yield %p : tensor<8xf32>
  }
  return %y : tensor<8xf32>
}

// CHECK-LABEL: @recurrence
func.func @recurrence(%x: tensor<?x?x6xf32>, %w: tensor<2x3xf32>) -> tensor<?x6xf32> {
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%x[b, l, d] : tensor<?x?x6xf32>) outs([b, l, d] : tensor<?x?x6xf32>)
      states("recurrent" [b, d] : tensor<?x6xf32>) attributes {note = "kept"} {
  ^step(%x_t: f32, %s: f32):
    ssm.yield %x_t, %s : f32, f32
  // CHECK: } chunk(4) {
  // CHECK-NEXT: ^bb0(%{{.*}}: tensor<4xf32>, %{{.*}}: f32):
  } chunk(4) {
  ^chunk(%x_q: tensor<4xf32>, %s: f32):
    ssm.yield %x_q, %s : tensor<4xf32>, f32
  }
  %z, %end = ssm.recurrence sequence(l) step()
      ins(%y[b, l, g p], %w[g, p] : tensor<?x?x6xf32>, tensor<2x3xf32>)
      outs([b, l, g p] : tensor<?x?x6xf32>) states("recurrent" [b, g p] : tensor<?x6xf32>) {
  ^step(%x_t: f32, %w_d: f32, %s: f32):
    ssm.yield %x_t, %s : f32, f32
  // CHECK: } chunk(4) tile(g, p) {
  // CHECK-NEXT: ^bb0(%{{.*}}: tensor<4x2x3xf32>, %{{.*}}: tensor<2x3xf32>, %{{.*}}: tensor<2x3xf32>):
  } chunk(4) tile(g, p) {
  ^chunk(%x_q: tensor<4x2x3xf32>, %w_d: tensor<2x3xf32>, %s: tensor<2x3xf32>):
    ssm.yield %x_q, %s : tensor<4x2x3xf32>, tensor<2x3xf32>
  }
  return %end : tensor<?x6xf32>
}
