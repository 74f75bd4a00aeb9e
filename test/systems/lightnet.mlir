// LightNet, additive recurrence. Catalog C, 1.B "LightNet", causal form:
//   S_t = sum_{s<=t} e^{k_s} v_s^T / sum_{s<=t} e^{k_s},   o_t = S_t^T q_t
// kept as sums relative to the largest exponent m_t so far, which may start at
// zero; q comes through silu and scaled by K^{-1/2}.
!qk = tensor<?x?x2x4xf32> // b l H K
!v = tensor<?x?x2x3xf32>  // b l H V
!key = tensor<4xf32>      // K
!val = tensor<3xf32>      // V
!mat = tensor<4x3xf32>    // K V
func.func @forward(%q: !qk, %k: !qk, %v: !v) -> !v {
  %o, %S, %z, %m = ssm.recurrence sequence(l) step(k, v)
      ins(%q[b, l, h, k], %k[b, l, h, k], %v[b, l, h, v] : !qk, !qk, !v)
      outs([b, l, h, v]) states("recurrent" [b, h, k, v], "z" [b, h, k], "m" [b, h, k]) {
  ^step(%q_t: !key, %k_t: !key, %v_t: !val, %s: !mat, %z: !key, %m: !key):
    %m_next = arith.maximumf %m, %k_t : !key
    %old_log = arith.subf %m, %m_next : !key
    %new_log = arith.subf %k_t, %m_next : !key
    %old = math.exp %old_log : !key
    %new = math.exp %new_log : !key
    %next = ssm.contract "k,kv + k,v -> kv" %old, %s, %new, %v_t : (!key, !mat, !key, !val) -> !mat
    %z_next = math.fma %old, %z, %new : !key
    %scaled = arith.divf %q_t, %z_next : !key
    %o_t = ssm.contract "k,kv->v" %scaled, %next : (!key, !mat) -> !val
    ssm.yield %o_t, %next, %z_next, %m_next : !val, !mat, !key, !key
  }
  return %o : !v
}
