// RWKV-7's time mix in the first layer. Catalog C, 1.B "RWKV-7":
//   x_c = x + (x_{t-1} - x) mix_c;  r, k, v = R x_r, K x_k, V x_v
//   g = -e^{-1/2} sigmoid(w0 + w2 tanh(w1 x_w)),   a = sigmoid(a0 + a2 a1 x_a)
//   kappa = k k_k / |k k_k|,  k' = k (1 + (a - 1) k_a),  z = g2 sigmoid(g1 x_g)
//   o of the system rwkv7 with a = -kappa, b = kappa a, k', v
//   y = O ((norm(o) w + b + (sum r k' r_k) v) z),  norm per head
!seq = tensor<?x?x12xf32>    // b l D
!vec = tensor<12xf32>        // D
!mat = tensor<12x12xf32>     // D D
!w1 = tensor<4x12xf32>       // W D
!w2 = tensor<12x4xf32>       // D W
!wide = tensor<?x?x4xf32>    // b l W
!low = tensor<?x?x4xf32>     // b l A
!a1 = tensor<4x12xf32>       // A D
!a2 = tensor<12x4xf32>       // D A
!g1 = tensor<4x12xf32>       // G D
!g2 = tensor<12x4xf32>       // D G
!gate = tensor<?x?x4xf32>    // b l G
!heads = tensor<?x?x3x4xf32> // b l H N
!state = tensor<?x3x4x4xf32> // b H N N
!headkey = tensor<3x4xf32>   // H N
!key = tensor<4xf32>         // N
module attributes {ssm.checkpoint = "."} {
func.func private @mix(%x: !seq, %xx: !seq, %share: !vec) -> !seq {
  %like = ssm.broadcast %share like %x [2] : !vec, !seq
  %part = arith.mulf %xx, %like : !seq
  %y = arith.addf %x, %part : !seq
  return %y : !seq
}
func.func @forward(%x: !seq) -> (!seq, !seq) {
  %before, %last = ssm.shift %x by(1) : !seq
  %xx = arith.subf %before, %x : !seq
  %mix_r = ssm.weight "x_r" : !vec
  %x_r = func.call @mix(%x, %xx, %mix_r) : (!seq, !seq, !vec) -> !seq
  %mix_w = ssm.weight "x_w" : !vec
  %x_w = func.call @mix(%x, %xx, %mix_w) : (!seq, !seq, !vec) -> !seq
  %mix_k = ssm.weight "x_k" : !vec
  %x_k = func.call @mix(%x, %xx, %mix_k) : (!seq, !seq, !vec) -> !seq
  %mix_v = ssm.weight "x_v" : !vec
  %x_v = func.call @mix(%x, %xx, %mix_v) : (!seq, !seq, !vec) -> !seq
  %mix_a = ssm.weight "x_a" : !vec
  %x_a = func.call @mix(%x, %xx, %mix_a) : (!seq, !seq, !vec) -> !seq
  %mix_g = ssm.weight "x_g" : !vec
  %x_g = func.call @mix(%x, %xx, %mix_g) : (!seq, !seq, !vec) -> !seq
  %R = ssm.weight "R" : !mat
  %r_d = ssm.linear %x_r, %R : !seq, !mat
  %K = ssm.weight "K" : !mat
  %k_d = ssm.linear %x_k, %K : !seq, !mat
  %V = ssm.weight "V" : !mat
  %v_d = ssm.linear %x_v, %V : !seq, !mat
  %w0 = ssm.weight "w0" : !vec
  %w1 = ssm.weight "w1" : !w1
  %w2 = ssm.weight "w2" : !w2
  %w_low = ssm.linear %x_w, %w1 : !seq, !w1
  %w_tanh = math.tanh %w_low : !wide
  %w_raw = ssm.linear %w_tanh, %w2 bias(%w0 : !vec) : !wide, !w2
  %a0 = ssm.weight "a0" : !vec
  %a1 = ssm.weight "a1" : !a1
  %a2 = ssm.weight "a2" : !a2
  %a_low = ssm.linear %x_a, %a1 : !seq, !a1
  %a_raw = ssm.linear %a_low, %a2 bias(%a0 : !vec) : !low, !a2
  %g1 = ssm.weight "g1" : !g1
  %g2 = ssm.weight "g2" : !g2
  %g_low = ssm.linear %x_g, %g1 : !seq, !g1
  %g_gate = ssm.sigmoid %g_low : !gate
  %z = ssm.linear %g_gate, %g2 : !gate, !g2
  %r = ssm.reshape %r_d : !seq to !heads
  %k = ssm.reshape %k_d : !seq to !heads
  %v = ssm.reshape %v_d : !seq to !heads
  %w = ssm.reshape %w_raw : !seq to !heads
  %a = ssm.reshape %a_raw : !seq to !heads
  %k_k = ssm.weight "k_k" : !headkey
  %k_a = ssm.weight "k_a" : !headkey
  %r_k = ssm.weight "r_k" : !headkey
  %o, %bonus, %S = ssm.recurrence sequence(l) step(n)
      ins(%r[b, l, h, n], %k[b, l, h, n], %v[b, l, h, m], %w[b, l, h, n], %a[b, l, h, n],
          %k_k[h, n], %k_a[h, n], %r_k[h, n]
          : !heads, !heads, !heads, !heads, !heads, !headkey, !headkey, !headkey)
      outs([b, l, h, m], [b, l, h, m] : !heads, !heads)
      states("recurrent" [b, h, m, n] : !state) {
  ^step(%r_t: !key, %k_t: !key, %v_t: f32, %w_t: !key, %a_t: !key, %kk: !key, %ka: !key,
        %rk: !key, %s: !key):
    %minus_half = arith.constant dense<-0.5> : !key
    %limit = math.exp %minus_half : !key
    %speed = ssm.sigmoid %w_t : !key
    %rate = arith.mulf %limit, %speed : !key
    %g = arith.negf %rate : !key
    %decay = math.exp %g : !key
    %learn = ssm.sigmoid %a_t : !key
    %kappa_raw = arith.mulf %k_t, %kk : !key
    %square = ssm.contract "n,n->" %kappa_raw, %kappa_raw : (!key, !key) -> f32
    %length = math.sqrt %square : f32
    %tiny = arith.constant 1.0e-12 : f32
    %floor = arith.maximumf %length, %tiny : f32
    %one = arith.constant 1.0 : f32
    %inverse = arith.divf %one, %floor : f32
    %kappa = ssm.contract ",n->n" %inverse, %kappa_raw : (f32, !key) -> !key
    %ones = arith.constant dense<1.0> : !key
    %less = arith.subf %learn, %ones : !key
    %change = arith.mulf %less, %ka : !key
    %share = arith.addf %ones, %change : !key
    %k_new = arith.mulf %k_t, %share : !key
    %erase = arith.mulf %kappa, %learn : !key
    %kept = arith.mulf %decay, %s : !key
    %read = ssm.contract "n,n->" %kappa, %s : (!key, !key) -> f32
    %moved = ssm.contract ",n->n" %read, %erase : (f32, !key) -> !key
    %write = ssm.contract ",n->n" %v_t, %k_new : (f32, !key) -> !key
    %rest = arith.subf %kept, %moved : !key
    %next = arith.addf %rest, %write : !key
    %o_t = ssm.contract "n,n->" %r_t, %next : (!key, !key) -> f32
    %rk_k = arith.mulf %rk, %k_new : !key
    %weight = ssm.contract "n,n->" %r_t, %rk_k : (!key, !key) -> f32
    %bonus_t = arith.mulf %weight, %v_t : f32
    ssm.yield %o_t, %bonus_t, %next : f32, f32, !key
  }
  %n = ssm.layer_norm %o eps(6.4e-4) : !heads
  %n_d = ssm.reshape %n : !heads to !seq
  %bonus_d = ssm.reshape %bonus : !heads to !seq
  %norm_w = ssm.weight "norm_w" : !vec
  %norm_b = ssm.weight "norm_b" : !vec
  %scale = ssm.broadcast %norm_w like %x [2] : !vec, !seq
  %shift = ssm.broadcast %norm_b like %x [2] : !vec, !seq
  %scaled = arith.mulf %n_d, %scale : !seq
  %normed = arith.addf %scaled, %shift : !seq
  %sum = arith.addf %normed, %bonus_d : !seq
  %gated = arith.mulf %sum, %z : !seq
  %O = ssm.weight "O" : !mat
  %y = ssm.linear %gated, %O : !seq, !mat
  return %y, %v_d : !seq, !seq
}
}
