// LBMamba: the selective scan, and within segments of the sequence also what comes
// later, by a scan from each segment's end with the same parameters (catalog B,
// LBMamba). `ends` is set at the last step of each segment.
!seq = tensor<?x?x4xf32>  // b l D
!mix = tensor<?x?x3xf32>  // b l N
!matrix = tensor<4x3xf32>  // D N
!vector = tensor<4xf32>  // D
!n = tensor<3xf32>  // N
!flags = tensor<?x?xf32>  // b l
func.func @forward(%u: !seq, %delta: !seq, %B: !mix, %C: !mix, %z: !seq, %ends: !flags)
    -> !seq {
  %A, %D, %bias = ssm.weights ["A", "D", "bias"] : !matrix, !vector, !vector
  %y, %h = ssm.selective_scan %u, %delta, %A, %B, %C D(%D : !vector) dt_bias(%bias : !vector)
      softplus : !seq, !matrix, !mix, !mix
  // g = decay e[t+1], e = g + dt B u; only g is read, the own input is in y.
  %back, %e = ssm.recurrence sequence(l) step(n) reverse
      ins(%u[b, l, d], %delta[b, l, d], %B[b, l, n], %C[b, l, n], %ends[b, l], %A[d, n], %bias[d]
          : !seq, !seq, !mix, !mix, !flags, !matrix, !vector)
      outs([b, l, d]) states("recurrent" [b, d, n]) {
  ^step(%u_t: f32, %delta_t: f32, %b: !n, %c: !n, %end: f32, %a: !n, %bias_d: f32, %s: !n):
    %zero = arith.constant 0.0 : f32
    %is_end = arith.cmpf one, %end, %zero : f32
    %zeros = arith.constant dense<0.0> : !n
    %later = arith.select %is_end, %zeros, %s : !n
    %raw = arith.addf %delta_t, %bias_d : f32
    %dt = ssm.softplus %raw : f32
    %log = ssm.contract ",n->n" %dt, %a : (f32, !n) -> !n
    %decay = math.exp %log : !n
    %g = arith.mulf %decay, %later : !n
    %dtu = arith.mulf %dt, %u_t : f32
    %next = ssm.contract "n + ,n -> n" %g, %dtu, %b : (!n, f32, !n) -> !n
    %read = ssm.contract "n,n->" %c, %g : (!n, !n) -> f32
    ssm.yield %read, %next : f32, !n
  }
  %sum = arith.addf %y, %back : !seq
  %gate = ssm.silu %z : !seq
  %out = arith.mulf %sum, %gate : !seq
  return %out : !seq
}
