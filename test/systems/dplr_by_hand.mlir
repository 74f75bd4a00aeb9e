// Diagonal plus low rank, the general form, its step written out. Catalog C, Core DP:
//   S_t = (diag(e^{g_t}) + b_t a_t^T) S_{t-1} + k_t v_t^T,   o_t = S_t^T q_t
// q comes scaled by K^{-1/2}.
!qk = tensor<?x?x2x4xf32>    // b l H K
!v = tensor<?x?x2x3xf32>     // b l H V
!key = tensor<4xf32>         // K
func.func @forward(%q: !qk, %k: !qk, %v: !v, %a: !qk, %b: !qk, %g: !qk) -> !v {
  %o, %S = ssm.recurrence sequence(l) step(k)
      ins(%q[b, l, h, k], %k[b, l, h, k], %v[b, l, h, v], %a[b, l, h, k],
          %b[b, l, h, k], %g[b, l, h, k] : !qk, !qk, !v, !qk, !qk, !qk)
      outs([b, l, h, v]) states("recurrent" [b, h, v, k]) {
  ^step(%q_t: !key, %k_t: !key, %v_t: f32, %a_t: !key, %b_t: !key, %g_t: !key,
        %s: !key):
    %decay = math.exp %g_t : !key
    %kept = arith.mulf %decay, %s : !key
    %read = ssm.contract "k,k->" %a_t, %s : (!key, !key) -> f32
    %moved = ssm.contract ",k->k" %read, %b_t : (f32, !key) -> !key
    %write = ssm.contract ",k->k" %v_t, %k_t : (f32, !key) -> !key
    %sum = arith.addf %kept, %moved : !key
    %next = arith.addf %sum, %write : !key
    %o_t = ssm.contract "k,k->" %q_t, %next : (!key, !key) -> f32
    ssm.yield %o_t, %next : f32, !key
  }
  return %o : !v
}
