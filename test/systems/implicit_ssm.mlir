// An implicit SSM of one layer, in sequential mode. Catalog C, "Implicit SSM":
//   z_t is where z = F(z; x_t) settles, by z <- 0.8 F(z) + 0.2 z from 0, with
//   F(z; x) = O h,  h = e^{-d} h_{t-1} + d p,  d = softplus(W_d z + U_d x),  p = W_p z + U_p x
// The state before the step stays as it is while z settles; then h_t is kept.
!seq = tensor<?x?x3xf32>   // b l M
!wide = tensor<?x?x4xf32>  // b l D
!U = tensor<4x3xf32>       // D M
!W = tensor<4x3xf32>       // D M
!O = tensor<3x4xf32>       // M D
!z = tensor<3xf32>         // M
!h = tensor<4xf32>         // D
func.func @forward(%x: !seq) -> !seq {
  %U_d, %U_p, %W_d, %W_p, %O = ssm.weights ["U_d", "U_p", "W_d", "W_p", "O"] : !U, !U, !W, !W, !O
  %d = ssm.linear %x, %U_d : !seq, !U
  %p = ssm.linear %x, %U_p : !seq, !U
  %y, %last = ssm.recurrence sequence(l) step(m, n)
      ins(%d[b, l, n], %p[b, l, n], %W_d[n, m], %W_p[n, m], %O[m, n]
          : !wide, !wide, !W, !W, !O)
      outs([b, l, m]) states("h" [b, n]) {
  ^step(%d_x: !h, %p_x: !h, %Wd: !W, %Wp: !W, %O_: !O, %old: !h):
    %zero_z = arith.constant dense<0.0> : !z
    %settled, %next = ssm.fixed_point %zero_z, %old max_iterations(100) tolerance(1.0e-13)
        : !z, !h {
    ^body(%z: !z, %before: !h):
      %d_raw = ssm.contract "nm,m + n -> n" %Wd, %z, %d_x : (!W, !z, !h) -> !h
      %speed = ssm.softplus %d_raw : !h
      %in = ssm.contract "nm,m + n -> n" %Wp, %z, %p_x : (!W, !z, !h) -> !h
      %rate = arith.negf %speed : !h
      %decay = math.exp %rate : !h
      %kept = arith.mulf %decay, %old : !h
      %h = math.fma %speed, %in, %kept : !h
      %share = arith.constant dense<0.8> : !z
      %change = ssm.contract "mn,n - m -> m" %O_, %h, %z : (!O, !h, !z) -> !z
      %z_next = math.fma %share, %change, %z : !z
      ssm.yield %z_next, %h : !z, !h
    }
    ssm.yield %settled, %next : !z, !h
  }
  return %y : !seq
}
