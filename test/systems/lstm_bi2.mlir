// LSTM in two layers and both directions, with the cell of the system lstm
// (catalog C, section 2, "RNN / LSTM / GRU"). Each layer reads both directions of the one
// before. Initial states are arguments.
!seq = tensor<?x?x3xf32> // b l D
!out = tensor<?x?x4xf32> // b l H
!a = tensor<?x?x16xf32>  // b l 4*H
!W0 = tensor<16x3xf32>   // 4*H D
!U = tensor<16x4xf32>    // 4*H H
!b = tensor<16xf32>      // 4*H
!state = tensor<?x4xf32> // b H
func.func @forward(%x: !seq, %h0f: !state, %h0b: !state, %h1f: !state, %h1b: !state,
                   %cell0f: !state, %cell0b: !state, %cell1f: !state, %cell1b: !state)
    -> (!out, !out) {
  %W0f, %U0f, %b0f, %c0f = ssm.weights ["W0f", "U0f", "b0f", "c0f"] : !W0, !U, !b, !b
  %y0f, %last0f:2 = ssm.rnn lstm %x, %U0f input_weight(%W0f : !W0) input_bias(%b0f : !b)
      hidden_bias(%c0f : !b) init(%h0f, %cell0f : !state, !state) : !seq, !U
  %W0b, %U0b, %b0b, %c0b = ssm.weights ["W0b", "U0b", "b0b", "c0b"] : !W0, !U, !b, !b
  %y0b, %last0b:2 = ssm.rnn lstm %x, %U0b input_weight(%W0b : !W0) input_bias(%b0b : !b)
      hidden_bias(%c0b : !b) init(%h0b, %cell0b : !state, !state) reverse : !seq, !U
  %Wf1f, %Wb1f = ssm.weights ["Wf1f", "Wb1f"] : !U, !U
  %U1f, %b1f, %c1f = ssm.weights ["U1f", "b1f", "c1f"] : !U, !b, !b
  %of1f = ssm.linear %y0f, %Wf1f bias(%b1f : !b) : !out, !U
  %ob1f = ssm.linear %y0b, %Wb1f : !out, !U
  %a1f = arith.addf %of1f, %ob1f : !a
  %y1f, %last1f:2 = ssm.rnn lstm %a1f, %U1f
      hidden_bias(%c1f : !b) init(%h1f, %cell1f : !state, !state) : !a, !U
  %Wf1b, %Wb1b = ssm.weights ["Wf1b", "Wb1b"] : !U, !U
  %U1b, %b1b, %c1b = ssm.weights ["U1b", "b1b", "c1b"] : !U, !b, !b
  %of1b = ssm.linear %y0f, %Wf1b bias(%b1b : !b) : !out, !U
  %ob1b = ssm.linear %y0b, %Wb1b : !out, !U
  %a1b = arith.addf %of1b, %ob1b : !a
  %y1b, %last1b:2 = ssm.rnn lstm %a1b, %U1b
      hidden_bias(%c1b : !b) init(%h1b, %cell1b : !state, !state) reverse : !a, !U
  return %y1f, %y1b : !out, !out
}
