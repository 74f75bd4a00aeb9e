// FlashFFTConv, gated and partial: the kernel stops after K taps, whatever the
// length (catalog A, FlashFFTConv).
!seq = tensor<?x?x6xf32>  // b l H
!kernel = tensor<6x70xf32>  // H K
func.func @forward(%u: !seq, %x1: !seq, %x2: !seq) -> !seq {
  %k = ssm.weight "kernel" : !kernel
  %v = arith.mulf %u, %x2 : !seq
  %y, %window = ssm.long_conv %v, %k : !seq, !kernel
  %out = arith.mulf %y, %x1 : !seq
  return %out : !seq
}
