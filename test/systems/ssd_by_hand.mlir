// SSD, its step written out: a scalar decay per head, B and C shared by groups of
// heads, a skip per channel, gate, bias, softplus; a reset drops the state before its
// step (catalog B, 1.4; Dao and Gu 2024).
!values = tensor<?x?x4x5xf32>  // b l H P
!heads = tensor<?x?x4xf32>     // b l H
!mix = tensor<?x?x2x3xf32>     // b l G N
!flags = tensor<?x?xf32>       // b l
!head = tensor<4xf32>          // H
!channel = tensor<4x5xf32>     // H P
!n = tensor<3xf32>             // N
func.func @forward(%x: !values, %dt: !heads, %B: !mix, %C: !mix, %z: !values, %reset: !flags)
    -> !values {
  %A, %D, %bias = ssm.weights ["A", "D", "dt_bias"] : !head, !channel, !head
  %y, %S = ssm.recurrence sequence(l) step(n)
      ins(%x[b, l, g r, p], %dt[b, l, g r], %A[g r], %B[b, l, g, n], %C[b, l, g, n],
          %D[g r, p], %z[b, l, g r, p], %bias[g r], %reset[b, l]
          : !values, !heads, !head, !mix, !mix, !channel, !values, !head, !flags)
      outs([b, l, g r, p]) states("recurrent" [b, g r, p, n]) {
  ^step(%x_t: f32, %raw: f32, %a: f32, %b: !n, %c: !n, %d: f32, %z_t: f32, %bias_h: f32,
        %reset_t: f32, %s: !n):
    %none = arith.constant dense<0.0> : !n
    %zero = arith.constant 0.0 : f32
    %starts = arith.cmpf une, %reset_t, %zero : f32
    %before = arith.select %starts, %none, %s : !n
    %biased = arith.addf %raw, %bias_h : f32
    %dt_t = ssm.softplus %biased : f32
    %log = arith.mulf %dt_t, %a : f32
    %decay = math.exp %log : f32
    %kept = ssm.contract ",n->n" %decay, %before : (f32, !n) -> !n
    %dtx = arith.mulf %dt_t, %x_t : f32
    %write = ssm.contract ",n->n" %dtx, %b : (f32, !n) -> !n
    %next = arith.addf %kept, %write : !n
    %read = ssm.contract "n,n->" %c, %next : (!n, !n) -> f32
    %skip = arith.mulf %d, %x_t : f32
    %sum = arith.addf %read, %skip : f32
    %gate = ssm.silu %z_t : f32
    %y_t = arith.mulf %sum, %gate : f32
    ssm.yield %y_t, %next : f32, !n
  }
  return %y : !values
}
