// Hyena of order 2: two gates around a convolution whose kernel a small network
// computes from positions (catalog A, Hyena; Poli et al. 2023). Everything about the
// kernel depends on weights alone; steps keep K-1 inputs.
!seq = tensor<?x?x4xf32>  // b l D
!proj = tensor<?x?x12xf32>  // b l 3*D
!in = tensor<12x4xf32>  // 3*D D
!in_bias = tensor<12xf32>  // 3*D
!short = tensor<12x1x3xf32>  // 3*D 1 W
!linear = tensor<4x4xf32>  // D D
!vector = tensor<4xf32>  // D
!positions = tensor<80x5xf32>  // K E
!times = tensor<80xf32>  // K
!hidden = tensor<80x6xf32>  // K F
!first = tensor<6x5xf32>  // F E
!inner = tensor<6x6xf32>  // F F
!freq = tensor<6xf32>  // F
!last = tensor<4x6xf32>  // D F
!kernel = tensor<4x80xf32>  // D K
func.func @forward(%u: !seq) -> !seq {
  %w_in, %b_in = ssm.weights ["in_proj.weight", "in_proj.bias"] : !in, !in_bias
  %w_short, %b_short = ssm.weights ["short_filter.weight", "short_filter.bias"] : !short, !in_bias
  %w_out, %b_out = ssm.weights ["out_proj.weight", "out_proj.bias"] : !linear, !vector
  %z, %t, %freq = ssm.weights ["z", "t", "freq"] : !positions, !times, !freq
  %w0, %b0 = ssm.weights ["implicit_filter.0.weight", "implicit_filter.0.bias"] : !first, !freq
  %w2, %b2 = ssm.weights ["implicit_filter.2.weight", "implicit_filter.2.bias"] : !inner, !freq
  %w4, %b4 = ssm.weights ["implicit_filter.4.weight", "implicit_filter.4.bias"] : !inner, !freq
  %w6 = ssm.weight "implicit_filter.6.weight" : !last
  %rates, %bias = ssm.weights ["rates", "bias"] : !vector, !vector
  %l0 = ssm.linear %z, %w0 bias(%b0 : !freq) : !positions, !first
  %f0 = ssm.affine %l0 scale(%freq : !freq) : !hidden
  %h0 = math.sin %f0 : !hidden
  %l2 = ssm.linear %h0, %w2 bias(%b2 : !freq) : !hidden, !inner
  %f2 = ssm.affine %l2 scale(%freq : !freq) : !hidden
  %h2 = math.sin %f2 : !hidden
  %l4 = ssm.linear %h2, %w4 bias(%b4 : !freq) : !hidden, !inner
  %f4 = ssm.affine %l4 scale(%freq : !freq) : !hidden
  %h4 = math.sin %f4 : !hidden
  %h = ssm.linear %w6, %h4 : !last, !hidden
  %age = ssm.contract "d,k->dk" %rates, %t : (!vector, !times) -> !kernel
  %decay = math.exp %age : !kernel
  %k = arith.mulf %h, %decay : !kernel
  %p = ssm.linear %u, %w_in bias(%b_in : !in_bias) : !seq, !in
  %s, %window = ssm.short_conv %p, %w_short bias(%b_short : !in_bias) : !proj, !short
  %x0, %x1, %v = ssm.split %s [4, 4, 4] : !proj  // [D, D, D]
  %g = arith.mulf %v, %x1 : !seq
  %y, %history = ssm.long_conv %g, %k D(%bias : !vector) : !seq, !kernel
  %gated = arith.mulf %y, %x0 : !seq
  %out = ssm.linear %gated, %w_out bias(%b_out : !vector) : !seq, !linear
  return %out : !seq
}
