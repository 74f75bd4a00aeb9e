// A Toeplitz network's causal token mixing with decay, and its exact conversion into
// a system of K states per channel: poles gamma exp(-2 pi i k / (K+1)), inputs the
// inverse Fourier transform of the coefficients (catalog A, TNN + ETSC; Qin et al.).
// Both are results, equal for sequences of up to K. `fourier` has the transform with
// the last coefficient, minus the sum of the others, eliminated.
!seq = tensor<?x?x3xf32>  // b l C
!kernel = tensor<3x12xf32>  // C K
!vector = tensor<12xf32>  // K
!matrix = tensor<12x12xf32>  // K K
!k = tensor<12xf32>  // K
module attributes {ssm.checkpoint = "."} {
func.func @forward(%v: !seq) -> (!seq, !seq) {
  %t, %powers = ssm.weights ["t", "powers"] : !kernel, !vector
  %G_re, %G_im = ssm.weights ["fourier_re", "fourier_im"] : !matrix, !matrix
  %poles_re, %poles_im = ssm.weights ["poles_re", "poles_im"] : !vector, !vector
  %decayed = ssm.contract "ck,k->ck" %t, %powers : (!kernel, !vector) -> !kernel
  %y, %y_window = ssm.long_conv %v, %decayed : !seq, !kernel
  %b_re = ssm.contract "cj,jk->ck" %t, %G_re : (!kernel, !matrix) -> !kernel
  %b_im = ssm.contract "cj,jk->ck" %t, %G_im : (!kernel, !matrix) -> !kernel
  %o, %last_re, %last_im = ssm.recurrence sequence(l) step(k)
      ins(%v[b, l, c], %poles_re[k], %poles_im[k], %b_re[c, k], %b_im[c, k]
          : !seq, !vector, !vector, !kernel, !kernel)
      outs([b, l, c]) states("real" [b, c, k], "imaginary" [b, c, k]) {
  ^step(%v_t: f32, %p_re: !k, %p_im: !k, %g_re: !k, %g_im: !k, %x_re: !k, %x_im: !k):
    %kept_re, %kept_im = ssm.complex_mul %p_re, %p_im, %x_re, %x_im : !k
    %in_re = ssm.contract ",k->k" %v_t, %g_re : (f32, !k) -> !k
    %in_im = ssm.contract ",k->k" %v_t, %g_im : (f32, !k) -> !k
    %next_re = arith.addf %kept_re, %in_re : !k
    %next_im = arith.addf %kept_im, %in_im : !k
    %read = ssm.contract "k->" %next_re : (!k) -> f32
    ssm.yield %read, %next_re, %next_im : f32, !k, !k
  }
  return %y, %o : !seq, !seq
}
}
