// A Toeplitz network's causal token mixing with decay, and its exact conversion into
// a system of K states per channel: poles gamma exp(-2 pi i k / (K+1)), inputs the
// inverse Fourier transform of the coefficients (catalog A, TNN + ETSC; Qin et al.).
// Both are results, equal for sequences of up to K. `fourier` has the transform with
// the last coefficient, minus the sum of the others, eliminated.
!seq = tensor<?x?x3xf32>  // b l C
!kernel = tensor<3x12xf32>  // C K
!vector = tensor<12xf32>  // K
!matrix = tensor<12x12xf32>  // K K
func.func @forward(%v: !seq) -> (!seq, !seq) {
  %t, %powers = ssm.weights ["t", "powers"] : !kernel, !vector
  %G_re, %G_im = ssm.weights ["fourier_re", "fourier_im"] : !matrix, !matrix
  %poles_re, %poles_im = ssm.weights ["poles_re", "poles_im"] : !vector, !vector
  %decayed = ssm.contract "ck,k->ck" %t, %powers : (!kernel, !vector) -> !kernel
  %y, %y_window = ssm.long_conv %v, %decayed : !seq, !kernel
  %b_re = ssm.contract "cj,jk->ck" %t, %G_re : (!kernel, !matrix) -> !kernel
  %b_im = ssm.contract "cj,jk->ck" %t, %G_im : (!kernel, !matrix) -> !kernel
  %p_re = ssm.broadcast %poles_re [1] : !vector, !kernel
  %p_im = ssm.broadcast %poles_im [1] : !vector, !kernel
  %one = arith.constant dense<1.0> : !kernel
  %zero = arith.constant dense<0.0> : !kernel
  %o, %last_re, %last_im = ssm.lti %v A(%p_re, %p_im : !kernel, !kernel)
      B(%b_re, %b_im : !kernel, !kernel) C(%one, %zero : !kernel, !kernel) : !seq
  return %y, %o : !seq, !seq
}
