// RUN: split-file %s %t
// RUN: ssmc-opt %t/large.mlir --ssmc-form-dispatches --ssmc-assign-cpu-layouts \
// RUN:   | FileCheck %s --check-prefix=LARGE
// RUN: ssmc-opt %t/large.mlir --ssmc-form-dispatches --ssmc-assign-cpu-layouts \
// RUN:     --ssmc-plan-entries | FileCheck %s --check-prefix=PLAN
// RUN: ssmc-opt %t/kernel.mlir --ssmc-assign-cpu-layouts --ssmc-lower-cpu-kernels \
// RUN:   | FileCheck %s --check-prefix=LOOPS
// RUN: ssmc-opt %t/small.mlir --ssmc-form-dispatches --ssmc-assign-cpu-layouts \
// RUN:   | FileCheck %s --check-prefix=WHOLE

//--- large.mlir

// The product of 400 x 400 takes 7 blocks of 64 hidden units; two copies of the state,
// 400 floats each, are shared.
// LARGE: plan.grid = #plan.grid<items = 7, per_batch = true, rounds_per_step = 1>
// LARGE-SAME: plan.shared_bytes = 3200
// PLAN: plan.entry @forward {{.*}} arena(0, 3200, 0)
// PLAN-NEXT: plan.run {{.*}}<items = 7, per_batch = true, rounds_per_step = 1>
// PLAN-SAME: #plan.output<0>, #plan.arena<batch, offset = 0, size = 3200, start = 0, end = 0>] written 2

func.func @forward(%x: tensor<?x?x400xf32>) -> tensor<?x?x400xf32>
    attributes {ssm.entry} {
  %R = ssm.weight "R" splat(0.01) : tensor<400x400xf32>
  %y, %last = ssm.recurrence sequence(l) step(r, n)
      ins(%x[b, l, r], %R[r, n] : tensor<?x?x400xf32>, tensor<400x400xf32>)
      outs([b, l, n] : tensor<?x?x400xf32>) states("hidden" [b, n] : tensor<?x400xf32>) {
  ^step(%x_t: tensor<400xf32>, %R_: tensor<400x400xf32>, %s: tensor<400xf32>):
    %Rs = ssm.contract "rn,n->r" %R_, %s
        : (tensor<400x400xf32>, tensor<400xf32>) -> tensor<400xf32>
    %a = arith.addf %x_t, %Rs : tensor<400xf32>
    %next = math.tanh %a : tensor<400xf32>
    ssm.yield %next, %next : tensor<400xf32>, tensor<400xf32>
  }
  return %y : tensor<?x?x400xf32>
}

//--- kernel.mlir

// The last block has 16 units. Round 0 brings its part of the states of a group of
// sequences into shared memory; a later one computes its part of the step from all of
// them, as a product of matrices: three sequences meet four rows of the matrix at once.
// LOOPS: func.func @kernel(%[[X:[a-z0-9]+]]: memref<?xf32>, %[[R:[a-z0-9]+]]: memref<?xf32>,
// LOOPS-SAME: %[[Y:[a-z0-9]+]]: memref<?xf32>, %[[SHARED:[a-z0-9]+]]: memref<?xf32>,
// LOOPS: scf.for %[[LINE:.*]] = %{{.*}} to %{{.*}} step %c1 {
// LOOPS: scf.for %{{.*}} = %{{.*}} to %[[LAST:.*]] step %[[SIZE:.*]] {
// LOOPS: %[[COUNT:.*]] = arith.minui %[[SIZE]], %{{.*}} : index
// LOOPS: %[[ROUND:.*]] = arith.divui %[[LINE]], %c7{{.*}} : index
// LOOPS: arith.cmpi eq, %{{.*}}, %c6 : index
// LOOPS: scf.if
// LOOPS: } else {
// LOOPS: %[[FIRST:.*]] = arith.cmpi eq, %[[ROUND]], %c0 : index
// LOOPS: scf.if %[[FIRST]] {
// LOOPS: scf.for %{{.*}} = %c0 to %[[COUNT]] step %c1 {
// LOOPS: scf.for %{{.*}} = %c0 to %c64{{.*}} step %c16
// LOOPS: vector.store %{{.*}}, %[[SHARED]]
// LOOPS: } else {
// LOOPS: %[[ONE:.*]] = arith.cmpi eq, %[[COUNT]], %c1 : index
// LOOPS: scf.if %[[ONE]] {
// LOOPS: scf.for %{{.*}} = %c0 to %c64{{.*}} step %c8 {
// LOOPS: } else {
// LOOPS: scf.for %{{.*}} = %c0 to %c64{{.*}} step %c4 {
// LOOPS: scf.for %{{.*}} = %c0 to %{{.*}} step %c3 {
// LOOPS: scf.for %{{.*}} = %c0 to %c400 step %c8
// LOOPS-COUNT-3: vector.load %[[SHARED]]
// LOOPS: vector.load %[[R]]
// LOOPS-COUNT-3: vector.fma
// LOOPS: vector.load %[[R]]
// LOOPS: scf.for %{{.*}} = %c0 to %[[COUNT]] step %c1 {
// LOOPS: scf.for %{{.*}} = %c0 to %c64{{.*}} step %c16
// LOOPS: math.tanh
// LOOPS: vector.store %{{.*}}, %[[Y]]
// LOOPS: vector.store %{{.*}}, %[[SHARED]]
func.func private @kernel(%x: tensor<?x?x400xf32>, %R: tensor<400x400xf32>)
    -> tensor<?x?x400xf32> attributes {plan.kernel} {
  %y, %last = ssm.recurrence sequence(l) step(r, n)
      ins(%x[b, l, r], %R[r, n] : tensor<?x?x400xf32>, tensor<400x400xf32>)
      outs([b, l, n] : tensor<?x?x400xf32>) states("hidden" [b, n] : tensor<?x400xf32>) {
  ^step(%x_t: tensor<400xf32>, %R_: tensor<400x400xf32>, %s: tensor<400xf32>):
    %Rs = ssm.contract "rn,n->r" %R_, %s
        : (tensor<400x400xf32>, tensor<400xf32>) -> tensor<400xf32>
    %a = arith.addf %x_t, %Rs : tensor<400xf32>
    %next = math.tanh %a : tensor<400xf32>
    ssm.yield %next, %next : tensor<400xf32>, tensor<400xf32>
  }
  return %y : tensor<?x?x400xf32>
}

