// Hydra's mixer with B and C that both directions share: a quasiseparable matrix
// (catalog B, Hydra, matrix-mixer zoo). dt comes with its bias.
!inner = tensor<?x?x12xf32>  // b l H*P
!bc = tensor<?x?x8xf32>      // b l 2*N
!mix = tensor<?x?x4xf32>     // b l N
!both = tensor<?x?x6xf32>    // b l 2*H
!dt = tensor<?x?x3xf32>      // b l H
!heads = tensor<?x?x3x4xf32> // b l H P
!head = tensor<3xf32>        // H
!fc = tensor<3x12xf32>       // H H*P
func.func @forward(%x: !inner, %BC: !bc, %dt: !both) -> !inner {
  %A_log, %D, %fc = ssm.weights ["A_log", "D", "fc_D.weight"] : !head, !head, !fc
  %A = ssm.neg_exp %A_log : !head
  %B, %C = ssm.split %BC [4, 4] : !bc  // [N, N]
  %dt_f, %dt_r = ssm.split %dt [3, 3] : !both  // [H, H]
  %x_h = ssm.reshape %x : !inner to !heads
  %f, %S_f = ssm.ssd %x_h, %dt_f, %A, %B, %C softplus : !heads, !dt, !head, !mix, !mix
  %r, %S_r = ssm.ssd %x_h, %dt_r, %A, %B, %C softplus reverse : !heads, !dt, !head, !mix, !mix
  %below, %last_f = ssm.shift %f by(1) : !heads
  %above, %last_r = ssm.shift %r by(-1) : !heads
  %d = ssm.linear %x, %fc bias(%D : !head) : !inner, !fc
  %d_h = ssm.broadcast %d like %x_h [0, 1, 2] : !dt, !heads
  %off = arith.addf %below, %above : !heads
  %y_h = math.fma %d_h, %x_h, %off : !heads
  %y = ssm.reshape %y_h : !heads to !inner
  return %y : !inner
}
