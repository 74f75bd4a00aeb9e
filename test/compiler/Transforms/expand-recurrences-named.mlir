// RUN: ssmc-opt %s --ssmc-expand-recurrences | FileCheck %s

// Heads share groups of B; a reset makes the state zero before anything reads it.
// CHECK-LABEL: @ssd
// CHECK: ssm.recurrence sequence(l) step(n)
// CHECK-NEXT: ins(%{{.*}}[b, l, g r, p], %{{.*}}[b, l, g r], %{{.*}}[g r], %{{.*}}[b, l, g, n], %{{.*}}[b, l, n], %{{.*}}[b, l] :
// CHECK-NEXT: outs([b, l, g r, p] : tensor<?x?x6x5xf32>)
// CHECK-NEXT: states("recurrent" [b, g r, p, n] : tensor<?x6x5x4xf32>)
// CHECK-NEXT: ^bb0(%[[X:.*]]: f32, %[[DT:.*]]: f32, %[[A:.*]]: f32, %[[B:.*]]: tensor<4xf32>, %[[C:.*]]: tensor<4xf32>, %[[R:.*]]: f32, %[[S:.*]]: tensor<4xf32>):
// CHECK: %[[FRESH:.*]] = arith.cmpf une, %[[R]], %{{.*}} : f32
// CHECK: %[[OLD:.*]] = arith.select %[[FRESH]], %{{.*}}, %[[S]] : tensor<4xf32>
// CHECK: %[[SOFT:.*]] = ssm.softplus %[[DT]] : f32
// CHECK: %[[STEP:.*]] = arith.maximumf %[[SOFT]], %{{.*}} : f32
// CHECK-DAG: %[[RATE:.*]] = arith.mulf %[[STEP]], %[[A]] : f32
// CHECK-DAG: %[[DECAY:.*]] = math.exp %[[RATE]] : f32
// CHECK-DAG: %[[KEPT:.*]] = ssm.contract ",n->n" %[[DECAY]], %[[OLD]]
// CHECK-DAG: %[[GAIN:.*]] = arith.mulf %[[STEP]], %[[X]] : f32
// CHECK-DAG: %[[WRITE:.*]] = ssm.contract ",n->n" %[[GAIN]], %[[B]]
// CHECK: %[[NEXT:.*]] = arith.addf %[[KEPT]], %[[WRITE]] : tensor<4xf32>
// CHECK: %[[Y:.*]] = ssm.contract "n,n->" %[[C]], %[[NEXT]]
// CHECK: ssm.yield %[[Y]], %[[NEXT]] : f32, tensor<4xf32>
func.func @ssd(%x: tensor<?x?x6x5xf32>, %dt: tensor<?x?x6xf32>, %A: tensor<6xf32>,
    %B: tensor<?x?x2x4xf32>, %C: tensor<?x?x4xf32>, %r: tensor<?x?xf32>) -> tensor<?x?x6x5xf32> {
  %y, %S = ssm.ssd %x, %dt, %A, %B, %C reset(%r : tensor<?x?xf32>) softplus dt_min(0.5)
      : tensor<?x?x6x5xf32>, tensor<?x?x6xf32>, tensor<6xf32>, tensor<?x?x2x4xf32>,
        tensor<?x?x4xf32>
  return %y : tensor<?x?x6x5xf32>
}

