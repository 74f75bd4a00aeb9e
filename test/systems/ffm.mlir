// Fast and Forgetful Memory: every trace decays at its own rate and turns at the
// frequency of its context; gates at both ends (catalog A, FFM; Morad et al. 2023).
!seq = tensor<?x?x5xf32>  // b l D
!pre = tensor<?x?x14xf32>  // b l 2*M+2*O
!trace = tensor<?x?x3xf32>  // b l M
!gates = tensor<?x?x7xf32>  // b l M+O
!out = tensor<?x?x4xf32>  // b l O
!memory = tensor<?x?x6xf32>  // b l M*C
!rate = tensor<3xf32>  // M
!frequency = tensor<2xf32>  // C
!w_pre = tensor<14x5xf32>  // 2*M+2*O D
!b_pre = tensor<14xf32>  // 2*M+2*O
!w_mix = tensor<4x6xf32>  // O M*C
!b_mix = tensor<4xf32>  // O
func.func @forward(%x: !seq) -> (!out, !memory, !memory) {
  %w_pre, %b_pre = ssm.weights ["pre.weight", "pre.bias"] : !w_pre, !b_pre
  %a, %b, %w_re = ssm.weights ["a", "b", "mix.weight_re"] : !rate, !frequency, !w_mix
  %w_im, %b_mix = ssm.weights ["mix.weight_im", "mix.bias"] : !w_mix, !b_mix
  %all = ssm.linear %x, %w_pre bias(%b_pre : !b_pre) : !seq, !w_pre
  %y, %thru, %gate = ssm.split %all [3, 4, 7] : !pre  // [M, O, M+O]
  %open = ssm.sigmoid %gate : !gates
  %in_gate, %out_gate = ssm.split %open [3, 4] : !gates  // [M, O]
  %v = arith.mulf %y, %in_gate : !trace
  // S[t, i, j] = exp(a[i] + i b[j]) S[t-1, i, j] + v[t, i]
  %S_re, %S_im, %last_re, %last_im = ssm.recurrence sequence(l) step()
      ins(%v[b, l, i], %a[i], %b[j] : !trace, !rate, !frequency)
      outs([b, l, i j], [b, l, i j]) states("real" [b, i, j], "imaginary" [b, i, j]) {
  ^step(%v_t: f32, %a_i: f32, %b_j: f32, %s_re: f32, %s_im: f32):
    %g_re, %g_im = ssm.complex_exp %a_i, %b_j : f32
    %kept_re, %kept_im = ssm.complex_mul %g_re, %g_im, %s_re, %s_im : f32
    %next_re = arith.addf %kept_re, %v_t : f32
    ssm.yield %next_re, %kept_im, %next_re, %kept_im : f32, f32, f32, f32
  }
  %z_re = ssm.linear %S_re, %w_re bias(%b_mix : !b_mix) : !memory, !w_mix
  %z_im = ssm.linear %S_im, %w_im : !memory, !w_mix
  %z = arith.addf %z_re, %z_im : !out
  %normed = ssm.layer_norm %z eps(1.0e-5) : !out
  // normed * gate + thru * (1 - gate)
  %change = arith.subf %normed, %thru : !out
  %moved = arith.mulf %change, %out_gate : !out
  %result = arith.addf %thru, %moved : !out
  return %result, %S_re, %S_im : !out, !memory, !memory
}
