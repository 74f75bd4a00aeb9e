// RWKV-6's time mix. Catalog C, 1.B "RWKV-6", for c = w, k, v, r, g, which stand one
// after the other in maa, A and B:
//   xx = x_{t-1} - x_t,  x_c = x + xx (maa_c + B_c tanh(A_c (x + xx maa_x)))
//   w = -exp(time_decay + E tanh(D x_w));  r, k, v, g = R x_r, K x_k, V x_v, G x_g
//   y = O (norm(o) w + b) silu(g),  norm per head, o of the system rwkv6
!seq = tensor<?x?x12xf32>    // b l D
!five = tensor<?x?x60xf32>   // b l 5*D
!low = tensor<?x?x15xf32>    // b l 5*P
!lows = tensor<?x?x5x3xf32>  // b l 5 P
!vec = tensor<12xf32>        // D
!mat = tensor<12x12xf32>     // D D
!maa = tensor<5x12xf32>      // 5 D
!A = tensor<15x12xf32>       // 5*P D
!B = tensor<5x12x3xf32>      // 5 D P
!p = tensor<3xf32>           // P
!D = tensor<3x12xf32>        // Q D
!E = tensor<12x3xf32>        // D Q
!heads = tensor<?x?x3x4xf32> // b l H N
!headkey = tensor<3x4xf32>   // H N
func.func @forward(%x: !seq) -> !seq {
  %maa_x, %maa, %A = ssm.weights ["maa_x", "maa", "A"] : !vec, !maa, !A
  %B, %D, %E, %time_decay = ssm.weights ["B", "D", "E", "time_decay"] : !B, !D, !E, !vec
  %R, %K, %V, %G, %O = ssm.weights ["R", "K", "V", "G", "O"] : !mat, !mat, !mat, !mat, !mat
  %u, %norm_w, %norm_b = ssm.weights ["u", "norm_w", "norm_b"] : !headkey, !headkey, !headkey
  %before, %last = ssm.shift %x by(1) : !seq
  %x_x = ssm.lerp %x, %before, %maa_x : !seq, !vec
  %low = ssm.linear %x_x, %A : !seq, !A
  %bounded = math.tanh %low : !low
  %lows = ssm.reshape %bounded : !low to !lows
  %mixed = ssm.recurrence sequence(l) step(p)
      ins(%x[b, l, d], %before[b, l, d], %lows[b, l, c, p], %maa[c, d], %B[c, d, p]
          : !seq, !seq, !lows, !maa, !B) outs([b, l, c d]) {
  ^step(%x_t: f32, %before_t: f32, %low_c: !p, %maa_c: f32, %B_c: !p):
    %xx = arith.subf %before_t, %x_t : f32
    %moved = ssm.contract "p,p->" %B_c, %low_c : (!p, !p) -> f32
    %share = arith.addf %maa_c, %moved : f32
    %x_c = math.fma %xx, %share, %x_t : f32
    ssm.yield %x_c : f32
  }
  %x_w, %x_k, %x_v, %x_r, %x_g = ssm.split %mixed [12, 12, 12, 12, 12] : !five // [D, D, D, D, D]
  %raw = ssm.low_rank %x_w, %D, %E bias(%time_decay : !vec) activation(tanh) : !seq, !D, !E
  %w_d = ssm.neg_exp %raw : !seq
  %w = ssm.reshape %w_d : !seq to !heads
  %r_d = ssm.linear %x_r, %R : !seq, !mat
  %k_d = ssm.linear %x_k, %K : !seq, !mat
  %v_d = ssm.linear %x_v, %V : !seq, !mat
  %g = ssm.linear %x_g, %G : !seq, !mat
  %r = ssm.reshape %r_d : !seq to !heads
  %k = ssm.reshape %k_d : !seq to !heads
  %v = ssm.reshape %v_d : !seq to !heads
  %o, %S = ssm.linear_attention %r, %k, %v log decay(%w : !heads) bonus(%u : !headkey)
      : !heads, !heads, !heads
  %n = ssm.layer_norm %o weight(%norm_w : !headkey) bias(%norm_b : !headkey) eps(6.4e-4) : !heads
  %normed = ssm.reshape %n : !heads to !seq
  %gate = ssm.silu %g : !seq
  %gated = arith.mulf %normed, %gate : !seq
  %y = ssm.linear %gated, %O : !seq, !mat
  return %y : !seq
}
