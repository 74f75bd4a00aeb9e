// BiGS: two diagonal systems, one per direction and each shared by all channels, whose
// rows are equal; multiplied and gated (catalog A, BiGS; Wang et al. 2022). Decay
// exp(dt A), weight C (exp(dt A) - 1) / A. `in` makes v and both systems' inputs.
!seq = tensor<?x?x4xf32>   // b l H
!in = tensor<?x?x14xf32>   // b l F+2*H
!wide = tensor<?x?x6xf32>  // b l F
!poles = tensor<4x3xf32>   // H N
!h = tensor<4xf32>         // H
!f = tensor<6xf32>         // F
!b_in = tensor<14xf32>     // F+2*H
!w_in = tensor<14x4xf32>   // F+2*H H
!hh = tensor<4x4xf32>      // H H
!fh = tensor<6x4xf32>      // F H
!hf = tensor<4x6xf32>      // H F
func.func @forward(%x: !seq) -> !seq {
  %w_norm, %b_norm = ssm.weights ["norm.weight", "norm.bias"] : !h, !h
  %w_in, %b_in = ssm.weights ["in.weight", "in.bias"] : !w_in, !b_in
  %af_re, %af_im = ssm.weights ["f.decay_re", "f.decay_im"] : !poles, !poles
  %wf_re, %wf_im = ssm.weights ["f.weight_re", "f.weight_im"] : !poles, !poles
  %Df, %w_cf, %b_cf = ssm.weights ["f.D", "cf.weight", "cf.bias"] : !h, !hh, !h
  %ab_re, %ab_im = ssm.weights ["b.decay_re", "b.decay_im"] : !poles, !poles
  %wb_re, %wb_im, %Db = ssm.weights ["b.weight_re", "b.weight_im", "b.D"] : !poles, !poles, !h
  %w_cb, %b_cb, %w_ol = ssm.weights ["cb.weight", "cb.bias", "ol.weight"] : !hh, !h, !fh
  %b_ol, %w_o, %b_o = ssm.weights ["ol.bias", "o.weight", "o.bias"] : !f, !hf, !h
  %n = ssm.layer_norm %x weight(%w_norm : !h) bias(%b_norm : !h) eps(1.0e-12) : !seq
  %in = ssm.linear %n, %w_in bias(%b_in : !b_in) : !seq, !w_in
  %act = ssm.gelu %in : !in
  %v, %u_f, %u_b = ssm.split %act [6, 4, 4] : !in // [F, H, H]
  %f, %f_re, %f_im = ssm.lti %u_f A(%af_re, %af_im : !poles, !poles)
      C(%wf_re, %wf_im : !poles, !poles) D(%Df : !h) : !seq
  %b, %b_re, %b_im = ssm.lti %u_b A(%ab_re, %ab_im : !poles, !poles)
      C(%wb_re, %wb_im : !poles, !poles) D(%Db : !h) reverse : !seq
  %cf = ssm.linear %f, %w_cf bias(%b_cf : !h) : !seq, !hh
  %cb = ssm.linear %b, %w_cb bias(%b_cb : !h) : !seq, !hh
  %c = arith.mulf %cf, %cb : !seq
  %ol = ssm.linear %c, %w_ol bias(%b_ol : !f) : !seq, !fh
  %gate = ssm.gelu %ol : !wide
  %gated = arith.mulf %gate, %v : !wide
  %o = ssm.linear %gated, %w_o bias(%b_o : !h) : !wide, !hf
  %y = arith.addf %x, %o : !seq
  return %y : !seq
}
