// A step that is a fixed point, a chunk of it that iterates over all steps at
// once, and values that are the same in every chunk.
!seq = tensor<?x?x3xf32> // b l n
module {
func.func @forward(%x: !seq) -> !seq {
  %A = ssm.weight "A" splat(0.1) : tensor<3x3xf32>
  %y, %last = ssm.recurrence sequence(l) step(n, m)
      ins(%x[b, l, n], %A[n, m] : !seq, tensor<3x3xf32>) outs([b, l, n] : !seq)
      states("recurrent" [b, n] : tensor<?x3xf32>) {
  ^step(%x_t: tensor<3xf32>, %a: tensor<3x3xf32>, %s: tensor<3xf32>):
    %half = arith.constant dense<0.5> : tensor<3xf32>
    %kept = arith.mulf %s, %half : tensor<3xf32>
    %start = arith.addf %x_t, %kept : tensor<3xf32>
    %next = ssm.fixed_point %start max_iterations(60) tolerance(1.0e-8) : tensor<3xf32> {
    ^body(%z: tensor<3xf32>):
      %mixed = ssm.contract "nm,m->n" %a, %z : (tensor<3x3xf32>, tensor<3xf32>) -> tensor<3xf32>
      %new = arith.addf %mixed, %start : tensor<3xf32>
      ssm.yield %new : tensor<3xf32>
    }
    ssm.yield %next, %next : tensor<3xf32>, tensor<3xf32>
  } chunk(4) {
  ^chunk(%x_q: tensor<4x3xf32>, %a: tensor<3x3xf32>, %s: tensor<3xf32>):
    %half = arith.constant dense<0.5> : tensor<4x3xf32>
    %twice = ssm.contract "nk,km->nm" %a, %a
        : (tensor<3x3xf32>, tensor<3x3xf32>) -> tensor<3x3xf32>
    %y_q = ssm.fixed_point %x_q max_iterations(100) tolerance(1.0e-8) : tensor<4x3xf32> {
    ^body(%z: tensor<4x3xf32>):
      %before = ssm.delay %z, %s : tensor<4x3xf32>, tensor<3xf32>
      %kept = arith.mulf %before, %half : tensor<4x3xf32>
      %start = arith.addf %x_q, %kept : tensor<4x3xf32>
      // z = A (A z + start) + start.
      %far = ssm.contract "nm,qm->qn" %twice, %z
          : (tensor<3x3xf32>, tensor<4x3xf32>) -> tensor<4x3xf32>
      %near = ssm.contract "nm,qm->qn" %a, %start
          : (tensor<3x3xf32>, tensor<4x3xf32>) -> tensor<4x3xf32>
      %sum = arith.addf %far, %near : tensor<4x3xf32>
      %new = arith.addf %sum, %start : tensor<4x3xf32>
      ssm.yield %new : tensor<4x3xf32>
    }
    %next = tensor.extract_slice %y_q[3, 0] [1, 3] [1, 1] : tensor<4x3xf32> to tensor<3xf32>
    ssm.yield %y_q, %next : tensor<4x3xf32>, tensor<3xf32>
  }
  return %y : !seq
}
}
