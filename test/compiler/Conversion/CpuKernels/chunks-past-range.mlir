// RUN: ssmc-fuzz --ssm-algorithm=chunked --seed=1 --check %s
// RUN: ssmc-fuzz --ssm-algorithm=chunked --seed=2 --check %s

// Decays of a chunk multiply to more than float32 holds, where what they act on is zero or
// small: such chunks run by their steps. In the first recurrence they do not change, in the
// second they do, and not all chunks grow.
!seq = tensor<?x?x3xf32>
!n = tensor<3xf32>
func.func @forward(%x: !seq, %k: !seq, %r: tensor<?x?xf32>) -> (!seq, !seq) {
  %g = arith.constant dense<[4.3, 2.0, -4.1]> : !n
  %a, %s = ssm.recurrence sequence(l) step(k)
      ins(%x[b, l, v], %k[b, l, k], %g[k] : !seq, !seq, !n) outs([b, l, v] : !seq)
      states("grows" [b, v, k] : tensor<?x3x3xf32>) {
  ^step(%x_t: f32, %k_t: !n, %g_t: !n, %h: !n):
    %tiny = arith.constant dense<1.0e-36> : !n
    %key = arith.mulf %k_t, %tiny : !n
    %kept = arith.mulf %g_t, %h : !n
    %in = ssm.contract ",k->k" %x_t, %key : (f32, !n) -> !n
    %next = arith.addf %kept, %in : !n
    %y = ssm.contract "k,k->" %k_t, %next : (!n, !n) -> f32
    ssm.yield %y, %next : f32, !n
  }
  %b, %t = ssm.recurrence sequence(l) step(k)
      ins(%x[b, l, v], %k[b, l, k], %r[b, l] : !seq, !seq, tensor<?x?xf32>) outs([b, l, v] : !seq)
      states("rests" [b, v, k] : tensor<?x3x3xf32>) {
  ^step(%x_t: f32, %k_t: !n, %r_t: f32, %h: !n):
    %zero = arith.constant 0.0 : f32
    %seldom = arith.constant 2.5 : f32
    %large = arith.constant 1.0e20 : f32
    %some = arith.constant 0.9 : f32
    %grows = arith.cmpf ogt, %r_t, %seldom : f32
    %decay = arith.select %grows, %large, %some : f32
    %value = arith.select %grows, %x_t, %zero : f32
    %kept = ssm.contract ",k->k" %decay, %h : (f32, !n) -> !n
    %in = ssm.contract ",k->k" %value, %k_t : (f32, !n) -> !n
    %next = arith.addf %kept, %in : !n
    %read = ssm.contract "k,k->" %k_t, %next : (!n, !n) -> f32
    %y = ssm.sigmoid %read : f32
    ssm.yield %y, %next : f32, !n
  }
  return %a, %b : !seq, !seq
}
