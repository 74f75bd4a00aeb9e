// RUN: ssmc-opt %s --ssmc-assign-cpu-layouts --ssmc-lower-cpu-kernels \
// RUN:   --canonicalize --cse | FileCheck %s

// Lanes are channels: one vector of 16 and a rest of 4. Time is a loop; a small
// state stays in registers.
// CHECK-LABEL: func.func @ema(
// CHECK-SAME: %[[X:[a-z0-9]+]]: memref<?xf32>, %[[A:[a-z0-9]+]]: memref<?xf32>, %[[Y:[a-z0-9]+]]: memref<?xf32>
// CHECK: scf.for
// CHECK: %{{.*}} = scf.for {{.*}} iter_args({{.*}}) -> (vector<16xf32>) {
// CHECK: vector.load %[[X]]{{.*}} : memref<?xf32>, vector<16xf32>
// CHECK: vector.store {{.*}}, %[[Y]]{{.*}} : memref<?xf32>, vector<16xf32>
// CHECK: scf.yield {{.*}} : vector<16xf32>
// CHECK: scf.for {{.*}} -> (vector<4xf32>) {
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

// A state of many elements lives in memory of the kernel's own while time runs,
// and is updated in place: no other element reads it.
// CHECK-LABEL: func.func @wide(
// CHECK-COUNT-1: memref.alloca() {{.*}} : memref<256xf32>
// CHECK-NOT: memref.alloca
// CHECK: math.fma {{.*}} : vector<16xf32>
func.func private @wide(%x: tensor<?x?x16xf32>, %h0: tensor<?x16x16xf32>)
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

// A next state that reads other elements of the present one needs a second place.
// CHECK-LABEL: func.func @shifted(
// CHECK-COUNT-2: memref.alloca() {{.*}} : memref<256xf32>
// The matrix is read once, before time.
// CHECK: memref.alloca() {{.*}} : memref<4096xf32>
func.func private @shifted(%x: tensor<?x?x16xf32>, %m: tensor<16x16xf32> {plan.weight})
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

// So are a small state and a small weight that a large nest reads, whose index is
// no constant there.
// CHECK-LABEL: func.func @small(
// CHECK-COUNT-4: memref.alloca() {{.*}} : memref<64xf32>
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
