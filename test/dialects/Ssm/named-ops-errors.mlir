// RUN: ssmc-opt %s --split-input-file --verify-diagnostics

func.func @ssd_x(%x: tensor<?x?x6x?xf32>, %dt: tensor<?x?x6xf32>, %A: tensor<6xf32>,
                 %B: tensor<?x?x4xf32>) {
  // (C1)
  // expected-error@+1 {{expected 'x' to be [b, l, h, p], got 'tensor<?x?x6x?xf32>'}}
  %y, %S = ssm.ssd %x, %dt, %A, %B, %B : tensor<?x?x6x?xf32>, tensor<?x?x6xf32>, tensor<6xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>
  return
}

// -----

func.func @ssd_z(%x: tensor<?x?x6x5xf32>, %z: tensor<?x?x30xf32>, %dt: tensor<?x?x6xf32>,
                 %A: tensor<6xf32>, %B: tensor<?x?x4xf32>) {
  // (C1)
  // expected-error@+1 {{expected 'z' to be [?, ?, 6, 5], got 'tensor<?x?x30xf32>'}}
  %y, %S = ssm.ssd %x, %dt, %A, %B, %B z(%z : tensor<?x?x30xf32>) : tensor<?x?x6x5xf32>, tensor<?x?x6xf32>, tensor<6xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>
  return
}

// -----

func.func @ssd_dt(%x: tensor<?x?x6x5xf32>, %dt: tensor<?x?x6x5xf32>, %A: tensor<6xf32>,
                  %B: tensor<?x?x4xf32>) {
  // (C2)
  // expected-error@+1 {{expected 'dt' to be [?, ?, 6], got 'tensor<?x?x6x5xf32>'}}
  %y, %S = ssm.ssd %x, %dt, %A, %B, %B : tensor<?x?x6x5xf32>, tensor<?x?x6x5xf32>, tensor<6xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>
  return
}

// -----

func.func @ssd_groups(%x: tensor<?x?x6x5xf32>, %dt: tensor<?x?x6xf32>, %A: tensor<6xf32>,
                      %B: tensor<?x?x4x8xf32>) {
  // (C3)
  // expected-error@+1 {{expected 'B' to be [?, ?, n] or [?, ?, g, n] with g that divides 6, got 'tensor<?x?x4x8xf32>'}}
  %y, %S = ssm.ssd %x, %dt, %A, %B, %B : tensor<?x?x6x5xf32>, tensor<?x?x6xf32>, tensor<6xf32>, tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>
  return
}

// -----

func.func @ssd_D(%x: tensor<?x?x6x5xf32>, %dt: tensor<?x?x6xf32>, %A: tensor<6xf32>,
                 %B: tensor<?x?x4xf32>, %D: tensor<5xf32>) {
  // (C4)
  // expected-error@+1 {{expected 'D' to be [6] or [6, 5], got 'tensor<5xf32>'}}
  %y, %S = ssm.ssd %x, %dt, %A, %B, %B D(%D : tensor<5xf32>) : tensor<?x?x6x5xf32>, tensor<?x?x6xf32>, tensor<6xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>
  return
}

// -----

func.func @ssd_init(%x: tensor<?x?x6x5xf32>, %dt: tensor<?x?x6xf32>, %A: tensor<6xf32>,
                    %B: tensor<?x?x4xf32>, %S0: tensor<?x6x4x5xf32>) {
  // (C5)
  // expected-error@+1 {{expected 'init' to be (tensor<?x6x5x4xf32>), got (tensor<?x6x4x5xf32>)}}
  %y, %S = ssm.ssd %x, %dt, %A, %B, %B init(%S0 : tensor<?x6x4x5xf32>) : tensor<?x?x6x5xf32>, tensor<?x?x6xf32>, tensor<6xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>
  return
}

// -----

func.func @ssd_reset(%x: tensor<?x?x6x5xf32>, %dt: tensor<?x?x6xf32>, %A: tensor<6xf32>,
                     %B: tensor<?x?x4xf32>, %r: tensor<?xf32>) {
  // (C6)
  // expected-error@+1 {{expected 'reset' to be [?, ?], got 'tensor<?xf32>'}}
  %y, %S = ssm.ssd %x, %dt, %A, %B, %B reset(%r : tensor<?xf32>) : tensor<?x?x6x5xf32>, tensor<?x?x6xf32>, tensor<6xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>
  return
}

// -----

func.func @ssd_limits(%x: tensor<?x?x6x5xf32>, %dt: tensor<?x?x6xf32>, %A: tensor<6xf32>,
                      %B: tensor<?x?x4xf32>) {
  // (C7)
  // expected-error@+1 {{expected 'dt_min' not above 'dt_max', got 1.000000e+00 and 5.000000e-01}}
  %y, %S = ssm.ssd %x, %dt, %A, %B, %B dt_min(1.0) dt_max(0.5) : tensor<?x?x6x5xf32>, tensor<?x?x6xf32>, tensor<6xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>
  return
}

