// RWKV-5's time mix. Catalog C, 1.B "RWKV-5":
//   x_c = mix_c x_t + (1 - mix_c) x_{t-1};  r, k, v, g = R x_r, K x_k, V x_v, G x_g
//   y = O (norm(o / 8) w + b) silu(g),  norm per head, o of the system rwkv5
!seq = tensor<?x?x12xf32>    // b l D
!vec = tensor<12xf32>        // D
!mat = tensor<12x12xf32>     // D D
!heads = tensor<?x?x3x4xf32> // b l H N
!headkey = tensor<3x4xf32>   // H N
func.func @forward(%x: !seq) -> !seq {
  %mix_r, %mix_k, %mix_v = ssm.weights ["mix_r", "mix_k", "mix_v"] : !vec, !vec, !vec
  %mix_g, %time_decay, %u = ssm.weights ["mix_g", "time_decay", "u"] : !vec, !headkey, !headkey
  %R, %K, %V, %G, %O = ssm.weights ["R", "K", "V", "G", "O"] : !mat, !mat, !mat, !mat, !mat
  %norm_w, %norm_b = ssm.weights ["norm_w", "norm_b"] : !headkey, !headkey
  %w = ssm.neg_exp %time_decay : !headkey
  %before, %last = ssm.shift %x by(1) : !seq
  %x_r, %x_k, %x_v, %x_g = ssm.lerp %before, %x, %mix_r, %mix_k, %mix_v, %mix_g
      : !seq, !vec, !vec, !vec, !vec
  %r_d = ssm.linear %x_r, %R : !seq, !mat
  %k_d = ssm.linear %x_k, %K : !seq, !mat
  %v_d = ssm.linear %x_v, %V : !seq, !mat
  %g = ssm.linear %x_g, %G : !seq, !mat
  %r = ssm.reshape %r_d : !seq to !heads
  %k = ssm.reshape %k_d : !seq to !heads
  %v = ssm.reshape %v_d : !seq to !heads
  %o, %S = ssm.linear_attention %r, %k, %v log decay(%w : !headkey) bonus(%u : !headkey)
      : !heads, !heads, !heads
  // eps 1e-5 on o / 8 is 64e-5 on o.
  %n = ssm.layer_norm %o weight(%norm_w : !headkey) bias(%norm_b : !headkey) eps(6.4e-4) : !heads
  %normed = ssm.reshape %n : !heads to !seq
  %gate = ssm.silu %g : !seq
  %gated = arith.mulf %normed, %gate : !seq
  %y = ssm.linear %gated, %O : !seq, !mat
  return %y : !seq
}
