// Scalar decay per head, an outer product in, a contraction out: chunks of
// scores, with the channels of a head as a tile.
!heads = tensor<?x?x10xf32>  // b l (h p)
!group = tensor<?x?x2x3xf32> // b l h n
!gate = tensor<?x?x2xf32>    // b l h
module {
func.func @forward(%x: !heads, %a: !gate, %b: !group, %c: !group) -> !heads {
  %d = ssm.sigmoid %a : !gate
  %y, %last = ssm.recurrence sequence(l) step(n)
      ins(%x[b, l, h p], %d[b, l, h], %b[b, l, h, n], %c[b, l, h, n]
          : !heads, !gate, !group, !group)
      outs([b, l, h p] : !heads)
      states("recurrent" [b, h p, n] : tensor<?x10x3xf32>) {
  ^step(%x_t: f32, %d_t: f32, %b_t: tensor<3xf32>, %c_t: tensor<3xf32>, %s: tensor<3xf32>):
    %kept = ssm.contract ",n->n" %d_t, %s : (f32, tensor<3xf32>) -> tensor<3xf32>
    %in = ssm.contract ",n->n" %x_t, %b_t : (f32, tensor<3xf32>) -> tensor<3xf32>
    %next = arith.addf %kept, %in : tensor<3xf32>
    %y_t = ssm.contract "n,n->" %next, %c_t : (tensor<3xf32>, tensor<3xf32>) -> f32
    ssm.yield %y_t, %next : f32, tensor<3xf32>
  } chunk(8) tile(p) {
  ^chunk(%x_q: tensor<8x5xf32>, %d_q: tensor<8xf32>, %b_q: tensor<8x3xf32>,
         %c_q: tensor<8x3xf32>, %h: tensor<5x3xf32>):
    %scores = ssm.decayed_scores %c_q, %b_q decay(%d_q : tensor<8xf32>) : tensor<8x3xf32>
    %inside = ssm.causal_product %scores, %x_q : tensor<8x8xf32>, tensor<8x5xf32>
    %since = ssm.cumulative_product %d_q : tensor<8xf32>
    %read = ssm.contract "qn,pn->qp" %c_q, %h
        : (tensor<8x3xf32>, tensor<5x3xf32>) -> tensor<8x5xf32>
    %carried = ssm.contract "q,qp->qp" %since, %read
        : (tensor<8xf32>, tensor<8x5xf32>) -> tensor<8x5xf32>
    %y_q = arith.addf %inside, %carried : tensor<8x5xf32>
    %until = ssm.cumulative_product %d_q suffix : tensor<8xf32>
    %weighted = ssm.contract "q,qp->qp" %until, %x_q
        : (tensor<8xf32>, tensor<8x5xf32>) -> tensor<8x5xf32>
    %written = ssm.contract "qp,qn->pn" %weighted, %b_q
        : (tensor<8x5xf32>, tensor<8x3xf32>) -> tensor<5x3xf32>
    %all = tensor.extract_slice %since[7] [1] [1] : tensor<8xf32> to tensor<1xf32>
    %zero = arith.constant 0 : index
    %whole = tensor.extract %all[%zero] : tensor<1xf32>
    %old = ssm.contract ",pn->pn" %whole, %h : (f32, tensor<5x3xf32>) -> tensor<5x3xf32>
    %new = arith.addf %old, %written : tensor<5x3xf32>
    ssm.yield %y_q, %new : tensor<8x5xf32>, tensor<5x3xf32>
  }
  %gate = ssm.silu %x : !heads
  %out = arith.mulf %y, %gate : !heads
  return %out : !heads
}
}
