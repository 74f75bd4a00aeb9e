// RUN: ssmc-opt %s --ssmc-derive-chunks=algorithm=convolution --verify-diagnostics | FileCheck %s

// A dense system of two states, per channel.
// CHECK-LABEL: @dense
func.func @dense(%u: tensor<?x?x4xf32>, %a: tensor<4x2x2xf32>, %b: tensor<4x2xf32>)
    -> tensor<?x?x4xf32> {
  // CHECK: %[[T:.*]] = ssm.positions like %{{.*}} : tensor<?x?x4xf32> -> tensor<1x?x4xf32>
  // CHECK: %[[K:.*]], %{{.*}} = ssm.recurrence
  // CHECK-NEXT: ins(%[[T]][b, l, d], %{{.*}}[d, m, n], %{{.*}}[d, n]
  // CHECK: states("recurrent" [b, d, n] : tensor<1x4x2xf32>)
  // CHECK-NEXT: (%[[TIME:.*]]: f32, %{{.*}}: tensor<2x2xf32>
  // CHECK: %[[FIRST:.*]] = arith.cmpf oeq, %[[TIME]],
  // CHECK: %[[U:.*]] = arith.select %[[FIRST]],
  // CHECK: ssm.contract ",n->n" %[[U]],
  // CHECK: ssm.long_conv %{{.*}}, %[[K]] : tensor<?x?x4xf32>, tensor<1x?x4xf32>
  // expected-remark @+2 {{convolution as asked for}}
  // expected-remark @+1 {{sequential}}
  %y, %last = ssm.recurrence sequence(l) step(n, m)
      ins(%u[b, l, d], %a[d, m, n], %b[d, n]
          : tensor<?x?x4xf32>, tensor<4x2x2xf32>, tensor<4x2xf32>)
      outs([b, l, d] : tensor<?x?x4xf32>)
      states("recurrent" [b, d, n] : tensor<?x4x2xf32>) {
  ^step(%u_t: f32, %a_d: tensor<2x2xf32>, %b_d: tensor<2xf32>, %s: tensor<2xf32>):
    %kept = ssm.contract "mn,n->m" %a_d, %s : (tensor<2x2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %in = ssm.contract ",n->n" %u_t, %b_d : (f32, tensor<2xf32>) -> tensor<2xf32>
    %next = arith.addf %kept, %in : tensor<2xf32>
    %read = ssm.contract "n,n->" %b_d, %next : (tensor<2xf32>, tensor<2xf32>) -> f32
    ssm.yield %read, %next : f32, tensor<2xf32>
  }
  return %y : tensor<?x?x4xf32>
}

// CHECK-LABEL: @backwards
func.func @backwards(%u: tensor<?x?x4xf32>, %a: tensor<4xf32>) -> tensor<?x?x4xf32> {
  // CHECK-NOT: reverse
  // CHECK: ssm.recurrence
  // CHECK: ssm.long_conv {{.*}} reverse
  // expected-remark @+2 {{convolution as asked for}}
  // expected-remark @+1 {{sequential}}
  %y, %last = ssm.recurrence sequence(l) step() reverse
      ins(%u[b, l, d], %a[d] : tensor<?x?x4xf32>, tensor<4xf32>)
      outs([b, l, d] : tensor<?x?x4xf32>) states("recurrent" [b, d] : tensor<?x4xf32>) {
  ^step(%u_t: f32, %a_d: f32, %s: f32):
    %next = math.fma %a_d, %s, %u_t : f32
    ssm.yield %next, %next : f32, f32
  }
  return %y : tensor<?x?x4xf32>
}

// Each output is a sum over the inputs; heads become channels.
// CHECK-LABEL: @two
func.func @two(%u: tensor<?x?x4x3xf32>, %v: tensor<?x?x12xf32>, %a: tensor<4xf32>)
    -> (tensor<?x?x12xf32>, tensor<?x?x4x3xf32>) {
  // CHECK: %[[TU:.*]] = ssm.positions like %{{.*}} : tensor<?x?x4x3xf32> -> tensor<1x?x12xf32>
  // CHECK: %[[TU4:.*]] = ssm.reshape %[[TU]] : tensor<1x?x12xf32> to tensor<1x?x4x3xf32>
  // CHECK: %[[KU:.*]]:2, %{{.*}} = ssm.recurrence
  // CHECK-NEXT: ins(%[[TU4]][b, l, h, p], %{{.*}}[h] :
  // CHECK: %[[U:.*]] = ssm.reshape %{{.*}} : tensor<?x?x4x3xf32> to tensor<?x?x12xf32>
  // CHECK: %[[YU:.*]] = ssm.long_conv %[[U]], %[[KU]]#0
  // CHECK: %[[KU3:.*]] = ssm.reshape %[[KU]]#1
  // CHECK: %[[ZU:.*]] = ssm.long_conv %[[U]], %[[KU3]]
  // CHECK: %[[KV:.*]]:2, %{{.*}} = ssm.recurrence
  // CHECK-NEXT: ins(%{{.*}}[b, l, h p], %{{.*}}[h] :
  // CHECK: %[[YV:.*]] = ssm.long_conv %{{.*}}, %[[KV]]#0
  // CHECK: %[[Y:.*]] = arith.addf %[[YU]], %[[YV]]
  // CHECK: %[[Z:.*]] = arith.addf %[[ZU]],
  // CHECK: %[[Z4:.*]] = ssm.reshape %[[Z]] : tensor<?x?x12xf32> to tensor<?x?x4x3xf32>
  // CHECK: return %[[Y]], %[[Z4]]
  // expected-remark @+2 {{convolution as asked for}}
  // expected-remark @+1 {{sequential}}
  %y, %z, %last = ssm.recurrence sequence(l) step()
      ins(%u[b, l, h, p], %v[b, l, h p], %a[h]
          : tensor<?x?x4x3xf32>, tensor<?x?x12xf32>, tensor<4xf32>)
      outs([b, l, h p], [b, l, h, p] : tensor<?x?x12xf32>, tensor<?x?x4x3xf32>)
      states("recurrent" [b, h, p] : tensor<?x4x3xf32>) {
  ^step(%u_t: f32, %v_t: f32, %a_d: f32, %s: f32):
    %next = math.fma %a_d, %s, %u_t : f32
    %z_t = arith.subf %next, %v_t : f32
    %y_t = arith.mulf %a_d, %z_t : f32
    ssm.yield %y_t, %z_t, %next : f32, f32, f32
  }
  return %y, %z : tensor<?x?x12xf32>, tensor<?x?x4x3xf32>
}

// An input serves all channels of the outputs that differ in axes it lacks.
// CHECK-LABEL: @shared
func.func @shared(%u: tensor<?x?x3xf32>, %v: tensor<?x?xf32>, %a: tensor<2x3x4xf32>)
    -> tensor<?x?x2x12xf32> {
  // CHECK: %[[KU:.*]], %{{.*}} = ssm.recurrence
  // CHECK-NEXT: ins(%{{.*}}[b, l, p], %{{.*}}[h, p, n] : tensor<1x?x3xf32>,
  // CHECK: %[[U:.*]] = ssm.broadcast %{{.*}} [0, 1, 3] : tensor<?x?x3xf32>, tensor<?x?x2x3x4xf32>
  // CHECK: %[[US:.*]] = ssm.reshape %[[U]] : tensor<?x?x2x3x4xf32> to tensor<?x?x24xf32>
  // CHECK: %[[KUS:.*]] = ssm.reshape %[[KU]] : tensor<1x?x2x12xf32> to tensor<1x?x24xf32>
  // CHECK: ssm.long_conv %[[US]], %[[KUS]]
  // CHECK: %[[V:.*]] = ssm.broadcast %{{.*}} [0, 1] : tensor<?x?xf32>, tensor<?x?x2x3x4xf32>
  // CHECK: %[[VS:.*]] = ssm.reshape %[[V]]
  // CHECK: ssm.long_conv %[[VS]]
  // expected-remark @+2 {{convolution as asked for}}
  // expected-remark @+1 {{sequential}}
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%u[b, l, p], %v[b, l], %a[h, p, n]
          : tensor<?x?x3xf32>, tensor<?x?xf32>, tensor<2x3x4xf32>)
      outs([b, l, h, p n] : tensor<?x?x2x12xf32>)
      states("recurrent" [b, h, p, n] : tensor<?x2x3x4xf32>) {
  ^step(%u_t: f32, %v_t: f32, %a_d: f32, %s: f32):
    %in = arith.addf %u_t, %v_t : f32
    %next = math.fma %a_d, %s, %in : f32
    ssm.yield %next, %next : f32, f32
  }
  return %y : tensor<?x?x2x12xf32>
}

