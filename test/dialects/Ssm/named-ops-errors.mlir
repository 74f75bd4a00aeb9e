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
