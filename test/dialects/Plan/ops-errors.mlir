// RUN: ssmc-opt %s --split-input-file --verify-diagnostics

func.func @no_kernel(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  // expected-error@+1 {{'plan.dispatch' op expected 'missing' to be a function with attribute 'plan.kernel'}}
  %y = plan.dispatch @missing(%x) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

// -----

func.func private @k(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> attributes {plan.kernel} {
  return %x : tensor<?x?x8xf32>
}
func.func @misfit(%x: tensor<?x?x4xf32>) -> tensor<?x?x8xf32> {
  // expected-error@+1 {{'plan.dispatch' op expected operands and results that fit 'k', '(tensor<?x?x8xf32>) -> tensor<?x?x8xf32>', got '(tensor<?x?x4xf32>) -> tensor<?x?x8xf32>'}}
  %y = plan.dispatch @k(%x) : (tensor<?x?x4xf32>) -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

// -----

plan.entry @overlap inputs [tensor<?x?x8xf32>] outputs [tensor<?x?x8xf32>] bounds [0] state none block 0 arena(0, 0, 128) {
  plan.run @k <items = 1> <flops_per_row = 0, bytes_per_row = 0, bytes_fixed = 0> [#plan.arena<row, offset = 0, size = 64, start = 0, end = 1>] written 1
  // expected-error@+1 {{'plan.run' op expected buffers that live together to be apart}}
  plan.run @k <items = 1> <flops_per_row = 0, bytes_per_row = 0, bytes_fixed = 0> [#plan.arena<row, offset = 32, size = 64, start = 1, end = 1>] written 1
}

// -----

plan.entry @outside inputs [tensor<?x?x8xf32>] outputs [tensor<?x?x8xf32>] bounds [0] state none block 0 arena(0, 0, 64) {
  // expected-error@+1 {{inside the arena's region}}
  plan.run @k <items = 1> <flops_per_row = 0, bytes_per_row = 0, bytes_fixed = 0> [#plan.arena<row, offset = 64, size = 64, start = 0, end = 0>] written 1
}

// -----

plan.entry @dead inputs [tensor<?x?x8xf32>] outputs [tensor<?x?x8xf32>] bounds [0] state none block 0 arena(0, 0, 64) {
  // expected-error@+1 {{to live at dispatch 0}}
  plan.run @k <items = 1> <flops_per_row = 0, bytes_per_row = 0, bytes_fixed = 0> [#plan.arena<row, offset = 0, size = 64, start = 1, end = 2>] written 1
}
