// RUN: ssmc-opt %s --ssmc-fold-parameters --split-input-file --verify-diagnostics

func.func @table() -> tensor<50280x768xf32> {
  %w = ssm.weight "embedding" : tensor<50280x768xbf16>
  // expected-error @+1 {{'arith.extf' op computes a parameter from weights: expected at most 67108864 bytes, got 154460160 in 'tensor<50280x768xf32>'}}
  %e = arith.extf %w : tensor<50280x768xbf16> to tensor<50280x768xf32>
  return %e : tensor<50280x768xf32>
}

// -----

// A size that does not fit in 64 bits is too large, not small.
func.func @overflow() -> tensor<4294967296x4294967296xf32> {
  %w = ssm.weight "w" : tensor<4294967296x4294967296xf32>
  // expected-error @+1 {{'math.exp' op computes a parameter from weights: expected at most 67108864 bytes, got 18446744073709551615}}
  %e = math.exp %w : tensor<4294967296x4294967296xf32>
  return %e : tensor<4294967296x4294967296xf32>
}
