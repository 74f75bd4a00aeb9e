// Linear attention with normalizer. Catalog C, 1.B "Linear attention":
//   S_t = S_{t-1} + k_t v_t^T,   z_t = z_{t-1} + k_t
//   o_t = S_t^T q_t / (<q_t, z_t> + 1e-10)
// The feature map is the identity; q comes scaled by K^{-1/2}.
!qk = tensor<?x?x2x4xf32> // b l H K
!v = tensor<?x?x2x3xf32>  // b l H V
!kv = tensor<?x2x4x3xf32> // b H K V
!sum = tensor<?x2x4xf32>  // b H K
!key = tensor<4xf32>      // K
!val = tensor<3xf32>      // V
!mat = tensor<4x3xf32>    // K V
func.func @forward(%q: !qk, %k: !qk, %v: !v) -> !v {
  %o, %S, %z = ssm.recurrence sequence(l) step(k, v)
      ins(%q[b, l, h, k], %k[b, l, h, k], %v[b, l, h, v] : !qk, !qk, !v)
      outs([b, l, h, v] : !v)
      states("S" [b, h, k, v], "z" [b, h, k] : !kv, !sum) {
  ^step(%q_t: !key, %k_t: !key, %v_t: !val, %s: !mat, %z: !key):
    %write = ssm.contract "k,v->kv" %k_t, %v_t : (!key, !val) -> !mat
    %next = arith.addf %s, %write : !mat
    %z_next = arith.addf %z, %k_t : !key
    %sum = ssm.contract "k,kv->v" %q_t, %next : (!key, !mat) -> !val
    %weight = ssm.contract "k,k->" %q_t, %z_next : (!key, !key) -> f32
    %eps = arith.constant 1.0e-10 : f32
    %floor = arith.addf %weight, %eps : f32
    %one = arith.constant 1.0 : f32
    %inverse = arith.divf %one, %floor : f32
    %o_t = ssm.contract ",v->v" %inverse, %sum : (f32, !val) -> !val
    ssm.yield %o_t, %next, %z_next : !val, !mat, !key
  }
  return %o : !v
}
