// HGRN's recurrence. Catalog C, 1.B "HGRN / HGRN2":
//   h_t = e^{g_t} h_{t-1} + x_t,   x_t = (1 - e^{g_t}) silu(i_t)
// x comes ready-made.
!seq = tensor<?x?x8xf32> // b l D
func.func @forward(%x: !seq, %g: !seq) -> !seq {
  %decay = math.exp %g : !seq
  %h, %last = ssm.linear_scan %decay, %x : !seq, !seq
  return %h : !seq
}
