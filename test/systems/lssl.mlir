// LSSL: a dense system per channel, bilinear, with HiPPO matrices (catalog A, LSSL
// and CORE-2; Gu et al. 2021). The discretized matrices are the parameters, as a
// trained model stores them; then GELU and a linear layer.
!seq = tensor<?x?x2xf32>  // b l H
!state = tensor<?x2x4xf32>  // b H N
!matrices = tensor<2x4x4xf32>  // H N N
!matrix = tensor<2x4xf32>  // H N
!vector = tensor<2xf32>  // H
!linear = tensor<2x2xf32>  // H H
!n = tensor<4xf32>  // N
!nn = tensor<4x4xf32>  // N N
module attributes {ssm.checkpoint = "."} {
func.func @forward(%u: !seq) -> (!seq, !seq) {
  %A = ssm.weight "A" : !matrices
  %B = ssm.weight "B" : !matrix
  %C = ssm.weight "C" : !matrix
  %D = ssm.weight "D" : !vector
  %w_out = ssm.weight "w_out" : !linear
  %b_out = ssm.weight "b_out" : !vector
  %y, %last = ssm.recurrence sequence(l) step(n, m)
      ins(%u[b, l, h], %A[h, n, m], %B[h, n], %C[h, n], %D[h]
          : !seq, !matrices, !matrix, !matrix, !vector)
      outs([b, l, h] : !seq)
      states("recurrent" [b, h, n] : !state) {
  ^step(%u_t: f32, %a: !nn, %b: !n, %c: !n, %d: f32, %x: !n):
    %kept = ssm.contract "nm,m->n" %a, %x : (!nn, !n) -> !n
    %in = ssm.contract ",n->n" %u_t, %b : (f32, !n) -> !n
    %next = arith.addf %kept, %in : !n
    %read = ssm.contract "n,n->" %c, %next : (!n, !n) -> f32
    %y_t = math.fma %d, %u_t, %read : f32
    ssm.yield %y_t, %next : f32, !n
  }
  %act = ssm.gelu %y : !seq
  %out = ssm.linear %act, %w_out bias(%b_out : !vector) : !seq, !linear
  return %y, %out : !seq, !seq
}
}
