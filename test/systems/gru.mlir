// GRU, reset after the product. Catalog C, section 2, "RNN / LSTM / GRU":
//   r, z = sigmoid(W x_t + U h_{t-1} + b)
//   n = tanh(W_n x_t + b_n + r (U_n h_{t-1} + c_n)),   h_t = (1 - z) n + z h_{t-1}
!seq = tensor<?x?x3xf32> // b l D
!out = tensor<?x?x4xf32> // b l H
!W = tensor<4x3xf32>     // H D
!U = tensor<4x4xf32>     // H H
!b = tensor<4xf32>       // H
!state = tensor<?x4xf32> // b H
module attributes {ssm.checkpoint = "."} {
func.func @forward(%x: !seq) -> !out {
  %W_r = ssm.weight "W_r" : !W
  %W_z = ssm.weight "W_z" : !W
  %W_n = ssm.weight "W_n" : !W
  %b_r = ssm.weight "b_r" : !b
  %b_z = ssm.weight "b_z" : !b
  %b_n = ssm.weight "b_n" : !b
  %U_r = ssm.weight "U_r" : !U
  %U_z = ssm.weight "U_z" : !U
  %U_n = ssm.weight "U_n" : !U
  %c_n = ssm.weight "c_n" : !b
  %r = ssm.linear %x, %W_r bias(%b_r : !b) : !seq, !W
  %z = ssm.linear %x, %W_z bias(%b_z : !b) : !seq, !W
  %n = ssm.linear %x, %W_n bias(%b_n : !b) : !seq, !W
  %y, %h = ssm.recurrence sequence(l) step(h, j)
      ins(%r[b, l, h], %z[b, l, h], %n[b, l, h], %U_r[h, j], %U_z[h, j], %U_n[h, j],
          %c_n[h] : !out, !out, !out, !U, !U, !U, !b)
      outs([b, l, h] : !out) states("h" [b, h] : !state) {
  ^step(%r_x: !b, %z_x: !b, %n_x: !b, %Ur: !U, %Uz: !U, %Un: !U, %c: !b, %h_old: !b):
    %r_h = ssm.contract "hj,j->h" %Ur, %h_old : (!U, !b) -> !b
    %z_h = ssm.contract "hj,j->h" %Uz, %h_old : (!U, !b) -> !b
    %n_h = ssm.contract "hj,j->h" %Un, %h_old : (!U, !b) -> !b
    %r_raw = arith.addf %r_x, %r_h : !b
    %z_raw = arith.addf %z_x, %z_h : !b
    %r_t = ssm.sigmoid %r_raw : !b
    %z_t = ssm.sigmoid %z_raw : !b
    %n_sum = arith.addf %n_h, %c : !b
    %n_raw = math.fma %r_t, %n_sum, %n_x : !b
    %n_t = math.tanh %n_raw : !b
    %change = arith.subf %h_old, %n_t : !b
    %next = math.fma %z_t, %change, %n_t : !b
    ssm.yield %next, %next : !b, !b
  }
  return %y : !out
}
}
