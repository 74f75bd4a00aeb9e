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
// CHECK: ssm.linear_scan {{.*}} reset({{.*}} : tensor<?x?xf32>) reverse
// CHECK: ssm.short_conv {{.*}} reset({{.*}} : tensor<?x?xf32>)
// CHECK: ssm.selective_scan {{.*}} reset({{.*}} : tensor<?x?xf32>) softplus reverse
func.func @channels(%x: tensor<?x?x8xf32>, %w: tensor<8x4xf32>, %A: tensor<8x2xf32>,
    %r: tensor<?x?xf32>) -> tensor<?x?x8xf32> {
  %h, %last = ssm.linear_scan %x, %x reset(%r : tensor<?x?xf32>) reverse
      : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  %c, %window = ssm.short_conv %h, %w reset(%r : tensor<?x?xf32>)
      : tensor<?x?x8xf32>, tensor<8x4xf32>
  %y, %s = ssm.selective_scan %c, %h, %A, %A, %A reset(%r : tensor<?x?xf32>) softplus reverse
      : tensor<?x?x8xf32>, tensor<8x2xf32>, tensor<8x2xf32>, tensor<8x2xf32>
  return %y : tensor<?x?x8xf32>
}

// CHECK-LABEL: @lti
// CHECK: ssm.lti %{{.*}} A({{.*}}) low_rank({{.*}}) B({{.*}}) C({{.*}}) D({{.*}}) method(bilinear) dt({{.*}}) init({{.*}}) reset({{.*}}) conjugate reverse : tensor<?x?x6xf32>
// CHECK: ssm.lti %{{.*}} A({{.*}} : tensor<6x6xf32>) B({{.*}}) C({{.*}}) D({{.*}}) mimo : tensor<?x?x6xf32>
// CHECK: ssm.lti %{{.*}} A({{.*}} : tensor<6x4xf32>) C({{.*}}) method(gbt) alpha(2.500000e-01) dt({{.*}}) :
// CHECK: ssm.lti %{{.*}} A({{.*}} : tensor<6x4xf32>) C({{.*}}) companion :
func.func @lti(%u: tensor<?x?x6xf32>, %a: tensor<6x4xf32>, %dt: tensor<6xf32>,
    %M: tensor<6x6xf32>, %h: tensor<?x6x4xf32>, %r: tensor<?x?xf32>) -> tensor<?x?x6xf32> {
  %y0, %h0, %g0 = ssm.lti %u A(%a, %a : tensor<6x4xf32>, tensor<6x4xf32>)
      low_rank(%a, %a : tensor<6x4xf32>, tensor<6x4xf32>)
      B(%a, %a : tensor<6x4xf32>, tensor<6x4xf32>) C(%a, %a : tensor<6x4xf32>, tensor<6x4xf32>)
      D(%dt : tensor<6xf32>) method(bilinear) dt(%dt : tensor<6xf32>)
      init(%h, %h : tensor<?x6x4xf32>, tensor<?x6x4xf32>) reset(%r : tensor<?x?xf32>)
      conjugate reverse : tensor<?x?x6xf32>
  %y1, %h1 = ssm.lti %y0 A(%M : tensor<6x6xf32>) B(%M : tensor<6x6xf32>) C(%M : tensor<6x6xf32>)
      D(%dt : tensor<6xf32>) mimo : tensor<?x?x6xf32>
  %y2, %h2 = ssm.lti %y1 A(%a : tensor<6x4xf32>) C(%a : tensor<6x4xf32>) method(gbt) alpha(0.25)
      dt(%a : tensor<6x4xf32>) : tensor<?x?x6xf32>
  %y3, %h3 = ssm.lti %y2 A(%a : tensor<6x4xf32>) C(%a : tensor<6x4xf32>) companion
      : tensor<?x?x6xf32>
  return %y3 : tensor<?x?x6xf32>
}