// What is no convolution keeps its form, with the reason.
// CHECK-LABEL: @others
// CHECK-NOT: ssm.long_conv
func.func @others(%u: tensor<?x?x4xf32>, %r: tensor<?x?xf32>, %a: tensor<4xf32>,
                  %s0: tensor<?x4xf32>, %h: tensor<?x?x2x2xf32>, %p: tensor<2x2xf32>)
    -> (tensor<?x?x4xf32>, tensor<?x4xf32>) {
  // expected-remark @+2 {{'convolution' does not apply: it starts from a state}}
  // expected-remark @+1 {{sequential}}
  %y0, %last0 = ssm.recurrence sequence(l) step()
      ins(%u[b, l, d], %a[d] : tensor<?x?x4xf32>, tensor<4xf32>)
      outs([b, l, d] : tensor<?x?x4xf32>)
      states("recurrent" [b, d] init(%s0) : tensor<?x4xf32>) {
  ^step(%u_t: f32, %a_d: f32, %s: f32):
    %next = math.fma %a_d, %s, %u_t : f32
    ssm.yield %next, %next : f32, f32
  }
  // expected-remark @+2 {{'convolution' does not apply: its last state is used}}
  // expected-remark @+1 {{sequential}}
  %y1, %last1 = ssm.recurrence sequence(l) step()
      ins(%y0[b, l, d], %a[d] : tensor<?x?x4xf32>, tensor<4xf32>)
      outs([b, l, d] : tensor<?x?x4xf32>) states("recurrent" [b, d] : tensor<?x4xf32>) {
  ^step(%u_t: f32, %a_d: f32, %s: f32):
    %next = math.fma %a_d, %s, %u_t : f32
    ssm.yield %next, %next : f32, f32
  }
  // expected-remark @+2 {{'convolution' does not apply: an input is multiplied by state 'recurrent'}}
  // expected-remark @+1 {{sequential}}
  %y2, %last2 = ssm.recurrence sequence(l) step()
      ins(%y1[b, l, d], %r[b, l], %a[d] : tensor<?x?x4xf32>, tensor<?x?xf32>, tensor<4xf32>)
      outs([b, l, d] : tensor<?x?x4xf32>) states("recurrent" [b, d] : tensor<?x4xf32>) {
  ^step(%u_t: f32, %r_t: f32, %a_d: f32, %s: f32):
    %kept = arith.mulf %a_d, %s : f32
    %all = arith.mulf %r_t, %kept : f32
    %next = arith.addf %all, %u_t : f32
    ssm.yield %next, %next : f32, f32
  }
  // expected-remark @+2 {{'convolution' does not apply: state 'recurrent' is multiplied by an input}}
  // expected-remark @+1 {{sequential}}
  %y3, %last3 = ssm.recurrence sequence(l) step()
      ins(%y2[b, l, d] : tensor<?x?x4xf32>)
      outs([b, l, d] : tensor<?x?x4xf32>) states("recurrent" [b, d] : tensor<?x4xf32>) {
  ^step(%u_t: f32, %s: f32):
    %kept = arith.mulf %s, %u_t : f32
    %next = arith.addf %kept, %u_t : f32
    ssm.yield %next, %next : f32, f32
  }
  // expected-remark @+2 {{'convolution' does not apply: 'math.exp' is applied to an input}}
  // expected-remark @+1 {{sequential}}
  %y4, %last4 = ssm.recurrence sequence(l) step()
      ins(%y3[b, l, d] : tensor<?x?x4xf32>)
      outs([b, l, d] : tensor<?x?x4xf32>) states("recurrent" [b, d] : tensor<?x4xf32>) {
  ^step(%u_t: f32, %s: f32):
    %e = math.exp %u_t : f32
    %next = arith.addf %s, %e : f32
    ssm.yield %next, %next : f32, f32
  }
  // expected-remark @+2 {{'convolution' does not apply: it adds what is neither state nor input}}
  // expected-remark @+1 {{sequential}}
  %y5, %last5 = ssm.recurrence sequence(l) step()
      ins(%y4[b, l, d], %a[d] : tensor<?x?x4xf32>, tensor<4xf32>)
      outs([b, l, d] : tensor<?x?x4xf32>) states("recurrent" [b, d] : tensor<?x4xf32>) {
  ^step(%u_t: f32, %a_d: f32, %s: f32):
    %in = arith.addf %u_t, %a_d : f32
    %next = arith.addf %s, %in : f32
    ssm.yield %next, %next : f32, f32
  }
  // expected-remark @+2 {{'convolution' does not apply: it is a convolution with a window of inputs as it stands}}
  // expected-remark @+1 {{sequential}}
  %y6, %last6 = ssm.recurrence sequence(l) step()
      ins(%y5[b, l, d], %a[d] : tensor<?x?x4xf32>, tensor<4xf32>)
      outs([b, l, d] : tensor<?x?x4xf32>) states("shift" [b, d] : tensor<?x4xf32>) {
  ^step(%u_t: f32, %a_d: f32, %s: f32):
    %y_t = math.fma %a_d, %s, %u_t : f32
    ssm.yield %y_t, %u_t : f32, f32
  }
  // expected-remark @+2 {{'convolution' does not apply: its inputs are vectors, of which all elements meet}}
  // expected-remark @+1 {{sequential}}
  %y7, %last7 = ssm.recurrence sequence(l) step(n)
      ins(%y6[b, l, n], %a[n] : tensor<?x?x4xf32>, tensor<4xf32>)
      outs([b, l, n] : tensor<?x?x4xf32>) states("recurrent" [b, n] : tensor<?x4xf32>) {
  ^step(%u_t: tensor<4xf32>, %a_n: tensor<4xf32>, %s: tensor<4xf32>):
    %next = math.fma %a_n, %s, %u_t : tensor<4xf32>
    ssm.yield %next, %next : tensor<4xf32>, tensor<4xf32>
  }
  // expected-remark @+2 {{'convolution' does not apply: input 0 is not [batch, time, channels] with some of the outputs' channels in their order}}
  // expected-remark @+1 {{sequential}}
  %y8, %last8 = ssm.recurrence sequence(l) step()
      ins(%h[b, l, p, h], %p[h, p] : tensor<?x?x2x2xf32>, tensor<2x2xf32>)
      outs([b, l, h p] : tensor<?x?x4xf32>) states("recurrent" [b, h, p] : tensor<?x2x2xf32>) {
  ^step(%u_t: f32, %a_d: f32, %s: f32):
    %next = math.fma %a_d, %s, %u_t : f32
    ssm.yield %next, %next : f32, f32
  }
  // A write is a product of two inputs.
  // expected-remark @+2 {{'convolution' does not apply: inputs are contracted with one another}}
  // expected-remark @+1 {{sequential}}
  %y9, %last9 = ssm.recurrence sequence(l) step(k)
      ins(%y7[b, l, k], %y8[b, l, v] : tensor<?x?x4xf32>, tensor<?x?x4xf32>)
      outs([b, l, v] : tensor<?x?x4xf32>) states("recurrent" [b, v, k] : tensor<?x4x4xf32>) {
  ^step(%k_t: tensor<4xf32>, %v_t: f32, %s: tensor<4xf32>):
    %write = ssm.contract ",k->k" %v_t, %k_t : (f32, tensor<4xf32>) -> tensor<4xf32>
    %next = arith.addf %s, %write : tensor<4xf32>
    %read = ssm.contract "k->" %next : (tensor<4xf32>) -> f32
    ssm.yield %read, %next : f32, tensor<4xf32>
  }
  return %y9, %last1 : tensor<?x?x4xf32>, tensor<?x4xf32>
}
