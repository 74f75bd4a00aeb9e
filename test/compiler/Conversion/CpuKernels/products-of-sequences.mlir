// RUN: ssmc-opt %s --ssmc-assign-cpu-layouts --ssmc-lower-cpu-kernels | FileCheck %s

// A step that stays whole: groups of up to eight sequences go through time side by side.
// What the matrix multiplies is first computed for all, since the reset makes it; then
// comes one product, whose tiles have four sequences as rows.
// CHECK-LABEL: func.func @shared(
// CHECK-SAME: %[[R:[a-z0-9]+]]: memref<?xf32>, %[[W:[a-z0-9]+]]: memref<?xf32>,
// CHECK: scf.for %{{.*}} = %{{.*}} to %{{.*}} step %c1 {
// CHECK: scf.for %{{.*}} = %{{.*}} to %{{.*}} step %[[SIZE:.*]] {
// CHECK: %[[COUNT:.*]] = arith.minui %[[SIZE]], %{{.*}} : index
// CHECK: scf.for %{{.*}} = %c0{{.*}} to %[[COUNT]] step %c1
// CHECK: vector.store %{{.*}}, %[[SCRATCH:.*]][
// CHECK: scf.for %{{.*}} = %c0{{.*}} to %[[LENGTH:.*]] step %c1
// CHECK: scf.for %{{.*}} = %c0{{.*}} to %[[COUNT]] step %c1
// CHECK: arith.mulf
// CHECK: vector.store %{{.*}}, %[[SCRATCH]][
// CHECK: scf.for %{{.*}} = %c0{{.*}} to %{{.*}} step %c4
// CHECK: vector.load %[[W]]
// CHECK-COUNT-4: vector.fma
// CHECK: scf.for %{{.*}} = %c0{{.*}} to %[[COUNT]] step %c1
// CHECK: math.tanh
func.func private @shared(%reset: tensor<?x?xf32>, %W: tensor<32x16xf32>)
    -> tensor<?x?x16xf32> attributes {plan.kernel} {
  %y, %last = ssm.recurrence sequence(l) step(m, n)
      ins(%reset[b, l], %W[m, n] : tensor<?x?xf32>, tensor<32x16xf32>)
      outs([b, l, n] : tensor<?x?x16xf32>) states("hidden" [b, m] : tensor<?x32xf32>) {
  ^step(%r: f32, %W_: tensor<32x16xf32>, %s: tensor<32xf32>):
    %keeps = tensor.splat %r : tensor<32xf32>
    %kept = arith.mulf %s, %keeps : tensor<32xf32>
    %Ws = ssm.contract "mn,m->n" %W_, %kept
        : (tensor<32x16xf32>, tensor<32xf32>) -> tensor<16xf32>
    %bounded = math.tanh %Ws : tensor<16xf32>
    ssm.yield %bounded, %kept : tensor<16xf32>, tensor<32xf32>
  }
  return %y : tensor<?x?x16xf32>
}

// What a matrix of its own multiplies, each sequence computes alone.
// CHECK-LABEL: func.func @own(
// CHECK: scf.for %{{.*}} = %arg{{[0-9]+}} to %arg{{[0-9]+}} step %c1 {
// CHECK-NOT: arith.minui
// CHECK: return
func.func private @own(%W: tensor<?x?x32x32xf32>) -> tensor<?x?x32xf32>
    attributes {plan.kernel} {
  %y, %last = ssm.recurrence sequence(l) step(m, n)
      ins(%W[b, l, m, n] : tensor<?x?x32x32xf32>)
      outs([b, l, n] : tensor<?x?x32xf32>) states("hidden" [b, n] : tensor<?x32xf32>) {
  ^step(%W_: tensor<32x32xf32>, %s: tensor<32xf32>):
    %Ws = ssm.contract "mn,m->n" %W_, %s
        : (tensor<32x32xf32>, tensor<32xf32>) -> tensor<32xf32>
    %next = math.tanh %Ws : tensor<32xf32>
    ssm.yield %next, %next : tensor<32xf32>, tensor<32xf32>
  }
  return %y : tensor<?x?x32xf32>
}
