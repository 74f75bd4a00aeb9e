// RUN: ssmc-opt %s --ssmc-expand-recurrences --split-input-file --verify-diagnostics

func.func @no_channels(%x: tensor<?x?x0xf32>) {
  // expected-error @+1 {{'ssm.linear_scan' op expected positive extents, got 'tensor<?x?x0xf32>'}}
  %y, %h = ssm.linear_scan %x, %x : tensor<?x?x0xf32>, tensor<?x?x0xf32>
  return
}

// -----

func.func @no_keys(%q: tensor<?x?x2x0xf32>, %v: tensor<?x?x2x3xf32>) {
  // expected-error @+1 {{'ssm.linear_attention' op expected positive extents, got 'tensor<?x?x2x0xf32>'}}
  %y, %S = ssm.linear_attention %q, %q, %v
      : tensor<?x?x2x0xf32>, tensor<?x?x2x0xf32>, tensor<?x?x2x3xf32>
  return
}

// -----

func.func @no_units(%x: tensor<?x?x0xf32>, %U: tensor<0x0xf32>) {
  // expected-error @+1 {{'ssm.rnn' op expected positive extents, got 'tensor<?x?x0xf32>'}}
  %y, %h = ssm.rnn gru %x, %U : tensor<?x?x0xf32>, tensor<0x0xf32>
  return
}

// -----

func.func @no_memory(%x: tensor<?x?x9223372036854775807xf32>) {
  // expected-error @+1 {{'ssm.linear_scan' op expected at most 2^46 elements, got 'tensor<?x?x9223372036854775807xf32>'}}
  %y, %h = ssm.linear_scan %x, %x
      : tensor<?x?x9223372036854775807xf32>, tensor<?x?x9223372036854775807xf32>
  return
}
