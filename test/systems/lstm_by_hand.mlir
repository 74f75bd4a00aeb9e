// LSTM, its step written out. Catalog C, section 2, "RNN / LSTM / GRU":
//   i, f, o = sigmoid(W x_t + b + U h_{t-1} + c),   g = tanh(W_g x_t + b_g + U_g h_{t-1} + c_g)
//   c_t = f c_{t-1} + i g,   h_t = o tanh(c_t)
!seq = tensor<?x?x3xf32>    // b l D
!out = tensor<?x?x4xf32>    // b l H
!gates = tensor<?x?x16xf32> // b l 4*H
!W = tensor<16x3xf32>       // 4*H D
!U = tensor<16x4xf32>       // 4*H H
!b = tensor<16xf32>         // 4*H
!h = tensor<4xf32>          // H
func.func @forward(%x: !seq) -> !out {
  %W, %U, %b, %c = ssm.weights ["W", "U", "b", "c"] : !W, !U, !b, !b
  %a = ssm.linear %x, %W bias(%b : !b) : !seq, !W
  %y, %last, %last_c = ssm.recurrence sequence(l) step(g, h)
      ins(%a[b, l, g], %U[g, h], %c[g] : !gates, !U, !b)
      outs([b, l, h]) states("hidden" [b, h], "cell" [b, h]) {
  ^step(%a_t: !b, %U_: !U, %c_: !b, %h: !h, %cell: !h):
    %product = ssm.contract "gh,h->g" %U_, %h : (!U, !h) -> !b
    %u = arith.addf %product, %c_ : !b
    %raw = arith.addf %a_t, %u : !b
    %i_raw = tensor.extract_slice %raw[0] [4] [1] : !b to !h // [0] [H] [1]
    %i = ssm.sigmoid %i_raw : !h
    %f_raw = tensor.extract_slice %raw[4] [4] [1] : !b to !h // [H] [H] [1]
    %f = ssm.sigmoid %f_raw : !h
    %g_raw = tensor.extract_slice %raw[8] [4] [1] : !b to !h // [2*H] [H] [1]
    %g = math.tanh %g_raw : !h
    %o_raw = tensor.extract_slice %raw[12] [4] [1] : !b to !h // [3*H] [H] [1]
    %kept = arith.mulf %f, %cell : !h
    %written = arith.mulf %i, %g : !h
    %cell_next = arith.addf %kept, %written : !h
    %o = ssm.sigmoid %o_raw : !h
    %bounded = math.tanh %cell_next : !h
    %next = arith.mulf %o, %bounded : !h
    ssm.yield %next, %next, %cell_next : !h, !h, !h
  }
  return %y : !out
}
