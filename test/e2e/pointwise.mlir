// Pointwise functions far from zero and near it: the compiled code against the
// interpreter, with a relative error for each element.
// DEFINE: %{inputs} = --seed=7 --input=2x40x64xf32=random
// DEFINE: %{write} = --output=@%t.0.npy --output=@%t.1.npy --output=@%t.2.npy --output=@%t.3.npy \
// DEFINE:   --output=@%t.4.npy
// DEFINE: %{expect} = --expect=@%t.0.npy --expect=@%t.1.npy --expect=@%t.2.npy --expect=@%t.3.npy \
// DEFINE:   --expect=@%t.4.npy
// RUN: ssmc %s -o %t.fb --target-cpu=native
// RUN: ssmc-run --reference=f64 %s --entry=forward %{inputs} %{write}
// RUN: ssmc-run %t.fb --entry=forward %{inputs} %{expect} --rtol=1e-5 --atol=1e-6

!x = tensor<?x?x64xf32>
func.func @forward(%small: !x) -> (!x, !x, !x, !x, !x) {
  // Up to 40 on either side, and many of them small.
  %forty = ssm.weight "forty" splat(40.0) : tensor<64xf32>
  %wide = ssm.broadcast %forty like %small [2] : tensor<64xf32>, !x
  %large = arith.mulf %wide, %small : !x
  %square = arith.mulf %small, %small : !x
  %x = arith.mulf %square, %large : !x
  %0 = ssm.sigmoid %x : !x
  %1 = ssm.silu %x : !x
  %2 = ssm.gelu %x : !x
  %3 = ssm.softplus %x : !x
  %4 = ssm.relu %x : !x
  return %0, %1, %2, %3, %4 : !x, !x, !x, !x, !x
}
