// The selective scan with complex A, B and C as pairs of real tensors; states are
// half of conjugate pairs (catalog B, 1.1): y = 2 Re(C h) + D u, gated.
!seq = tensor<?x?x4xf32>   // b l D
!mix = tensor<?x?x2x3xf32> // b l G N
!matrix = tensor<4x3xf32>  // D N
!vector = tensor<4xf32>    // D
func.func @forward(%u: !seq, %delta: !seq, %B_re: !mix, %B_im: !mix, %C_re: !mix, %C_im: !mix,
                   %z: !seq) -> !seq {
  %A_re, %A_im = ssm.weights ["A_re", "A_im"] : !matrix, !matrix
  %D, %bias = ssm.weights ["D", "bias"] : !vector, !vector
  %y, %h_re, %h_im = ssm.selective_scan %u, %delta, %A_re, %B_re, %C_re
      imag(%A_im, %B_im, %C_im : !matrix, !mix, !mix) D(%D : !vector) z(%z : !seq)
      dt_bias(%bias : !vector) softplus : !seq, !matrix, !mix, !mix
  return %y : !seq
}
