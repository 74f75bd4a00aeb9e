// RUN: ssmc-opt %s --ssmc-assign-cpu-layouts --ssmc-lower-cpu-kernels \
// RUN:   --canonicalize --cse | FileCheck %s

// Lanes are channels: an item of 16 of them and one of the rest. Time is a loop; a
// small state stays in registers.
// CHECK-LABEL: func.func @ema(
// CHECK-SAME: %[[X:[a-z0-9]+]]: memref<?xf32>, %[[A:[a-z0-9]+]]: memref<?xf32>, %[[Y:[a-z0-9]+]]: memref<?xf32>
// CHECK: scf.for
// CHECK: scf.if
// CHECK: scf.for {{.*}} -> (vector<4xf32>) {
// CHECK: else
// CHECK: %{{.*}} = scf.for {{.*}} iter_args({{.*}}) -> (vector<16xf32>) {
// CHECK: vector.load %[[X]]{{.*}} : memref<?xf32>, vector<16xf32>
// CHECK: vector.store {{.*}}, %[[Y]]{{.*}} : memref<?xf32>, vector<16xf32>
// CHECK: scf.yield {{.*}} : vector<16xf32>
func.func private @ema(%x: tensor<?x?x20xf32>, %a: tensor<20xf32> {plan.weight})
    -> tensor<?x?x20xf32> attributes {plan.kernel} {
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%x[b, l, d], %a[d] : tensor<?x?x20xf32>, tensor<20xf32>)
      outs([b, l, d] : tensor<?x?x20xf32>)
      states("recurrent" [b, d] : tensor<?x20xf32>) {
  ^step(%x_t: f32, %a_d: f32, %s: f32):
    %kept = arith.mulf %a_d, %s : f32
    %next = arith.addf %kept, %x_t : f32
    ssm.yield %next, %next : f32, f32
  }
  return %y : tensor<?x?x20xf32>
}

// Elements of this state meet in a sum alone. A tile of four stays in registers for
// a block of time steps, and its share of the sum goes to memory.
// CHECK-LABEL: func.func @tiled(
// CHECK-NOT: memref.alloca
// CHECK: scf.for %{{.*}} = %{{.*}} to %c16{{.*}} step %c4
// CHECK-COUNT-4: vector.load
// CHECK: scf.for {{.*}} iter_args({{.*}}) -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>)
// CHECK-COUNT-4: math.fma {{.*}} : vector<16xf32>
// CHECK-NOT: math.fma
// CHECK: vector.store
// CHECK-NEXT: scf.yield
func.func private @tiled(%x: tensor<?x?x16xf32>, %h0: tensor<?x16x16xf32>)
    -> (tensor<?x?x16xf32>, tensor<?x16x16xf32>) attributes {plan.kernel} {
  %y, %h = ssm.recurrence sequence(l) step(n)
      ins(%x[b, l, d] : tensor<?x?x16xf32>) outs([b, l, d] : tensor<?x?x16xf32>)
      states("recurrent" [b, d, n] init(%h0) : tensor<?x16x16xf32>) {
  ^step(%x_t: f32, %s: tensor<16xf32>):
    %in = tensor.splat %x_t : tensor<16xf32>
    %next = arith.addf %in, %s : tensor<16xf32>
    %sum = ssm.contract "n,n->" %next, %next : (tensor<16xf32>, tensor<16xf32>) -> f32
    ssm.yield %sum, %next : f32, tensor<16xf32>
  }
  return %y, %h : tensor<?x?x16xf32>, tensor<?x16x16xf32>
}

// A next state that reads all elements through sums waits for them, and then replaces
// the present one. Each sum is a chain of additions in a register.
// CHECK-LABEL: func.func @mixed(
// CHECK: scf.for {{.*}} iter_args({{.*}}) -> (vector<16xf32>{{.*}}) {
// CHECK-COUNT-4: math.fma
// CHECK: scf.yield
// CHECK: vector.store
// CHECK: return
func.func private @mixed(%x: tensor<?x?x16xf32>, %m: tensor<16x16xf32> {plan.weight})
    -> tensor<?x?x16xf32> attributes {plan.kernel} {
  %y, %h = ssm.recurrence sequence(l) step(n, m)
      ins(%x[b, l, d], %m[n, m] : tensor<?x?x16xf32>, tensor<16x16xf32>)
      outs([b, l, d] : tensor<?x?x16xf32>)
      states("recurrent" [b, d, n] : tensor<?x16x16xf32>) {
  ^step(%x_t: f32, %matrix: tensor<16x16xf32>, %s: tensor<16xf32>):
    %mixed = ssm.contract "nm,m->n" %matrix, %s : (tensor<16x16xf32>, tensor<16xf32>) -> tensor<16xf32>
    %in = tensor.splat %x_t : tensor<16xf32>
    %next = arith.addf %in, %mixed : tensor<16xf32>
    ssm.yield %x_t, %next : f32, tensor<16xf32>
  }
  return %y : tensor<?x?x16xf32>
}

