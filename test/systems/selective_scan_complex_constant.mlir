// The complex selective scan with constant B, and with constant C, without options
// (catalog B, 1.1): y = 2 Re(C h).
!seq = tensor<?x?x4xf32>  // b l D
!mix = tensor<?x?x3xf32>  // b l N
!matrix = tensor<4x3xf32>  // D N
func.func @forward(%u: !seq, %delta: !seq, %M_re: !mix, %M_im: !mix) -> (!seq, !seq, !seq) {
  %A_re = ssm.weight "A_re" : !matrix
  %A_im = ssm.weight "A_im" : !matrix
  %B_re = ssm.weight "B_re" : !matrix
  %B_im = ssm.weight "B_im" : !matrix
  %C_re = ssm.weight "C_re" : !matrix
  %C_im = ssm.weight "C_im" : !matrix
  %y0, %h0:2 = ssm.selective_scan %u, %delta, %A_re, %B_re, %C_re
      imag(%A_im, %B_im, %C_im : !matrix, !matrix, !matrix) : !seq, !matrix, !matrix, !matrix
  %y1, %h1:2 = ssm.selective_scan %u, %delta, %A_re, %B_re, %M_re
      imag(%A_im, %B_im, %M_im : !matrix, !matrix, !mix) : !seq, !matrix, !matrix, !mix
  %y2, %h2:2 = ssm.selective_scan %u, %delta, %A_re, %M_re, %C_re
      imag(%A_im, %M_im, %C_im : !matrix, !mix, !matrix) : !seq, !matrix, !mix, !matrix
  return %y0, %y1, %y2 : !seq, !seq, !seq
}
