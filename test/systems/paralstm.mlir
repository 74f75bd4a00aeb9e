// ParaLSTM, a coupled LSTM with peepholes and diagonal recurrence. Catalog C, "ParaRNN":
//   f = sigmoid(A_f h_{t-1} + C_f c_{t-1} + B_f x_t + b_f)
//   c_t = f c_{t-1} + (1 - f) tanh(A_c h_{t-1} + B_c x_t + b_c)
//   o = sigmoid(A_o h_{t-1} + C_o c_t + B_o x_t + b_o),   h_t = o tanh(c_t)
!seq = tensor<?x?x3xf32>  // b l M
!out = tensor<?x?x3xf32>  // b l D
!B = tensor<3x3xf32>      // D M
!diag = tensor<3xf32>     // D
func.func @forward(%x: !seq) -> !out {
  %A_f, %A_o, %A_c = ssm.weights ["A_f", "A_o", "A_c"] : !diag, !diag, !diag
  %B_f, %B_o, %B_c, %C_f = ssm.weights ["B_f", "B_o", "B_c", "C_f"] : !B, !B, !B, !diag
  %C_o, %b_f, %b_o, %b_c = ssm.weights ["C_o", "b_f", "b_o", "b_c"] : !diag, !diag, !diag, !diag
  %f = ssm.linear %x, %B_f bias(%b_f : !diag) : !seq, !B
  %o = ssm.linear %x, %B_o bias(%b_o : !diag) : !seq, !B
  %g = ssm.linear %x, %B_c bias(%b_c : !diag) : !seq, !B
  %y, %c, %h = ssm.recurrence sequence(l) step()
      ins(%f[b, l, d], %o[b, l, d], %g[b, l, d], %A_f[d], %A_o[d], %A_c[d], %C_f[d], %C_o[d]
          : !out, !out, !out, !diag, !diag, !diag, !diag, !diag)
      outs([b, l, d]) states("c" [b, d], "h" [b, d]) {
  ^step(%fx: f32, %ox: f32, %gx: f32, %Af: f32, %Ao: f32, %Ac: f32, %Cf: f32, %Co: f32,
        %c_old: f32, %h_old: f32):
    %f_h = math.fma %Af, %h_old, %fx : f32
    %f_raw = math.fma %Cf, %c_old, %f_h : f32
    %f_t = ssm.sigmoid %f_raw : f32
    %g_raw = math.fma %Ac, %h_old, %gx : f32
    %g_t = math.tanh %g_raw : f32
    %change = arith.subf %c_old, %g_t : f32
    %c_next = math.fma %f_t, %change, %g_t : f32
    %o_h = math.fma %Ao, %h_old, %ox : f32
    %o_raw = math.fma %Co, %c_next, %o_h : f32
    %o_t = ssm.sigmoid %o_raw : f32
    %bounded = math.tanh %c_next : f32
    %h_next = arith.mulf %o_t, %bounded : f32
    ssm.yield %h_next, %c_next, %h_next : f32, f32, f32
  }
  return %y : !out
}
