// RWKV-5, the core. Catalog C, 1.B "RWKV-5" (Core RB, decay constant in time):
//   o_t = (S_{t-1} + diag(u) k_t v_t^T)^T r_t
//   S_t = diag(e^w) S_{t-1} + k_t v_t^T,   w = -exp(time_decay)
!qk = tensor<?x?x2x4xf32>    // b l H K
!v = tensor<?x?x2x3xf32>     // b l H V
!head = tensor<2xf32>        // H
!headkey = tensor<2x4xf32>   // H K
!state = tensor<?x2x3x4xf32> // b H V K
!key = tensor<4xf32>         // K
module attributes {ssm.checkpoint = "."} {
func.func @forward(%r: !qk, %k: !qk, %v: !v) -> !v {
  %time_decay = ssm.weight "time_decay" : !headkey
  %u = ssm.weight "u" : !headkey
  %rate = math.exp %time_decay : !headkey
  %w = arith.negf %rate : !headkey
  %decay = math.exp %w : !headkey
  %o, %S = ssm.recurrence sequence(l) step(k)
      ins(%r[b, l, h, k], %k[b, l, h, k], %v[b, l, h, v], %decay[h, k],
          %u[h, k] : !qk, !qk, !v, !headkey, !headkey)
      outs([b, l, h, v] : !v) states("S" [b, h, v, k] : !state) {
  ^step(%r_t: !key, %k_t: !key, %v_t: f32, %decay_h: !key, %u_h: !key,
        %s: !key):
    %bonus = arith.mulf %u_h, %k_t : !key
    %now = ssm.contract ",k->k" %v_t, %bonus : (f32, !key) -> !key
    %seen = arith.addf %s, %now : !key
    %o_t = ssm.contract "k,k->" %r_t, %seen : (!key, !key) -> f32
    %kept = arith.mulf %decay_h, %s : !key
    %write = ssm.contract ",k->k" %v_t, %k_t : (f32, !key) -> !key
    %next = arith.addf %kept, %write : !key
    ssm.yield %o_t, %next : f32, !key
  }
  return %o : !v
}
}
