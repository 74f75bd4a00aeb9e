// SSD with eigenvalues in (-1, 1): per head the decay is 2 exp(dt A) - 1 (catalog B,
// negative-eigenvalue Mamba; Grazzi et al. 2024).
!values = tensor<?x?x3x2xf32>  // b l H P
!heads = tensor<?x?x3xf32>  // b l H
!mix = tensor<?x?x4xf32>  // b l N
!head = tensor<3xf32>  // H
!n = tensor<4xf32>  // N
func.func @forward(%x: !values, %dt: !heads, %B: !mix, %C: !mix) -> !values {
  %A = ssm.weight "A" : !head
  %y, %last = ssm.recurrence sequence(l) step(n)
      ins(%x[b, l, h, p], %dt[b, l, h], %B[b, l, n], %C[b, l, n], %A[h]
          : !values, !heads, !mix, !mix, !head)
      outs([b, l, h, p]) states("recurrent" [b, h, p, n]) {
  ^step(%x_t: f32, %dt_t: f32, %b: !n, %c: !n, %a: f32, %s: !n):
    %log = arith.mulf %dt_t, %a : f32
    %exp = math.exp %log : f32
    %twice = arith.addf %exp, %exp : f32
    %one = arith.constant 1.0 : f32
    %decay = arith.subf %twice, %one : f32
    %next = ssm.contract ",n + ,,n -> n" %decay, %s, %dt_t, %x_t, %b
        : (f32, !n, f32, f32, !n) -> !n
    %y_t = ssm.contract "n,n->" %c, %next : (!n, !n) -> f32
    ssm.yield %y_t, %next : f32, !n
  }
  return %y : !values
}
