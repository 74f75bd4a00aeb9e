// RUN: ssmc-opt %s --ssmc-move-factors | FileCheck %s

// A decay of the state that a key reads becomes a decay of the key. The next
// state still needs the decayed one.
// CHECK-LABEL: @delta
// CHECK: ^bb0(%[[K:.*]]: tensor<8xf32>, %[[V:.*]]: f32, %[[A:.*]]: f32, %[[H:.*]]: tensor<8xf32>)
// CHECK: %[[KEPT:.*]] = ssm.contract ",k->k" %[[A]], %[[H]]
// CHECK: %[[SCALED:.*]] = ssm.contract ",k->k" %[[A]], %[[K]]
// CHECK: ssm.contract "k,k->" %[[H]], %[[SCALED]]
// CHECK: arith.addf %[[KEPT]]
func.func @delta(%k: tensor<?x?x8xf32>, %v: tensor<?x?x32xf32>, %a: tensor<?x?xf32>)
    -> tensor<?x?x32xf32> {
  %y, %last = ssm.recurrence sequence(l) step(k)
      ins(%k[b, l, k], %v[b, l, d], %a[b, l]
          : tensor<?x?x8xf32>, tensor<?x?x32xf32>, tensor<?x?xf32>)
      outs([b, l, d] : tensor<?x?x32xf32>)
      states("h" [b, d, k] : tensor<?x32x8xf32>) {
  ^step(%k_t: tensor<8xf32>, %v_t: f32, %a_t: f32, %h: tensor<8xf32>):
    %kept = ssm.contract ",k->k" %a_t, %h : (f32, tensor<8xf32>) -> tensor<8xf32>
    %read = ssm.contract "k,k->" %kept, %k_t : (tensor<8xf32>, tensor<8xf32>) -> f32
    %error = arith.subf %v_t, %read : f32
    %in = ssm.contract ",k->k" %error, %k_t : (f32, tensor<8xf32>) -> tensor<8xf32>
    %next = arith.addf %kept, %in : tensor<8xf32>
    ssm.yield %read, %next : f32, tensor<8xf32>
  }
  return %y : tensor<?x?x32xf32>
}

// A decay for each key, as a product of vectors, and the sum's operands in the
// other order.
// CHECK-LABEL: @vector
// CHECK: ^bb0(%[[K:.*]]: tensor<8xf32>, %[[A:.*]]: tensor<8xf32>, %[[H:.*]]: tensor<8xf32>)
// CHECK: %[[SCALED:.*]] = ssm.contract "k,k->k" %[[A]], %[[K]]
// CHECK: ssm.contract "k,k->" %[[H]], %[[SCALED]]
func.func @vector(%k: tensor<?x?x8xf32>, %a: tensor<?x?x8xf32>) -> tensor<?x?x32xf32> {
  %y, %last = ssm.recurrence sequence(l) step(k)
      ins(%k[b, l, k], %a[b, l, k] : tensor<?x?x8xf32>, tensor<?x?x8xf32>)
      outs([b, l, d] : tensor<?x?x32xf32>)
      states("h" [b, d, k] : tensor<?x32x8xf32>) {
  ^step(%k_t: tensor<8xf32>, %a_t: tensor<8xf32>, %h: tensor<8xf32>):
    %kept = arith.mulf %h, %a_t : tensor<8xf32>
    %read = ssm.contract "k,k->" %k_t, %kept : (tensor<8xf32>, tensor<8xf32>) -> f32
    ssm.yield %read, %kept : f32, tensor<8xf32>
  }
  return %y : tensor<?x?x32xf32>
}

// Letters of a matrix state: the decay has the axis that the key sums over.
// CHECK-LABEL: @matrix
// CHECK: %[[SCALED:.*]] = ssm.contract "n,n->n"
// CHECK: ssm.contract "mn,n->m" %{{.*}}, %[[SCALED]]
func.func @matrix(%k: tensor<?x?x4xf32>, %a: tensor<?x?x4xf32>) -> tensor<?x?x32x3xf32> {
  %y, %last = ssm.recurrence sequence(l) step(m, n)
      ins(%k[b, l, n], %a[b, l, n] : tensor<?x?x4xf32>, tensor<?x?x4xf32>)
      outs([b, l, d, m] : tensor<?x?x32x3xf32>)
      states("h" [b, d, m, n] : tensor<?x32x3x4xf32>) {
  ^step(%k_t: tensor<4xf32>, %a_t: tensor<4xf32>, %h: tensor<3x4xf32>):
    %kept = ssm.contract "j,ij->ij" %a_t, %h
        : (tensor<4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
    %read = ssm.contract "mn,n->m" %kept, %k_t
        : (tensor<3x4xf32>, tensor<4xf32>) -> tensor<3xf32>
    ssm.yield %read, %kept : tensor<3xf32>, tensor<3x4xf32>
  }
  return %y : tensor<?x?x32x3xf32>
}

// What stays: a factor of each lane, and one whose axis the key lacks.
// CHECK-LABEL: @stays
// CHECK: ssm.contract ",n->n"
// CHECK: ssm.contract "n,n->"
// CHECK: ssm.contract "m,mn->mn"
// CHECK: ssm.contract "mn,n->m"
// CHECK-NOT: ssm.contract
// CHECK: return
func.func @stays(%k: tensor<?x?x4xf32>, %a: tensor<?x?x32xf32>, %g: tensor<?x?x3xf32>)
    -> (tensor<?x?x32xf32>, tensor<?x?x32x3xf32>) {
  %y, %z, %last, %wide = ssm.recurrence sequence(l) step(m, n)
      ins(%k[b, l, n], %a[b, l, d], %g[b, l, m]
          : tensor<?x?x4xf32>, tensor<?x?x32xf32>, tensor<?x?x3xf32>)
      outs([b, l, d], [b, l, d, m] : tensor<?x?x32xf32>, tensor<?x?x32x3xf32>)
      states("h" [b, d, n], "w" [b, d, m, n] : tensor<?x32x4xf32>, tensor<?x32x3x4xf32>) {
  ^step(%k_t: tensor<4xf32>, %a_t: f32, %g_t: tensor<3xf32>, %h: tensor<4xf32>,
      %w: tensor<3x4xf32>):
    %kept = ssm.contract ",n->n" %a_t, %h : (f32, tensor<4xf32>) -> tensor<4xf32>
    %read = ssm.contract "n,n->" %kept, %k_t : (tensor<4xf32>, tensor<4xf32>) -> f32
    %rows = ssm.contract "m,mn->mn" %g_t, %w
        : (tensor<3xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
    %all = ssm.contract "mn,n->m" %rows, %k_t
        : (tensor<3x4xf32>, tensor<4xf32>) -> tensor<3xf32>
    ssm.yield %read, %all, %kept, %rows : f32, tensor<3xf32>, tensor<4xf32>, tensor<3x4xf32>
  }
  return %y, %z : tensor<?x?x32xf32>, tensor<?x?x32x3xf32>
}
