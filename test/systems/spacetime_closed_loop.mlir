// SpaceTime's decoder: while `open` is set the companion system takes its input;
// then it feeds itself k x, and what it reads is its forecast (catalog A, SpaceTime).
// As in the code b is raw while open and sums to one after; c does so, k in u_next
// does not. Results: y, u_next; while open, of the state after the step.
!seq = tensor<?x?x3xf32>  // b l D
!flags = tensor<?x?xf32>  // b l
!matrix = tensor<3x5xf32>  // D N
!kernels = tensor<3xf32>  // D
!n = tensor<5xf32>  // N
!nn = tensor<5x5xf32>  // N N
func.func private @unit(%w: !matrix) -> !matrix {
  %size = math.absf %w : !matrix
  %norm = ssm.contract "dn->d" %size : (!matrix) -> !kernels
  %norms = ssm.broadcast %norm [0] : !kernels, !matrix
  %normed = arith.divf %w, %norms : !matrix
  return %normed : !matrix
}
func.func @forward(%u: !seq, %open: !flags) -> (!seq, !seq) {
  %a, %b, %c, %k = ssm.weights ["a", "b", "c", "k"] : !matrix, !matrix, !matrix, !matrix
  %down, %last = ssm.weights ["down", "last"] : !nn, !n
  %a1 = func.call @unit(%a) : (!matrix) -> !matrix
  %b1 = func.call @unit(%b) : (!matrix) -> !matrix
  %c1 = func.call @unit(%c) : (!matrix) -> !matrix
  %k1 = func.call @unit(%k) : (!matrix) -> !matrix
  %y, %u_next, %x = ssm.recurrence sequence(l) step(n, m)
      ins(%u[b, l, d], %open[b, l], %a1[d, n], %b[d, n], %b1[d, n], %c1[d, n], %k[d, n],
          %k1[d, n], %down[n, m], %last[n] : !seq, !flags, !matrix, !matrix, !matrix, !matrix,
          !matrix, !matrix, !nn, !n)
      outs([b, l, d], [b, l, d]) states("recurrent" [b, d, n]) {
  ^step(%u_t: f32, %flag: f32, %a_d: !n, %b_d: !n, %b1_d: !n, %c_d: !n, %k_d: !n, %k1_d: !n,
        %S: !nn, %e: !n, %s: !n):
    %zero = arith.constant 0.0 : f32
    %is_open = arith.cmpf one, %flag, %zero : f32
    %end = ssm.contract "n,n->" %e, %s : (!n, !n) -> f32
    %kept = ssm.contract "nm,m + ,n -> n" %S, %s, %end, %a_d : (!nn, !n, f32, !n) -> !n
    %own = ssm.contract "n,n->" %k1_d, %s : (!n, !n) -> f32
    %open_in = arith.select %is_open, %u_t, %zero : f32
    %closed_in = arith.select %is_open, %zero, %own : f32
    %in = ssm.contract ",n + ,n -> n" %open_in, %b_d, %closed_in, %b1_d : (f32, !n, f32, !n) -> !n
    %next = arith.addf %kept, %in : !n
    %y0 = ssm.contract "n,n->" %c_d, %s : (!n, !n) -> f32
    %y1 = ssm.contract "n,n->" %c_d, %next : (!n, !n) -> f32
    %y_t = arith.select %is_open, %y1, %y0 : f32
    %v0 = ssm.contract "n,n->" %k_d, %s : (!n, !n) -> f32
    %v1 = ssm.contract "n,n->" %k_d, %next : (!n, !n) -> f32
    %v_t = arith.select %is_open, %v1, %v0 : f32
    ssm.yield %y_t, %v_t, %next : f32, f32, !n
  }
  return %y, %u_next : !seq, !seq
}