// The gates relative to the stabilizer are a recurrence of their own; with them
// the state and the normalizer are linear.
// CHECK-LABEL: @mlstm
// CHECK: %[[GATES:.*]]:3, %{{.*}} = ssm.recurrence sequence(l) step()
// CHECK: states("stabilizer" [b, h] : tensor<?x4xf32>) attributes {ssm.written_as = "ssm.linear_attention"}
// CHECK: %[[Y:.*]], %{{.*}} = ssm.recurrence sequence(l) step(k)
// CHECK-NEXT: ins({{.*}}, %[[GATES]]#0[b, l, h], %[[GATES]]#1[b, l, h] :
// CHECK: states("recurrent" [b, h, v, k] : tensor<?x4x5x3xf32>) attributes {ssm.written_as = "ssm.linear_attention"}
// CHECK: %[[DIVISOR:.*]], %{{.*}} = ssm.recurrence sequence(l) step(k)
// CHECK-NEXT: ins({{.*}}, %[[GATES]]#0[b, l, h], %[[GATES]]#1[b, l, h], %[[GATES]]#2[b, l, h] :
// CHECK: states("normalizer" [b, h, k] : tensor<?x4x3xf32>)
// CHECK: %[[ALL:.*]] = ssm.broadcast %[[DIVISOR]] like %[[Y]] [0, 1, 2]
// CHECK: arith.divf %[[Y]], %[[ALL]] : tensor<?x?x4x5xf32>
func.func @mlstm(%q: tensor<?x?x4x3xf32>, %v: tensor<?x?x4x5xf32>, %g: tensor<?x?x4xf32>,
    %i: tensor<?x?x4xf32>) -> tensor<?x?x4x5xf32> {
  %y, %S, %z, %m = ssm.linear_attention %q, %q, %v log decay(%g : tensor<?x?x4xf32>)
      input_gate(%i : tensor<?x?x4xf32>) normalizer(max) eps(0.5)
      : tensor<?x?x4x3xf32>, tensor<?x?x4x3xf32>, tensor<?x?x4x5xf32>
  return %y : tensor<?x?x4x5xf32>
}

// The state decays once and is corrected twice; a constant decay is ready outside.
// CHECK-LABEL: @delta_product
// CHECK: %[[DECAY:.*]] = math.exp %{{.*}} : tensor<4xf32>
// CHECK: ssm.recurrence sequence(l) step(j, k)
// CHECK: ^bb0(%[[Q:.*]]: tensor<3xf32>, %[[K:.*]]: tensor<2x3xf32>, %{{.*}}: tensor<2xf32>, %{{.*}}: tensor<2xf32>, %[[G:.*]]: f32, %[[S:.*]]: tensor<3xf32>):
// CHECK: %[[KEPT:.*]] = ssm.contract ",n->n" %[[G]], %[[S]]
// CHECK: %[[K0:.*]] = tensor.extract_slice %[[K]][0, 0] [1, 3] [1, 1]
// CHECK: ssm.contract "n,n->" %[[K0]], %[[KEPT]]
// CHECK: %[[FIRST:.*]] = arith.addf %[[KEPT]], %{{.*}} : tensor<3xf32>
// CHECK: %[[K1:.*]] = tensor.extract_slice %[[K]][1, 0] [1, 3] [1, 1]
// CHECK: ssm.contract "n,n->" %[[K1]], %[[FIRST]]
// CHECK: %[[SECOND:.*]] = arith.addf %[[FIRST]], %{{.*}} : tensor<3xf32>
// CHECK: %[[Y:.*]] = ssm.contract "n,n->" %[[Q]], %[[SECOND]]
// CHECK: ssm.yield %[[Y]], %[[SECOND]] : f32, tensor<3xf32>
func.func @delta_product(%q: tensor<?x?x4x3xf32>, %k: tensor<?x?x2x4x3xf32>,
    %v: tensor<?x?x2x4x5xf32>, %beta: tensor<?x?x2x4xf32>, %g: tensor<4xf32>) -> tensor<?x?x4x5xf32> {
  %y, %S = ssm.delta_rule %q, %k, %v beta(%beta : tensor<?x?x2x4xf32>) log decay(%g : tensor<4xf32>)
      : tensor<?x?x4x3xf32>, tensor<?x?x2x4x3xf32>, tensor<?x?x2x4x5xf32>
  return %y : tensor<?x?x4x5xf32>
}

