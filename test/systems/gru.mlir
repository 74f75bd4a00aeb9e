// GRU, reset after the product. Catalog C, section 2, "RNN / LSTM / GRU":
//   r, z = sigmoid(W x_t + b + U h_{t-1} + c)
//   n = tanh(W_n x_t + b_n + r (U_n h_{t-1} + c_n)),   h_t = (1 - z) n + z h_{t-1}
!seq = tensor<?x?x3xf32> // b l D
!out = tensor<?x?x4xf32> // b l H
!W = tensor<12x3xf32>    // 3*H D
!U = tensor<12x4xf32>    // 3*H H
!b = tensor<12xf32>      // 3*H
func.func @forward(%x: !seq) -> !out {
  %W, %U, %b, %c = ssm.weights ["W", "U", "b", "c"] : !W, !U, !b, !b
  %y, %h = ssm.rnn gru %x, %U input_weight(%W : !W) input_bias(%b : !b) hidden_bias(%c : !b)
      : !seq, !U
  return %y : !out
}
