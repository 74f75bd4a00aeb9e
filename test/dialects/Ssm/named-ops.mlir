// RUN: ssmc-opt %s --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @ssd
// CHECK: ssm.ssd {{.*}} D({{.*}} : tensor<6x5xf32>) z({{.*}}) dt_bias({{.*}}) init({{.*}}) reset({{.*}}) softplus dt_min(1.000000e-03) dt_max(5.000000e-01) reverse :
func.func @ssd(%x: tensor<?x?x6x5xf32>, %dt: tensor<?x?x6xf32>, %A: tensor<6xf32>,
    %B: tensor<?x?x2x4xf32>, %C: tensor<?x?x4xf32>, %D: tensor<6x5xf32>, %bias: tensor<6xbf16>,
    %S0: tensor<?x6x5x4xf32>, %r: tensor<?x?xf32>) -> (tensor<?x?x6x5xf32>, tensor<?x6x5x4xf32>) {
  %y, %S = ssm.ssd %x, %dt, %A, %B, %C D(%D : tensor<6x5xf32>) z(%x : tensor<?x?x6x5xf32>)
      dt_bias(%bias : tensor<6xbf16>) init(%S0 : tensor<?x6x5x4xf32>)
      reset(%r : tensor<?x?xf32>) softplus dt_min(1.0e-3) dt_max(0.5) reverse
      : tensor<?x?x6x5xf32>, tensor<?x?x6xf32>, tensor<6xf32>, tensor<?x?x2x4xf32>,
        tensor<?x?x4xf32>
  return %y, %S : tensor<?x?x6x5xf32>, tensor<?x6x5x4xf32>
}

// CHECK-LABEL: @linear_attention
// CHECK: ssm.linear_attention {{.*}} log decay({{.*}}) input_gate({{.*}}) init({{.*}}) reset({{.*}}) scale(5.000000e-01) normalizer(max) eps(9.9999999999999995E-7) reverse :
// CHECK-SAME: tensor<?x?x2x3xf32>, tensor<?x?x4x3xf32>, tensor<?x?x4x5xf32>
// CHECK: ssm.linear_attention {{.*}} decay({{.*}}) bonus({{.*}}) normalizer(sum) :
func.func @linear_attention(%q: tensor<?x?x2x3xf32>, %k: tensor<?x?x4x3xf32>,
    %v: tensor<?x?x4x5xf32>, %g: tensor<?x?x4xf32>, %S0: tensor<?x4x5x3xf32>,
    %z0: tensor<?x4x3xf32>, %m0: tensor<?x4xf32>, %r: tensor<?x?xf32>, %u: tensor<4x3xf32>)
    -> (tensor<?x?x4x5xf32>, tensor<?x4x3xf32>, tensor<?x4xf32>) {
  %y, %S, %z, %m = ssm.linear_attention %q, %k, %v log decay(%g : tensor<?x?x4xf32>)
      input_gate(%g : tensor<?x?x4xf32>)
      init(%S0, %z0, %m0 : tensor<?x4x5x3xf32>, tensor<?x4x3xf32>, tensor<?x4xf32>)
      reset(%r : tensor<?x?xf32>) scale(0.5) normalizer(max) eps(1.0e-6) reverse
      : tensor<?x?x2x3xf32>, tensor<?x?x4x3xf32>, tensor<?x?x4x5xf32>
  %y2, %S2, %z2 = ssm.linear_attention %q, %k, %v decay(%u : tensor<4x3xf32>)
      bonus(%u : tensor<4x3xf32>) normalizer(sum)
      : tensor<?x?x2x3xf32>, tensor<?x?x4x3xf32>, tensor<?x?x4x5xf32>
  %sum = arith.addf %y, %y2 : tensor<?x?x4x5xf32>
  return %sum, %z2, %m : tensor<?x?x4x5xf32>, tensor<?x4x3xf32>, tensor<?x4xf32>
}

// CHECK-LABEL: @delta_rule
// CHECK: ssm.delta_rule {{.*}} beta({{.*}} : tensor<?x?x2x4xf32>) log decay({{.*}}) init({{.*}}) reset({{.*}}) scale(5.000000e-01) reverse :
// CHECK: ssm.delta_rule {{.*}} rank_one(%[[A:.*]], %[[A]] : tensor<?x?x4x3xf32>, tensor<?x?x4x3xf32>) :
func.func @delta_rule(%q: tensor<?x?x4x3xf32>, %k: tensor<?x?x2x4x3xf32>,
    %v: tensor<?x?x2x4x5xf32>, %beta: tensor<?x?x2x4xf32>, %g: tensor<4xf32>,
    %S0: tensor<?x4x5x3xf32>, %r: tensor<?x?xf32>, %w: tensor<?x?x4x5xf32>)
    -> (tensor<?x?x4x5xf32>, tensor<?x4x5x3xf32>) {
  %y, %S = ssm.delta_rule %q, %k, %v beta(%beta : tensor<?x?x2x4xf32>)
      log decay(%g : tensor<4xf32>) init(%S0 : tensor<?x4x5x3xf32>)
      reset(%r : tensor<?x?xf32>) scale(0.5) reverse
      : tensor<?x?x4x3xf32>, tensor<?x?x2x4x3xf32>, tensor<?x?x2x4x5xf32>
  %y2, %S2 = ssm.delta_rule %q, %q, %w rank_one(%q, %q : tensor<?x?x4x3xf32>, tensor<?x?x4x3xf32>)
      : tensor<?x?x4x3xf32>, tensor<?x?x4x3xf32>, tensor<?x?x4x5xf32>
  %sum = arith.addf %y, %y2 : tensor<?x?x4x5xf32>
  return %sum, %S2 : tensor<?x?x4x5xf32>, tensor<?x4x5x3xf32>
}

// Resets and directions of the recurrences that have channels only.
// CHECK-LABEL: @channels
// CHECK: ssm.scan {{.*}} reset({{.*}} : tensor<?x?xf32>) reverse
// CHECK: ssm.short_conv {{.*}} reset({{.*}} : tensor<?x?xf32>)
// CHECK: ssm.selective_scan {{.*}} reset({{.*}} : tensor<?x?xf32>) softplus reverse
func.func @channels(%x: tensor<?x?x8xf32>, %w: tensor<8x4xf32>, %A: tensor<8x2xf32>,
    %r: tensor<?x?xf32>) -> tensor<?x?x8xf32> {
  %h, %last = ssm.scan %x, %x reset(%r : tensor<?x?xf32>) reverse
      : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  %c, %window = ssm.short_conv %h, %w reset(%r : tensor<?x?xf32>)
      : tensor<?x?x8xf32>, tensor<8x4xf32>
  %y, %s = ssm.selective_scan %c, %h, %A, %A, %A reset(%r : tensor<?x?xf32>) softplus reverse
      : tensor<?x?x8xf32>, tensor<8x2xf32>, tensor<8x2xf32>, tensor<8x2xf32>
  return %y : tensor<?x?x8xf32>
}
