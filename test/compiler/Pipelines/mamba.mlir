// RUN: ssmc-opt %s --ssmc-normalize | FileCheck %s --check-prefix=NORMAL
// RUN: ssmc-opt %s --ssmc-normalize --ssmc-derive | FileCheck %s --check-prefix=DERIVE
// RUN: ssmc-opt %s --ssmc-normalize --ssmc-derive=entries=step | FileCheck %s --check-prefix=STEP

// A Mamba of two layers, each a call of one private function that itself calls
// the mixer.

// Normalized: no calls, two recurrences per layer, A computed by the compiler,
// each weight once.
// NORMAL: func.func @forward(%[[IDS:[a-z0-9]+]]: tensor<?x?xi64>) -> tensor<?x?x32xf32> {
// NORMAL-NEXT: %[[TABLE:[a-z0-9]+]] = ssm.weight "embedding" : tensor<32x8xbf16>
// NORMAL-NEXT: %[[X0:[a-z0-9]+]] = ssm.embedding %[[IDS]], %[[TABLE]]
// NORMAL-COUNT-8: = ssm.weight
// NORMAL: ssm.rms_norm %[[X0]]
// NORMAL: %[[U:[a-z0-9_]+]], %{{.*}} = ssm.recurrence sequence(l) step(k, w)
// NORMAL: states("conv_window" [b, d, w] : tensor<?x16x3xf32>)
// NORMAL: %[[A:[a-z0-9]+]] = ssm.parameter "A_log" : tensor<16x4xf32> {
// NORMAL-NEXT: ssm.weight "A_log"
// NORMAL-NEXT: math.exp
// NORMAL-NEXT: arith.negf
// NORMAL-NEXT: ssm.yield
// NORMAL: ssm.recurrence sequence(l) step(n)
// NORMAL-NEXT: ins(%[[U]][b, l, d], %{{[a-z0-9]+}}[b, l, d], %[[A]][d, n],
// NORMAL: states("recurrent" [b, d, n] : tensor<?x16x4xf32>)
// NORMAL: ssm.recurrence sequence(l) step(k, w)
// NORMAL-NOT: ssm.parameter
// NORMAL-NOT: = ssm.weight
// NORMAL: ssm.recurrence sequence(l) step(n)
// NORMAL-NEXT: ins({{.*}}, %[[A]][d, n],
// NORMAL-NOT: ssm.recurrence
// NORMAL: %[[LOGITS:[a-z0-9]+]] = ssm.linear %{{[a-z0-9]+}}, %[[TABLE]]
// NORMAL-NEXT: return %[[LOGITS]]
// NORMAL-NOT: func.func

// Derived: one table for three entries, states in the order of the layers.
// DERIVE: plan.state @layer0.mixer.conv_window role "conv_window" : tensor<16x3xf32>
// DERIVE-NEXT: plan.state @layer0.mixer.recurrent role "recurrent" : tensor<16x4xf32>
// DERIVE-NEXT: plan.state @last.mixer.conv_window role "conv_window" : tensor<16x3xf32>
// DERIVE-NEXT: plan.state @last.mixer.recurrent role "recurrent" : tensor<16x4xf32>
// DERIVE-NEXT: func.func @forward(%{{[a-z0-9]+}}: tensor<?x?xi64>, %{{[a-z0-9]+}}: tensor<?x16x3xf32> {plan.state = @layer0.mixer.conv_window},
// DERIVE-SAME: attributes {ssm.causal, ssm.entry, ssm.transient_state}
// DERIVE: func.func @prefill(%{{[a-z0-9]+}}: tensor<?x?xi64>, %{{[a-z0-9]+}}: tensor<?x16x3xf32> {plan.state = @layer0.mixer.conv_window},
// DERIVE-SAME: attributes {ssm.entry}
// DERIVE: func.func @step(%{{[a-z0-9]+}}: tensor<?x1xi64>, %{{[a-z0-9]+}}: tensor<?x16x3xf32> {plan.state = @layer0.mixer.conv_window},
// DERIVE-SAME: attributes {ssm.entry}

// STEP-NOT: @forward
// STEP-NOT: @prefill
// STEP: func.func @step(
// STEP-SAME: %[[IDS:[a-z0-9]+]]: tensor<?x1xi64>,
// STEP-SAME: %[[C0:[a-z0-9]+]]: tensor<?x16x3xf32> {plan.state = @layer0.mixer.conv_window},
// STEP-SAME: %[[H0:[a-z0-9]+]]: tensor<?x16x4xf32> {plan.state = @layer0.mixer.recurrent},
// STEP-SAME: %[[C1:[a-z0-9]+]]: tensor<?x16x3xf32> {plan.state = @last.mixer.conv_window},
// STEP-SAME: %[[H1:[a-z0-9]+]]: tensor<?x16x4xf32> {plan.state = @last.mixer.recurrent})
// STEP-SAME: -> (tensor<?x1x32xf32>, tensor<?x16x3xf32> {plan.state = @layer0.mixer.conv_window},
// STEP-NOT: tensor<?x?
// STEP: %{{.*}}, %[[NC0:[a-z0-9_]+]] = ssm.recurrence
// STEP: init(%[[C0]])
// STEP-NOT: tensor<?x?
// STEP: %{{.*}}, %[[NH0:[a-z0-9_]+]] = ssm.recurrence
// STEP: init(%[[H0]])
// STEP-NOT: tensor<?x?
// STEP: %{{.*}}, %[[NC1:[a-z0-9_]+]] = ssm.recurrence
// STEP: init(%[[C1]])
// STEP-NOT: tensor<?x?
// STEP: %{{.*}}, %[[NH1:[a-z0-9_]+]] = ssm.recurrence
// STEP: init(%[[H1]])
// STEP-NOT: tensor<?x?
// STEP: return %{{[a-z0-9]+}}, %[[NC0]], %[[NH0]], %[[NC1]], %[[NH1]] :

