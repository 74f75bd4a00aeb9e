// LSTM in two layers and both directions. Catalog C, section 2, "RNN / LSTM / GRU":
//   i, f, o = sigmoid(p_t + U h_{t-1}),   g = tanh(p_t + U_g h_{t-1}),   p = W x + b
//   c_t = f c_{t-1} + i g,   h_t = o tanh(c_t)
// Each layer reads both directions of the one before. A start is added to the state before
// its step: that of the first step, or of the last backwards, gives the initial state.
!seq = tensor<?x?x3xf32>      // b l D
!out = tensor<?x?x4xf32>      // b l H
!p = tensor<?x?x16xf32>       // b l 4*H
!gates = tensor<?x?x4x4xf32>  // b l 4 H
!W0 = tensor<16x3xf32>        // 4*H D
!W1 = tensor<16x4xf32>        // 4*H H
!b = tensor<16xf32>           // 4*H
!U = tensor<4x4x4xf32>       // 4 H H
!state = tensor<?x4xf32>      // b H
!vec = tensor<4xf32>          // H
!x = tensor<4x4xf32>          // 4 H
!one = tensor<4xf32>          // 4
module attributes {ssm.checkpoint = "."} {
func.func private @cell(%p: !p, %U: !U, %start: !out, %start_c: !out) -> !out {
  %g = ssm.reshape %p : !p to !gates
  %y, %last, %last_c = ssm.recurrence sequence(l) step(g, h, j)
      ins(%g[b, l, g, h], %U[g, h, j], %start[b, l, h], %start_c[b, l, h]
          : !gates, !U, !out, !out)
      outs([b, l, h] : !out) states("h" [b, h], "c" [b, h] : !state, !state) {
  ^step(%x: !x, %U_: !U, %s: !vec, %s_c: !vec, %h0: !vec, %c0: !vec):
    %h = arith.addf %h0, %s : !vec
    %c = arith.addf %c0, %s_c : !vec
    %u = ssm.contract "ghj,j->gh" %U_, %h : (!U, !vec) -> !x
    %raw = arith.addf %x, %u : !x
    %e_i = arith.constant dense<[1.0, 0.0, 0.0, 0.0]> : !one
    %i = ssm.contract "gh,g->h" %raw, %e_i : (!x, !one) -> !vec
    %e_f = arith.constant dense<[0.0, 1.0, 0.0, 0.0]> : !one
    %f = ssm.contract "gh,g->h" %raw, %e_f : (!x, !one) -> !vec
    %e_gg = arith.constant dense<[0.0, 0.0, 1.0, 0.0]> : !one
    %gg = ssm.contract "gh,g->h" %raw, %e_gg : (!x, !one) -> !vec
    %e_o = arith.constant dense<[0.0, 0.0, 0.0, 1.0]> : !one
    %o = ssm.contract "gh,g->h" %raw, %e_o : (!x, !one) -> !vec
    %i_t = ssm.sigmoid %i : !vec
    %f_t = ssm.sigmoid %f : !vec
    %g_t = math.tanh %gg : !vec
    %o_t = ssm.sigmoid %o : !vec
    %kept = arith.mulf %f_t, %c : !vec
    %c_next = math.fma %i_t, %g_t, %kept : !vec
    %bounded = math.tanh %c_next : !vec
    %next = arith.mulf %o_t, %bounded : !vec
    ssm.yield %next, %next, %c_next : !vec, !vec, !vec
  }
  return %y : !out
}
func.func private @backward(%p: !p, %U: !U, %start: !out, %start_c: !out) -> !out {
  %p_flip = ssm.flip %p : !p
  %start_flip = ssm.flip %start : !out
  %start_c_flip = ssm.flip %start_c : !out
  %y_flip = func.call @cell(%p_flip, %U, %start_flip, %start_c_flip)
      : (!p, !U, !out, !out) -> !out
  %y = ssm.flip %y_flip : !out
  return %y : !out
}
func.func @forward(%x: !seq, %h0f: !out, %h0b: !out, %h1f: !out, %h1b: !out,
                   %c0f: !out, %c0b: !out, %c1f: !out, %c1b: !out) -> (!out, !out) {
  %W0f = ssm.weight "W0f" : !W0
  %b0f = ssm.weight "b0f" : !b
  %U0f = ssm.weight "U0f" : !U
  %p0f = ssm.linear %x, %W0f bias(%b0f : !b) : !seq, !W0
  %y0f = func.call @cell(%p0f, %U0f, %h0f, %c0f)
      : (!p, !U, !out, !out) -> !out
  %W0b = ssm.weight "W0b" : !W0
  %b0b = ssm.weight "b0b" : !b
  %U0b = ssm.weight "U0b" : !U
  %p0b = ssm.linear %x, %W0b bias(%b0b : !b) : !seq, !W0
  %y0b = func.call @backward(%p0b, %U0b, %h0b, %c0b)
      : (!p, !U, !out, !out) -> !out
  %Wf1f = ssm.weight "Wf1f" : !W1
  %Wb1f = ssm.weight "Wb1f" : !W1
  %b1f = ssm.weight "b1f" : !b
  %U1f = ssm.weight "U1f" : !U
  %pf1f = ssm.linear %y0f, %Wf1f bias(%b1f : !b) : !out, !W1
  %pb1f = ssm.linear %y0b, %Wb1f : !out, !W1
  %p1f = arith.addf %pf1f, %pb1f : !p
  %y1f = func.call @cell(%p1f, %U1f, %h1f, %c1f)
      : (!p, !U, !out, !out) -> !out
  %Wf1b = ssm.weight "Wf1b" : !W1
  %Wb1b = ssm.weight "Wb1b" : !W1
  %b1b = ssm.weight "b1b" : !b
  %U1b = ssm.weight "U1b" : !U
  %pf1b = ssm.linear %y0f, %Wf1b bias(%b1b : !b) : !out, !W1
  %pb1b = ssm.linear %y0b, %Wb1b : !out, !W1
  %p1b = arith.addf %pf1b, %pb1b : !p
  %y1b = func.call @backward(%p1b, %U1b, %h1b, %c1b)
      : (!p, !U, !out, !out) -> !out
  return %y1f, %y1b : !out, !out
}
}
