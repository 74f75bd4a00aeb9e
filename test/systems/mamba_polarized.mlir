// Polarized Mamba: beside N learned states one that never forgets (A = 0) and one
// that forgets at once (A = -100, as in the released code), with their own entries
// of B and C (catalog B, Polarized Mamba; Wang et al. 2025).
!seq = tensor<?x?x4xf32>  // b l D
!all = tensor<?x?x5xf32>  // b l N+2
!mix = tensor<?x?x3xf32>  // b l N
!mix1 = tensor<?x?x1xf32>  // b l 1
!matrix = tensor<4x3xf32>  // D N
!matrix1 = tensor<4x1xf32>  // D 1
!vector = tensor<4xf32>  // D
func.func @forward(%u: !seq, %raw: !seq, %B: !all, %C: !all, %z: !seq) -> !seq {
  %A_log, %D, %bias = ssm.weights ["A_log", "D", "bias"] : !matrix, !vector, !vector
  %A = ssm.neg_exp %A_log : !matrix
  %one = arith.constant dense<0.0> : !matrix1
  %zero = arith.constant dense<-100.0> : !matrix1
  %B1, %Bn, %B0 = ssm.split %B [1, 3, 1] : !all  // [1, N, 1]
  %C1, %Cn, %C0 = ssm.split %C [1, 3, 1] : !all  // [1, N, 1]
  %y1, %h1 = ssm.selective_scan %u, %raw, %one, %B1, %C1 D(%D : !vector) z(%z : !seq)
      dt_bias(%bias : !vector) softplus : !seq, !matrix1, !mix1, !mix1
  %yn, %hn = ssm.selective_scan %u, %raw, %A, %Bn, %Cn z(%z : !seq)
      dt_bias(%bias : !vector) softplus : !seq, !matrix, !mix, !mix
  %y0, %h0 = ssm.selective_scan %u, %raw, %zero, %B0, %C0 z(%z : !seq)
      dt_bias(%bias : !vector) softplus : !seq, !matrix1, !mix1, !mix1
  %learned = arith.addf %y1, %yn : !seq
  %y = arith.addf %learned, %y0 : !seq
  return %y : !seq
}