// -----

func.func @attention_v(%q: tensor<?x?x4x3xf32>, %v: tensor<?x?x20xf32>) {
  // (C1)
  // expected-error@+1 {{expected 'v' to be [b, l, h, v], got 'tensor<?x?x20xf32>'}}
  %y, %S = ssm.linear_attention %q, %q, %v : tensor<?x?x4x3xf32>, tensor<?x?x4x3xf32>, tensor<?x?x20xf32>
  return
}

// -----

func.func @attention_k(%q: tensor<?x?x4x3xf32>, %k: tensor<?x?x4x2xf32>, %v: tensor<?x?x4x5xf32>) {
  // (C2)
  // expected-error@+1 {{expected 'k' to be [?, ?, 4, 3] or [?, ?, g, 3] with g that divides 4, got 'tensor<?x?x4x2xf32>'}}
  %y, %S = ssm.linear_attention %q, %k, %v : tensor<?x?x4x3xf32>, tensor<?x?x4x2xf32>, tensor<?x?x4x5xf32>
  return
}

// -----

func.func @attention_decay(%q: tensor<?x?x4x3xf32>, %v: tensor<?x?x4x5xf32>) {
  // (C3)
  // expected-error@+1 {{expected 'decay' to be [4], [4, 3], [?, ?, 4] or [?, ?, 4, 3], got 'tensor<?x?x4x5xf32>'}}
  %y, %S = ssm.linear_attention %q, %q, %v log decay(%v : tensor<?x?x4x5xf32>) : tensor<?x?x4x3xf32>, tensor<?x?x4x3xf32>, tensor<?x?x4x5xf32>
  return
}

// -----

func.func @attention_log(%q: tensor<?x?x4x3xf32>, %v: tensor<?x?x4x5xf32>) {
  // (C3)
  // expected-error@+1 {{expected 'decay' after 'log'}}
  %y, %S = ssm.linear_attention %q, %q, %v log : tensor<?x?x4x3xf32>, tensor<?x?x4x3xf32>, tensor<?x?x4x5xf32>
  return
}

// -----

func.func @attention_bonus(%q: tensor<?x?x4x3xf32>, %v: tensor<?x?x4x5xf32>, %u: tensor<4xf32>) {
  // (C4)
  // expected-error@+1 {{expected 'bonus' to be [4, 3], got 'tensor<4xf32>'}}
  %y, %S = ssm.linear_attention %q, %q, %v bonus(%u : tensor<4xf32>) : tensor<?x?x4x3xf32>, tensor<?x?x4x3xf32>, tensor<?x?x4x5xf32>
  return
}

// -----

func.func @attention_bonus_and_gate(%q: tensor<?x?x4x3xf32>, %v: tensor<?x?x4x5xf32>,
                                    %u: tensor<4x3xf32>, %i: tensor<?x?x4xf32>) {
  // (C4)
  // expected-error@+1 {{expected no 'bonus' with 'input_gate'}}
  %y, %S, %z, %m = ssm.linear_attention %q, %q, %v bonus(%u : tensor<4x3xf32>) input_gate(%i : tensor<?x?x4xf32>) normalizer(max) : tensor<?x?x4x3xf32>, tensor<?x?x4x3xf32>, tensor<?x?x4x5xf32>
  return
}

// -----

func.func @attention_gate(%q: tensor<?x?x4x3xf32>, %v: tensor<?x?x4x5xf32>, %i: tensor<?x?xf32>) {
  // (C5)
  // expected-error@+1 {{expected 'input_gate' to be [?, ?, 4], got 'tensor<?x?xf32>'}}
  %y, %S, %z, %m = ssm.linear_attention %q, %q, %v input_gate(%i : tensor<?x?xf32>) normalizer(max) : tensor<?x?x4x3xf32>, tensor<?x?x4x3xf32>, tensor<?x?x4x5xf32>
  return
}

// -----

func.func @attention_gate_normalizer(%q: tensor<?x?x4x3xf32>, %v: tensor<?x?x4x5xf32>,
                                     %i: tensor<?x?x4xf32>) {
  // (C5)
  // expected-error@+1 {{expected normalizer max with 'input_gate'}}
  %y, %S, %z, %m = ssm.linear_attention %q, %q, %v input_gate(%i : tensor<?x?x4xf32>) normalizer(sum) : tensor<?x?x4x3xf32>, tensor<?x?x4x3xf32>, tensor<?x?x4x5xf32>
  return
}

// -----

