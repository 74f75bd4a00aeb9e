// LSTM. Catalog C, section 2, "RNN / LSTM / GRU":
//   i, f, o = sigmoid(W x_t + b + U h_{t-1} + c),   g = tanh(W_g x_t + b_g + U_g h_{t-1} + c_g)
//   c_t = f c_{t-1} + i g,   h_t = o tanh(c_t)
!seq = tensor<?x?x3xf32> // b l D
!out = tensor<?x?x4xf32> // b l H
!W = tensor<16x3xf32>    // 4*H D
!U = tensor<16x4xf32>    // 4*H H
!b = tensor<16xf32>      // 4*H
func.func @forward(%x: !seq) -> !out {
  %W, %U, %b, %c = ssm.weights ["W", "U", "b", "c"] : !W, !U, !b, !b
  %y, %h, %cell = ssm.rnn lstm %x, %U input_weight(%W : !W) input_bias(%b : !b)
      hidden_bias(%c : !b) : !seq, !U
  return %y : !out
}
