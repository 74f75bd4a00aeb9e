// Elman's network. Catalog C, section 2, "RNN / LSTM / GRU":
//   h_t = tanh(W x_t + U h_{t-1} + b)
!seq = tensor<?x?x3xf32> // b l D
!out = tensor<?x?x4xf32> // b l H
!W = tensor<4x3xf32>     // H D
!U = tensor<4x4xf32>     // H H
!b = tensor<4xf32>       // H
!state = tensor<?x4xf32> // b H
module attributes {ssm.checkpoint = "."} {
func.func @forward(%x: !seq) -> !out {
  %W = ssm.weight "W" : !W
  %U = ssm.weight "U" : !U
  %b = ssm.weight "b" : !b
  %p = ssm.linear %x, %W bias(%b : !b) : !seq, !W
  %y, %h = ssm.recurrence sequence(l) step(h, j)
      ins(%p[b, l, h], %U[h, j] : !out, !U)
      outs([b, l, h] : !out) states("h" [b, h] : !state) {
  ^step(%p_t: !b, %U_: !U, %h_old: !b):
    %carried = ssm.contract "hj,j->h" %U_, %h_old : (!U, !b) -> !b
    %sum = arith.addf %p_t, %carried : !b
    %next = math.tanh %sum : !b
    ssm.yield %next, %next : !b, !b
  }
  return %y : !out
}
}
