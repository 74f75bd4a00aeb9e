// Mamba's scan with eigenvalues in (-1, 1): the decay is 2 exp(dt A) - 1 and all
// else is the selective scan (catalog B, negative-eigenvalue Mamba; Grazzi et al.).
!seq = tensor<?x?x4xf32>  // b l D
!mix = tensor<?x?x3xf32>  // b l N
!matrix = tensor<4x3xf32>  // D N
!vector = tensor<4xf32>  // D
!n = tensor<3xf32>  // N
func.func @forward(%u: !seq, %delta: !seq, %B: !mix, %C: !mix, %z: !seq) -> !seq {
  %A, %D, %bias = ssm.weights ["A", "D", "bias"] : !matrix, !vector, !vector
  %y, %h = ssm.recurrence sequence(l) step(n)
      ins(%u[b, l, d], %delta[b, l, d], %z[b, l, d], %B[b, l, n], %C[b, l, n], %A[d, n],
          %D[d], %bias[d] : !seq, !seq, !seq, !mix, !mix, !matrix, !vector, !vector)
      outs([b, l, d]) states("recurrent" [b, d, n]) {
  ^step(%u_t: f32, %delta_t: f32, %z_t: f32, %b: !n, %c: !n, %a: !n, %d: f32, %bias_d: f32,
        %s: !n):
    %raw = arith.addf %delta_t, %bias_d : f32
    %dt = ssm.softplus %raw : f32
    %log = ssm.contract ",n->n" %dt, %a : (f32, !n) -> !n
    %exp = math.exp %log : !n
    %one = arith.constant dense<1.0> : !n
    %twice = arith.addf %exp, %exp : !n
    %decay = arith.subf %twice, %one : !n
    %dtu = arith.mulf %dt, %u_t : f32
    %next = ssm.contract "n,n + ,n -> n" %decay, %s, %dtu, %b : (!n, !n, f32, !n) -> !n
    %read = ssm.contract "n,n->" %c, %next : (!n, !n) -> f32
    %sum = math.fma %d, %u_t, %read : f32
    %gate = ssm.silu %z_t : f32
    %out = arith.mulf %sum, %gate : f32
    ssm.yield %out, %next : f32, !n
  }
  return %y : !seq
}
