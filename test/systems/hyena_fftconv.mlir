// The convolution of Hyena and H3: with a skip, with GELU behind it, and with a second
// kernel for what comes later that meets lag 0 as well (catalog A, CORE-5 (I)).
!seq = tensor<?x?x3xf32>  // b l H
!kernel = tensor<3x40xf32>  // H K
!vector = tensor<3xf32>  // H
func.func @forward(%u: !seq) -> (!seq, !seq, !seq) {
  %k, %back, %D = ssm.weights ["k", "k_rev", "D"] : !kernel, !kernel, !vector
  %y, %window = ssm.long_conv %u, %k D(%D : !vector) : !seq, !kernel
  %gelu = ssm.gelu %y : !seq
  %both = ssm.long_conv %u, %k back(%back : !kernel) D(%D : !vector) inclusive : !seq, !kernel
  return %y, %gelu, %both : !seq, !seq, !seq
}
