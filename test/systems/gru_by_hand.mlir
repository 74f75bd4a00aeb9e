// GRU, its step written out. Catalog C, section 2, "RNN / LSTM / GRU":
//   r, z = sigmoid(W x_t + b + U h_{t-1} + c)
//   n = tanh(W_n x_t + b_n + r (U_n h_{t-1} + c_n)),   h_t = (1 - z) n + z h_{t-1}
!seq = tensor<?x?x3xf32>    // b l D
!out = tensor<?x?x4xf32>    // b l H
!gates = tensor<?x?x12xf32> // b l 3*H
!W = tensor<12x3xf32>       // 3*H D
!U = tensor<12x4xf32>       // 3*H H
!b = tensor<12xf32>         // 3*H
!h = tensor<4xf32>          // H
func.func @forward(%x: !seq) -> !out {
  %W, %U, %b, %c = ssm.weights ["W", "U", "b", "c"] : !W, !U, !b, !b
  %a = ssm.linear %x, %W bias(%b : !b) : !seq, !W
  %y, %last = ssm.recurrence sequence(l) step(g, h)
      ins(%a[b, l, g], %U[g, h], %c[g] : !gates, !U, !b)
      outs([b, l, h]) states("hidden" [b, h]) {
  ^step(%a_t: !b, %U_: !U, %c_: !b, %h: !h):
    %product = ssm.contract "gh,h->g" %U_, %h : (!U, !h) -> !b
    %u = arith.addf %product, %c_ : !b
    %a_r = tensor.extract_slice %a_t[0] [4] [1] : !b to !h // [0] [H] [1]
    %u_r = tensor.extract_slice %u[0] [4] [1] : !b to !h // [0] [H] [1]
    %r_raw = arith.addf %a_r, %u_r : !h
    %r = ssm.sigmoid %r_raw : !h
    %a_z = tensor.extract_slice %a_t[4] [4] [1] : !b to !h // [H] [H] [1]
    %u_z = tensor.extract_slice %u[4] [4] [1] : !b to !h // [H] [H] [1]
    %z_raw = arith.addf %a_z, %u_z : !h
    %z = ssm.sigmoid %z_raw : !h
    %a_n = tensor.extract_slice %a_t[8] [4] [1] : !b to !h // [2*H] [H] [1]
    %u_n = tensor.extract_slice %u[8] [4] [1] : !b to !h // [2*H] [H] [1]
    %reset = arith.mulf %r, %u_n : !h
    %n_raw = arith.addf %a_n, %reset : !h
    %n = math.tanh %n_raw : !h
    %one = arith.constant dense<1.0> : !h
    %new = arith.subf %one, %z : !h
    %written = arith.mulf %new, %n : !h
    %kept = arith.mulf %z, %h : !h
    %next = arith.addf %written, %kept : !h
    ssm.yield %next, %next : !h, !h
  }
  return %y : !out
}