func.func @attention_gate_decay(%q: tensor<?x?x4x3xf32>, %v: tensor<?x?x4x5xf32>,
                                %i: tensor<?x?x4xf32>) {
  // (C5)
  // expected-error@+1 {{expected with 'input_gate' the 'log' of a decay of one number per head, got 'tensor<?x?x4xf32>' without 'log'}}
  %y, %S, %z, %m = ssm.linear_attention %q, %q, %v decay(%i : tensor<?x?x4xf32>) input_gate(%i : tensor<?x?x4xf32>) normalizer(max) : tensor<?x?x4x3xf32>, tensor<?x?x4x3xf32>, tensor<?x?x4x5xf32>
  return
}

// -----

func.func @attention_gate_decay_vector(%q: tensor<?x?x4x3xf32>, %v: tensor<?x?x4x5xf32>,
                                       %i: tensor<?x?x4xf32>) {
  // (C5)
  // expected-error@+1 {{expected with 'input_gate' the 'log' of a decay of one number per head, got 'tensor<?x?x4x3xf32>'}}
  %y, %S, %z, %m = ssm.linear_attention %q, %q, %v log decay(%q : tensor<?x?x4x3xf32>) input_gate(%i : tensor<?x?x4xf32>) normalizer(max) : tensor<?x?x4x3xf32>, tensor<?x?x4x3xf32>, tensor<?x?x4x5xf32>
  return
}

// -----

func.func @attention_init(%q: tensor<?x?x4x3xf32>, %v: tensor<?x?x4x5xf32>,
                          %S0: tensor<?x4x5x3xf32>) {
  // (C6)
  // expected-error@+1 {{expected 'init' to be (tensor<?x4x5x3xf32>, tensor<?x4x3xf32>), got (tensor<?x4x5x3xf32>)}}
  %y, %S, %z = ssm.linear_attention %q, %q, %v init(%S0 : tensor<?x4x5x3xf32>) normalizer(sum) : tensor<?x?x4x3xf32>, tensor<?x?x4x3xf32>, tensor<?x?x4x5xf32>
  return
}

// -----

func.func @attention_reset(%q: tensor<?x?x4x3xf32>, %v: tensor<?x?x4x5xf32>) {
  // (C7)
  // expected-error@+1 {{expected 'reset' to be [?, ?], got 'tensor<?x?x4x5xf32>'}}
  %y, %S = ssm.linear_attention %q, %q, %v reset(%v : tensor<?x?x4x5xf32>) : tensor<?x?x4x3xf32>, tensor<?x?x4x3xf32>, tensor<?x?x4x5xf32>
  return
}

// -----

func.func @attention_eps(%q: tensor<?x?x4x3xf32>, %v: tensor<?x?x4x5xf32>) {
  // (C8)
  // expected-error@+1 {{expected 'normalizer' with 'eps'}}
  %y, %S = ssm.linear_attention %q, %q, %v eps(1.0e-6) : tensor<?x?x4x3xf32>, tensor<?x?x4x3xf32>, tensor<?x?x4x5xf32>
  return
}

// -----

func.func @delta_v(%q: tensor<?x?x4x3xf32>, %v: tensor<?x?x20xf32>) {
  // (C1)
  // expected-error@+1 {{expected 'v' to be [b, l, h, v] or [b, l, j, h, v], got 'tensor<?x?x20xf32>'}}
  %y, %S = ssm.delta_rule %q, %q, %v : tensor<?x?x4x3xf32>, tensor<?x?x4x3xf32>, tensor<?x?x20xf32>
  return
}

// -----

func.func @delta_k(%q: tensor<?x?x4x3xf32>, %v: tensor<?x?x2x4x5xf32>) {
  // (C2)
  // expected-error@+1 {{expected 'k' to be [?, ?, 2, 4, 3] or [?, ?, 2, g, 3] with g that divides 4, got 'tensor<?x?x4x3xf32>'}}
  %y, %S = ssm.delta_rule %q, %q, %v : tensor<?x?x4x3xf32>, tensor<?x?x4x3xf32>, tensor<?x?x2x4x5xf32>
  return
}

// -----

func.func @delta_beta(%q: tensor<?x?x4x3xf32>, %v: tensor<?x?x4x5xf32>) {
  // (C3)
  // expected-error@+1 {{expected 'beta' to be [?, ?, 4], got 'tensor<?x?x4x3xf32>'}}
  %y, %S = ssm.delta_rule %q, %q, %v beta(%q : tensor<?x?x4x3xf32>) : tensor<?x?x4x3xf32>, tensor<?x?x4x3xf32>, tensor<?x?x4x5xf32>
  return
}

// -----

func.func @delta_one_vector(%q: tensor<?x?x4x3xf32>, %v: tensor<?x?x4x5xf32>) {
  // (C4)
  // expected-error@+1 {{expected two vectors in 'rank_one', got 1}}
  %y, %S = ssm.delta_rule %q, %q, %v rank_one(%q : tensor<?x?x4x3xf32>) : tensor<?x?x4x3xf32>, tensor<?x?x4x3xf32>, tensor<?x?x4x5xf32>
  return
}

// -----

