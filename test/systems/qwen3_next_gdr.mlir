// The gated delta rule as Qwen3-Next has it. Catalog C, Core GD and 3.B
// "qwen3_next": Gated DeltaNet on x rsqrt(sum x^2 + 1e-6) for x = q, k; the
// weight "scale" of one element is K^{-1/2}.
!qk = tensor<?x?x2x4xf32>    // b l H K
!v = tensor<?x?x2x3xf32>     // b l H V
!gate = tensor<?x?x2xf32>    // b l H
!head = tensor<2xf32>        // H
!key = tensor<4xf32>         // K
module attributes {ssm.checkpoint = "."} {
func.func @forward(%q: !qk, %k: !qk, %v: !v, %g: !gate, %beta: !gate) -> !v {
  %scale = ssm.weight "scale" : !head
  %o, %S = ssm.recurrence sequence(l) step(k)
      ins(%q[b, l, h, k], %k[b, l, h, k], %v[b, l, h, v], %g[b, l, h],
          %beta[b, l, h], %scale[h] : !qk, !qk, !v, !gate, !gate, !head)
      outs([b, l, h, v]) states("recurrent" [b, h, v, k]) {
  ^step(%q_t: !key, %k_t: !key, %v_t: f32, %g_t: f32, %beta_t: f32,
        %scale_h: f32, %s: !key):
    %eps = arith.constant 1.0e-6 : f32
    %q_square = ssm.contract "k,k->" %q_t, %q_t : (!key, !key) -> f32
    %q_sum = arith.addf %q_square, %eps : f32
    %q_inverse = math.rsqrt %q_sum : f32
    %q_unit = ssm.contract ",k->k" %q_inverse, %q_t : (f32, !key) -> !key
    %k_square = ssm.contract "k,k->" %k_t, %k_t : (!key, !key) -> f32
    %k_sum = arith.addf %k_square, %eps : f32
    %k_inverse = math.rsqrt %k_sum : f32
    %k_unit = ssm.contract ",k->k" %k_inverse, %k_t : (f32, !key) -> !key
    %decay = math.exp %g_t : f32
    %kept = ssm.contract ",k->k" %decay, %s : (f32, !key) -> !key
    %known = ssm.contract "k,k->" %k_unit, %kept : (!key, !key) -> f32
    %new = arith.subf %v_t, %known : f32
    %part = arith.mulf %beta_t, %new : f32
    %write = ssm.contract ",k->k" %part, %k_unit : (f32, !key) -> !key
    %next = arith.addf %kept, %write : !key
    %o_t = ssm.contract ",k,k->" %scale_h, %q_unit, %next : (f32, !key, !key) -> f32
    ssm.yield %o_t, %next : f32, !key
  }
  return %o : !v
}
}
