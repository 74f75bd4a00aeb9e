// sLSTM's cell. Catalog C, "sLSTM (xLSTM)", step form, per head:
//   i, f, z, o = x_t + R y_{t-1} + b,   lf = log sigmoid(f)
//   m_t = i on the first step, else max(lf + m_{t-1}, i)
//   c_t = min(e^{lf + m_{t-1} - m_t}, 1) c_{t-1} + min(e^{i - m_t}, 1) tanh(z),
//   n_t likewise with 1 for tanh(z),   y_t = sigmoid(o) c_t / n_t
// The first step is where n is zero.
!gate = tensor<?x?x2x4xf32> // b l H D
!R = tensor<2x4x4xf32>      // H D D
!b = tensor<2x4xf32>        // H D
!state = tensor<?x2x4xf32>  // b H D
!vec = tensor<4xf32>        // D
!mat = tensor<4x4xf32>      // D D
!mask = tensor<4xi1>        // D
module attributes {ssm.checkpoint = "."} {
func.func @forward(%i: !gate, %f: !gate, %z: !gate, %o: !gate) -> !gate {
  %R_i = ssm.weight "R_i" : !R
  %R_f = ssm.weight "R_f" : !R
  %R_z = ssm.weight "R_z" : !R
  %R_o = ssm.weight "R_o" : !R
  %b_i = ssm.weight "b_i" : !b
  %b_f = ssm.weight "b_f" : !b
  %b_z = ssm.weight "b_z" : !b
  %b_o = ssm.weight "b_o" : !b
  %out, %y, %c, %n, %m = ssm.recurrence sequence(l) step(d, j)
      ins(%i[b, l, h, d], %f[b, l, h, d], %z[b, l, h, d], %o[b, l, h, d],
          %R_i[h, d, j], %R_f[h, d, j], %R_z[h, d, j], %R_o[h, d, j],
          %b_i[h, d], %b_f[h, d], %b_z[h, d], %b_o[h, d]
          : !gate, !gate, !gate, !gate, !R, !R, !R, !R, !b, !b, !b, !b)
      outs([b, l, h, d] : !gate)
      states("y" [b, h, d], "c" [b, h, d], "n" [b, h, d], "m" [b, h, d]
             : !state, !state, !state, !state) {
  ^step(%ix: !vec, %fx: !vec, %zx: !vec, %ox: !vec, %Ri: !mat, %Rf: !mat, %Rz: !mat, %Ro: !mat,
        %bi: !vec, %bf: !vec, %bz: !vec, %bo: !vec, %y_old: !vec, %c_old: !vec, %n_old: !vec,
        %m_old: !vec):
    %iy = ssm.contract "dj,j->d" %Ri, %y_old : (!mat, !vec) -> !vec
    %fy = ssm.contract "dj,j->d" %Rf, %y_old : (!mat, !vec) -> !vec
    %zy = ssm.contract "dj,j->d" %Rz, %y_old : (!mat, !vec) -> !vec
    %oy = ssm.contract "dj,j->d" %Ro, %y_old : (!mat, !vec) -> !vec
    %i1 = arith.addf %ix, %iy : !vec
    %i_t = arith.addf %i1, %bi : !vec
    %f1 = arith.addf %fx, %fy : !vec
    %f_t = arith.addf %f1, %bf : !vec
    %z1 = arith.addf %zx, %zy : !vec
    %z_t = arith.addf %z1, %bz : !vec
    %o1 = arith.addf %ox, %oy : !vec
    %o_t = arith.addf %o1, %bo : !vec
    %f_minus = arith.negf %f_t : !vec
    %f_soft = ssm.softplus %f_minus : !vec
    %kept = arith.subf %m_old, %f_soft : !vec
    %larger = arith.maximumf %kept, %i_t : !vec
    %zero = arith.constant dense<0.0> : !vec
    %first = arith.cmpf oeq, %n_old, %zero : !vec
    %m_t = arith.select %first, %i_t, %larger : !mask, !vec
    %old_log = arith.subf %kept, %m_t : !vec
    %new_log = arith.subf %i_t, %m_t : !vec
    %old_low = arith.minimumf %old_log, %zero : !vec
    %new_low = arith.minimumf %new_log, %zero : !vec
    %old = math.exp %old_low : !vec
    %new = math.exp %new_low : !vec
    %value = math.tanh %z_t : !vec
    %write = arith.mulf %new, %value : !vec
    %c_next = math.fma %old, %c_old, %write : !vec
    %n_next = math.fma %old, %n_old, %new : !vec
    %gate = ssm.sigmoid %o_t : !vec
    %ratio = arith.divf %c_next, %n_next : !vec
    %y_t = arith.mulf %gate, %ratio : !vec
    ssm.yield %y_t, %y_t, %c_next, %n_next, %m_t : !vec, !vec, !vec, !vec, !vec
  }
  return %out : !gate
}
}
