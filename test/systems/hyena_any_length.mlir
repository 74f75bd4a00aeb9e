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
!hidden = tensor<1x?x6xf32>  // 1 l F
!first = tensor<6x5xf32>  // F E
!inner = tensor<6x6xf32>  // F F
!freq = tensor<6xf32>  // F
!last = tensor<4x6xf32>  // D F
!kernel = tensor<1x?x4xf32>  // 1 l D
module attributes {ssm.checkpoint = "."} {
func.func private @sine(%x: !hidden, %f: !freq) -> !hidden {
  %like = ssm.broadcast %f like %x [2] : !freq, !hidden
  %turned = arith.mulf %like, %x : !hidden
  %y = math.sin %turned : !hidden
  return %y : !hidden
}
func.func private @features(%l: !features, %slope: !feature, %size: !feature,
                            %turn: !feature, %phase: !feature) -> !features {
  %a = ssm.broadcast %slope like %l [2] : !feature, !features
  %b = ssm.broadcast %size like %l [2] : !feature, !features
  %c = ssm.broadcast %turn like %l [2] : !feature, !features
  %d = ssm.broadcast %phase like %l [2] : !feature, !features
  %angle = math.fma %c, %l, %d : !features
  %cos = math.cos %angle : !features
  %wave = arith.mulf %b, %cos : !features
  %z = math.fma %a, %l, %wave : !features
  return %z : !features
}
func.func @forward(%u: !seq) -> !seq {
  %w_in = ssm.weight "in_proj.weight" : !in
  %b_in = ssm.weight "in_proj.bias" : !in_bias
  %w_short = ssm.weight "short_filter.weight" : !short
  %b_short = ssm.weight "short_filter.bias" : !in_bias
  %w_out = ssm.weight "out_proj.weight" : !linear
  %b_out = ssm.weight "out_proj.bias" : !vector
  %slope = ssm.weight "slope" : !feature
  %size = ssm.weight "size" : !feature
  %turn = ssm.weight "turn" : !feature
  %phase = ssm.weight "phase" : !feature
  %freq = ssm.weight "freq" : !freq
  %w0 = ssm.weight "implicit_filter.0.weight" : !first
  %b0 = ssm.weight "implicit_filter.0.bias" : !freq
  %w2 = ssm.weight "implicit_filter.2.weight" : !inner
  %b2 = ssm.weight "implicit_filter.2.bias" : !freq
  %w4 = ssm.weight "implicit_filter.4.weight" : !inner
  %b4 = ssm.weight "implicit_filter.4.bias" : !freq
  %w6 = ssm.weight "implicit_filter.6.weight" : !last
  %rates = ssm.weight "rates" : !vector
  %bias = ssm.weight "bias" : !vector
  %l = ssm.positions like %u : !seq -> !features
  %z = func.call @features(%l, %slope, %size, %turn, %phase)
      : (!features, !feature, !feature, !feature, !feature) -> !features
  %l0 = ssm.linear %z, %w0 bias(%b0 : !freq) : !features, !first
  %h0 = func.call @sine(%l0, %freq) : (!hidden, !freq) -> !hidden
  %l2 = ssm.linear %h0, %w2 bias(%b2 : !freq) : !hidden, !inner
  %h2 = func.call @sine(%l2, %freq) : (!hidden, !freq) -> !hidden
  %l4 = ssm.linear %h2, %w4 bias(%b4 : !freq) : !hidden, !inner
  %h4 = func.call @sine(%l4, %freq) : (!hidden, !freq) -> !hidden
  %h = ssm.linear %h4, %w6 : !hidden, !last
  %n = ssm.positions like %u : !seq -> !kernel
  %rate = ssm.broadcast %rates like %n [2] : !vector, !kernel
  %age = arith.mulf %n, %rate : !kernel
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
}
