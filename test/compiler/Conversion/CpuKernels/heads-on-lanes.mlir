// RUN: ssmc-fuzz --ssm-algorithm=sequential --check %s
// RUN: ssmc %s --entry=step --target-cpu=x86-64-v3 --to=lower -o - | FileCheck %s

// A step computes the decays of six heads at once, in the first item of each
// batch row or of a thread; whole sequences have time steps as lanes.
// CHECK-LABEL: recurrent_6_16_8
// CHECK: scf.if
// CHECK: math.fma {{.*}} : vector<6xf32>
// CHECK-NOT: math.fma {{.*}} : vector<1xf32>
// CHECK: return
func.func @forward(%g: tensor<?x?x6xf32>, %k: tensor<?x?x6x8xf32>, %v: tensor<?x?x96xf32>)
    -> tensor<?x?x96xf32> {
  %y, %last = ssm.recurrence sequence(l) step(k)
      ins(%g[b, l, h], %k[b, l, h, k], %v[b, l, h v]
          : tensor<?x?x6xf32>, tensor<?x?x6x8xf32>, tensor<?x?x96xf32>)
      outs([b, l, h v] : tensor<?x?x96xf32>)
      states("recurrent" [b, h, v, k] : tensor<?x6x16x8xf32>) {
  ^step(%g_t: f32, %k_t: tensor<8xf32>, %v_t: f32, %s: tensor<8xf32>):
    %rate = ssm.softplus %g_t : f32
    %log = arith.negf %rate : f32
    %decay = math.exp %log : f32
    %kept = ssm.contract ",k->k" %decay, %s : (f32, tensor<8xf32>) -> tensor<8xf32>
    %in = ssm.contract ",k->k" %v_t, %k_t : (f32, tensor<8xf32>) -> tensor<8xf32>
    %next = arith.addf %kept, %in : tensor<8xf32>
    %y_t = ssm.contract "k,k->" %next, %k_t : (tensor<8xf32>, tensor<8xf32>) -> f32
    ssm.yield %y_t, %next : f32, tensor<8xf32>
  }
  return %y : tensor<?x?x96xf32>
}
