// LSTM. Catalog C, section 2, "RNN / LSTM / GRU":
//   i, f, o = sigmoid(W x_t + U h_{t-1} + b),   g = tanh(W_g x_t + U_g h_{t-1} + b_g)
//   c_t = f c_{t-1} + i g,   h_t = o tanh(c_t)
!seq = tensor<?x?x3xf32> // b l D
!out = tensor<?x?x4xf32> // b l H
!W = tensor<4x3xf32>     // H D
!U = tensor<4x4xf32>     // H H
!b = tensor<4xf32>       // H
!state = tensor<?x4xf32> // b H
module attributes {ssm.checkpoint = "."} {
func.func private @project(%x: !seq, %W: !W, %b: !b) -> !out {
  %p = ssm.linear %x, %W bias(%b : !b) : !seq, !W
  return %p : !out
}
func.func @forward(%x: !seq) -> !out {
  %W_i = ssm.weight "W_i" : !W
  %W_f = ssm.weight "W_f" : !W
  %W_g = ssm.weight "W_g" : !W
  %W_o = ssm.weight "W_o" : !W
  %b_i = ssm.weight "b_i" : !b
  %b_f = ssm.weight "b_f" : !b
  %b_g = ssm.weight "b_g" : !b
  %b_o = ssm.weight "b_o" : !b
  %i = func.call @project(%x, %W_i, %b_i) : (!seq, !W, !b) -> !out
  %f = func.call @project(%x, %W_f, %b_f) : (!seq, !W, !b) -> !out
  %g = func.call @project(%x, %W_g, %b_g) : (!seq, !W, !b) -> !out
  %o = func.call @project(%x, %W_o, %b_o) : (!seq, !W, !b) -> !out
  %U_i = ssm.weight "U_i" : !U
  %U_f = ssm.weight "U_f" : !U
  %U_g = ssm.weight "U_g" : !U
  %U_o = ssm.weight "U_o" : !U
  %y, %h, %c = ssm.recurrence sequence(l) step(h, j)
      ins(%i[b, l, h], %f[b, l, h], %g[b, l, h], %o[b, l, h],
          %U_i[h, j], %U_f[h, j], %U_g[h, j], %U_o[h, j]
          : !out, !out, !out, !out, !U, !U, !U, !U)
      outs([b, l, h] : !out) states("h" [b, h], "c" [b, h] : !state, !state) {
  ^step(%i_x: !b, %f_x: !b, %g_x: !b, %o_x: !b, %Ui: !U, %Uf: !U, %Ug: !U, %Uo: !U,
        %h_old: !b, %c_old: !b):
    %i_h = ssm.contract "hj,j->h" %Ui, %h_old : (!U, !b) -> !b
    %f_h = ssm.contract "hj,j->h" %Uf, %h_old : (!U, !b) -> !b
    %g_h = ssm.contract "hj,j->h" %Ug, %h_old : (!U, !b) -> !b
    %o_h = ssm.contract "hj,j->h" %Uo, %h_old : (!U, !b) -> !b
    %i_raw = arith.addf %i_x, %i_h : !b
    %f_raw = arith.addf %f_x, %f_h : !b
    %g_raw = arith.addf %g_x, %g_h : !b
    %o_raw = arith.addf %o_x, %o_h : !b
    %i_t = ssm.sigmoid %i_raw : !b
    %f_t = ssm.sigmoid %f_raw : !b
    %g_t = math.tanh %g_raw : !b
    %o_t = ssm.sigmoid %o_raw : !b
    %kept = arith.mulf %f_t, %c_old : !b
    %c_next = math.fma %i_t, %g_t, %kept : !b
    %bounded = math.tanh %c_next : !b
    %h_next = arith.mulf %o_t, %bounded : !b
    ssm.yield %h_next, %h_next, %c_next : !b, !b, !b
  }
  return %y : !out
}
}
