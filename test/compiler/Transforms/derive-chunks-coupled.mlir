// RUN: ssmc-opt %s "--ssmc-derive-chunks=algorithm=associative chunk=8" 2>/dev/null | FileCheck %s
// RUN: ssmc-fuzz --ssm-algorithm=associative --seed=1 --check %s

// States that matrices mix are stacked along one more axis, of their matrices' rows and
// columns too. A reset of all of them stops what was before.
// CHECK: } chunk(8) {
// CHECK: ssm.associative_scan %{{.*}}, %{{.*}} : tensor<8x3x3x2x2xf32>, tensor<8x3x2xf32> {
// CHECK: ssm.contract "abcd,bedf->aecf"
// CHECK: ssm.contract "abcd,bd->ac"
!seq = tensor<?x?x3xf32>
!matrix = tensor<3x3xf32>
!n = tensor<3xf32>
func.func @forward(%x: !seq, %r: tensor<?x?xf32>) -> !seq {
  %a = arith.constant dense<[[0.4, 0.1, -0.2], [0.0, 0.3, 0.2], [-0.1, 0.2, 0.5]]> : !matrix
  %b = arith.constant dense<[[0.1, -0.2, 0.0], [0.2, 0.1, 0.1], [0.0, -0.3, 0.2]]> : !matrix
  %y, %s1, %s2 = ssm.recurrence sequence(l) step(n, m)
      ins(%x[b, l, n], %r[b, l], %a[n, m], %b[n, m] : !seq, tensor<?x?xf32>, !matrix, !matrix)
      outs([b, l, n] : !seq)
      states("output1" [b, n], "output2" [b, n] : tensor<?x3xf32>, tensor<?x3xf32>) {
  ^step(%x_t: !n, %r_t: f32, %a_: !matrix, %b_: !matrix, %out1: !n, %out2: !n):
    %limit = arith.constant 1.5 : f32
    %zero = arith.constant dense<0.0> : !n
    %reset = arith.cmpf ogt, %r_t, %limit : f32
    %before1 = arith.select %reset, %zero, %out1 : !n
    %before2 = arith.select %reset, %zero, %out2 : !n
    %p = ssm.contract "nm,m->n" %a_, %before1 : (!matrix, !n) -> !n
    %q = ssm.contract "nm,m->n" %b_, %before2 : (!matrix, !n) -> !n
    %pq = arith.addf %p, %q : !n
    %next = arith.addf %pq, %x_t : !n
    %sum = arith.addf %next, %before2 : !n
    ssm.yield %sum, %next, %before1 : !n, !n, !n
  }
  return %y : !seq
}
