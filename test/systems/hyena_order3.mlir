// Hyena of order 3: two gated long convolutions after a short one over 5 steps, their
// kernels from one small network of sines (catalog A, Hyena; Poli et al. 2023). `z`
// has the positional features, `window` exp(-t |delta|), of K positions.
!seq = tensor<?x?x4xf32>  // b l D
!seq4 = tensor<?x?x16xf32>  // b l 4*D
!in_proj = tensor<16x4xf32>  // 4*D D
!in_bias = tensor<16xf32>  // 4*D
!taps = tensor<16x1x5xf32>  // 4*D 1 5
!out_proj = tensor<4x4xf32>  // D D
!vector = tensor<4xf32>  // D
!z = tensor<130x5xf32>  // K E
!first = tensor<6x5xf32>  // O E
!inner = tensor<6x6xf32>  // O O
!last = tensor<4x6xf32>  // D O
!hidden = tensor<130x6xf32>  // K O
!order = tensor<6xf32>  // O
!kernel = tensor<4x130xf32>  // D K
func.func @forward(%u: !seq) -> !seq {
  %w_in, %b_in = ssm.weights ["in_proj.weight", "in_proj.bias"] : !in_proj, !in_bias
  %w_short, %b_short = ssm.weights ["short_filter.weight", "short_filter.bias"] : !taps, !in_bias
  %w_out, %b_out = ssm.weights ["out_proj.weight", "out_proj.bias"] : !out_proj, !vector
  %D0, %D1, %z = ssm.weights ["filter.bias.0", "filter.bias.1", "filter.z"] : !vector, !vector, !z
  %window0, %window1 = ssm.weights ["filter.window.0", "filter.window.1"] : !kernel, !kernel
  %freq = ssm.weight "filter.freq" : !order
  %w0, %b0 = ssm.weights ["filter.0.weight", "filter.0.bias"] : !first, !order
  %w1, %b1 = ssm.weights ["filter.1.weight", "filter.1.bias"] : !inner, !order
  %w2, %b2 = ssm.weights ["filter.2.weight", "filter.2.bias"] : !inner, !order
  %w3, %w4 = ssm.weights ["filter.3.weight.0", "filter.3.weight.1"] : !last, !last
  %l0 = ssm.linear %z, %w0 bias(%b0 : !order) : !z, !first
  %f0 = ssm.affine %l0 scale(%freq : !order) : !hidden
  %h0 = math.sin %f0 : !hidden
  %l1 = ssm.linear %h0, %w1 bias(%b1 : !order) : !hidden, !inner
  %f1 = ssm.affine %l1 scale(%freq : !order) : !hidden
  %h1 = math.sin %f1 : !hidden
  %l2 = ssm.linear %h1, %w2 bias(%b2 : !order) : !hidden, !inner
  %f2 = ssm.affine %l2 scale(%freq : !order) : !hidden
  %h2 = math.sin %f2 : !hidden
  %plain0 = ssm.linear %w3, %h2 : !last, !hidden
  %plain1 = ssm.linear %w4, %h2 : !last, !hidden
  %k0 = arith.mulf %plain0, %window0 : !kernel
  %k1 = arith.mulf %plain1, %window1 : !kernel
  %p = ssm.linear %u, %w_in bias(%b_in : !in_bias) : !seq, !in_proj
  %s, %state = ssm.short_conv %p, %w_short bias(%b_short : !in_bias) : !seq4, !taps
  %x0, %x1, %x2, %v = ssm.split %s [4, 4, 4, 4] : !seq4  // [D, D, D, D]
  %v2 = arith.mulf %v, %x2 : !seq
  %y2, %window_2 = ssm.long_conv %v2, %k0 D(%D0 : !vector) : !seq, !kernel
  %v1 = arith.mulf %y2, %x1 : !seq
  %y1, %window_1 = ssm.long_conv %v1, %k1 D(%D1 : !vector) : !seq, !kernel
  %y = arith.mulf %y1, %x0 : !seq
  %out = ssm.linear %y, %w_out bias(%b_out : !vector) : !seq, !out_proj
  return %out : !seq
}
