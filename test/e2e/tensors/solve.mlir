// Systems of five unknowns: their largest elements lie beside the diagonal, so that pivots
// change rows; 14 right-hand sides make rows longer than a vector of lanes, and one more
// has one. A row of zeros makes all unknowns NaN, where the state is added to the output. In
// the chunk region there is one system per step.
!as = tensor<?x?x5x5xf32>   // b l i j
!xs = tensor<?x?x5x14xf32>  // b l i m
!a = tensor<5x5xf32>
!x = tensor<5x14xf32>
!v = tensor<5xf32>
!a_q = tensor<4x5x5xf32>
!x_q = tensor<4x5x14xf32>
!v_q = tensor<4x5xf32>
!m = tensor<5xi1>
!m_q = tensor<4x5xi1>
module {
func.func @forward(%a: !as, %x: !xs) -> !xs {
  %y, %last = ssm.recurrence sequence(l) step(i, j, m)
      ins(%a[b, l, i, j], %x[b, l, i, m] : !as, !xs)
      outs([b, l, i, m] : !xs) states("before" [b, i, m] : tensor<?x5x14xf32>) {
  ^step(%a_t: !a, %x_t: !x, %before: !x):
    %shift = arith.constant dense<[[0.0, 4.0, 0.0, 0.0, 0.0], [0.0, 0.0, 4.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 4.0, 0.0], [0.0, 0.0, 0.0, 0.0, 4.0], [4.0, 0.0, 0.0, 0.0, 0.0]]> : !a
    %small = arith.constant dense<0.3> : !a
    %noise = arith.mulf %small, %a_t : !a
    %matrix = arith.addf %shift, %noise : !a
    %u = ssm.solve %matrix, %x_t : !a, !x
    %side = ssm.contract "im->i" %u : (!x) -> !v
    %w = ssm.solve %matrix, %side : !a, !v
    %both = ssm.contract "im,i->im" %u, %w : (!x, !v) -> !x
    %rows = arith.constant dense<[[1.0, 1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0, 1.0],
        [0.0, 0.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0, 1.0]]> : !a
    %singular = arith.mulf %rows, %matrix : !a
    %none = ssm.solve %singular, %side : !a, !v
    %is_nan = arith.cmpf uno, %none, %none : !v
    %one = arith.constant dense<1.0> : !v
    %zero = arith.constant dense<0.0> : !v
    %where = arith.select %is_nan, %one, %zero : !m, !v
    %added = ssm.contract "im,i->im" %before, %where : (!x, !v) -> !x
    %y_t = arith.addf %both, %added : !x
    ssm.yield %y_t, %u : !x, !x
  } chunk(4) {
  ^chunk(%a_t: !a_q, %x_t: !x_q, %before: !x):
    %shift = arith.constant dense<[[0.0, 4.0, 0.0, 0.0, 0.0], [0.0, 0.0, 4.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 4.0, 0.0], [0.0, 0.0, 0.0, 0.0, 4.0], [4.0, 0.0, 0.0, 0.0, 0.0]]> : !a
    %shifts = ssm.broadcast %shift like %a_t [1, 2] : !a, !a_q
    %small = arith.constant dense<0.3> : !a_q
    %noise = arith.mulf %small, %a_t : !a_q
    %matrix = arith.addf %shifts, %noise : !a_q
    %u = ssm.solve %matrix, %x_t : !a_q, !x_q
    %side = ssm.contract "qim->qi" %u : (!x_q) -> !v_q
    %w = ssm.solve %matrix, %side : !a_q, !v_q
    %both = ssm.contract "qim,qi->qim" %u, %w : (!x_q, !v_q) -> !x_q
    %befores = ssm.delay %u, %before : !x_q, !x
    %rows = arith.constant dense<[[1.0, 1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0, 1.0],
        [0.0, 0.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0, 1.0]]> : !a
    %rows_q = ssm.broadcast %rows like %a_t [1, 2] : !a, !a_q
    %singular = arith.mulf %rows_q, %matrix : !a_q
    %none = ssm.solve %singular, %side : !a_q, !v_q
    %is_nan = arith.cmpf uno, %none, %none : !v_q
    %one = arith.constant dense<1.0> : !v_q
    %zero = arith.constant dense<0.0> : !v_q
    %where = arith.select %is_nan, %one, %zero : !m_q, !v_q
    %added = ssm.contract "qim,qi->qim" %befores, %where : (!x_q, !v_q) -> !x_q
    %y_q = arith.addf %both, %added : !x_q
    %last_u = tensor.extract_slice %u[3, 0, 0] [1, 5, 14] [1, 1, 1] : !x_q to !x
    ssm.yield %y_q, %last_u : !x_q, !x
  }
  return %y : !xs
}
}
