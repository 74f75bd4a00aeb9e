// RUN: ssmc-opt %s "--ssmc-derive-chunks=algorithm=chunked chunk=8" 2>/dev/null | FileCheck %s

// The matrix state could run on tiles of `p`. The combination's regions work on the values
// of one position, so its labels are none of the tile's.
// CHECK-LABEL: @beside_a_matrix
// CHECK: } chunk(8) {
// CHECK-DAG: ssm.causal_product
// CHECK-DAG: ssm.associative_scan %{{.*}}, %{{.*}} : tensor<8xf32>, tensor<8xf32> {
func.func @beside_a_matrix(%x: tensor<?x?x3xf32>, %k: tensor<?x?x5xf32>)
    -> (tensor<?x?x3xf32>, tensor<?x?x3xf32>) {
  %y, %z, %last, %least = ssm.recurrence sequence(l) step(n)
      ins(%x[b, l, p], %k[b, l, n] : tensor<?x?x3xf32>, tensor<?x?x5xf32>)
      outs([b, l, p], [b, l, p] : tensor<?x?x3xf32>, tensor<?x?x3xf32>)
      states("S" [b, p, n], "m" [b, p] : tensor<?x3x5xf32>, tensor<?x3xf32>) {
  ^step(%x_t: f32, %k_t: tensor<5xf32>, %S: tensor<5xf32>, %m: f32):
    %update = ssm.contract ",n->n" %x_t, %k_t : (f32, tensor<5xf32>) -> tensor<5xf32>
    %S_next = arith.addf %S, %update : tensor<5xf32>
    %read = ssm.contract "n,n->" %S_next, %k_t : (tensor<5xf32>, tensor<5xf32>) -> f32
    %next = ssm.combine %m with %x_t : f32 with f32 {
    ^act(%a: f32, %b: f32):
      %c = arith.minimumf %a, %b : f32
      ssm.yield %c : f32
    }
    ssm.yield %read, %next, %S_next, %next : f32, f32, tensor<5xf32>, f32
  }
  return %y, %z : tensor<?x?x3xf32>, tensor<?x?x3xf32>
}
