// ParaGRU, a GRU with diagonal recurrence. Catalog C, "ParaRNN":
//   z, r = sigmoid(A h_{t-1} + B x_t + b),   n = tanh(A_h (r h_{t-1}) + B_h x_t + b_h)
//   h_t = (1 - z) h_{t-1} + z n
!seq = tensor<?x?x3xf32>  // b l M
!out = tensor<?x?x3xf32>  // b l D
!B = tensor<3x3xf32>      // D M
!diag = tensor<3xf32>     // D
func.func @forward(%x: !seq) -> !out {
  %A_z, %A_r, %A_h = ssm.weights ["A_z", "A_r", "A_h"] : !diag, !diag, !diag
  %B_z, %B_r, %B_h = ssm.weights ["B_z", "B_r", "B_h"] : !B, !B, !B
  %b_z, %b_r, %b_h = ssm.weights ["b_z", "b_r", "b_h"] : !diag, !diag, !diag
  %z = ssm.linear %x, %B_z bias(%b_z : !diag) : !seq, !B
  %r = ssm.linear %x, %B_r bias(%b_r : !diag) : !seq, !B
  %n = ssm.linear %x, %B_h bias(%b_h : !diag) : !seq, !B
  %y, %h = ssm.recurrence sequence(l) step()
      ins(%z[b, l, d], %r[b, l, d], %n[b, l, d], %A_z[d], %A_r[d], %A_h[d]
          : !out, !out, !out, !diag, !diag, !diag)
      outs([b, l, d]) states("h" [b, d]) {
  ^step(%zx: f32, %rx: f32, %nx: f32, %Az: f32, %Ar: f32, %Ah: f32, %h_old: f32):
    %z_raw = math.fma %Az, %h_old, %zx : f32
    %r_raw = math.fma %Ar, %h_old, %rx : f32
    %z_t = ssm.sigmoid %z_raw : f32
    %r_t = ssm.sigmoid %r_raw : f32
    %open = arith.mulf %r_t, %h_old : f32
    %n_raw = math.fma %Ah, %open, %nx : f32
    %n_t = math.tanh %n_raw : f32
    %change = arith.subf %n_t, %h_old : f32
    %next = math.fma %z_t, %change, %h_old : f32
    ssm.yield %next, %next : f32, f32
  }
  return %y : !out
}
