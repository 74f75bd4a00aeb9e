// Truth values of whole sequences: compared, combined and selected by in the kernels that
// read them, alone, behind a matrix product, before and behind recurrences and long
// convolutions; compiled forms against the interpreter.
// DEFINE: %{inputs} = --seed=5 --input=2x70x20xf32=random --input=2x70x20xf32=random \
// DEFINE:   --input=2x70xi64=random --input=2x70xi64=random
// DEFINE: %{expected} = --expect=@%t.0.npy --expect=@%t.1.npy --expect=@%t.2.npy \
// DEFINE:   --expect=@%t.3.npy --expect=@%t.4.npy
// RUN: ssmc-run --reference=f64 %s --entry=forward %{inputs} --output=@%t.0.npy --output=@%t.1.npy \
// RUN:   --output=@%t.2.npy --output=@%t.3.npy --output=@%t.4.npy
// RUN: ssmc %s -o %t.fb --target-cpu=native
// RUN: ssmc-run %t.fb --entry=forward %{inputs} %{expected}
// RUN: ssmc-run %t.fb --splits=31,1,38 --step-ones %{inputs} %{expected}

!seq = tensor<?x?x20xf32>
!heads = tensor<?x?x4x5xf32>
!pairs = tensor<?x?x2x10xf32>
!truth = tensor<?x?x20xi1>
!v = tensor<20xf32>
!ids = tensor<?x?xi64>
func.func @forward(%x: !seq, %y: !seq, %id: !ids, %other: !ids)
    -> (!seq, !seq, tensor<?x?xf32>, !seq, !pairs) {
  %larger = arith.cmpf ogt, %x, %y : !seq
  %half = ssm.weight "half" splat(0.5) : !v
  %edge = ssm.broadcast %half like %x [2] : !v, !seq
  %over = arith.cmpf ugt, %x, %edge : !seq
  %both = arith.andi %larger, %over : !truth
  %one = arith.xori %both, %over : !truth
  %0 = arith.select %one, %x, %y : !truth, !seq

  // A product of matrices on both sides of a comparison, which reads it in place.
  %w = ssm.weight "w" splat(0.125) : tensor<20x20xf32>
  %product = ssm.linear %y, %w : !seq, tensor<20x20xf32>
  %positive = arith.cmpf oge, %product, %x : !seq
  %part = arith.select %positive, %product, %edge : !truth, !seq
  %number = arith.uitofp %positive : !truth to !seq
  %counted = arith.addf %part, %number : !seq

  // Integers.
  %small = arith.cmpi slt, %id, %other : !ids
  %2 = arith.uitofp %small : tensor<?x?xi1> to tensor<?x?xf32>

  // Parameters, before and behind a recurrence.
  %rate = ssm.weight "rate" splat(0.9) : !v
  %bound = ssm.weight "bound" splat(0.95) : !v
  %slow = arith.cmpf olt, %rate, %bound : !v
  %decay = arith.select %slow, %rate, %bound : tensor<20xi1>, !v
  %d = ssm.broadcast %decay like %x [2] : !v, !seq
  %chosen = arith.select %larger, %d, %edge : !truth, !seq
  %h, %last = ssm.linear_scan %chosen, %y : !seq, !seq
  %grown = arith.cmpf one, %h, %y : !seq
  %3 = arith.select %grown, %h, %product : !truth, !seq

  // Other axes of what is compared, and of what is selected.
  %k = ssm.weight "k" splat(0.01) : tensor<20x40xf32>
  %c, %window = ssm.long_conv %3, %k : !seq, tensor<20x40xf32>
  %heads = ssm.reshape %c : !seq to !heads
  %of_x = ssm.reshape %x : !seq to !heads
  %less = arith.cmpf olt, %heads, %of_x : !heads
  %least = arith.select %less, %heads, %of_x : tensor<?x?x4x5xi1>, !heads
  %flat = ssm.reshape %least : !heads to !seq
  %4 = ssm.reshape %flat : !seq to !pairs
  return %0, %counted, %2, %3, %4 : !seq, !seq, tensor<?x?xf32>, !seq, !pairs
}