func.func @delta_vectors(%q: tensor<?x?x4x3xf32>, %v: tensor<?x?x4x5xf32>) {
  // (C4)
  // expected-error@+1 {{expected 'rank_one' to be [?, ?, 4, 3] or [?, ?, g, 3] with g that divides 4, got 'tensor<?x?x4x5xf32>'}}
  %y, %S = ssm.delta_rule %q, %q, %v rank_one(%q, %v : tensor<?x?x4x3xf32>, tensor<?x?x4x5xf32>) : tensor<?x?x4x3xf32>, tensor<?x?x4x3xf32>, tensor<?x?x4x5xf32>
  return
}

// -----

func.func @delta_beta_and_vectors(%q: tensor<?x?x4x3xf32>, %v: tensor<?x?x4x5xf32>,
                                  %beta: tensor<?x?x4xf32>) {
  // (C4)
  // expected-error@+1 {{expected no 'beta' with 'rank_one'}}
  %y, %S = ssm.delta_rule %q, %q, %v beta(%beta : tensor<?x?x4xf32>) rank_one(%q, %q : tensor<?x?x4x3xf32>, tensor<?x?x4x3xf32>) : tensor<?x?x4x3xf32>, tensor<?x?x4x3xf32>, tensor<?x?x4x5xf32>
  return
}

// -----

func.func @delta_steps_and_vectors(%q: tensor<?x?x4x3xf32>, %k: tensor<?x?x2x4x3xf32>,
                                   %v: tensor<?x?x2x4x5xf32>) {
  // (C4)
  // expected-error@+1 {{expected no axis of micro-steps in 'v' with 'rank_one'}}
  %y, %S = ssm.delta_rule %q, %k, %v rank_one(%q, %q : tensor<?x?x4x3xf32>, tensor<?x?x4x3xf32>) : tensor<?x?x4x3xf32>, tensor<?x?x2x4x3xf32>, tensor<?x?x2x4x5xf32>
  return
}

// -----

func.func @delta_decay(%q: tensor<?x?x4x3xf32>, %v: tensor<?x?x4x5xf32>, %g: tensor<?x?xf32>) {
  // (C5)
  // expected-error@+1 {{expected 'decay' to be [4], [4, 3], [?, ?, 4] or [?, ?, 4, 3], got 'tensor<?x?xf32>'}}
  %y, %S = ssm.delta_rule %q, %q, %v decay(%g : tensor<?x?xf32>) : tensor<?x?x4x3xf32>, tensor<?x?x4x3xf32>, tensor<?x?x4x5xf32>
  return
}

// -----

func.func @delta_init(%q: tensor<?x?x4x3xf32>, %v: tensor<?x?x4x5xf32>, %S0: tensor<?x4x3x5xf32>) {
  // (C6)
  // expected-error@+1 {{expected 'init' to be (tensor<?x4x5x3xf32>), got (tensor<?x4x3x5xf32>)}}
  %y, %S = ssm.delta_rule %q, %q, %v init(%S0 : tensor<?x4x3x5xf32>) : tensor<?x?x4x3xf32>, tensor<?x?x4x3xf32>, tensor<?x?x4x5xf32>
  return
}

// -----

func.func @delta_reset(%q: tensor<?x?x4x3xf32>, %v: tensor<?x?x4x5xf32>, %r: tensor<1x?xf32>) {
  // (C7)
  // expected-error@+1 {{expected 'reset' to be [?, ?], got 'tensor<1x?xf32>'}}
  %y, %S = ssm.delta_rule %q, %q, %v reset(%r : tensor<1x?xf32>) : tensor<?x?x4x3xf32>, tensor<?x?x4x3xf32>, tensor<?x?x4x5xf32>
  return
}

// -----

func.func @lti_u(%u: tensor<?x?xf32>, %a: tensor<6x4xf32>) {
  // (C1)
  // expected-error@+1 {{expected 'u' to be [b, l, d], got 'tensor<?x?xf32>'}}
  %y, %h = ssm.lti %u A(%a : tensor<6x4xf32>) C(%a : tensor<6x4xf32>) : tensor<?x?xf32>
  return
}

// -----

func.func @lti_A(%u: tensor<?x?x6xf32>, %a: tensor<6x4xf32>, %A: tensor<6x4x3xf32>) {
  // (C2)
  // expected-error@+1 {{expected 'A' to be [6, n] or [6, n, n], got 'tensor<6x4x3xf32>'}}
  %y, %h = ssm.lti %u A(%A : tensor<6x4x3xf32>) C(%a : tensor<6x4xf32>) : tensor<?x?x6xf32>
  return
}

// -----

func.func @lti_three(%u: tensor<?x?x6xf32>, %a: tensor<6x4xf32>) {
  // (C2)
  // expected-error@+1 {{expected one or two values of 'A', got 3}}
  %y, %h = ssm.lti %u A(%a, %a, %a : tensor<6x4xf32>, tensor<6x4xf32>, tensor<6x4xf32>) C(%a : tensor<6x4xf32>) : tensor<?x?x6xf32>
  return
}

