// RUN: ssmc-fuzz --ssm-algorithm=all --check %s

// Truth values that differ, in a body on lanes and in bodies on tensors; a tensor that
// is made of some.
func.func @forward(%x: tensor<?x?x40x4xf32>, %z: tensor<?x?x19xf32>, %p: tensor<?x?x2xf32>)
    -> (tensor<?x?x40x4xf32>, tensor<?x?x19xf32>, tensor<?x?x2xf32>) {
  %y, %last = ssm.recurrence sequence(l) step(n)
      ins(%x[b, l, d, n] : tensor<?x?x40x4xf32>) outs([b, l, d, n])
      states("recurrent" [b, d, n]) {
  ^step(%x_t: tensor<4xf32>, %s: tensor<4xf32>):
    %halved = arith.constant dense<[true, false, false, true]> : tensor<4xi1>
    %half = arith.constant dense<0.5> : tensor<4xf32>
    %less = arith.mulf %half, %s : tensor<4xf32>
    %kept = arith.select %halved, %less, %s : tensor<4xi1>, tensor<4xf32>
    %next = arith.addf %kept, %x_t : tensor<4xf32>
    ssm.yield %next, %next : tensor<4xf32>, tensor<4xf32>
  }
  %u, %final = ssm.recurrence sequence(l) step(n)
      ins(%z[b, l, n] : tensor<?x?x19xf32>) outs([b, l, n])
      states("recurrent" [b, n]) {
  ^step(%z_t: tensor<19xf32>, %s: tensor<19xf32>):
    %halved = arith.constant dense<[true, false, false, true, true, false, true,
        false, false, false, true, false, true, true, true, false, true, false,
        true]> : tensor<19xi1>
    %half = arith.constant dense<0.5> : tensor<19xf32>
    %less = arith.mulf %half, %s : tensor<19xf32>
    %kept = arith.select %halved, %less, %s : tensor<19xi1>, tensor<19xf32>
    %next = arith.addf %kept, %z_t : tensor<19xf32>
    ssm.yield %next, %next : tensor<19xf32>, tensor<19xf32>
  }
  %v, %end = ssm.recurrence sequence(l) step(n)
      ins(%p[b, l, n] : tensor<?x?x2xf32>) outs([b, l, n])
      states("recurrent" [b, n]) {
  ^step(%p_t: tensor<2xf32>, %s: tensor<2xf32>):
    %first = arith.constant 0 : index
    %second = arith.constant 1 : index
    %p_0 = tensor.extract %p_t[%first] : tensor<2xf32>
    %s_1 = tensor.extract %s[%second] : tensor<2xf32>
    %below = arith.cmpf olt, %p_0, %s_1 : f32
    %above = arith.cmpf ogt, %p_0, %s_1 : f32
    %either = tensor.from_elements %below, %above : tensor<2xi1>
    %half = arith.constant dense<0.5> : tensor<2xf32>
    %less = arith.mulf %half, %s : tensor<2xf32>
    %kept = arith.select %either, %less, %p_t : tensor<2xi1>, tensor<2xf32>
    %next = arith.addf %kept, %p_t : tensor<2xf32>
    ssm.yield %next, %next : tensor<2xf32>, tensor<2xf32>
  }
  return %y, %u, %v : tensor<?x?x40x4xf32>, tensor<?x?x19xf32>, tensor<?x?x2xf32>
}
