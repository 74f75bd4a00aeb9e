// MEGA's layer around its attention, then its FFN (catalog A, MEGA; Ma et al. 2022): the
// moving average of the normed input gives what the attention (mega_attention) makes its
// queries and keys of, and the gates; the normed input gives the values. `h` is what the
// attention returns for them. q, in and out are those of mega_ema.
!seq = tensor<?x?x4xf32>  // b l D
!values = tensor<?x?x5xf32>  // b l E
!shared = tensor<?x?x3xf32>  // b l Z
!mixed = tensor<?x?x16xf32>  // b l 2*D+Z+E
!zr = tensor<?x?x8xf32>  // b l Z+E
!hidden = tensor<?x?x7xf32>  // b l F
!w_v = tensor<5x4xf32>  // E D
!w_mx = tensor<16x4xf32>  // 2*D+Z+E D
!b_mx = tensor<16xf32>  // 2*D+Z+E
!w_h = tensor<4x5xf32>  // D E
!w_1 = tensor<7x4xf32>  // F D
!w_2 = tensor<4x7xf32>  // D F
!matrix = tensor<4x2xf32>  // D N
!d = tensor<4xf32>  // D
!e = tensor<5xf32>  // E
!f = tensor<7xf32>  // F
func.func @forward(%x: !seq, %h: !values) -> (!seq, !shared, !values) {
  %q, %in, %out, %omega = ssm.weights ["q", "in", "out", "omega"] : !matrix, !matrix, !matrix, !d
  %w_v, %b_v, %w_mx, %b_mx = ssm.weights ["v.weight", "v.bias", "mx.weight", "mx.bias"]
      : !w_v, !e, !w_mx, !b_mx
  %w_h, %b_h = ssm.weights ["h.weight", "h.bias"] : !w_h, !d
  %w_1, %b_1, %w_2, %b_2 = ssm.weights ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]
      : !w_1, !f, !w_2, !d
  %n1, %c1, %n2, %c2 = ssm.weights ["norm.weight", "norm.bias", "ffn.weight", "ffn.bias"]
      : !d, !d, !d, !d
  %xn = ssm.layer_norm %x weight(%n1 : !d) bias(%c1 : !d) eps(1.0e-5) : !seq
  %raw_v = ssm.linear %xn, %w_v bias(%b_v : !e) : !seq, !w_v
  %v = ssm.silu %raw_v : !values
  %ema, %average = ssm.lti %xn A(%q : !matrix) B(%in : !matrix) C(%out : !matrix)
      D(%omega : !d) : !seq
  %m = ssm.silu %ema : !seq
  %mixed = ssm.linear %m, %w_mx bias(%b_mx : !b_mx) : !seq, !w_mx
  %raw_u, %raw_zr, %hx = ssm.split %mixed [4, 8, 4] : !mixed  // [D, Z+E, D]
  %u = ssm.sigmoid %raw_u : !seq
  %zr = ssm.silu %raw_zr : !zr
  %z, %r = ssm.split %zr [3, 5] : !zr  // [Z, E]
  // y = x + u (silu(hx + W_h (h r)) - x), then y + W_2 silu(W_1 norm(y)).
  %kept = arith.mulf %h, %r : !values
  %from_h = ssm.linear %kept, %w_h bias(%b_h : !d) : !values, !w_h
  %both = arith.addf %hx, %from_h : !seq
  %new = ssm.silu %both : !seq
  %y = ssm.lerp %x, %new, %u : !seq, !seq
  %yn = ssm.layer_norm %y weight(%n2 : !d) bias(%c2 : !d) eps(1.0e-5) : !seq
  %raw = ssm.linear %yn, %w_1 bias(%b_1 : !f) : !seq, !w_1
  %act = ssm.silu %raw : !hidden
  %ffn = ssm.linear %act, %w_2 bias(%b_2 : !d) : !hidden, !w_2
  %result = arith.addf %y, %ffn : !seq
  return %result, %z, %v : !seq, !shared, !values
}
