// VSSD: the non-causal state-space dual: every token reads one state that all of them
// made, without decay, weighted by dt exp(A_log); here the sum of what came up to it
// and of what comes after it (catalog B, VSSD; Shi et al. 2024).
!values = tensor<?x?x6xf32>  // b l H*P
!heads = tensor<?x?x3xf32>  // b l H
!mix = tensor<?x?x4xf32>  // b l N
!head = tensor<3xf32>  // H
!n = tensor<4xf32>  // N
func.func @forward(%x: !values, %raw: !heads, %B: !mix, %C: !mix) -> !values {
  %A_log, %bias, %D = ssm.weights ["A_log", "dt_bias", "D"] : !head, !head, !head
  %rate = math.exp %A_log : !head
  %up_to, %up_to_state = ssm.recurrence sequence(l) step(n)
      ins(%x[b, l, h p], %raw[b, l, h], %B[b, l, n], %C[b, l, n], %rate[h], %bias[h], %D[h]
          : !values, !heads, !mix, !mix, !head, !head, !head)
      outs([b, l, h p]) states("recurrent" [b, h, p, n]) {
  ^step(%x_t: f32, %raw_t: f32, %b: !n, %c: !n, %a: f32, %bias_h: f32, %d: f32, %s: !n):
    %sum = arith.addf %raw_t, %bias_h : f32
    %dt = ssm.softplus %sum : f32
    %weight = arith.mulf %dt, %a : f32
    %wx = arith.mulf %weight, %x_t : f32
    %in = ssm.contract ",n->n" %wx, %b : (f32, !n) -> !n
    %next = arith.addf %s, %in : !n
    %read = ssm.contract "n,n->" %c, %next : (!n, !n) -> f32
    %y_t = math.fma %d, %x_t, %read : f32
    ssm.yield %y_t, %next : f32, !n
  }
  %after, %after_state = ssm.recurrence sequence(l) step(n) reverse
      ins(%x[b, l, h p], %raw[b, l, h], %B[b, l, n], %C[b, l, n], %rate[h], %bias[h]
          : !values, !heads, !mix, !mix, !head, !head)
      outs([b, l, h p]) states("recurrent" [b, h, p, n]) {
  ^step(%x_t: f32, %raw_t: f32, %b: !n, %c: !n, %a: f32, %bias_h: f32, %s: !n):
    %sum = arith.addf %raw_t, %bias_h : f32
    %dt = ssm.softplus %sum : f32
    %weight = arith.mulf %dt, %a : f32
    %wx = arith.mulf %weight, %x_t : f32
    %in = ssm.contract ",n->n" %wx, %b : (f32, !n) -> !n
    %next = arith.addf %s, %in : !n
    %read = ssm.contract "n,n->" %c, %s : (!n, !n) -> f32
    ssm.yield %read, %next : f32, !n
  }
  %y = arith.addf %up_to, %after : !values
  return %y : !values
}
