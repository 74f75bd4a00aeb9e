// The gated delta rule as Qwen3-Next has it. Catalog C, Core GD and 3.B
// "qwen3_next": Gated DeltaNet on x rsqrt(sum x^2 + 1e-6) for x = q, k; the
// weight "scale" is K^{-1/2} throughout.
!qk = tensor<?x?x2x4xf32> // b l H K
!v = tensor<?x?x2x3xf32>  // b l H V
!gate = tensor<?x?x2xf32> // b l H
!key = tensor<4xf32>      // K
func.func @forward(%q: !qk, %k: !qk, %v: !v, %g: !gate, %beta: !gate) -> !v {
  %scale = ssm.weight "scale" : !key
  %q_unit = ssm.l2_norm %q eps(1.0e-6) : !qk
  %k_unit = ssm.l2_norm %k eps(1.0e-6) : !qk
  %q_scaled = ssm.affine %q_unit scale(%scale : !key) : !qk
  %o, %S = ssm.delta_rule %q_scaled, %k_unit, %v beta(%beta : !gate) log decay(%g : !gate)
      : !qk, !qk, !v
  return %o : !v
}
