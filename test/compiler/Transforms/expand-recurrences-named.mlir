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

// The region moves into an `ssm.combine`; a reset makes the flag zero, and where that is
// zero the element is the result. An element without batch and time has none in ins(...).
// CHECK-LABEL: @scan
// CHECK: ssm.recurrence sequence(l) step([[N:.*]])
// CHECK-NEXT: ins(%{{.*}}[b, l, [[C:.*]]], %{{.*}}[[[N]]], %{{.*}}[b, l] :
// CHECK-NEXT: outs([b, l, [[C]]], [b, l, [[C]], [[N]]] : tensor<?x?x8xf32>, tensor<?x?x8x2xf32>)
// CHECK-NEXT: states("recurrent" [b, [[C]]], "recurrent" [b, [[C]], [[N]]], "begun" [b, [[C]]] :
// CHECK-NEXT: ^bb0(%[[X:.*]]: f32, %[[V:.*]]: tensor<2xf32>, %[[R:.*]]: f32, %[[M:.*]]: f32, %[[S:.*]]: tensor<2xf32>, %[[BEGUN:.*]]: f32):
// CHECK: %[[ALL:.*]]:2 = ssm.combine %[[M]], %[[S]] with %[[X]], %[[V]] : f32, tensor<2xf32> with f32, tensor<2xf32> {
// CHECK: arith.maximumf
// CHECK: }
// CHECK: %[[STARTS:.*]] = arith.cmpf une, %[[R]], %[[ZERO:.*]] : f32
// CHECK: %[[FLAG:.*]] = arith.select %[[STARTS]], %[[ZERO]], %[[BEGUN]] : f32
// CHECK: %[[FRESH:.*]] = arith.cmpf oeq, %[[FLAG]], %[[ZERO]] : f32
// CHECK: %[[NEXT:.*]] = arith.select %[[FRESH]], %[[X]], %[[ALL]]#0 : f32
// CHECK: %[[SUM:.*]] = arith.select %[[FRESH]], %[[V]], %[[ALL]]#1 : tensor<2xf32>
// CHECK: ssm.yield %[[NEXT]], %[[SUM]], %[[NEXT]], %[[SUM]], %{{.*}} :
func.func @scan(%x: tensor<?x?x8xf32>, %v: tensor<2xf32>, %r: tensor<?x?xf32>)
    -> tensor<?x?x8xf32> {
  %y:5 = ssm.scan %x, %v reset(%r : tensor<?x?xf32>) : tensor<?x?x8xf32>, tensor<2xf32> {
  ^combine(%a: f32, %va: tensor<2xf32>, %b: f32, %vb: tensor<2xf32>):
    %m = arith.maximumf %a, %b : f32
    %s = arith.addf %va, %vb : tensor<2xf32>
    ssm.yield %m, %s : f32, tensor<2xf32>
  }
  return %y#0 : tensor<?x?x8xf32>
}

// Matrices act on a vector and multiply among themselves, the earlier one's input between.
// CHECK-LABEL: @semiring_scan
// CHECK: ssm.combine %{{.*}} with %{{.*}}, %{{.*}} : tensor<2xf32> with tensor<2x2xf32>, tensor<2xf32> {
// CHECK-COUNT-2: tensor.extract_slice
// CHECK: } merge {
// CHECK-NEXT: ^bb0(%[[A:.*]]: tensor<2x2xf32>, %[[X:.*]]: tensor<2xf32>, %{{.*}}: tensor<2x2xf32>, %[[X1:.*]]: tensor<2xf32>):
// CHECK: %[[SPREAD:.*]] = ssm.broadcast %[[X]] like %[[A]] [1]
// CHECK: arith.addf %[[A]], %[[SPREAD]] : tensor<2x2xf32>
// CHECK: ssm.yield %{{.*}}, %[[X1]] : tensor<2x2xf32>, tensor<2xf32>
func.func @semiring_scan(%x: tensor<?x?x2xf32>, %A: tensor<2x2xf32>, %p: tensor<2xf32>)
    -> tensor<?x?x2xf32> {
  %y, %last, %begun = ssm.semiring_scan max_plus %A, %x prior(%p : tensor<2xf32>)
      : tensor<2x2xf32>, tensor<?x?x2xf32>
  return %y : tensor<?x?x2xf32>
}

// A kernel as long as a sequence is the response of its system to an impulse; two
// systems share a row of b.
// CHECK-LABEL: @kernel
// CHECK: ssm.positions like %{{.*}} : tensor<?x?x6xf32> -> tensor<1x?x4xf32>
// CHECK: %[[B:.*]] = tensor.collapse_shape %{{.*}} {{\[\[}}0, 1], [2]] : tensor<2x2x3xf32> into tensor<4x3xf32>
// CHECK: %[[IMPULSE:.*]] = arith.maximumf %{{.*}}, %{{.*}} : tensor<1x?x4xf32>
// CHECK: %[[K:.*]], %{{.*}} = ssm.recurrence sequence(l) step(n, m)
// CHECK-NEXT: ins(%[[IMPULSE]][b, l, d], %{{.*}}[d, n, m], %[[B]][d, n], %{{.*}}[d, n]
// CHECK: return %[[K]]
func.func @kernel(%u: tensor<?x?x6xf32>, %A: tensor<4x3x3xf32>, %b: tensor<2x3xf32>,
    %c: tensor<4x3xf32>) -> tensor<1x?x4xf32> {
  %k = ssm.kernel krylov(%A, %b, %c : tensor<4x3x3xf32>, tensor<2x3xf32>, tensor<4x3xf32>)
      like(%u : tensor<?x?x6xf32>) -> tensor<1x?x4xf32>
  return %k : tensor<1x?x4xf32>
}

// A sum of powers is computed as it stands.
// CHECK-LABEL: @powers
// CHECK-NOT: ssm.recurrence
// CHECK: ssm.kernel vandermonde
func.func @powers(%u: tensor<?x?x6xf32>, %a: tensor<4x3xf32>) -> tensor<1x?x4xf32> {
  %k = ssm.kernel vandermonde(%a, %a : tensor<4x3xf32>, tensor<4x3xf32>)
      like(%u : tensor<?x?x6xf32>) -> tensor<1x?x4xf32>
  return %k : tensor<1x?x4xf32>
}
