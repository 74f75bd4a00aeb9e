// sLSTM's cell, its step written out. Catalog C, "sLSTM (xLSTM)", step form, per head:
//   i, f, z, o = x_t + R y_{t-1} + b,   lf = log sigmoid(f)
//   m_t = i on the first step, else max(lf + m_{t-1}, i)
//   c_t = min(e^{lf + m_{t-1} - m_t}, 1) c_{t-1} + min(e^{i - m_t}, 1) tanh(z),
//   n_t likewise with 1 for tanh(z),   y_t = sigmoid(o) c_t / n_t
// The first step is where n is zero.
!gates = tensor<?x?x2x16xf32> // b l H 4*D
!out = tensor<?x?x2x4xf32>    // b l H D
!R = tensor<2x16x4xf32>       // H 4*D D
!b = tensor<2x16xf32>         // H 4*D
!mat = tensor<16x4xf32>       // 4*D D
!four = tensor<16xf32>        // 4*D
!vec = tensor<4xf32>          // D
!mask = tensor<4xi1>          // D
func.func @forward(%x: !gates) -> !out {
  %R, %b = ssm.weights ["R", "b"] : !R, !b
  %out, %last:4 = ssm.recurrence sequence(l) step(g, d)
      ins(%x[b, l, h, g], %R[h, g, d], %b[h, g] : !gates, !R, !b) outs([b, l, h, d])
      states("hidden" [b, h, d], "cell" [b, h, d], "normalizer" [b, h, d], "stabilizer" [b, h, d]) {
  ^step(%x_t: !four, %R_h: !mat, %b_h: !four, %y: !vec, %c: !vec, %n: !vec, %m: !vec):
    %product = ssm.contract "gd,d->g" %R_h, %y : (!mat, !vec) -> !four
    %u = arith.addf %product, %b_h : !four
    %raw = arith.addf %x_t, %u : !four
    %i = tensor.extract_slice %raw[0] [4] [1] : !four to !vec // [0] [D] [1]
    %f = tensor.extract_slice %raw[4] [4] [1] : !four to !vec // [D] [D] [1]
    %f_minus = arith.negf %f : !vec
    %f_soft = ssm.softplus %f_minus : !vec
    %kept = arith.subf %m, %f_soft : !vec
    %zero = arith.constant dense<0.0> : !vec
    %first = arith.cmpf oeq, %n, %zero : !vec
    %larger = arith.maximumf %kept, %i : !vec
    %m_next = arith.select %first, %i, %larger : !mask, !vec
    %one = arith.constant dense<1.0> : !vec
    %new_log = arith.subf %i, %m_next : !vec
    %new_raw = math.exp %new_log : !vec
    %new = arith.minimumf %new_raw, %one : !vec
    %old_log = arith.subf %kept, %m_next : !vec
    %old_raw = math.exp %old_log : !vec
    %old = arith.minimumf %old_raw, %one : !vec
    %c_kept = arith.mulf %old, %c : !vec
    %z_raw = tensor.extract_slice %raw[8] [4] [1] : !four to !vec // [2*D] [D] [1]
    %z = math.tanh %z_raw : !vec
    %written = arith.mulf %new, %z : !vec
    %c_next = arith.addf %c_kept, %written : !vec
    %n_kept = arith.mulf %old, %n : !vec
    %n_next = arith.addf %n_kept, %new : !vec
    %o_raw = tensor.extract_slice %raw[12] [4] [1] : !four to !vec // [3*D] [D] [1]
    %o = ssm.sigmoid %o_raw : !vec
    %ratio = arith.divf %c_next, %n_next : !vec
    %y_next = arith.mulf %o, %ratio : !vec
    ssm.yield %y_next, %y_next, %c_next, %n_next, %m_next : !vec, !vec, !vec, !vec, !vec
  }
  return %out : !out
}