// -----

func.func @lti_companion_mimo(%u: tensor<?x?x6xf32>, %a: tensor<6x4xf32>) {
  // (C2)
  // expected-error@+1 {{expected no 'companion' with 'mimo'}}
  %y, %h = ssm.lti %u A(%a : tensor<6x4xf32>) C(%a : tensor<6x4xf32>) companion mimo : tensor<?x?x6xf32>
  return
}

// -----

func.func @lti_complex_dense(%u: tensor<?x?x6xf32>, %a: tensor<6x4xf32>, %A: tensor<6x4x4xf32>) {
  // (C2)
  // expected-error@+1 {{expected a complex 'A' to be two diagonals of one type}}
  %y, %h, %g = ssm.lti %u A(%A, %A : tensor<6x4x4xf32>, tensor<6x4x4xf32>) C(%a, %a : tensor<6x4xf32>, tensor<6x4xf32>) : tensor<?x?x6xf32>
  return
}

// -----

func.func @lti_parts(%u: tensor<?x?x6xf32>, %a: tensor<6x4xf32>) {
  // (C3)
  // expected-error@+1 {{expected as many values of 'B' and 'C' as of 'A'}}
  %y, %h, %g = ssm.lti %u A(%a, %a : tensor<6x4xf32>, tensor<6x4xf32>) C(%a : tensor<6x4xf32>) : tensor<?x?x6xf32>
  return
}

// -----

func.func @lti_C(%u: tensor<?x?x6xf32>, %a: tensor<6x4xf32>, %c: tensor<6x5xf32>) {
  // (C3)
  // expected-error@+1 {{expected 'C' to be [6, 4], got 'tensor<6x5xf32>'}}
  %y, %h = ssm.lti %u A(%a : tensor<6x4xf32>) C(%c : tensor<6x5xf32>) : tensor<?x?x6xf32>
  return
}

// -----

func.func @lti_mimo_B(%u: tensor<?x?x6xf32>, %a: tensor<6x4xf32>, %d: tensor<4xf32>) {
  // (C3)
  // expected-error@+1 {{expected 'B' to be [4, 6], got 'tensor<6x4xf32>'}}
  %y, %h = ssm.lti %u A(%d : tensor<4xf32>) B(%a : tensor<6x4xf32>) C(%a : tensor<6x4xf32>) mimo : tensor<?x?x6xf32>
  return
}

// -----

func.func @lti_mimo_without_B(%u: tensor<?x?x6xf32>, %a: tensor<6x4xf32>, %d: tensor<4xf32>) {
  // (C3)
  // expected-error@+1 {{expected 'B' with 'mimo'}}
  %y, %h = ssm.lti %u A(%d : tensor<4xf32>) C(%a : tensor<6x4xf32>) mimo : tensor<?x?x6xf32>
  return
}

// -----

func.func @lti_D(%u: tensor<?x?x6xf32>, %a: tensor<6x4xf32>, %d: tensor<4xf32>) {
  // (C4)
  // expected-error@+1 {{expected 'D' to be [6], got 'tensor<4xf32>'}}
  %y, %h = ssm.lti %u A(%a : tensor<6x4xf32>) C(%a : tensor<6x4xf32>) D(%d : tensor<4xf32>) : tensor<?x?x6xf32>
  return
}

// -----

func.func @lti_mimo_D(%u: tensor<?x?x6xf32>, %e: tensor<4xf32>, %B: tensor<4x6xf32>, %C: tensor<5x4xf32>, %d: tensor<6xf32>) {
  // (C4)
  // expected-error@+1 {{expected as many outputs as channels with 'D', got 5 and 6}}
  %y, %h = ssm.lti %u A(%e : tensor<4xf32>) B(%B : tensor<4x6xf32>) C(%C : tensor<5x4xf32>) D(%d : tensor<6xf32>) mimo : tensor<?x?x6xf32>
  return
}

// -----

func.func @lti_method(%u: tensor<?x?x6xf32>, %a: tensor<6x4xf32>) {
  // (C5)
  // expected-error@+1 {{expected 'method' and 'dt' together}}
  %y, %h = ssm.lti %u A(%a : tensor<6x4xf32>) C(%a : tensor<6x4xf32>) method(zoh) : tensor<?x?x6xf32>
  return
}

// -----

func.func @lti_method_dense(%u: tensor<?x?x6xf32>, %a: tensor<6x4xf32>, %A: tensor<6x4x4xf32>, %d: tensor<6xf32>) {
  // (C5)
  // expected-error@+1 {{expected a diagonal 'A' with 'method'}}
  %y, %h = ssm.lti %u A(%A : tensor<6x4x4xf32>) C(%a : tensor<6x4xf32>) method(zoh) dt(%d : tensor<6xf32>) : tensor<?x?x6xf32>
  return
}

