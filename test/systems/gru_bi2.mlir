// GRU in two layers and both directions. Catalog C, section 2, "RNN / LSTM / GRU":
//   r, z = sigmoid(p_t + U h_{t-1}),   n = tanh(p_t + r (U_n h_{t-1} + c_n)),   p = W x + b
//   h_t = (1 - z) n + z h_{t-1}
// Each layer reads both directions of the one before. A start is added to the state before
// its step: that of the first step, or of the last backwards, gives the initial state.
!seq = tensor<?x?x3xf32>      // b l D
!out = tensor<?x?x4xf32>      // b l H
!p = tensor<?x?x12xf32>       // b l 3*H
!gates = tensor<?x?x3x4xf32>  // b l 3 H
!W0 = tensor<12x3xf32>        // 3*H D
!W1 = tensor<12x4xf32>        // 3*H H
!b = tensor<12xf32>           // 3*H
!U = tensor<3x4x4xf32>       // 3 H H
!state = tensor<?x4xf32>      // b H
!vec = tensor<4xf32>          // H
!x = tensor<3x4xf32>          // 3 H
!one = tensor<3xf32>          // 3
module attributes {ssm.checkpoint = "."} {
func.func private @cell(%p: !p, %U: !U, %c: !vec, %start: !out) -> !out {
  %g = ssm.reshape %p : !p to !gates
  %y, %last = ssm.recurrence sequence(l) step(g, h, j)
      ins(%g[b, l, g, h], %U[g, h, j], %c[h], %start[b, l, h]
          : !gates, !U, !vec, !out)
      outs([b, l, h] : !out) states("h" [b, h] : !state) {
  ^step(%x: !x, %U_: !U, %c_n: !vec, %s: !vec, %h0: !vec):
    %h = arith.addf %h0, %s : !vec
    %u = ssm.contract "ghj,j->gh" %U_, %h : (!U, !vec) -> !x
    %raw = arith.addf %x, %u : !x
    %e_r = arith.constant dense<[1.0, 0.0, 0.0]> : !one
    %r = ssm.contract "gh,g->h" %raw, %e_r : (!x, !one) -> !vec
    %e_z = arith.constant dense<[0.0, 1.0, 0.0]> : !one
    %z = ssm.contract "gh,g->h" %raw, %e_z : (!x, !one) -> !vec
    %e_nx = arith.constant dense<[0.0, 0.0, 1.0]> : !one
    %nx = ssm.contract "gh,g->h" %x, %e_nx : (!x, !one) -> !vec
    %nu = ssm.contract "gh,g->h" %u, %e_nx : (!x, !one) -> !vec
    %r_t = ssm.sigmoid %r : !vec
    %z_t = ssm.sigmoid %z : !vec
    %n_sum = arith.addf %nu, %c_n : !vec
    %n_raw = math.fma %r_t, %n_sum, %nx : !vec
    %n_t = math.tanh %n_raw : !vec
    %change = arith.subf %h, %n_t : !vec
    %next = math.fma %z_t, %change, %n_t : !vec
    ssm.yield %next, %next : !vec, !vec
  }
  return %y : !out
}
func.func private @backward(%p: !p, %U: !U, %c: !vec, %start: !out) -> !out {
  %p_flip = ssm.flip %p : !p
  %start_flip = ssm.flip %start : !out
  %y_flip = func.call @cell(%p_flip, %U, %c, %start_flip)
      : (!p, !U, !vec, !out) -> !out
  %y = ssm.flip %y_flip : !out
  return %y : !out
}
func.func @forward(%x: !seq, %h0f: !out, %h0b: !out, %h1f: !out, %h1b: !out) -> (!out, !out) {
  %W0f = ssm.weight "W0f" : !W0
  %b0f = ssm.weight "b0f" : !b
  %U0f = ssm.weight "U0f" : !U
  %cn0f = ssm.weight "c0f" : !vec
  %p0f = ssm.linear %x, %W0f bias(%b0f : !b) : !seq, !W0
  %y0f = func.call @cell(%p0f, %U0f, %cn0f, %h0f)
      : (!p, !U, !vec, !out) -> !out
  %W0b = ssm.weight "W0b" : !W0
  %b0b = ssm.weight "b0b" : !b
  %U0b = ssm.weight "U0b" : !U
  %cn0b = ssm.weight "c0b" : !vec
  %p0b = ssm.linear %x, %W0b bias(%b0b : !b) : !seq, !W0
  %y0b = func.call @backward(%p0b, %U0b, %cn0b, %h0b)
      : (!p, !U, !vec, !out) -> !out
  %Wf1f = ssm.weight "Wf1f" : !W1
  %Wb1f = ssm.weight "Wb1f" : !W1
  %b1f = ssm.weight "b1f" : !b
  %U1f = ssm.weight "U1f" : !U
  %cn1f = ssm.weight "c1f" : !vec
  %pf1f = ssm.linear %y0f, %Wf1f bias(%b1f : !b) : !out, !W1
  %pb1f = ssm.linear %y0b, %Wb1f : !out, !W1
  %p1f = arith.addf %pf1f, %pb1f : !p
  %y1f = func.call @cell(%p1f, %U1f, %cn1f, %h1f)
      : (!p, !U, !vec, !out) -> !out
  %Wf1b = ssm.weight "Wf1b" : !W1
  %Wb1b = ssm.weight "Wb1b" : !W1
  %b1b = ssm.weight "b1b" : !b
  %U1b = ssm.weight "U1b" : !U
  %cn1b = ssm.weight "c1b" : !vec
  %pf1b = ssm.linear %y0f, %Wf1b bias(%b1b : !b) : !out, !W1
  %pb1b = ssm.linear %y0b, %Wb1b : !out, !W1
  %p1b = arith.addf %pf1b, %pb1b : !p
  %y1b = func.call @backward(%p1b, %U1b, %cn1b, %h1b)
      : (!p, !U, !vec, !out) -> !out
  return %y1f, %y1b : !out, !out
}
}
