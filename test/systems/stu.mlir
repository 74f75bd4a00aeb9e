// STU: fixed filters, eigenvectors of a Hankel matrix, then linear read-outs and a
// short regression on inputs and outputs (catalog A, STU; Agarwal et al. 2023). The
// filters come scaled by sigma^(1/4) and delayed by two steps.
!seq = tensor<?x?x2xf32>  // b l D
!filter = tensor<1x66xf32>  // 1 K
!matrix = tensor<2x2xf32>  // D D
!d = tensor<2xf32>  // D
module attributes {ssm.checkpoint = "."} {
func.func @forward(%u: !seq) -> !seq {
  %phi1, %phi2, %phi3 = ssm.weights ["filter.0", "filter.1", "filter.2"] : !filter, !filter, !filter
  %M1, %M2, %M3 = ssm.weights ["M_phi.0", "M_phi.1", "M_phi.2"] : !matrix, !matrix, !matrix
  %U0, %U1, %U2 = ssm.weights ["M_u.0", "M_u.1", "M_u.2"] : !matrix, !matrix, !matrix
  %Y1, %Y2 = ssm.weights ["M_y.0", "M_y.1"] : !matrix, !matrix
  %x1, %x1_window = ssm.long_conv %u, %phi1 : !seq, !filter
  %x2, %x2_window = ssm.long_conv %u, %phi2 : !seq, !filter
  %x3, %x3_window = ssm.long_conv %u, %phi3 : !seq, !filter
  %d1 = ssm.linear %x1, %M1 : !seq, !matrix
  %d2 = ssm.linear %x2, %M2 : !seq, !matrix
  %d3 = ssm.linear %x3, %M3 : !seq, !matrix
  %d12 = arith.addf %d1, %d2 : !seq
  %delta = arith.addf %d12, %d3 : !seq
  // y[t] = Y1 y[t-1] + Y2 y[t-2] + U0 u[t] + U1 u[t-1] + U2 u[t-2] + delta[t]
  %y, %s1, %s2, %s3, %s4 = ssm.recurrence sequence(l) step(n, m)
      ins(%u[b, l, n], %delta[b, l, n], %U0[n, m], %U1[n, m], %U2[n, m], %Y1[n, m], %Y2[n, m]
          : !seq, !seq, !matrix, !matrix, !matrix, !matrix, !matrix)
      outs([b, l, n]) states("input1" [b, n], "input2" [b, n], "output1" [b, n], "output2" [b, n]) {
  ^step(%u_t: !d, %delta_t: !d, %u0: !matrix, %u1: !matrix, %u2: !matrix, %y1: !matrix,
        %y2: !matrix, %in1: !d, %in2: !d, %out1: !d, %out2: !d):
    %p0 = ssm.contract "nm,m->n" %u0, %u_t : (!matrix, !d) -> !d
    %p1 = ssm.contract "nm,m->n" %u1, %in1 : (!matrix, !d) -> !d
    %p2 = ssm.contract "nm,m->n" %u2, %in2 : (!matrix, !d) -> !d
    %q1 = ssm.contract "nm,m->n" %y1, %out1 : (!matrix, !d) -> !d
    %q2 = ssm.contract "nm,m->n" %y2, %out2 : (!matrix, !d) -> !d
    %a0 = arith.addf %delta_t, %p0 : !d
    %a1 = arith.addf %a0, %p1 : !d
    %a2 = arith.addf %a1, %p2 : !d
    %a3 = arith.addf %a2, %q1 : !d
    %out = arith.addf %a3, %q2 : !d
    ssm.yield %out, %u_t, %in1, %out, %out1 : !d, !d, !d, !d, !d
  }
  return %y : !seq
}
}
