// RWKV-7's time mix in the first layer. Catalog C, 1.B "RWKV-7", for c = r, w, k, v, a, g:
//   x_c = x + (x_{t-1} - x) mix_c;  r, k, v = R x_r, K x_k, V x_v
//   g = -e^{-1/2} sigmoid(w0 + w2 tanh(w1 x_w)),   a = sigmoid(a0 + a2 a1 x_a)
//   kappa = k k_k / |k k_k|,  k' = k (1 + (a - 1) k_a),  z = g2 sigmoid(g1 x_g)
//   o of the system rwkv7 with a = -kappa, b = kappa a, k', v
//   y = O ((norm(o) w + b + (sum r k' r_k) v) z),  norm per head
// The low-rank maps have one rank R, which zeros fill up.
!seq = tensor<?x?x12xf32>    // b l D
!vec = tensor<12xf32>        // D
!mat = tensor<12x12xf32>     // D D
!down = tensor<4x12xf32>     // R D
!up = tensor<12x4xf32>       // D R
!heads = tensor<?x?x3x4xf32> // b l H N
!headkey = tensor<3x4xf32>   // H N
!key = tensor<4xf32>         // N
func.func @forward(%x: !seq) -> (!seq, !seq) {
  %mix_r, %mix_w, %mix_k = ssm.weights ["mix_r", "mix_w", "mix_k"] : !vec, !vec, !vec
  %mix_v, %mix_a, %mix_g = ssm.weights ["mix_v", "mix_a", "mix_g"] : !vec, !vec, !vec
  %R, %K, %V, %O = ssm.weights ["R", "K", "V", "O"] : !mat, !mat, !mat, !mat
  %w0, %a0 = ssm.weights ["w0", "a0"] : !vec, !vec
  %w1, %a1, %g1 = ssm.weights ["w1", "a1", "g1"] : !down, !down, !down
  %w2, %a2, %g2 = ssm.weights ["w2", "a2", "g2"] : !up, !up, !up
  %k_k, %k_a, %r_k = ssm.weights ["k_k", "k_a", "r_k"] : !headkey, !headkey, !headkey
  %norm_w, %norm_b = ssm.weights ["norm_w", "norm_b"] : !headkey, !headkey
  %before, %last = ssm.shift %x by(1) : !seq
  %x_r, %x_w, %x_k, %x_v, %x_a, %x_g = ssm.lerp %x, %before, %mix_r, %mix_w, %mix_k, %mix_v, %mix_a,
      %mix_g : !seq, !vec, !vec, !vec, !vec, !vec, !vec
  %r_d = ssm.linear %x_r, %R : !seq, !mat
  %k_d = ssm.linear %x_k, %K : !seq, !mat
  %v_d = ssm.linear %x_v, %V : !seq, !mat
  %w_d = ssm.low_rank %x_w, %w1, %w2 bias(%w0 : !vec) activation(tanh) : !seq, !down, !up
  %a_d = ssm.low_rank %x_a, %a1, %a2 bias(%a0 : !vec) : !seq, !down, !up
  %z = ssm.low_rank %x_g, %g1, %g2 activation(sigmoid) : !seq, !down, !up
  %r = ssm.reshape %r_d : !seq to !heads
  %k = ssm.reshape %k_d : !seq to !heads
  %v = ssm.reshape %v_d : !seq to !heads
  %w = ssm.reshape %w_d : !seq to !heads
  %a = ssm.reshape %a_d : !seq to !heads
  %minus_half = arith.constant dense<-0.5> : !headkey
  %limit = ssm.neg_exp %minus_half : !headkey
  %speed = ssm.sigmoid %w : !heads
  %g = ssm.affine %speed scale(%limit : !headkey) : !heads
  %learn = ssm.sigmoid %a : !heads
  %k_scaled = ssm.affine %k scale(%k_k : !headkey) : !heads
  %kappa = ssm.l2_norm %k_scaled eps(1.0e-24) : !heads
  %minus_kappa = arith.negf %kappa : !heads
  %erase = arith.mulf %kappa, %learn : !heads
  %k_learnt = arith.mulf %k, %learn : !heads
  %k_new = ssm.lerp %k, %k_learnt, %k_a : !heads, !headkey
  %o, %S = ssm.delta_rule %r, %k_new, %v rank_one(%minus_kappa, %erase : !heads, !heads)
      log decay(%g : !heads) : !heads, !heads, !heads
  %n = ssm.layer_norm %o weight(%norm_w : !headkey) bias(%norm_b : !headkey) eps(6.4e-4) : !heads
  %gated = ssm.recurrence sequence(l) step(n)
      ins(%n[b, l, h, m], %r[b, l, h, n], %k_new[b, l, h, n], %r_k[h, n], %v[b, l, h, m],
          %z[b, l, h m] : !heads, !heads, !heads, !headkey, !heads, !seq) outs([b, l, h m]) {
  ^step(%n_t: f32, %r_t: !key, %k_t: !key, %u: !key, %v_t: f32, %z_t: f32):
    %bonus = ssm.contract "n,n,n,,->" %r_t, %k_t, %u, %v_t, %z_t
        : (!key, !key, !key, f32, f32) -> f32
    %gated_t = math.fma %n_t, %z_t, %bonus : f32
    ssm.yield %gated_t : f32
  }
  %y = ssm.linear %gated, %O : !seq, !mat
  return %y, %v_d : !seq, !seq
}
