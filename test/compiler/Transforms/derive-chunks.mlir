// RUN: ssmc-opt %s "--ssmc-derive-chunks=algorithm=chunked chunk=8" --cse 2>/dev/null \
// RUN:   | FileCheck %s --check-prefix=CHUNKED
// RUN: ssmc-opt %s "--ssmc-derive-chunks=algorithm=associative chunk=8" --cse 2>/dev/null \
// RUN:   | FileCheck %s --check-prefix=SCAN
// RUN: ssmc-opt %s "--ssmc-derive-chunks=algorithm=newton chunk=8" --cse 2>/dev/null \
// RUN:   | FileCheck %s --check-prefix=NEWTON
// RUN: ssmc-opt %s --ssmc-derive-chunks 2>&1 | FileCheck %s --check-prefix=AUTO
// RUN: ssmc-opt %s --ssmc-derive-chunks=algorithm=sequential 2>&1 \
// RUN:   | FileCheck %s --check-prefix=SEQUENTIAL

// SEQUENTIAL-COUNT-3: remark: kept sequential: as asked for
// SEQUENTIAL-NOT: chunk(

// AUTO: remark: kept sequential: {{.*}} cycles a step, chunked {{.*}}, associative
// AUTO: remark: kept sequential: {{.*}} cycles a step, newton

// Scores with decay, the carried state, and the next one; the channels of a head
// share them.
// CHUNKED-LABEL: @ssd
// CHUNKED: } chunk(8) tile(p) {
// CHUNKED-NEXT: ^bb0(%[[A:.*]]: tensor<8xf32>, %[[X:.*]]: tensor<8x4xf32>, %[[B:.*]]: tensor<8x5xf32>, %[[C:.*]]: tensor<8x5xf32>, %[[S:.*]]: tensor<4x5xf32>):
// CHUNKED-DAG: %[[SINCE:.*]] = ssm.cumulative_product %[[A]] : tensor<8xf32>
// CHUNKED-DAG: %[[UNTIL:.*]] = ssm.cumulative_product %[[A]] suffix : tensor<8xf32>
// CHUNKED: %[[DECAYED:.*]] = ssm.contract "ab,a->ab" %[[C]], %[[SINCE]]
// CHUNKED: %[[CARRIED:.*]] = ssm.contract "ab,cb->ac" %[[DECAYED]], %[[S]]
// CHUNKED: %[[SCORES:.*]] = ssm.decayed_scores %[[C]], %[[B]] decay(%[[A]] : tensor<8xf32>) : tensor<8x5xf32>
// CHUNKED: %[[OWN:.*]] = ssm.causal_product %[[SCORES]], %[[X]]
// CHUNKED: %[[Y:.*]] = arith.addf %[[CARRIED]], %[[OWN]]
// CHUNKED: %[[NEXT:.*]] = arith.addf %{{.*}}, %{{.*}} : tensor<4x5xf32>
// CHUNKED: ssm.yield %[[Y]], %[[NEXT]] : tensor<8x4xf32>, tensor<4x5xf32>
// SCAN-LABEL: @ssd
// SCAN: } chunk(8) {
// SCAN: ssm.associative_scan %{{.*}}, %{{.*}} : tensor<8xf32>, tensor<8x5xf32> {
func.func @ssd(%a: tensor<?x?xf32>, %x: tensor<?x?x4xf32>, %B: tensor<?x?x5xf32>,
               %C: tensor<?x?x5xf32>) -> tensor<?x?x4xf32> {
  %y, %last = ssm.recurrence sequence(l) step(n)
      ins(%a[b, l], %x[b, l, p], %B[b, l, n], %C[b, l, n]
          : tensor<?x?xf32>, tensor<?x?x4xf32>, tensor<?x?x5xf32>, tensor<?x?x5xf32>)
      outs([b, l, p] : tensor<?x?x4xf32>)
      states("recurrent" [b, p, n] : tensor<?x4x5xf32>) {
  ^step(%a_t: f32, %x_t: f32, %b: tensor<5xf32>, %c: tensor<5xf32>, %h: tensor<5xf32>):
    %kept = ssm.contract ",n->n" %a_t, %h : (f32, tensor<5xf32>) -> tensor<5xf32>
    %in = ssm.contract ",n->n" %x_t, %b : (f32, tensor<5xf32>) -> tensor<5xf32>
    %next = arith.addf %kept, %in : tensor<5xf32>
    %y_t = ssm.contract "n,n->" %next, %c : (tensor<5xf32>, tensor<5xf32>) -> f32
    ssm.yield %y_t, %next : f32, tensor<5xf32>
  }
  return %y : tensor<?x?x4xf32>
}

