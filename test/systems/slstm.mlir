// sLSTM's cell. Catalog C, "sLSTM (xLSTM)", step form, per head:
//   i, f, z, o = x_t + R y_{t-1} + b,   lf = log sigmoid(f)
//   m_t = i on the first step, else max(lf + m_{t-1}, i)
//   c_t = min(e^{lf + m_{t-1} - m_t}, 1) c_{t-1} + min(e^{i - m_t}, 1) tanh(z),
//   n_t likewise with 1 for tanh(z),   y_t = sigmoid(o) c_t / n_t
!gates = tensor<?x?x2x16xf32> // b l H 4*D
!out = tensor<?x?x2x4xf32>    // b l H D
!R = tensor<2x16x4xf32>       // H 4*D D
!b = tensor<2x16xf32>         // H 4*D
func.func @forward(%x: !gates) -> !out {
  %R, %b = ssm.weights ["R", "b"] : !R, !b
  %out, %y, %c, %n, %m = ssm.rnn slstm %x, %R hidden_bias(%b : !b) : !gates, !R
  return %out : !out
}