// -----

func.func @lti_dt(%u: tensor<?x?x6xf32>, %a: tensor<6x4xf32>, %d: tensor<4xf32>) {
  // (C5)
  // expected-error@+1 {{expected 'dt' to be [6] or [6, 4], got 'tensor<4xf32>'}}
  %y, %h = ssm.lti %u A(%a : tensor<6x4xf32>) C(%a : tensor<6x4xf32>) method(zoh) dt(%d : tensor<4xf32>) : tensor<?x?x6xf32>
  return
}

// -----

func.func @lti_alpha(%u: tensor<?x?x6xf32>, %a: tensor<6x4xf32>, %d: tensor<6xf32>) {
  // (C5)
  // expected-error@+1 {{expected 'alpha' with method gbt and no other}}
  %y, %h = ssm.lti %u A(%a : tensor<6x4xf32>) C(%a : tensor<6x4xf32>) method(gbt) dt(%d : tensor<6xf32>) : tensor<?x?x6xf32>
  return
}

// -----

func.func @lti_async(%u: tensor<?x?x6xf32>, %a: tensor<6x4xf32>, %d: tensor<6xf32>) {
  // (C5)
  // expected-error@+1 {{expected a method whose step needs 'dt' alone, got async}}
  %y, %h = ssm.lti %u A(%a : tensor<6x4xf32>) C(%a : tensor<6x4xf32>) method(async) dt(%d : tensor<6xf32>) : tensor<?x?x6xf32>
  return
}

// -----

func.func @lti_conjugate(%u: tensor<?x?x6xf32>, %a: tensor<6x4xf32>) {
  // (C6)
  // expected-error@+1 {{expected a complex 'A' with 'conjugate'}}
  %y, %h = ssm.lti %u A(%a : tensor<6x4xf32>) C(%a : tensor<6x4xf32>) conjugate : tensor<?x?x6xf32>
  return
}

// -----

func.func @lti_low_rank(%u: tensor<?x?x6xf32>, %a: tensor<6x4xf32>, %d: tensor<6xf32>) {
  // (C7)
  // expected-error@+1 {{expected 'low_rank' to be one complex vector, with 'conjugate', method bilinear, and without 'mimo'}}
  %y, %h, %g = ssm.lti %u A(%a, %a : tensor<6x4xf32>, tensor<6x4xf32>) low_rank(%a, %a : tensor<6x4xf32>, tensor<6x4xf32>) C(%a, %a : tensor<6x4xf32>, tensor<6x4xf32>) method(zoh) dt(%d : tensor<6xf32>) conjugate : tensor<?x?x6xf32>
  return
}

// -----

func.func @lti_foh(%u: tensor<?x?x6xf32>, %a: tensor<6x4xf32>, %d: tensor<4xf32>, %B: tensor<4x6xf32>) {
  // (C8)
  // expected-error@+1 {{expected no 'mimo' with method foh}}
  %y, %h, %g = ssm.lti %u A(%d : tensor<4xf32>) B(%B : tensor<4x6xf32>) C(%a : tensor<6x4xf32>) method(foh) dt(%d : tensor<4xf32>) mimo : tensor<?x?x6xf32>
  return
}

// -----

func.func @lti_init(%u: tensor<?x?x6xf32>, %a: tensor<6x4xf32>, %s: tensor<?x6x4xf32>) {
  // (C9)
  // expected-error@+1 {{expected 'init' to be (tensor<?x6x4xf32>, tensor<?x6x4xf32>), got (tensor<?x6x4xf32>)}}
  %y, %h, %g = ssm.lti %u A(%a, %a : tensor<6x4xf32>, tensor<6x4xf32>) C(%a, %a : tensor<6x4xf32>, tensor<6x4xf32>) init(%s : tensor<?x6x4xf32>) : tensor<?x?x6xf32>
  return
}

// -----

func.func @lti_reset(%u: tensor<?x?x6xf32>, %a: tensor<6x4xf32>) {
  // (C10)
  // expected-error@+1 {{expected 'reset' to be [?, ?], got 'tensor<6x4xf32>'}}
  %y, %h = ssm.lti %u A(%a : tensor<6x4xf32>) C(%a : tensor<6x4xf32>) reset(%a : tensor<6x4xf32>) : tensor<?x?x6xf32>
  return
}

// -----

func.func @rnn_rows(%x: tensor<?x?x20xf32>, %U: tensor<20x5xf32>) {
  // (C1)
  // expected-error@+1 {{expected 'hidden_weight' of gru to have 3 rows per column, got 'tensor<20x5xf32>'}}
  %y, %h = ssm.rnn gru %x, %U : tensor<?x?x20xf32>, tensor<20x5xf32>
  return
}

// -----