// CHECK-LABEL: @rnn
// CHECK: ssm.rnn elman {{.*}} relu :
// CHECK: ssm.rnn gru {{.*}} input_weight({{.*}}) input_bias({{.*}}) hidden_bias({{.*}}) reset({{.*}}) reverse :
// CHECK: ssm.rnn lstm {{.*}} peephole({{.*}}) init({{.*}}) :
// CHECK: ssm.rnn slstm {{.*}} : tensor<?x?x2x8xf32>, tensor<2x8x2xf32>
func.func @rnn(%x: tensor<?x?x5xf32>, %U1: tensor<5x5xf32>, %W3: tensor<15x5xf32>,
    %b3: tensor<15xf32>, %x4: tensor<?x?x20xf32>, %U4: tensor<20x5xf32>, %p: tensor<3x5xf32>,
    %h: tensor<?x5xf32>, %xh: tensor<?x?x2x8xf32>, %Uh: tensor<2x8x2xf32>, %r: tensor<?x?xf32>)
    -> (tensor<?x?x5xf32>, tensor<?x5xf32>, tensor<?x2x2xf32>) {
  %y0, %h0 = ssm.rnn elman %x, %U1 relu : tensor<?x?x5xf32>, tensor<5x5xf32>
  %y1, %h1 = ssm.rnn gru %y0, %W3 input_weight(%W3 : tensor<15x5xf32>)
      input_bias(%b3 : tensor<15xf32>) hidden_bias(%b3 : tensor<15xf32>)
      reset(%r : tensor<?x?xf32>) reverse : tensor<?x?x5xf32>, tensor<15x5xf32>
  %y2, %h2, %c2 = ssm.rnn lstm %x4, %U4 peephole(%p : tensor<3x5xf32>)
      init(%h, %h : tensor<?x5xf32>, tensor<?x5xf32>) : tensor<?x?x20xf32>, tensor<20x5xf32>
  %y3, %h3, %c3, %n3, %m3 = ssm.rnn slstm %xh, %Uh : tensor<?x?x2x8xf32>, tensor<2x8x2xf32>
  return %y1, %c2, %m3 : tensor<?x?x5xf32>, tensor<?x5xf32>, tensor<?x2x2xf32>
}

// CHECK-LABEL: @complex_selective_scan
// CHECK: %{{.*}}:2 = ssm.selective_scan {{.*}} imag({{.*}}) init({{.*}}) :
func.func @complex_selective_scan(%u: tensor<?x?x8xf32>, %A: tensor<8x2xf32>,
    %B: tensor<?x?x2xf32>, %h: tensor<?x8x2xf32>) -> tensor<?x8x2xf32> {
  %y, %s, %t = ssm.selective_scan %u, %u, %A, %B, %A
      imag(%A, %B, %A : tensor<8x2xf32>, tensor<?x?x2xf32>, tensor<8x2xf32>)
      init(%h, %h : tensor<?x8x2xf32>, tensor<?x8x2xf32>)
      : tensor<?x?x8xf32>, tensor<8x2xf32>, tensor<?x?x2xf32>, tensor<8x2xf32>
  return %t : tensor<?x8x2xf32>
}

// CHECK-LABEL: @semiring_scan
// CHECK: ssm.semiring_scan max_plus %{{.*}}, %{{.*}} prior({{.*}}) init({{.*}}) reset({{.*}}) reverse : tensor<?x?x4x4xf32>, tensor<?x?x4xf32>
func.func @semiring_scan(%x: tensor<?x?x4xf32>, %A: tensor<?x?x4x4xf32>, %p: tensor<4xf32>,
    %h: tensor<?x4xf32>, %f: tensor<?xf32>, %r: tensor<?x?xf32>) -> tensor<?x?x4xf32> {
  %y, %s, %b = ssm.semiring_scan max_plus %A, %x prior(%p : tensor<4xf32>)
      init(%h, %f : tensor<?x4xf32>, tensor<?xf32>) reset(%r : tensor<?x?xf32>) reverse
      : tensor<?x?x4x4xf32>, tensor<?x?x4xf32>
  return %y : tensor<?x?x4xf32>
}
