// H3 with heads of P channels: the diagonal system, one per head, runs on the outer
// product of its keys and values, and queries contract the keys (catalog A, H3, P > 1).
// `shift` has the taps of the keys' filter, oldest first; decays and weights of the poles,
// the latter twice for pairs, come discretized by the bilinear rule.
!seq = tensor<?x?x4xf32>       // b l H*P
!heads = tensor<?x?x2x2xf32>   // b l H P
!matrix = tensor<2x3xf32>      // H N
!head = tensor<2xf32>          // H
!vector = tensor<4xf32>        // H*P
!shift = tensor<4x4xf32>       // H*P W
!linear = tensor<4x4xf32>      // H*P H*P
!n = tensor<3xf32>             // N
!p = tensor<2xf32>             // P
!pn = tensor<2x3xf32>          // P N
func.func @forward(%u: !seq) -> !seq {
  %w_q, %b_q = ssm.weights ["q_proj.weight", "q_proj.bias"] : !linear, !vector
  %w_k, %b_k = ssm.weights ["k_proj.weight", "k_proj.bias"] : !linear, !vector
  %w_v, %b_v = ssm.weights ["v_proj.weight", "v_proj.bias"] : !linear, !vector
  %shift, %shift_D = ssm.weights ["shift", "shift_D"] : !shift, !vector
  %decay_re, %decay_im = ssm.weights ["decay_re", "decay_im"] : !matrix, !matrix
  %weight_re, %weight_im, %D = ssm.weights ["weight_re", "weight_im", "D"] : !matrix, !matrix, !head
  %w_o, %b_o = ssm.weights ["output_linear.weight", "output_linear.bias"] : !linear, !vector
  %q = ssm.linear %u, %w_q bias(%b_q : !vector) : !seq, !linear
  %k = ssm.linear %u, %w_k bias(%b_k : !vector) : !seq, !linear
  %v = ssm.linear %u, %w_v bias(%b_v : !vector) : !seq, !linear
  %filtered, %window = ssm.short_conv %k, %shift : !seq, !shift
  %key = ssm.affine %k scale(%shift_D : !vector) shift(%filtered : !seq) : !seq
  %q_h = ssm.reshape %q : !seq to !heads
  %key_h = ssm.reshape %key : !seq to !heads
  %y, %h_re, %h_im = ssm.recurrence sequence(l) step(i, n)
      ins(%q_h[b, l, h, i], %key_h[b, l, h, i], %v[b, l, h j], %decay_re[h, n],
          %decay_im[h, n], %weight_re[h, n], %weight_im[h, n], %D[h]
          : !heads, !heads, !seq, !matrix, !matrix, !matrix, !matrix, !head)
      outs([b, l, h j]) states("real" [b, h, j, i, n], "imaginary" [b, h, j, i, n]) {
  ^step(%q_t: !p, %k_t: !p, %v_t: f32, %a_re: !n, %a_im: !n, %w_re: !n, %w_im: !n, %d: f32,
        %x_re: !pn, %x_im: !pn):
    %ones = arith.constant dense<1.0> : !p
    %m_re = ssm.contract "i,n->in" %ones, %a_re : (!p, !n) -> !pn
    %m_im = ssm.contract "i,n->in" %ones, %a_im : (!p, !n) -> !pn
    %kept_re, %next_im = ssm.complex_mul %m_re, %m_im, %x_re, %x_im : !pn
    %kv = ssm.contract ",i->i" %v_t, %k_t : (f32, !p) -> !p
    %one = arith.constant dense<1.0> : !n
    %next_re = ssm.contract "in + i,n -> in" %kept_re, %kv, %one : (!pn, !p, !n) -> !pn
    %both = ssm.contract "in,n - in,n + ,i -> i" %next_re, %w_re, %next_im, %w_im, %d, %kv
        : (!pn, !n, !pn, !n, f32, !p) -> !p
    %y_t = ssm.contract "i,i->" %q_t, %both : (!p, !p) -> f32
    ssm.yield %y_t, %next_re, %next_im : f32, !pn, !pn
  }
  %out = ssm.linear %y, %w_o bias(%b_o : !vector) : !seq, !linear
  return %out : !seq
}
