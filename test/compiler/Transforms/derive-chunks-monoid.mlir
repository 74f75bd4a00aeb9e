// RUN: ssmc-opt %s "--ssmc-derive-chunks=algorithm=associative chunk=8" --cse 2>/dev/null | FileCheck %s
// RUN: ssmc-opt %s --ssmc-derive-chunks=algorithm=sequential 2>/dev/null \
// RUN:   | FileCheck %s --check-prefix=STEPS
// RUN: ssmc-opt %s "--ssmc-derive-chunks=algorithm=associative chunk=8" 2>&1 >/dev/null \
// RUN:   | FileCheck %s --check-prefix=REMARK

// The declaration is gone from the body. In the chunk, the state before acts in the first
// step, and a later step that has started drops what is earlier.
// STEPS-LABEL: @monoid
// STEPS-NOT: ssm.combine
// STEPS: arith.maximumf %arg{{[0-9]+}}, %arg{{[0-9]+}} : f32
// CHECK-LABEL: @monoid
// CHECK-NOT: ssm.combine
// CHECK: } chunk(8) {
// CHECK: ^bb0(%[[X:.*]]: tensor<8xf32>, %[[R:.*]]: tensor<8xf32>, %[[H:.*]]: f32):
// CHECK: %[[X0:.*]] = tensor.extract %[[X]][%{{.*}}] : tensor<8xf32>
// CHECK: arith.maximumf %[[H]], %[[X0]] : f32
// CHECK: %[[S:.*]]:2 = ssm.associative_scan %{{.*}}, %{{.*}} : tensor<8xf32>, tensor<8xf32> {
// CHECK-NEXT: ^bb0(%[[A:.*]]: f32, %[[F:.*]]: f32, %[[B:.*]]: f32, %[[G:.*]]: f32):
// CHECK: %[[STARTED:.*]] = arith.cmpf oeq, %[[G]], %{{.*}} : f32
// CHECK: %[[MOST:.*]] = arith.maximumf %[[A]], %[[B]] : f32
// CHECK: arith.select %[[STARTED]], %[[B]], %[[MOST]] : f32
// CHECK: arith.select %[[STARTED]], %{{.*}}, %[[F]] : f32
// CHECK: ssm.yield %[[S]]#0, %{{.*}} : tensor<8xf32>, f32
func.func @monoid(%x: tensor<?x?x4xf32>, %reset: tensor<?x?xf32>) -> tensor<?x?x4xf32> {
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%x[b, l, d], %reset[b, l] : tensor<?x?x4xf32>, tensor<?x?xf32>)
      outs([b, l, d] : tensor<?x?x4xf32>) states("h" [b, d] : tensor<?x4xf32>) {
  ^step(%x_t: f32, %r: f32, %h: f32):
    %zero = arith.constant 0.0 : f32
    %fresh = arith.cmpf one, %r, %zero : f32
    %most = ssm.combine %h with %x_t : f32 with f32 {
    ^act(%a: f32, %b: f32):
      %m = arith.maximumf %a, %b : f32
      ssm.yield %m : f32
    }
    %next = arith.select %fresh, %x_t, %most : f32
    ssm.yield %next, %next : f32, f32
  }
  return %y : tensor<?x?x4xf32>
}

// What acts on the state is combined beside it.
// CHECK-LABEL: @action
// CHECK: ssm.associative_scan %{{.*}}, %{{.*}}, %{{.*}} : tensor<8xf32>, tensor<8x4xf32>, tensor<8xf32> {
// CHECK-NEXT: ^bb0(%[[A:.*]]: f32, %[[H:.*]]: tensor<4xf32>, %{{.*}}: f32, %[[B:.*]]: f32, %{{.*}}: tensor<4xf32>, %{{.*}}: f32):
// CHECK-DAG: %[[AB:.*]] = arith.mulf %[[A]], %[[B]] : f32
// CHECK-DAG: ssm.contract ",n->n" %[[B]], %[[H]]
// CHECK: ssm.yield %[[AB]], %{{.*}}, %{{.*}} : f32, tensor<4xf32>, f32
func.func @action(%x: tensor<?x?xf32>) -> tensor<?x?x4xf32> {
  %y, %last = ssm.recurrence sequence(l) step(n)
      ins(%x[b, l] : tensor<?x?xf32>)
      outs([b, l, n] : tensor<?x?x4xf32>) states("h" [b, n] : tensor<?x4xf32>) {
  ^step(%x_t: f32, %h: tensor<4xf32>):
    %next = ssm.combine %h with %x_t : tensor<4xf32> with f32 {
    ^act(%a: tensor<4xf32>, %b: f32):
      %s = ssm.contract ",n->n" %b, %a : (f32, tensor<4xf32>) -> tensor<4xf32>
      ssm.yield %s : tensor<4xf32>
    } merge {
    ^merge(%a: f32, %b: f32):
      %s = arith.mulf %a, %b : f32
      ssm.yield %s : f32
    }
    ssm.yield %next, %next : tensor<4xf32>, tensor<4xf32>
  }
  return %y : tensor<?x?x4xf32>
}

// Elements much larger than the state are combined by steps alone.
// REMARK: remark: 'associative' does not apply: a combination of 21 numbers of a step for 1 of the state costs more than the steps
// CHECK-LABEL: @large_elements
// CHECK-NOT: chunk(
func.func @large_elements(%x: tensor<?x?x21xf32>) -> tensor<?x?xf32> {
  %y, %last = ssm.recurrence sequence(l) step(n)
      ins(%x[b, l, n] : tensor<?x?x21xf32>)
      outs([b, l] : tensor<?x?xf32>) states("h" [b] : tensor<?xf32>) {
  ^step(%x_t: tensor<21xf32>, %h: f32):
    %next = ssm.combine %h with %x_t : f32 with tensor<21xf32> {
    ^act(%a: f32, %b: tensor<21xf32>):
      %s = ssm.contract "n->" %b : (tensor<21xf32>) -> f32
      %t = arith.addf %a, %s : f32
      ssm.yield %t : f32
    } merge {
    ^merge(%a: tensor<21xf32>, %b: tensor<21xf32>):
      %s = arith.addf %a, %b : tensor<21xf32>
      ssm.yield %s : tensor<21xf32>
    }
    ssm.yield %next, %next : f32, f32
  }
  return %y : tensor<?x?xf32>
}
