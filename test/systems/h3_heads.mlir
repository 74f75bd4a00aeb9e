// H3 with heads of dimension P: the diagonal system of a head runs on the outer
// product of its keys and values, and queries contract the keys' side (catalog A, H3;
// Fu et al. 2023). Output channels have the order (value, head) of the checked code.
!seq = tensor<?x?x4xf32>  // b l H*P
!headed = tensor<?x?x2x2xf32>  // b l H P
!state = tensor<?x2x2x2x3xf32>  // b H P P N
!matrix = tensor<2x3xf32>  // H N
!heads = tensor<2xf32>  // H
!vector = tensor<4xf32>  // H*P
!shift = tensor<4x4xf32>  // H*P W
!linear = tensor<4x4xf32>  // H*P H*P
!i = tensor<2xf32>  // P
!n = tensor<3xf32>  // N
!in = tensor<2x3xf32>  // P N
module attributes {ssm.checkpoint = "."} {
func.func private @project(%u: !seq, %w: !linear, %b: !vector) -> !seq {
  %y = ssm.linear %u, %w bias(%b : !vector) : !seq, !linear
  return %y : !seq
}
func.func @forward(%u: !seq) -> !seq {
  %w_q = ssm.weight "q_proj.weight" : !linear
  %b_q = ssm.weight "q_proj.bias" : !vector
  %w_k = ssm.weight "k_proj.weight" : !linear
  %b_k = ssm.weight "k_proj.bias" : !vector
  %w_v = ssm.weight "v_proj.weight" : !linear
  %b_v = ssm.weight "v_proj.bias" : !vector
  %w_o = ssm.weight "output_linear.weight" : !linear
  %b_o = ssm.weight "output_linear.bias" : !vector
  %shift = ssm.weight "shift" : !shift
  %shift_D = ssm.weight "shift_D" : !vector
  %log_dt = ssm.weight "log_dt" : !heads
  %log_A_real = ssm.weight "log_A_real" : !matrix
  %A_im = ssm.weight "A_im" : !matrix
  %C_re = ssm.weight "C_re" : !matrix
  %C_im = ssm.weight "C_im" : !matrix
  %D = ssm.weight "D" : !heads
  %q = call @project(%u, %w_q, %b_q) : (!seq, !linear, !vector) -> !seq
  %k = call @project(%u, %w_k, %b_k) : (!seq, !linear, !vector) -> !seq
  %v = call @project(%u, %w_v, %b_v) : (!seq, !linear, !vector) -> !seq
  %filtered, %window = ssm.short_conv %k, %shift : !seq, !shift
  %like = ssm.broadcast %shift_D like %u [2] : !vector, !seq
  %kd = arith.mulf %like, %k : !seq
  %key = arith.addf %filtered, %kd : !seq
  %queries = ssm.reshape %q : !seq to !headed
  %keys = ssm.reshape %key : !seq to !headed
  %dt = math.exp %log_dt : !heads
  %ones = arith.constant dense<1.0> : !n
  %dts = ssm.contract "h,n->hn" %dt, %ones : (!heads, !n) -> !matrix
  %rate = math.exp %log_A_real : !matrix
  %A_re = arith.negf %rate : !matrix
  %a_re, %g_re, %a_im, %g_im = ssm.discretize bilinear %dts, %A_re imag(%A_im : !matrix)
      : !matrix, !matrix
  // B is one: the gain goes to the read-out, twice for the conjugates.
  %c_re, %c_im = ssm.complex_mul %C_re, %C_im, %g_re, %g_im : !matrix
  %r_re = arith.addf %c_re, %c_re : !matrix
  %r_im = arith.addf %c_im, %c_im : !matrix
  %y, %last_re, %last_im = ssm.recurrence sequence(l) step(i, n)
      ins(%queries[b, l, h, i], %keys[b, l, h, i], %v[b, l, h j], %a_re[h, n], %a_im[h, n],
          %r_re[h, n], %r_im[h, n], %D[h]
          : !headed, !headed, !seq, !matrix, !matrix, !matrix, !matrix, !heads)
      outs([b, l, j h] : !seq)
      states("real" [b, h, j, i, n], "imaginary" [b, h, j, i, n] : !state, !state) {
  ^step(%q_t: !i, %k_t: !i, %v_t: f32, %a: !n, %b: !n, %c: !n, %d: !n, %skip: f32,
        %s_re: !in, %s_im: !in):
    %kv = ssm.contract "i,->i" %k_t, %v_t : (!i, f32) -> !i
    %ar = ssm.contract "n,in->in" %a, %s_re : (!n, !in) -> !in
    %bi = ssm.contract "n,in->in" %b, %s_im : (!n, !in) -> !in
    %ai = ssm.contract "n,in->in" %a, %s_im : (!n, !in) -> !in
    %br = ssm.contract "n,in->in" %b, %s_re : (!n, !in) -> !in
    %kept = arith.subf %ar, %bi : !in
    %one = arith.constant dense<1.0> : !n
    %driven = ssm.contract "i,n->in" %kv, %one : (!i, !n) -> !in
    %next_re = arith.addf %kept, %driven : !in
    %next_im = arith.addf %ai, %br : !in
    %out_re = ssm.contract "n,in->i" %c, %next_re : (!n, !in) -> !i
    %out_im = ssm.contract "n,in->i" %d, %next_im : (!n, !in) -> !i
    %out = arith.subf %out_re, %out_im : !i
    %skipped = ssm.contract ",i->i" %skip, %kv : (f32, !i) -> !i
    %all = arith.addf %out, %skipped : !i
    %read = ssm.contract "i,i->" %q_t, %all : (!i, !i) -> f32
    ssm.yield %read, %next_re, %next_im : f32, !in, !in
  }
  %out = call @project(%y, %w_o, %b_o) : (!seq, !linear, !vector) -> !seq
  return %out : !seq
}
}
