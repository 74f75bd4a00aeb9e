// Preconditioned Gated DeltaNet. Catalog C, "Variants of GD/KD":
//   A_t = e^{ga_t} A_{t-1} + betaa_t k_t . k_t,   r_t = log(A_t + 1e-6) + 0.2
//   M_t = 1.5^{-r_t / (1 + |r_t|)},   R_t = e^{g_t} S_{t-1}
//   S_t = R_t + beta_t (k_t . M_t) (v_t - R_t^T k_t)^T,   o_t = S_t^T q_t
// q and k come with unit length, q scaled by K^{-1/2}.
!qk = tensor<?x?x2x4xf32> // b l H K
!v = tensor<?x?x2x3xf32>  // b l H V
!gate = tensor<?x?x2xf32> // b l H
!key = tensor<4xf32>      // K
!val = tensor<3xf32>      // V
!mat = tensor<4x3xf32>    // K V
func.func @forward(%q: !qk, %k: !qk, %v: !v, %ga: !gate, %g: !gate,
                   %betaa: !gate, %beta: !gate) -> !v {
  %o, %S, %A = ssm.recurrence sequence(l) step(k, v)
      ins(%q[b, l, h, k], %k[b, l, h, k], %v[b, l, h, v], %ga[b, l, h],
          %g[b, l, h], %betaa[b, l, h], %beta[b, l, h]
          : !qk, !qk, !v, !gate, !gate, !gate, !gate)
      outs([b, l, h, v]) states("recurrent" [b, h, k, v], "A" [b, h, k]) {
  ^step(%q_t: !key, %k_t: !key, %v_t: !val, %ga_t: f32, %g_t: f32,
        %betaa_t: f32, %beta_t: f32, %s: !mat, %a: !key):
    %a_rate = math.exp %ga_t : f32
    %k_square = arith.mulf %k_t, %k_t : !key
    %a_next = ssm.contract ",k + ,k -> k" %a_rate, %a, %betaa_t, %k_square
        : (f32, !key, f32, !key) -> !key
    %one = arith.constant dense<1.0> : !key
    %million = arith.constant dense<1.0e6> : !key
    %eps = arith.divf %one, %million : !key
    %five = arith.constant dense<5.0> : !key
    %shift = arith.divf %one, %five : !key
    %base = arith.constant dense<1.5> : !key
    %base_log = math.log %base : !key
    %a_above = arith.addf %a_next, %eps : !key
    %a_log = math.log %a_above : !key
    %r = arith.addf %a_log, %shift : !key
    %r_size = math.absf %r : !key
    %r_room = arith.addf %one, %r_size : !key
    %ratio = arith.divf %r, %r_room : !key
    %power = arith.mulf %ratio, %base_log : !key
    %log_m = arith.negf %power : !key
    %m_t = math.exp %log_m : !key
    %write_key = arith.mulf %k_t, %m_t : !key
    %decay = math.exp %g_t : f32
    %kept = ssm.contract ",kv->kv" %decay, %s : (f32, !mat) -> !mat
    %new = ssm.contract "v - k,kv -> v" %v_t, %k_t, %kept : (!val, !key, !mat) -> !val
    %write = ssm.contract ",v,k->kv" %beta_t, %new, %write_key : (f32, !val, !key) -> !mat
    %next = arith.addf %kept, %write : !mat
    %o_t = ssm.contract "k,kv->v" %q_t, %next : (!key, !mat) -> !val
    ssm.yield %o_t, %next, %a_next : !val, !mat, !key
  }
  return %o : !v
}