// What the delta rule takes away is found first, all steps at once.
// CHUNKED-LABEL: @delta_rule
// CHUNKED: } chunk(8) {
// CHUNKED: ssm.decayed_scores %{{.*}}, %{{.*}} strict : tensor<8x4xf32>
// CHUNKED: ssm.triangular_solve %{{.*}}, %{{.*}} : tensor<8x8xf32>, tensor<8x3xf32>
// CHUNKED: ssm.decayed_scores %{{.*}}, %{{.*}} : tensor<8x4xf32>
// CHUNKED: ssm.causal_product
// SCAN-LABEL: @delta_rule
// SCAN: ssm.associative_scan %{{.*}}, %{{.*}} : tensor<8x4x4xf32>, tensor<8x4x3xf32> {
func.func @delta_rule(%k: tensor<?x?x4xf32>, %v: tensor<?x?x3xf32>) -> tensor<?x?x3xf32> {
  %y, %last = ssm.recurrence sequence(l) step(k, v)
      ins(%k[b, l, k], %v[b, l, v] : tensor<?x?x4xf32>, tensor<?x?x3xf32>)
      outs([b, l, v] : tensor<?x?x3xf32>)
      states("kv" [b, k, v] : tensor<?x4x3xf32>) {
  ^step(%k_t: tensor<4xf32>, %v_t: tensor<3xf32>, %s: tensor<4x3xf32>):
    %seen = ssm.contract "kv,k->v" %s, %k_t : (tensor<4x3xf32>, tensor<4xf32>) -> tensor<3xf32>
    %error = arith.subf %v_t, %seen : tensor<3xf32>
    %write = ssm.contract "k,v->kv" %k_t, %error
        : (tensor<4xf32>, tensor<3xf32>) -> tensor<4x3xf32>
    %next = arith.addf %s, %write : tensor<4x3xf32>
    %y_t = ssm.contract "kv,k->v" %next, %k_t : (tensor<4x3xf32>, tensor<4xf32>) -> tensor<3xf32>
    ssm.yield %y_t, %next : tensor<3xf32>, tensor<4x3xf32>
  }
  return %y : tensor<?x?x3xf32>
}

// CHUNKED-LABEL: @nonlinear
// CHUNKED-NOT: chunk(
// SCAN-LABEL: @nonlinear
// SCAN-NOT: chunk(
// NEWTON-LABEL: @nonlinear
// NEWTON: } chunk(8) {
// NEWTON: ssm.fixed_point %{{.*}} max_iterations(8)
// NEWTON: ssm.delay
// NEWTON: math.tanh
// NEWTON: ssm.associative_scan
func.func @nonlinear(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%x[b, l, d] : tensor<?x?x8xf32>)
      outs([b, l, d] : tensor<?x?x8xf32>)
      states("h" [b, d] : tensor<?x8xf32>) {
  ^step(%x_t: f32, %h: f32):
    %sum = arith.addf %h, %x_t : f32
    %next = math.tanh %sum : f32
    ssm.yield %next, %next : f32, f32
  }
  return %y : tensor<?x?x8xf32>
}
