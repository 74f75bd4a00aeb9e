// RWKV-7's time mix in the first layer. Catalog C, 1.B "RWKV-7", for c = r, w, k, v, a, g, which
// stand one after the other in mix:
//   x_c = x + (x_{t-1} - x) mix_c;  r, k, v = R x_r, K x_k, V x_v
//   g = -e^{-1/2} sigmoid(w0 + w2 tanh(w1 x_w)),   a = sigmoid(a0 + a2 a1 x_a)
//   kappa = k k_k / |k k_k|,  k' = k (1 + (a - 1) k_a),  z = g2 sigmoid(g1 x_g)
//   o of the system rwkv7 with a = -kappa, b = kappa a, k', v
//   y = O ((norm(o) w + b + (sum r k' r_k) v) z),  norm per head
// The low-rank maps have one rank R, which zeros fill up.
!seq = tensor<?x?x12xf32>    // b l D
!six = tensor<?x?x72xf32>    // b l 6*D
!low = tensor<?x?x4xf32>     // b l R
!vec = tensor<12xf32>        // D
!mix = tensor<6x12xf32>      // 6 D
!mat = tensor<12x12xf32>     // D D
!down = tensor<4x12xf32>     // R D
!up = tensor<12x4xf32>       // D R
!heads = tensor<?x?x3x4xf32> // b l H N
!headkey = tensor<3x4xf32>   // H N
!key = tensor<4xf32>         // N
module attributes {ssm.checkpoint = "."} {
func.func @forward(%x: !seq) -> (!seq, !seq) {
  %mix, %R, %K, %V, %O = ssm.weights ["mix", "R", "K", "V", "O"] : !mix, !mat, !mat, !mat, !mat
  %w0, %w1, %w2, %a0 = ssm.weights ["w0", "w1", "w2", "a0"] : !vec, !down, !up, !vec
  %a1, %a2, %g1, %g2 = ssm.weights ["a1", "a2", "g1", "g2"] : !down, !up, !down, !up
  %k_k, %k_a, %r_k = ssm.weights ["k_k", "k_a", "r_k"] : !headkey, !headkey, !headkey
  %norm_w, %norm_b = ssm.weights ["norm_w", "norm_b"] : !headkey, !headkey
  %before, %last = ssm.shift %x by(1) : !seq
  %mixed = ssm.recurrence sequence(l) step()
      ins(%x[b, l, d], %before[b, l, d], %mix[c, d] : !seq, !seq, !mix) outs([b, l, c d]) {
  ^step(%x_t: f32, %before_t: f32, %mix_c: f32):
    %xx = arith.subf %before_t, %x_t : f32
    %x_c = math.fma %xx, %mix_c, %x_t : f32
    ssm.yield %x_c : f32
  }
  %x_r, %x_w, %x_k, %x_v, %x_a, %x_g = ssm.split %mixed
      [12, 12, 12, 12, 12, 12] : !six // [D, D, D, D, D, D]
  %r_d = ssm.linear %x_r, %R : !seq, !mat
  %k_d = ssm.linear %x_k, %K : !seq, !mat
  %w_low = ssm.linear %x_w, %w1 : !seq, !down
  %w_tanh = math.tanh %w_low : !low
  %w_d = ssm.linear %w_tanh, %w2 bias(%w0 : !vec) : !low, !up
  %a_low = ssm.linear %x_a, %a1 : !seq, !down
  %a_d = ssm.linear %a_low, %a2 bias(%a0 : !vec) : !low, !up
  %g_low = ssm.linear %x_g, %g1 : !seq, !down
  %g_gate = ssm.sigmoid %g_low : !low
  %z = ssm.linear %g_gate, %g2 : !low, !up
  %v_d = ssm.linear %x_v, %V : !seq, !mat
  %r = ssm.reshape %r_d : !seq to !heads
  %k = ssm.reshape %k_d : !seq to !heads
  %v = ssm.reshape %v_d : !seq to !heads
  %w = ssm.reshape %w_d : !seq to !heads
  %a = ssm.reshape %a_d : !seq to !heads
  %o, %bonus, %S = ssm.recurrence sequence(l) step(n)
      ins(%r[b, l, h, n], %k[b, l, h, n], %v[b, l, h, m], %w[b, l, h, n], %a[b, l, h, n],
          %k_k[h, n], %k_a[h, n], %r_k[h, n]
          : !heads, !heads, !heads, !heads, !heads, !headkey, !headkey, !headkey)
      outs([b, l, h, m], [b, l, h, m]) states("recurrent" [b, h, m, n]) {
  ^step(%r_t: !key, %k_t: !key, %v_t: f32, %w_t: !key, %a_t: !key, %kk: !key, %ka: !key,
        %rk: !key, %s: !key):
    %minus_half = arith.constant dense<-0.5> : !key
    %limit = math.exp %minus_half : !key
    %speed = ssm.sigmoid %w_t : !key
    %rate = arith.mulf %limit, %speed : !key
    %g = arith.negf %rate : !key
    %decay = math.exp %g : !key
    %kept = arith.mulf %decay, %s : !key
    %learn = ssm.sigmoid %a_t : !key
    %kappa_raw = arith.mulf %k_t, %kk : !key
    %square = ssm.contract "n,n->" %kappa_raw, %kappa_raw : (!key, !key) -> f32
    %tiny = arith.constant 1.0e-24 : f32
    %floor = arith.maximumf %square, %tiny : f32
    %inverse = math.rsqrt %floor : f32
    %kappa = ssm.contract ",n->n" %inverse, %kappa_raw : (f32, !key) -> !key
    %ones = arith.constant dense<1.0> : !key
    %less = arith.subf %learn, %ones : !key
    %part = arith.mulf %k_t, %ka : !key
    %k_new = math.fma %less, %part, %k_t : !key
    %erase = arith.mulf %kappa, %learn : !key
    %moved = ssm.contract "m,m,n->n" %kappa, %s, %erase : (!key, !key, !key) -> !key
    %write = ssm.contract ",n->n" %v_t, %k_new : (f32, !key) -> !key
    %rest = arith.subf %kept, %moved : !key
    %next = arith.addf %rest, %write : !key
    %o_t = ssm.contract "n,n->" %r_t, %next : (!key, !key) -> f32
    %rk_k = arith.mulf %rk, %k_new : !key
    %weight = ssm.contract "n,n->" %r_t, %rk_k : (!key, !key) -> f32
    %bonus_t = arith.mulf %weight, %v_t : f32
    ssm.yield %o_t, %bonus_t, %next : f32, f32, !key
  }
  %n = ssm.layer_norm %o weight(%norm_w : !headkey) bias(%norm_b : !headkey) eps(6.4e-4) : !heads
  %normed = ssm.reshape %n : !heads to !seq
  %bonus_d = ssm.reshape %bonus : !heads to !seq
  %sum = arith.addf %normed, %bonus_d : !seq
  %gated = arith.mulf %sum, %z : !seq
  %y = ssm.linear %gated, %O : !seq, !mat
  return %y, %v_d : !seq, !seq
}
}
