// RTF by steps: the transfer function as a companion system whose first row is -a
// (catalog A, RTF). Two read-outs: of the state before the step with c, which undoes
// the kernel's truncation, and of the state after it with b (the class RTF2).
// `down` is the shift, `first` the first unit vector.
!seq = tensor<?x?x4xf32>  // b l A*R
!rows = tensor<2x3xf32>  // A N
!matrix = tensor<4x3xf32>  // A*R N
!vector = tensor<4xf32>  // A*R
!n = tensor<3xf32>  // N
!nn = tensor<3x3xf32>  // N N
func.func @forward(%u: !seq) -> (!seq, !seq) {
  %a, %b, %c = ssm.weights ["a", "b", "c"] : !rows, !matrix, !matrix
  %h_0, %down, %first = ssm.weights ["h_0", "down", "first"] : !vector, !nn, !n
  %y, %y2, %x = ssm.recurrence sequence(l) step(n, m)
      ins(%u[b, l, g r], %a[g, n], %b[g r, n], %c[g r, n], %h_0[g r], %down[n, m], %first[n]
          : !seq, !rows, !matrix, !matrix, !vector, !nn, !n)
      outs([b, l, g r], [b, l, g r]) states("recurrent" [b, g r, n]) {
  ^step(%u_t: f32, %a_g: !n, %b_c: !n, %c_c: !n, %h0: f32, %S: !nn, %e: !n, %s: !n):
    %back = ssm.contract "n,n->" %a_g, %s : (!n, !n) -> f32
    %head = arith.subf %u_t, %back : f32
    %next = ssm.contract "nm,m + ,n -> n" %S, %s, %head, %e : (!nn, !n, f32, !n) -> !n
    %before = ssm.contract "n,n->" %c_c, %s : (!n, !n) -> f32
    %after = ssm.contract "n,n->" %b_c, %next : (!n, !n) -> f32
    %y_t = math.fma %h0, %u_t, %before : f32
    %y2_t = math.fma %h0, %u_t, %after : f32
    ssm.yield %y_t, %y2_t, %next : f32, f32, !n
  }
  return %y, %y2 : !seq, !seq
}
