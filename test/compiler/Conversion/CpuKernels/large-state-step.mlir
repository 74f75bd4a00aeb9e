// RUN: ssmc-fuzz --ssm-algorithm=sequential --check %s
// RUN: ssmc %s --entry=step --target-cpu=x86-64-v3 --to=lower -o - | FileCheck %s

// A step of a delta rule passes twice over a state in memory. The first pass
// adds in two chains; the second fetches the state of the next lanes, which may
// be the next head's.
// CHECK-LABEL: recurrent_3_64_16
// CHECK: scf.for {{.*}} iter_args(%{{.*}} = %[[ZERO:.*]], %{{.*}} = %[[ZERO]]) -> (vector<[[LANES:.*]]>, vector<[[LANES]]>)
// CHECK-NOT: memref.prefetch
// CHECK: arith.addf {{.*}} : vector<[[LANES]]>
// CHECK: arith.subf {{.*}} : vector<[[LANES]]>
// CHECK: scf.for {{.*}} -> (vector<[[LANES]]>)
// CHECK: memref.prefetch
// CHECK: vector.store {{.*}} : memref<?xf32>, vector<[[LANES]]>
// CHECK: memref.prefetch
func.func @forward(%q: tensor<?x?x3x16xf32>, %k: tensor<?x?x3x16xf32>, %v: tensor<?x?x192xf32>)
    -> tensor<?x?x192xf32> {
  %y, %last = ssm.recurrence sequence(l) step(k)
      ins(%q[b, l, h, k], %k[b, l, h, k], %v[b, l, h v]
          : tensor<?x?x3x16xf32>, tensor<?x?x3x16xf32>, tensor<?x?x192xf32>)
      outs([b, l, h v] : tensor<?x?x192xf32>)
      states("recurrent" [b, h, v, k] : tensor<?x3x64x16xf32>) {
  ^step(%q_t: tensor<16xf32>, %k_t: tensor<16xf32>, %v_t: f32, %s: tensor<16xf32>):
    %read = ssm.contract "k,k->" %s, %k_t : (tensor<16xf32>, tensor<16xf32>) -> f32
    %error = arith.subf %v_t, %read : f32
    %in = ssm.contract ",k->k" %error, %k_t : (f32, tensor<16xf32>) -> tensor<16xf32>
    %next = arith.addf %s, %in : tensor<16xf32>
    %y_t = ssm.contract "k,k->" %next, %q_t : (tensor<16xf32>, tensor<16xf32>) -> f32
    ssm.yield %y_t, %next : f32, tensor<16xf32>
  }
  return %y : tensor<?x?x192xf32>
}
