// Linear attention with normalizer. Catalog C, 1.B "Linear attention":
//   S_t = S_{t-1} + k_t v_t^T,   z_t = z_{t-1} + k_t
//   o_t = S_t^T q_t / (<q_t, z_t> + 1e-10)
// The feature map is the identity; q comes scaled by K^{-1/2}.
!qk = tensor<?x?x2x4xf32> // b l H K
!v = tensor<?x?x2x3xf32>  // b l H V
func.func @forward(%q: !qk, %k: !qk, %v: !v) -> !v {
  %o, %S, %z = ssm.linear_attention %q, %k, %v normalizer(sum) eps(1.0e-10)
      : !qk, !qk, !v
  return %o : !v
}
