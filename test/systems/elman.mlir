// Elman's network. Catalog C, section 2, "RNN / LSTM / GRU":
//   h_t = tanh(W x_t + b + U h_{t-1} + c)
!seq = tensor<?x?x3xf32> // b l D
!out = tensor<?x?x4xf32> // b l H
!W = tensor<4x3xf32>     // H D
!U = tensor<4x4xf32>     // H H
!b = tensor<4xf32>       // H
func.func @forward(%x: !seq) -> !out {
  %W, %U, %b, %c = ssm.weights ["W", "U", "b", "c"] : !W, !U, !b, !b
  %y, %h = ssm.rnn elman %x, %U input_weight(%W : !W) input_bias(%b : !b) hidden_bias(%c : !b)
      : !seq, !U
  return %y : !out
}