func.func @rnn_weight(%x: tensor<?x?x20xf32>, %U: tensor<20xf32>) {
  // (C1)
  // expected-error@+1 {{expected 'hidden_weight' to be [m, n] or [h, m, n], got 'tensor<20xf32>'}}
  %y, %h = ssm.rnn gru %x, %U : tensor<?x?x20xf32>, tensor<20xf32>
  return
}

// -----

func.func @rnn_x(%x: tensor<?x?x5xf32>, %U: tensor<20x5xf32>) {
  // (C2)
  // expected-error@+1 {{expected 'x' to be [b, l, 20], got 'tensor<?x?x5xf32>'}}
  %y, %h, %c = ssm.rnn lstm %x, %U : tensor<?x?x5xf32>, tensor<20x5xf32>
  return
}

// -----

func.func @rnn_heads_x(%x: tensor<?x?x20xf32>, %U: tensor<2x20x5xf32>) {
  // (C2)
  // expected-error@+1 {{expected 'x' to be [b, l, 2, 20], got 'tensor<?x?x20xf32>'}}
  %y, %h, %c = ssm.rnn lstm %x, %U : tensor<?x?x20xf32>, tensor<2x20x5xf32>
  return
}

// -----

func.func @rnn_heads_weight(%x: tensor<?x?x20xf32>, %U: tensor<2x20x5xf32>, %W: tensor<20x20xf32>) {
  // (C3)
  // expected-error@+1 {{expected no 'input_weight' with heads}}
  %y, %h, %c = ssm.rnn lstm %x, %U input_weight(%W : tensor<20x20xf32>) : tensor<?x?x20xf32>, tensor<2x20x5xf32>
  return
}

// -----

func.func @rnn_input_weight(%x: tensor<?x?x20xf32>, %U: tensor<20x5xf32>, %W: tensor<15x20xf32>) {
  // (C3)
  // expected-error@+1 {{expected 'input_weight' to be [20, i], got 'tensor<15x20xf32>'}}
  %y, %h, %c = ssm.rnn lstm %x, %U input_weight(%W : tensor<15x20xf32>) : tensor<?x?x20xf32>, tensor<20x5xf32>
  return
}

// -----

func.func @rnn_input_bias(%x: tensor<?x?x20xf32>, %U: tensor<20x5xf32>, %b: tensor<20xf32>) {
  // (C3)
  // expected-error@+1 {{expected 'input_weight' with 'input_bias'}}
  %y, %h, %c = ssm.rnn lstm %x, %U input_bias(%b : tensor<20xf32>) : tensor<?x?x20xf32>, tensor<20x5xf32>
  return
}

// -----

func.func @rnn_hidden_bias(%x: tensor<?x?x20xf32>, %U: tensor<20x5xf32>, %b: tensor<5xf32>) {
  // (C4)
  // expected-error@+1 {{expected 'hidden_bias' to be [20], got 'tensor<5xf32>'}}
  %y, %h, %c = ssm.rnn lstm %x, %U hidden_bias(%b : tensor<5xf32>) : tensor<?x?x20xf32>, tensor<20x5xf32>
  return
}

// -----

func.func @rnn_peephole(%x: tensor<?x?x20xf32>, %U: tensor<20x5xf32>, %p: tensor<4x5xf32>) {
  // (C5)
  // expected-error@+1 {{expected 'peephole' to be [3, 5], got 'tensor<4x5xf32>'}}
  %y, %h, %c = ssm.rnn lstm %x, %U peephole(%p : tensor<4x5xf32>) : tensor<?x?x20xf32>, tensor<20x5xf32>
  return
}

// -----

func.func @rnn_peephole_of_slstm(%x: tensor<?x?x20xf32>, %U: tensor<20x5xf32>, %p: tensor<3x5xf32>) {
  // (C5)
  // expected-error@+1 {{expected 'peephole' with lstm without heads only}}
  %y, %h, %c, %n, %m = ssm.rnn slstm %x, %U peephole(%p : tensor<3x5xf32>) : tensor<?x?x20xf32>, tensor<20x5xf32>
  return
}

// -----

func.func @rnn_relu(%x: tensor<?x?x20xf32>, %U: tensor<20x5xf32>) {
  // (C6)
  // expected-error@+1 {{expected 'relu' with elman only, got lstm}}
  %y, %h, %c = ssm.rnn lstm %x, %U relu : tensor<?x?x20xf32>, tensor<20x5xf32>
  return
}

// -----

func.func @rnn_init(%x: tensor<?x?x20xf32>, %U: tensor<20x5xf32>, %s: tensor<?x5xf32>) {
  // (C7)
  // expected-error@+1 {{expected 'init' to be (tensor<?x5xf32>, tensor<?x5xf32>), got (tensor<?x5xf32>)}}
  %y, %h, %c = ssm.rnn lstm %x, %U init(%s : tensor<?x5xf32>) : tensor<?x?x20xf32>, tensor<20x5xf32>
  return
}

// -----

