// Elementwise decay, from the end, by an associative scan; the channel's axis
// is split, and only part of it a tile.
!seq = tensor<?x?x6xf32> // b l (g p)
module {
func.func @forward(%x: !seq, %a: !seq, %w: tensor<?x?x2xf32>) -> !seq {
  %d = ssm.sigmoid %a : !seq
  %y, %last = ssm.recurrence sequence(l) step() reverse
      ins(%x[b, l, g p], %d[b, l, g p], %w[b, l, g] : !seq, !seq, tensor<?x?x2xf32>)
      outs([b, l, g p] : !seq) states("recurrent" [b, g p] : tensor<?x6xf32>) {
  ^step(%x_t: f32, %d_t: f32, %w_t: f32, %s: f32):
    %kept = arith.mulf %d_t, %s : f32
    %in = arith.mulf %w_t, %x_t : f32
    %next = arith.addf %kept, %in : f32
    ssm.yield %next, %next : f32, f32
  } chunk(5) tile(p) {
  ^chunk(%x_q: tensor<5x3xf32>, %d_q: tensor<5x3xf32>, %w_q: tensor<5xf32>, %s: tensor<3xf32>):
    %in = ssm.contract "qp,q->qp" %x_q, %w_q
        : (tensor<5x3xf32>, tensor<5xf32>) -> tensor<5x3xf32>
    %p, %h = ssm.associative_scan %d_q, %in : tensor<5x3xf32>, tensor<5x3xf32> {
    ^combine(%d0: tensor<3xf32>, %x0: tensor<3xf32>, %d1: tensor<3xf32>, %x1: tensor<3xf32>):
      %d01 = arith.mulf %d0, %d1 : tensor<3xf32>
      %moved = arith.mulf %x0, %d1 : tensor<3xf32>
      %x01 = arith.addf %moved, %x1 : tensor<3xf32>
      ssm.yield %d01, %x01 : tensor<3xf32>, tensor<3xf32>
    }
    %carried = ssm.contract "qp,p->qp" %p, %s
        : (tensor<5x3xf32>, tensor<3xf32>) -> tensor<5x3xf32>
    %y_q = arith.addf %carried, %h : tensor<5x3xf32>
    %next = tensor.extract_slice %y_q[4, 0] [1, 3] [1, 1] : tensor<5x3xf32> to tensor<3xf32>
    ssm.yield %y_q, %next : tensor<5x3xf32>, tensor<3xf32>
  }
  return %y : !seq
}
}
