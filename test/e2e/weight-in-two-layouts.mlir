// What two kernels read in different layouts is stored once for each.
// DEFINE: %{inputs} = --seed=3 --input=2x9x16xf32=random --input=2x9x4xf32=random
// RUN: ssmc %s -o %t.fb --target-cpu=native
// RUN: ssmc-run --reference=f64 %s --entry=forward %{inputs} --output=@%t.npy
// RUN: ssmc-run %t.fb --entry=forward %{inputs} --expect=@%t.npy --nrmse=1e-6
// RUN: ssmc-dump %t.fb --weights | FileCheck %s
// CHECK-DAG: A 16x4xf32 permuted
// CHECK-DAG: A <panels16> 16x4xf32 panels16
func.func @forward(%x: tensor<?x?x16xf32>, %b: tensor<?x?x4xf32>) -> tensor<?x?x16xf32> {
  %A = ssm.weight "A" splat(-0.5) : tensor<16x4xf32>
  %y, %h = ssm.selective_scan %x, %x, %A, %b, %b
      : tensor<?x?x16xf32>, tensor<16x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>
  %l = ssm.linear %b, %A : tensor<?x?x4xf32>, tensor<16x4xf32>
  %s = arith.addf %y, %l : tensor<?x?x16xf32>
  return %s : tensor<?x?x16xf32>
}
