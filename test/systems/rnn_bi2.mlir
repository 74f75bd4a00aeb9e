// Elman's network in two layers and both directions. Catalog C, section 2, "RNN / LSTM / GRU":
//   h_t = tanh(p_t + U h_{t-1}),   p = W x + b
// Each layer reads both directions of the one before. A start is added to the state before
// its step: that of the first step, or of the last backwards, gives the initial state.
!seq = tensor<?x?x3xf32>      // b l D
!out = tensor<?x?x4xf32>      // b l H
!W0 = tensor<4x3xf32>        // H D
!W1 = tensor<4x4xf32>        // H H
!b = tensor<4xf32>           // H
!U = tensor<4x4xf32>         // H H
!state = tensor<?x4xf32>      // b H
!vec = tensor<4xf32>          // H
module attributes {ssm.checkpoint = "."} {
func.func private @cell(%p: !out, %U: !U, %start: !out) -> !out {
  %y, %last = ssm.recurrence sequence(l) step(h, j)
      ins(%p[b, l, h], %U[h, j], %start[b, l, h]
          : !out, !U, !out)
      outs([b, l, h] : !out) states("h" [b, h] : !state) {
  ^step(%x: !vec, %U_: !U, %s: !vec, %h0: !vec):
    %h = arith.addf %h0, %s : !vec
    %u = ssm.contract "hj,j->h" %U_, %h : (!U, !vec) -> !vec
    %raw = arith.addf %x, %u : !vec
    %next = math.tanh %raw : !vec
    ssm.yield %next, %next : !vec, !vec
  }
  return %y : !out
}
func.func private @backward(%p: !out, %U: !U, %start: !out) -> !out {
  %p_flip = ssm.flip %p : !out
  %start_flip = ssm.flip %start : !out
  %y_flip = func.call @cell(%p_flip, %U, %start_flip)
      : (!out, !U, !out) -> !out
  %y = ssm.flip %y_flip : !out
  return %y : !out
}
func.func @forward(%x: !seq, %h0f: !out, %h0b: !out, %h1f: !out, %h1b: !out) -> (!out, !out) {
  %W0f = ssm.weight "W0f" : !W0
  %b0f = ssm.weight "b0f" : !b
  %U0f = ssm.weight "U0f" : !U
  %p0f = ssm.linear %x, %W0f bias(%b0f : !b) : !seq, !W0
  %y0f = func.call @cell(%p0f, %U0f, %h0f)
      : (!out, !U, !out) -> !out
  %W0b = ssm.weight "W0b" : !W0
  %b0b = ssm.weight "b0b" : !b
  %U0b = ssm.weight "U0b" : !U
  %p0b = ssm.linear %x, %W0b bias(%b0b : !b) : !seq, !W0
  %y0b = func.call @backward(%p0b, %U0b, %h0b)
      : (!out, !U, !out) -> !out
  %Wf1f = ssm.weight "Wf1f" : !W1
  %Wb1f = ssm.weight "Wb1f" : !W1
  %b1f = ssm.weight "b1f" : !b
  %U1f = ssm.weight "U1f" : !U
  %pf1f = ssm.linear %y0f, %Wf1f bias(%b1f : !b) : !out, !W1
  %pb1f = ssm.linear %y0b, %Wb1f : !out, !W1
  %p1f = arith.addf %pf1f, %pb1f : !out
  %y1f = func.call @cell(%p1f, %U1f, %h1f)
      : (!out, !U, !out) -> !out
  %Wf1b = ssm.weight "Wf1b" : !W1
  %Wb1b = ssm.weight "Wb1b" : !W1
  %b1b = ssm.weight "b1b" : !b
  %U1b = ssm.weight "U1b" : !U
  %pf1b = ssm.linear %y0f, %Wf1b bias(%b1b : !b) : !out, !W1
  %pb1b = ssm.linear %y0b, %Wb1b : !out, !W1
  %p1b = arith.addf %pf1b, %pb1b : !out
  %y1b = func.call @backward(%p1b, %U1b, %h1b)
      : (!out, !U, !out) -> !out
  return %y1f, %y1b : !out, !out
}
}