func.func @rnn_reset(%x: tensor<?x?x20xf32>, %U: tensor<20x5xf32>) {
  // (C8)
  // expected-error@+1 {{expected 'reset' to be [?, ?], got 'tensor<20x5xf32>'}}
  %y, %h, %c = ssm.rnn lstm %x, %U reset(%U : tensor<20x5xf32>) : tensor<?x?x20xf32>, tensor<20x5xf32>
  return
}

// -----

func.func @selective_scan_parts(%u: tensor<?x?x8xf32>, %A: tensor<8x2xf32>) {
  // (C7)
  // expected-error@+1 {{expected three values in 'imag', got 1}}
  %y, %s, %t = ssm.selective_scan %u, %u, %A, %A, %A imag(%A : tensor<8x2xf32>) : tensor<?x?x8xf32>, tensor<8x2xf32>, tensor<8x2xf32>, tensor<8x2xf32>
  return
}

// -----

func.func @selective_scan_imag(%u: tensor<?x?x8xf32>, %A: tensor<8x2xf32>, %B: tensor<8x3xf32>) {
  // (C7)
  // expected-error@+1 {{expected 'imag' to have the types of 'A', 'B' and 'C', got 'tensor<8x3xf32>' for 'tensor<8x2xf32>'}}
  %y, %s, %t = ssm.selective_scan %u, %u, %A, %A, %A imag(%A, %B, %A : tensor<8x2xf32>, tensor<8x3xf32>, tensor<8x2xf32>) : tensor<?x?x8xf32>, tensor<8x2xf32>, tensor<8x2xf32>, tensor<8x2xf32>
  return
}

// -----

func.func @selective_scan_init(%u: tensor<?x?x8xf32>, %A: tensor<8x2xf32>, %h: tensor<?x8x2xf32>) {
  // (C5)
  // expected-error@+1 {{expected 'init' to give 2 states, got 1}}
  %y, %s, %t = ssm.selective_scan %u, %u, %A, %A, %A imag(%A, %A, %A : tensor<8x2xf32>, tensor<8x2xf32>, tensor<8x2xf32>) init(%h : tensor<?x8x2xf32>) : tensor<?x?x8xf32>, tensor<8x2xf32>, tensor<8x2xf32>, tensor<8x2xf32>
  return
}

// -----

func.func @semiring_input(%x: tensor<?x4xf32>, %A: tensor<4x4xf32>, %p: tensor<4xf32>) {
  // (C1)
  // expected-error@+1 {{expected 'input' to be [b, l, n], got 'tensor<?x4xf32>'}}
  %y, %s, %b = ssm.semiring_scan max_plus %A, %x prior(%p : tensor<4xf32>) : tensor<4x4xf32>, tensor<?x4xf32>
  return
}

// -----

func.func @semiring_transition(%x: tensor<?x?x4xf32>, %A: tensor<4x4xf32>, %p: tensor<4xf32>, %B: tensor<4x5xf32>) {
  // (C2)
  // expected-error@+1 {{expected 'transition' to be [4, 4] or [?, ?, 4, 4], got 'tensor<4x5xf32>'}}
  %y, %s, %b = ssm.semiring_scan max_plus %B, %x prior(%p : tensor<4xf32>) : tensor<4x5xf32>, tensor<?x?x4xf32>
  return
}

// -----

func.func @semiring_prior(%x: tensor<?x?x4xf32>, %A: tensor<4x4xf32>, %p: tensor<4xf32>, %q: tensor<5xf32>) {
  // (C3)
  // expected-error@+1 {{expected 'prior' to be [4], got 'tensor<5xf32>'}}
  %y, %s, %b = ssm.semiring_scan max_plus %A, %x prior(%q : tensor<5xf32>) : tensor<4x4xf32>, tensor<?x?x4xf32>
  return
}

// -----

func.func @semiring_init(%x: tensor<?x?x4xf32>, %A: tensor<4x4xf32>, %p: tensor<4xf32>, %h: tensor<?x4xf32>) {
  // (C4)
  // expected-error@+1 {{expected 'init' to be (tensor<?x4xf32>, tensor<?xf32>), got (tensor<?x4xf32>)}}
  %y, %s, %b = ssm.semiring_scan max_plus %A, %x prior(%p : tensor<4xf32>) init(%h : tensor<?x4xf32>) : tensor<4x4xf32>, tensor<?x?x4xf32>
  return
}

// -----

func.func @semiring_reset(%x: tensor<?x?x4xf32>, %A: tensor<4x4xf32>, %p: tensor<4xf32>) {
  // (C5)
  // expected-error@+1 {{expected 'reset' to be [?, ?], got 'tensor<4xf32>'}}
  %y, %s, %b = ssm.semiring_scan max_plus %A, %x prior(%p : tensor<4xf32>) reset(%p : tensor<4xf32>) : tensor<4x4xf32>, tensor<?x?x4xf32>
  return
}
