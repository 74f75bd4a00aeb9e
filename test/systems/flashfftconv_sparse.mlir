// FlashFFTConv, frequency-sparse: a circular convolution of 256 points whose
// kernel keeps its 40 lowest frequencies (catalog A, FlashFFTConv).
!seq = tensor<?x?x6xf32>  // b l H
!kernel = tensor<6x90xf32>  // H K
!circle = tensor<6x256xf32>  // H N
func.func @forward(%u: !seq) -> !seq {
  %k = ssm.weight "kernel" : !kernel
  %low = ssm.kernel low_pass(%k : !kernel) nodes(256) bins(40) -> !circle
  %y = ssm.long_conv %u, %low circular : !seq, !circle
  return %y : !seq
}
