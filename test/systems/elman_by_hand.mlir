// Elman's network, its step written out. Catalog C, section 2, "RNN / LSTM / GRU":
//   h_t = tanh(W x_t + b + U h_{t-1} + c)
!seq = tensor<?x?x3xf32> // b l D
!out = tensor<?x?x4xf32> // b l H
!W = tensor<4x3xf32>     // H D
!U = tensor<4x4xf32>     // H H
!b = tensor<4xf32>       // H
func.func @forward(%x: !seq) -> !out {
  %W, %U, %b, %c = ssm.weights ["W", "U", "b", "c"] : !W, !U, !b, !b
  %a = ssm.linear %x, %W bias(%b : !b) : !seq, !W
  %y, %h = ssm.recurrence sequence(l) step(h, j)
      ins(%a[b, l, h], %U[h, j], %c[h] : !out, !U, !b)
      outs([b, l, h]) states("hidden" [b, h]) {
  ^step(%a_t: !b, %U_: !U, %c_: !b, %h_old: !b):
    %product = ssm.contract "hj,j->h" %U_, %h_old : (!U, !b) -> !b
    %u = arith.addf %product, %c_ : !b
    %sum = arith.addf %a_t, %u : !b
    %next = math.tanh %sum : !b
    ssm.yield %next, %next : !b, !b
  }
  return %y : !out
}
