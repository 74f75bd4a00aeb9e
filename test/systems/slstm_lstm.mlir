// The LSTM variant of sLSTM's cell. Catalog C, "sLSTM (xLSTM)", layouts, per head:
//   i, f, z, o = x_t + R y_{t-1} + b
//   c_t = sigmoid(f) c_{t-1} + sigmoid(i) tanh(z),   y_t = sigmoid(o) tanh(c_t)
!gate = tensor<?x?x2x4xf32> // b l H D
!R = tensor<2x4x4xf32>      // H D D
!b = tensor<2x4xf32>        // H D
!state = tensor<?x2x4xf32>  // b H D
!vec = tensor<4xf32>        // D
!mat = tensor<4x4xf32>      // D D
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
  %out, %y, %c = ssm.recurrence sequence(l) step(d, j)
      ins(%i[b, l, h, d], %f[b, l, h, d], %z[b, l, h, d], %o[b, l, h, d],
          %R_i[h, d, j], %R_f[h, d, j], %R_z[h, d, j], %R_o[h, d, j],
          %b_i[h, d], %b_f[h, d], %b_z[h, d], %b_o[h, d]
          : !gate, !gate, !gate, !gate, !R, !R, !R, !R, !b, !b, !b, !b)
      outs([b, l, h, d] : !gate)
      states("y" [b, h, d], "c" [b, h, d] : !state, !state) {
  ^step(%ix: !vec, %fx: !vec, %zx: !vec, %ox: !vec, %Ri: !mat, %Rf: !mat, %Rz: !mat, %Ro: !mat,
        %bi: !vec, %bf: !vec, %bz: !vec, %bo: !vec, %y_old: !vec, %c_old: !vec):
    %iy = ssm.contract "dj,j->d" %Ri, %y_old : (!mat, !vec) -> !vec
    %fy = ssm.contract "dj,j->d" %Rf, %y_old : (!mat, !vec) -> !vec
    %zy = ssm.contract "dj,j->d" %Rz, %y_old : (!mat, !vec) -> !vec
    %oy = ssm.contract "dj,j->d" %Ro, %y_old : (!mat, !vec) -> !vec
    %i1 = arith.addf %ix, %iy : !vec
    %i2 = arith.addf %i1, %bi : !vec
    %f1 = arith.addf %fx, %fy : !vec
    %f2 = arith.addf %f1, %bf : !vec
    %z1 = arith.addf %zx, %zy : !vec
    %z2 = arith.addf %z1, %bz : !vec
    %o1 = arith.addf %ox, %oy : !vec
    %o2 = arith.addf %o1, %bo : !vec
    %i_t = ssm.sigmoid %i2 : !vec
    %f_t = ssm.sigmoid %f2 : !vec
    %z_t = math.tanh %z2 : !vec
    %o_t = ssm.sigmoid %o2 : !vec
    %kept = arith.mulf %f_t, %c_old : !vec
    %c_next = math.fma %i_t, %z_t, %kept : !vec
    %bounded = math.tanh %c_next : !vec
    %y_t = arith.mulf %o_t, %bounded : !vec
    ssm.yield %y_t, %y_t, %c_next : !vec, !vec, !vec
  }
  return %out : !gate
}
}
