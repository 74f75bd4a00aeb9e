// PackMamba: convolution and selective scan of sequences packed into one row. `p`
// counts the steps since each sequence's start: a tap reaches back at most p steps,
// and where p is zero the state before is dropped (catalog B, PackMamba).
!seq = tensor<?x?x4xf32>  // b l D
!mix = tensor<?x?x3xf32>  // b l N
!state = tensor<?x4x3xf32>  // b D N
!matrix = tensor<4x3xf32>  // D N
!vector = tensor<4xf32>  // D
!n = tensor<3xf32>  // N
!positions = tensor<?x?xf32>  // b l
!column = tensor<?x4xf32>  // b D
!taps = tensor<4x4xf32>  // D 4
!k = tensor<4xf32>  // 4
module attributes {ssm.checkpoint = "."} {
func.func @forward(%x: !seq, %delta: !seq, %B: !mix, %C: !mix, %z: !seq, %p: !positions)
    -> !seq {
  %conv = ssm.weight "conv" : !taps
  %conv_bias = ssm.weight "conv_bias" : !vector
  %A = ssm.weight "A" : !matrix
  %D = ssm.weight "D" : !vector
  %bias = ssm.weight "bias" : !vector
  %y, %h, %x1, %x2, %x3 = ssm.recurrence sequence(l) step(n, k)
      ins(%x[b, l, d], %delta[b, l, d], %B[b, l, n], %C[b, l, n], %z[b, l, d], %p[b, l],
          %conv[d, k], %conv_bias[d], %A[d, n], %D[d], %bias[d] : !seq, !seq, !mix, !mix, !seq,
          !positions, !taps, !vector, !matrix, !vector, !vector)
      outs([b, l, d] : !seq)
      states("recurrent" [b, d, n], "before1" [b, d], "before2" [b, d], "before3" [b, d]
             : !state, !column, !column, !column) {
  ^step(%x_t: f32, %delta_t: f32, %b: !n, %c: !n, %z_t: f32, %p_t: f32, %w: !k, %w_bias: f32,
        %a: !n, %d: f32, %dt_bias: f32, %s: !n, %old1: f32, %old2: f32, %old3: f32):
    %zero = arith.constant 0.0 : f32
    %starts = arith.cmpf oeq, %p_t, %zero : f32
    %b1 = arith.select %starts, %zero, %old1 : f32
    %b2 = arith.select %starts, %zero, %old2 : f32
    %b3 = arith.select %starts, %zero, %old3 : f32
    %zeros = arith.constant dense<0.0> : !n
    %before = arith.select %starts, %zeros, %s : !n
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c3 = arith.constant 3 : index
    %w0 = tensor.extract %w[%c0] : !k
    %w1 = tensor.extract %w[%c1] : !k
    %w2 = tensor.extract %w[%c2] : !k
    %w3 = tensor.extract %w[%c3] : !k
    %v0 = math.fma %w0, %b3, %w_bias : f32
    %v1 = math.fma %w1, %b2, %v0 : f32
    %v2 = math.fma %w2, %b1, %v1 : f32
    %v3 = math.fma %w3, %x_t, %v2 : f32
    %u = ssm.silu %v3 : f32
    %raw = arith.addf %delta_t, %dt_bias : f32
    %dt = ssm.softplus %raw : f32
    %log = ssm.contract ",n->n" %dt, %a : (f32, !n) -> !n
    %decay = math.exp %log : !n
    %kept = arith.mulf %decay, %before : !n
    %dtu = arith.mulf %dt, %u : f32
    %in = ssm.contract ",n->n" %dtu, %b : (f32, !n) -> !n
    %next = arith.addf %kept, %in : !n
    %read = ssm.contract "n,n->" %c, %next : (!n, !n) -> f32
    %sum = math.fma %d, %u, %read : f32
    %gate = ssm.silu %z_t : f32
    %out = arith.mulf %sum, %gate : f32
    ssm.yield %out, %next, %x_t, %b1, %b2 : f32, !n, f32, f32, f32
  }
  return %y : !seq
}
}
