// RWKV-6's time mix. Catalog C, 1.B "RWKV-6", for c = w, k, v, r, g:
//   xx = x_{t-1} - x_t,  x_c = x + xx (maa_c + B_c tanh(A_c (x + xx maa_x)))
//   w = -exp(time_decay + E tanh(D x_w));  r, k, v, g = R x_r, K x_k, V x_v, G x_g
//   y = O (norm(o) w + b) silu(g),  norm per head, o of the system rwkv6
!seq = tensor<?x?x12xf32>    // b l D
!low = tensor<?x?x3xf32>     // b l P
!vec = tensor<12xf32>        // D
!mat = tensor<12x12xf32>     // D D
!A = tensor<3x12xf32>        // P D
!B = tensor<12x3xf32>        // D P
!deep = tensor<?x?x3xf32>    // b l Q
!D = tensor<3x12xf32>        // Q D
!E = tensor<12x3xf32>        // D Q
!heads = tensor<?x?x3x4xf32> // b l H N
!headkey = tensor<3x4xf32>   // H N
module attributes {ssm.checkpoint = "."} {
func.func private @towards(%x: !seq, %xx: !seq, %share: !vec) -> !seq {
  %like = ssm.broadcast %share like %x [2] : !vec, !seq
  %part = arith.mulf %xx, %like : !seq
  %y = arith.addf %x, %part : !seq
  return %y : !seq
}
func.func private @mix(%x: !seq, %xx: !seq, %x_x: !seq, %share: !vec, %A: !A, %B: !B) -> !seq {
  %a = ssm.linear %x_x, %A : !seq, !A
  %bounded = math.tanh %a : !low
  %b = ssm.linear %bounded, %B : !low, !B
  %like = ssm.broadcast %share like %x [2] : !vec, !seq
  %whole = arith.addf %like, %b : !seq
  %part = arith.mulf %xx, %whole : !seq
  %y = arith.addf %x, %part : !seq
  return %y : !seq
}
func.func @forward(%x: !seq) -> !seq {
  %before, %last = ssm.shift %x by(1) : !seq
  %xx = arith.subf %before, %x : !seq
  %maa_x = ssm.weight "maa_x" : !vec
  %x_x = func.call @towards(%x, %xx, %maa_x) : (!seq, !seq, !vec) -> !seq
  %maa_w = ssm.weight "maa_w" : !vec
  %A_w = ssm.weight "A_w" : !A
  %B_w = ssm.weight "B_w" : !B
  %x_w = func.call @mix(%x, %xx, %x_x, %maa_w, %A_w, %B_w)
      : (!seq, !seq, !seq, !vec, !A, !B) -> !seq
  %maa_k = ssm.weight "maa_k" : !vec
  %A_k = ssm.weight "A_k" : !A
  %B_k = ssm.weight "B_k" : !B
  %x_k = func.call @mix(%x, %xx, %x_x, %maa_k, %A_k, %B_k)
      : (!seq, !seq, !seq, !vec, !A, !B) -> !seq
  %maa_v = ssm.weight "maa_v" : !vec
  %A_v = ssm.weight "A_v" : !A
  %B_v = ssm.weight "B_v" : !B
  %x_v = func.call @mix(%x, %xx, %x_x, %maa_v, %A_v, %B_v)
      : (!seq, !seq, !seq, !vec, !A, !B) -> !seq
  %maa_r = ssm.weight "maa_r" : !vec
  %A_r = ssm.weight "A_r" : !A
  %B_r = ssm.weight "B_r" : !B
  %x_r = func.call @mix(%x, %xx, %x_x, %maa_r, %A_r, %B_r)
      : (!seq, !seq, !seq, !vec, !A, !B) -> !seq
  %maa_g = ssm.weight "maa_g" : !vec
  %A_g = ssm.weight "A_g" : !A
  %B_g = ssm.weight "B_g" : !B
  %x_g = func.call @mix(%x, %xx, %x_x, %maa_g, %A_g, %B_g)
      : (!seq, !seq, !seq, !vec, !A, !B) -> !seq
  %D = ssm.weight "D" : !D
  %E = ssm.weight "E" : !E
  %time_decay = ssm.weight "time_decay" : !vec
  %deep = ssm.linear %x_w, %D : !seq, !D
  %bounded = math.tanh %deep : !deep
  %raw = ssm.linear %bounded, %E bias(%time_decay : !vec) : !deep, !E
  %rate = math.exp %raw : !seq
  %w_d = arith.negf %rate : !seq
  %R = ssm.weight "R" : !mat
  %r_d = ssm.linear %x_r, %R : !seq, !mat
  %K = ssm.weight "K" : !mat
  %k_d = ssm.linear %x_k, %K : !seq, !mat
  %V = ssm.weight "V" : !mat
  %v_d = ssm.linear %x_v, %V : !seq, !mat
  %G = ssm.weight "G" : !mat
  %g_d = ssm.linear %x_g, %G : !seq, !mat
  %r = ssm.reshape %r_d : !seq to !heads
  %k = ssm.reshape %k_d : !seq to !heads
  %v = ssm.reshape %v_d : !seq to !heads
  %w = ssm.reshape %w_d : !seq to !heads
  %u = ssm.weight "u" : !headkey
  %o, %S = ssm.linear_attention %r, %k, %v log decay(%w : !heads) bonus(%u : !headkey)
      : !heads, !heads, !heads
  %n = ssm.layer_norm %o eps(6.4e-4) : !heads
  %n_d = ssm.reshape %n : !heads to !seq
  %norm_w = ssm.weight "norm_w" : !vec
  %norm_b = ssm.weight "norm_b" : !vec
  %scale = ssm.broadcast %norm_w like %x [2] : !vec, !seq
  %shift = ssm.broadcast %norm_b like %x [2] : !vec, !seq
  %scaled = arith.mulf %n_d, %scale : !seq
  %normed = arith.addf %scaled, %shift : !seq
  %gate = ssm.silu %g_d : !seq
  %gated = arith.mulf %normed, %gate : !seq
  %O = ssm.weight "O" : !mat
  %y = ssm.linear %gated, %O : !seq, !mat
  return %y : !seq
}
}