// One that reads other elements itself needs a second place, and is copied after the
// step.
// CHECK-LABEL: func.func @turned(
// CHECK-COUNT-4: arith.addf
// CHECK: scf.for
// CHECK: %[[NEXT:.*]] = vector.load
// CHECK: vector.store %[[NEXT]]
// CHECK: return
func.func private @turned(%x: tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
    attributes {plan.kernel} {
  %y, %h = ssm.recurrence sequence(l) step(n, m)
      ins(%x[b, l, d] : tensor<?x?x16xf32>) outs([b, l, d] : tensor<?x?x16xf32>)
      states("recurrent" [b, d, n, m] : tensor<?x16x4x4xf32>) {
  ^step(%x_t: f32, %s: tensor<4x4xf32>):
    %turned = ssm.contract "nm->mn" %s : (tensor<4x4xf32>) -> tensor<4x4xf32>
    %in = tensor.splat %x_t : tensor<4x4xf32>
    %next = arith.addf %in, %turned : tensor<4x4xf32>
    ssm.yield %x_t, %next : f32, tensor<4x4xf32>
  }
  return %y : tensor<?x?x16xf32>
}

// A small state that a large nest reads is in memory: the index is no constant there.
// CHECK-LABEL: func.func @small(
// CHECK: scf.for {{.*}} to %{{.*}} step %c1{{[a-z_0-9]*}} {
// CHECK-COUNT-16: math.fma
// CHECK: vector.store
// CHECK: return
func.func private @small(%x: tensor<?x?x16x4x4xf32>, %w: tensor<4xf32> {plan.weight})
    -> tensor<?x?x16x4xf32> attributes {plan.kernel} {
  %y, %h = ssm.recurrence sequence(l) step(n, m)
      ins(%x[b, l, d, n, m], %w[m] : tensor<?x?x16x4x4xf32>, tensor<4xf32>)
      outs([b, l, d, n] : tensor<?x?x16x4xf32>)
      states("recurrent" [b, d, n] : tensor<?x16x4xf32>) {
  ^step(%matrix: tensor<4x4xf32>, %weight: tensor<4xf32>, %s: tensor<4xf32>):
    %scaled = arith.mulf %weight, %s : tensor<4xf32>
    %next = ssm.contract "nm,m->n" %matrix, %scaled
        : (tensor<4x4xf32>, tensor<4xf32>) -> tensor<4xf32>
    ssm.yield %next, %next : tensor<4xf32>, tensor<4xf32>
  }
  return %y : tensor<?x?x16x4xf32>
}

// What lanes share is computed once for them all: with lanes along its axis, 16 steps
// at once if it is a scalar. Of two products that are added, one is part of a fused
// multiply-add, the one that waits for the state.
// CHECK-LABEL: func.func @shared(
// CHECK: math.exp {{.*}} : vector<16xf32>
// CHECK: math.tanh {{.*}} : vector<16xf32>
// CHECK: math.tanh {{.*}} : vector<1xf32>
// CHECK: scf.for {{.*}} iter_args(
// CHECK-NOT: math.exp
// CHECK-NOT: math.tanh
// CHECK: %[[IN:.*]] = arith.mulf
// CHECK: math.fma {{.*}}, {{.*}}, %[[IN]]
// CHECK: return
func.func private @shared(%x: tensor<?x?x2x16xf32>, %gate: tensor<?x?x2x32xf32>,
                          %scale: tensor<?x?x2xf32>)
    -> tensor<?x?x2x16xf32> attributes {plan.kernel} {
  %y, %h = ssm.recurrence sequence(l) step(n)
      ins(%x[b, l, g, d], %gate[b, l, g, n], %scale[b, l, g]
          : tensor<?x?x2x16xf32>, tensor<?x?x2x32xf32>, tensor<?x?x2xf32>)
      outs([b, l, g, d] : tensor<?x?x2x16xf32>)
      states("recurrent" [b, g, d, n] : tensor<?x2x16x32xf32>) {
  ^step(%x_t: f32, %gate_t: tensor<32xf32>, %scale_t: f32, %s: tensor<32xf32>):
    %decay = math.exp %gate_t : tensor<32xf32>
    %bounded = math.tanh %scale_t : f32
    %kept = arith.mulf %decay, %s : tensor<32xf32>
    %scaled = arith.mulf %bounded, %x_t : f32
    %in = ssm.contract ",n->n" %scaled, %gate_t : (f32, tensor<32xf32>) -> tensor<32xf32>
    %next = arith.addf %kept, %in : tensor<32xf32>
    %sum = ssm.contract "n->" %next : (tensor<32xf32>) -> f32
    ssm.yield %sum, %next : f32, tensor<32xf32>
  }
  return %y : tensor<?x?x2x16xf32>
}
