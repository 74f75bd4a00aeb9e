// Hyena of order 2 with a kernel as long as the sequence, computed at run time from
// the positions of its time steps (catalog A, Hyena). Feature e of time step l is
// slope l + size cos(turn l + phase).
!seq = tensor<?x?x4xf32>  // b l D
!proj = tensor<?x?x12xf32>  // b l 3*D
!in = tensor<12x4xf32>  // 3*D D
!in_bias = tensor<12xf32>  // 3*D
!short = tensor<12x1x3xf32>  // 3*D 1 W
!linear = tensor<4x4xf32>  // D D
!vector = tensor<4xf32>  // D
!features = tensor<1x?x5xf32>  // 1 l E
!feature = tensor<5xf32>  // E
!time = tensor<1x?x1xf32>  // 1 l 1
!times = tensor<5x1xf32>  // E 1
!rates = tensor<4x1xf32>  // D 1
!hidden = tensor<1x?x6xf32>  // 1 l F
!first = tensor<6x5xf32>  // F E
!inner = tensor<6x6xf32>  // F F
!freq = tensor<6xf32>  // F
!last = tensor<4x6xf32>  // D F
!kernel = tensor<1x?x4xf32>  // 1 l D
func.func @forward(%u: !seq) -> !seq {
  %w_in, %b_in = ssm.weights ["in_proj.weight", "in_proj.bias"] : !in, !in_bias
  %w_short, %b_short = ssm.weights ["short_filter.weight", "short_filter.bias"] : !short, !in_bias
  %w_out, %b_out = ssm.weights ["out_proj.weight", "out_proj.bias"] : !linear, !vector
  %slope, %size, %turn = ssm.weights ["slope", "size", "turn"] : !times, !feature, !times
  %phase, %freq = ssm.weights ["phase", "freq"] : !feature, !freq
  %w0, %b0 = ssm.weights ["implicit_filter.0.weight", "implicit_filter.0.bias"] : !first, !freq
  %w2, %b2 = ssm.weights ["implicit_filter.2.weight", "implicit_filter.2.bias"] : !inner, !freq
  %w4, %b4 = ssm.weights ["implicit_filter.4.weight", "implicit_filter.4.bias"] : !inner, !freq
  %w6 = ssm.weight "implicit_filter.6.weight" : !last
  %rates, %bias = ssm.weights ["rates", "bias"] : !rates, !vector
  %l = ssm.positions like %u : !seq -> !time
  %angle = ssm.linear %l, %turn bias(%phase : !feature) : !time, !times
  %cos = math.cos %angle : !features
  %line = ssm.linear %l, %slope : !time, !times
  %z = ssm.affine %cos scale(%size : !feature) shift(%line : !features) : !features
  %l0 = ssm.linear %z, %w0 bias(%b0 : !freq) : !features, !first
  %f0 = ssm.affine %l0 scale(%freq : !freq) : !hidden
  %h0 = math.sin %f0 : !hidden
  %l2 = ssm.linear %h0, %w2 bias(%b2 : !freq) : !hidden, !inner
  %f2 = ssm.affine %l2 scale(%freq : !freq) : !hidden
  %h2 = math.sin %f2 : !hidden
  %l4 = ssm.linear %h2, %w4 bias(%b4 : !freq) : !hidden, !inner
  %f4 = ssm.affine %l4 scale(%freq : !freq) : !hidden
  %h4 = math.sin %f4 : !hidden
  %h = ssm.linear %h4, %w6 : !hidden, !last
  %age = ssm.linear %l, %rates : !time, !rates
  %decay = math.exp %age : !kernel
  %k = arith.mulf %h, %decay : !kernel
  %p = ssm.linear %u, %w_in bias(%b_in : !in_bias) : !seq, !in
  %s, %window = ssm.short_conv %p, %w_short bias(%b_short : !in_bias) : !proj, !short
  %x0, %x1, %v = ssm.split %s [4, 4, 4] : !proj  // [D, D, D]
  %g = arith.mulf %v, %x1 : !seq
  %y = ssm.long_conv %g, %k D(%bias : !vector) : !seq, !kernel
  %gated = arith.mulf %y, %x0 : !seq
  %out = ssm.linear %gated, %w_out bias(%b_out : !vector) : !seq, !linear
  return %out : !seq
}
