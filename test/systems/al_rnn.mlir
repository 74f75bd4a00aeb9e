// AL-RNN, almost linear. Catalog C, "AL-RNN":
//   z_t = A z_{t-1} + W phi(z_{t-1}) + h + s_t,   phi = relu on the units where relu = 1
// s_t stands for whatever drives the system; with none it runs freely.
!seq = tensor<?x?x3xf32> // b l M
!diag = tensor<3xf32>    // M
!W = tensor<3x3xf32>     // M M
func.func @forward(%s: !seq) -> !seq {
  %A, %W, %h, %relu = ssm.weights ["A", "W", "h", "relu"] : !diag, !W, !diag, !diag
  %y, %z = ssm.recurrence sequence(l) step(m, j)
      ins(%s[b, l, m], %A[m], %W[m, j], %h[m], %relu[m]
          : !seq, !diag, !W, !diag, !diag)
      outs([b, l, m]) states("z" [b, m]) {
  ^step(%s_t: !diag, %A_m: !diag, %W_m: !W, %h_m: !diag, %bent: !diag, %old: !diag):
    %zero = arith.constant dense<0.0> : !diag
    %low = arith.minimumf %old, %zero : !diag
    %cut = arith.mulf %bent, %low : !diag
    %phi = arith.subf %old, %cut : !diag
    %next = ssm.contract "m,m + mj,j + m + m -> m" %A_m, %old, %W_m, %phi, %h_m, %s_t
        : (!diag, !diag, !W, !diag, !diag, !diag) -> !diag
    ssm.yield %next, %next : !diag, !diag
  }
  return %y : !seq
}
