// BiGS: two diagonal systems, one per direction and each shared by all channels,
// multiplied and gated (catalog A, BiGS; Wang et al. 2022). Decay exp(dt A), weight
// C (exp(dt A) - 1) / A; D repeats one number per direction.
!seq = tensor<?x?x4xf32>  // b l H
!wide = tensor<?x?x6xf32>  // b l F
!state = tensor<?x4x3xf32>  // b H N
!poles = tensor<3xf32>  // N
!h = tensor<4xf32>  // H
!f = tensor<6xf32>  // F
!hh = tensor<4x4xf32>  // H H
!fh = tensor<6x4xf32>  // F H
!hf = tensor<4x6xf32>  // H F
!n = tensor<3xf32>  // N
module attributes {ssm.checkpoint = "."} {
// One direction: system and projections.
func.func private @direction(%in: !seq, %w_u: !hh, %b_u: !h, %p_re: !poles, %p_im: !poles,
    %q_re: !poles, %q_im: !poles, %D: !h, %w_c: !hh, %b_c: !h) -> !seq {
  %u0 = ssm.linear %in, %w_u bias(%b_u : !h) : !seq, !hh
  %u = ssm.gelu %u0 : !seq
  %y, %last_re, %last_im = ssm.recurrence sequence(l) step(n)
      ins(%u[b, l, h], %p_re[n], %p_im[n], %q_re[n], %q_im[n], %D[h]
          : !seq, !poles, !poles, !poles, !poles, !h)
      outs([b, l, h] : !seq)
      states("real" [b, h, n], "imaginary" [b, h, n] : !state, !state) {
  ^step(%u_t: f32, %a_re: !n, %a_im: !n, %w_re: !n, %w_im: !n, %d: f32, %x_re: !n, %x_im: !n):
    %kept_re, %kept_im = ssm.complex_mul %a_re, %a_im, %x_re, %x_im : !n
    %driven = tensor.splat %u_t : !n
    %next_re = arith.addf %kept_re, %driven : !n
    %read_re = ssm.contract "n,n->" %w_re, %next_re : (!n, !n) -> f32
    %read_im = ssm.contract "n,n->" %w_im, %kept_im : (!n, !n) -> f32
    %read = arith.subf %read_re, %read_im : f32
    %y_t = math.fma %d, %u_t, %read : f32
    ssm.yield %y_t, %next_re, %kept_im : f32, !n, !n
  }
  %c_t = ssm.linear %y, %w_c bias(%b_c : !h) : !seq, !hh
  return %c_t : !seq
}
func.func @forward(%x: !seq) -> !seq {
  %w_norm = ssm.weight "norm.weight" : !h
  %b_norm = ssm.weight "norm.bias" : !h
  %w_v = ssm.weight "v.weight" : !fh
  %b_v = ssm.weight "v.bias" : !f
  %w_uf = ssm.weight "uf.weight" : !hh
  %b_uf = ssm.weight "uf.bias" : !h
  %w_ub = ssm.weight "ub.weight" : !hh
  %b_ub = ssm.weight "ub.bias" : !h
  %w_cf = ssm.weight "cf.weight" : !hh
  %b_cf = ssm.weight "cf.bias" : !h
  %w_cb = ssm.weight "cb.weight" : !hh
  %b_cb = ssm.weight "cb.bias" : !h
  %w_ol = ssm.weight "ol.weight" : !fh
  %b_ol = ssm.weight "ol.bias" : !f
  %w_o = ssm.weight "o.weight" : !hf
  %b_o = ssm.weight "o.bias" : !h
  %af_re = ssm.weight "f.decay_re" : !poles
  %af_im = ssm.weight "f.decay_im" : !poles
  %wf_re = ssm.weight "f.weight_re" : !poles
  %wf_im = ssm.weight "f.weight_im" : !poles
  %Df = ssm.weight "f.D" : !h
  %ab_re = ssm.weight "b.decay_re" : !poles
  %ab_im = ssm.weight "b.decay_im" : !poles
  %wb_re = ssm.weight "b.weight_re" : !poles
  %wb_im = ssm.weight "b.weight_im" : !poles
  %Db = ssm.weight "b.D" : !h
  %hn = ssm.layer_norm %x weight(%w_norm : !h) bias(%b_norm : !h) eps(1.0e-12) : !seq
  %v0 = ssm.linear %hn, %w_v bias(%b_v : !f) : !seq, !fh
  %v = ssm.gelu %v0 : !wide
  %cf = func.call @direction(%hn, %w_uf, %b_uf, %af_re, %af_im, %wf_re, %wf_im, %Df, %w_cf, %b_cf)
      : (!seq, !hh, !h, !poles, !poles, !poles, !poles, !h, !hh, !h) -> !seq
  %nh = ssm.flip %hn : !seq
  %bc = func.call @direction(%nh, %w_ub, %b_ub, %ab_re, %ab_im, %wb_re, %wb_im, %Db, %w_cb, %b_cb)
      : (!seq, !hh, !h, !poles, !poles, !poles, !poles, !h, !hh, !h) -> !seq
  %cb = ssm.flip %bc : !seq
  %c = arith.mulf %cf, %cb : !seq
  %ol0 = ssm.linear %c, %w_ol bias(%b_ol : !f) : !seq, !fh
  %ol = ssm.gelu %ol0 : !wide
  %gated = arith.mulf %ol, %v : !wide
  %o = ssm.linear %gated, %w_o bias(%b_o : !h) : !wide, !hf
  %y = arith.addf %x, %o : !seq
  return %y : !seq
}
}
