// RWKV-6, the core, its step written out. Catalog C, 1.B "RWKV-6" (Core RB):
//   o_t = (S_{t-1} + diag(u) k_t v_t^T)^T r_t
//   S_t = diag(e^{w_t}) S_{t-1} + k_t v_t^T
!qk = tensor<?x?x2x4xf32>    // b l H K
!v = tensor<?x?x2x3xf32>     // b l H V
!headkey = tensor<2x4xf32>   // H K
!key = tensor<4xf32>         // K
func.func @forward(%r: !qk, %k: !qk, %v: !v, %w: !qk) -> !v {
  %u = ssm.weight "u" : !headkey
  %o, %S = ssm.recurrence sequence(l) step(k)
      ins(%r[b, l, h, k], %k[b, l, h, k], %v[b, l, h, v], %w[b, l, h, k],
          %u[h, k] : !qk, !qk, !v, !qk, !headkey)
      outs([b, l, h, v]) states("recurrent" [b, h, v, k]) {
  ^step(%r_t: !key, %k_t: !key, %v_t: f32, %w_t: !key, %u_h: !key, %s: !key):
    %before = ssm.contract "k,k->" %r_t, %s : (!key, !key) -> f32
    %bonus = arith.mulf %u_h, %k_t : !key
    %weight = ssm.contract "k,k->" %r_t, %bonus : (!key, !key) -> f32
    %now = arith.mulf %weight, %v_t : f32
    %o_t = arith.addf %before, %now : f32
    %decay = math.exp %w_t : !key
    %kept = arith.mulf %decay, %s : !key
    %write = ssm.contract ",k->k" %v_t, %k_t : (f32, !key) -> !key
    %next = arith.addf %kept, %write : !key
    ssm.yield %o_t, %next : f32, !key
  }
  return %o : !v
}