//--- small.mlir

// A small step stays whole.
// WHOLE: func.func private @{{.*}}_64{{.*}}plan.grid = #plan.grid<items = 1, per_batch = true>
func.func @small(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> attributes {ssm.entry} {
  %R = ssm.weight "R" splat(0.01) : tensor<64x64xf32>
  %y, %last = ssm.recurrence sequence(l) step(r, n)
      ins(%x[b, l, r], %R[r, n] : tensor<?x?x64xf32>, tensor<64x64xf32>)
      outs([b, l, n] : tensor<?x?x64xf32>) states("hidden" [b, n] : tensor<?x64xf32>) {
  ^step(%x_t: tensor<64xf32>, %R_: tensor<64x64xf32>, %s: tensor<64xf32>):
    %Rs = ssm.contract "rn,n->r" %R_, %s
        : (tensor<64x64xf32>, tensor<64xf32>) -> tensor<64xf32>
    %a = arith.addf %x_t, %Rs : tensor<64xf32>
    %next = math.tanh %a : tensor<64xf32>
    ssm.yield %next, %next : tensor<64xf32>, tensor<64xf32>
  }
  return %y : tensor<?x?x64xf32>
}

// So does one of which every item would compute nearly all: the second product
// reads all of the first.
// WHOLE: func.func private @{{.*}}_400{{.*}}plan.grid = #plan.grid<items = 1, per_batch = true>
func.func @chained(%x: tensor<?x?x400xf32>) -> tensor<?x?x400xf32> attributes {ssm.entry} {
  %R = ssm.weight "R" splat(0.01) : tensor<400x400xf32>
  %y, %last = ssm.recurrence sequence(l) step(r, n)
      ins(%x[b, l, r], %R[r, n] : tensor<?x?x400xf32>, tensor<400x400xf32>)
      outs([b, l, n] : tensor<?x?x400xf32>) states("hidden" [b, n] : tensor<?x400xf32>) {
  ^step(%x_t: tensor<400xf32>, %R_: tensor<400x400xf32>, %s: tensor<400xf32>):
    %Rs = ssm.contract "rn,n->r" %R_, %s
        : (tensor<400x400xf32>, tensor<400xf32>) -> tensor<400xf32>
    %a = arith.addf %x_t, %Rs : tensor<400xf32>
    %bounded = math.tanh %a : tensor<400xf32>
    %next = ssm.contract "rn,n->r" %R_, %bounded
        : (tensor<400x400xf32>, tensor<400xf32>) -> tensor<400xf32>
    ssm.yield %next, %next : tensor<400xf32>, tensor<400xf32>
  }
  return %y : tensor<?x?x400xf32>
}

// And one that has items enough.
// WHOLE: func.func private @{{.*}}_4_400{{.*}}plan.grid = #plan.grid<items = 4, per_batch = true>
func.func @heads(%x: tensor<?x?x4x400xf32>) -> tensor<?x?x4x400xf32> attributes {ssm.entry} {
  %R = ssm.weight "R" splat(0.01) : tensor<4x400x400xf32>
  %y, %last = ssm.recurrence sequence(l) step(r, n)
      ins(%x[b, l, h, r], %R[h, r, n] : tensor<?x?x4x400xf32>, tensor<4x400x400xf32>)
      outs([b, l, h, n] : tensor<?x?x4x400xf32>)
      states("hidden" [b, h, n] : tensor<?x4x400xf32>) {
  ^step(%x_t: tensor<400xf32>, %R_: tensor<400x400xf32>, %s: tensor<400xf32>):
    %Rs = ssm.contract "rn,n->r" %R_, %s
        : (tensor<400x400xf32>, tensor<400xf32>) -> tensor<400xf32>
    %a = arith.addf %x_t, %Rs : tensor<400xf32>
    %next = math.tanh %a : tensor<400xf32>
    ssm.yield %next, %next : tensor<400xf32>, tensor<400xf32>
  }
  return %y : tensor<?x?x4x400xf32>
}