// One product with the input's weight for the whole sequence.
// CHECK-LABEL: @gru
// CHECK: %[[A:.*]] = ssm.linear %{{.*}}, %{{.*}} : tensor<?x?x7xf32>, tensor<15x7xf32>
// CHECK: ssm.recurrence sequence(l) step(m, n)
// CHECK-NEXT: ins(%[[A]][b, l, m], %{{.*}}[m, n], %{{.*}}[m] :
// CHECK: states("hidden" [b, n] : tensor<?x5xf32>)
// CHECK: %[[U:.*]] = ssm.contract "mn,n->m"
// CHECK-COUNT-2: ssm.sigmoid
// CHECK: math.tanh
func.func @gru(%x: tensor<?x?x7xf32>, %U: tensor<15x5xf32>, %W: tensor<15x7xf32>,
    %b: tensor<15xf32>) -> tensor<?x?x5xf32> {
  %y, %h = ssm.rnn gru %x, %U input_weight(%W : tensor<15x7xf32>) hidden_bias(%b : tensor<15xf32>)
      : tensor<?x?x7xf32>, tensor<15x5xf32>
  return %y : tensor<?x?x5xf32>
}

// What depends on parameters alone stands outside.
// CHECK-LABEL: @s4d
// CHECK: %[[DECAY:.*]], %{{.*}}, %[[REST:.*]]:2 = ssm.discretize zoh %{{.*}} imag(
// CHECK: %[[GAIN:.*]], %[[GAIN_IM:.*]] = ssm.complex_mul
// CHECK: ssm.recurrence sequence(l) step(n)
// CHECK-NEXT: ins(%{{.*}}[b, l, d], %[[DECAY]][d, n], %[[REST]]#0[d, n], %[[GAIN]][d, n], %[[GAIN_IM]][d, n],
// CHECK: states("recurrent" [b, d, n], "recurrent_imag" [b, d, n] :
// CHECK-NOT: math
// CHECK: ssm.yield
func.func @s4d(%u: tensor<?x?x6xf32>, %re: tensor<6x4xf32>, %im: tensor<6x4xf32>,
    %dt: tensor<6xf32>) -> tensor<?x?x6xf32> {
  %y, %h, %g = ssm.lti %u A(%re, %im : tensor<6x4xf32>, tensor<6x4xf32>)
      C(%re, %im : tensor<6x4xf32>, tensor<6x4xf32>) method(zoh) dt(%dt : tensor<6xf32>) conjugate
      : tensor<?x?x6xf32>
  return %y : tensor<?x?x6xf32>
}

// CHECK-LABEL: @lru
// CHECK-COUNT-2: ssm.linear %{{.*}} : tensor<?x?x6xf32>, tensor<4x6xf32>
// CHECK: %[[H:.*]]:2, %{{.*}}:2 = ssm.recurrence sequence(l) step()
// CHECK: attributes {ssm.written_as = "ssm.lti"}
// CHECK: %[[RE:.*]] = ssm.linear %[[H]]#0, %{{.*}} : tensor<?x?x4xf32>, tensor<6x4xf32>
// CHECK: %[[IM:.*]] = ssm.linear %[[H]]#1, %{{.*}} : tensor<?x?x4xf32>, tensor<6x4xf32>
// CHECK: arith.subf %[[RE]], %[[IM]]
func.func @lru(%u: tensor<?x?x6xf32>, %re: tensor<4xf32>, %im: tensor<4xf32>,
    %B: tensor<4x6xf32>, %C: tensor<6x4xf32>) -> tensor<?x?x6xf32> {
  %y, %h, %g = ssm.lti %u A(%re, %im : tensor<4xf32>, tensor<4xf32>)
      B(%B, %B : tensor<4x6xf32>, tensor<4x6xf32>) C(%C, %C : tensor<6x4xf32>, tensor<6x4xf32>) mimo
      : tensor<?x?x6xf32>
  return %y : tensor<?x?x6xf32>
}
