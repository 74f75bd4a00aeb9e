// The LSTM variant of sLSTM's cell. Catalog C, "sLSTM (xLSTM)", layouts, per head:
//   i, f, z, o = x_t + R y_{t-1} + b
//   c_t = sigmoid(f) c_{t-1} + sigmoid(i) tanh(z),   y_t = sigmoid(o) tanh(c_t)
!gates = tensor<?x?x2x16xf32> // b l H 4*D
!out = tensor<?x?x2x4xf32>    // b l H D
!R = tensor<2x16x4xf32>       // H 4*D D
!b = tensor<2x16xf32>         // H 4*D
func.func @forward(%x: !gates) -> !out {
  %R, %b = ssm.weights ["R", "b"] : !R, !b
  %out, %y, %c = ssm.rnn lstm %x, %R hidden_bias(%b : !b) : !gates, !R
  return %out : !out
}