module attributes {ssm.name = "two-layer"} {
  func.func private @mixer(%x: tensor<?x?x8xf32>, %w_in: tensor<32x8xbf16>, %w_conv: tensor<16x4xf32>,
                           %b_conv: tensor<16xf32>, %w_x: tensor<9x16xbf16>, %w_dt: tensor<16x1xbf16>,
                           %a_log: tensor<16x4xf32>, %w_out: tensor<8x16xbf16>) -> tensor<?x?x8xf32> {
    %xz = ssm.linear %x, %w_in : tensor<?x?x8xf32>, tensor<32x8xbf16>
    %xs, %z = ssm.split %xz [16, 16] : tensor<?x?x32xf32>
    %u, %window = ssm.short_conv %xs, %w_conv bias(%b_conv : tensor<16xf32>) activation(silu)
        : tensor<?x?x16xf32>, tensor<16x4xf32>
    %p = ssm.linear %u, %w_x : tensor<?x?x16xf32>, tensor<9x16xbf16>
    %dt, %B, %C = ssm.split %p [1, 4, 4] : tensor<?x?x9xf32>
    %delta = ssm.linear %dt, %w_dt : tensor<?x?x1xf32>, tensor<16x1xbf16>
    %e = math.exp %a_log : tensor<16x4xf32>
    %A = arith.negf %e : tensor<16x4xf32>
    %y, %h = ssm.selective_scan %u, %delta, %A, %B, %C D(%b_conv : tensor<16xf32>)
        z(%z : tensor<?x?x16xf32>) softplus
        : tensor<?x?x16xf32>, tensor<16x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>
    %o = ssm.linear %y, %w_out : tensor<?x?x16xf32>, tensor<8x16xbf16>
    return %o : tensor<?x?x8xf32>
  }

  func.func private @layer(%x: tensor<?x?x8xf32>, %norm: tensor<8xf32>, %a_log: tensor<16x4xf32>)
      -> tensor<?x?x8xf32> {
    %w_in = ssm.weight "in" : tensor<32x8xbf16>
    %w_conv = ssm.weight "conv" : tensor<16x4xf32>
    %b_conv = ssm.weight "conv_b" : tensor<16xf32>
    %w_x = ssm.weight "x" : tensor<9x16xbf16>
    %w_dt = ssm.weight "dt" : tensor<16x1xbf16>
    %w_out = ssm.weight "out" : tensor<8x16xbf16>
    %n = ssm.rms_norm %x weight(%norm : tensor<8xf32>) eps(1.0e-5) : tensor<?x?x8xf32>
    %m = func.call @mixer(%n, %w_in, %w_conv, %b_conv, %w_x, %w_dt, %a_log, %w_out)
        : (tensor<?x?x8xf32>, tensor<32x8xbf16>, tensor<16x4xf32>, tensor<16xf32>,
           tensor<9x16xbf16>, tensor<16x1xbf16>, tensor<16x4xf32>, tensor<8x16xbf16>)
        -> tensor<?x?x8xf32>
    %r = arith.addf %x, %m : tensor<?x?x8xf32>
    return %r : tensor<?x?x8xf32>
  }

  func.func @forward(%ids: tensor<?x?xi64>) -> tensor<?x?x32xf32> {
    %table = ssm.weight "embedding" : tensor<32x8xbf16>
    %x0 = ssm.embedding %ids, %table : tensor<?x?xi64>, tensor<32x8xbf16>
    %norm0 = ssm.weight "0.norm" : tensor<8xf32>
    %norm1 = ssm.weight "1.norm" : tensor<8xf32>
    %a_log = ssm.weight "A_log" : tensor<16x4xf32>
    %x1 = func.call @layer(%x0, %norm0, %a_log)
        : (tensor<?x?x8xf32>, tensor<8xf32>, tensor<16x4xf32>) -> tensor<?x?x8xf32> loc("layer0")
    %x2 = func.call @layer(%x1, %norm1, %a_log)
        : (tensor<?x?x8xf32>, tensor<8xf32>, tensor<16x4xf32>) -> tensor<?x?x8xf32> loc("last")
    %logits = ssm.linear %x2, %table : tensor<?x?x8xf32>, tensor<32x8xbf16>
    return %logits : tensor<?x?x32xf32>
  }
}
