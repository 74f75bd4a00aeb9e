// RG-LRU, Griffin's recurrence. Catalog C, 3.B "recurrent_gemma", per head:
//   i, r = sigmoid(x_t w + b),   log a = -8 r softplus(lambda)
//   h_t = a h_{t-1} + sqrt(1 - a^2) (i x_t)
// At position 0 the state is reset: a is 0 and the root is 1.
!seq = tensor<?x?x3x4xf32> // b l H D
!pos = tensor<?x?xf32>     // b l
!w = tensor<3x4x4xf32>     // H D D
!b = tensor<3x4xf32>       // H D
!vec = tensor<4xf32>       // D
!mat = tensor<4x4xf32>     // D D
func.func @forward(%x: !seq, %position: !pos) -> !seq {
  %lambda = ssm.weight "lambda" : !b
  %soft = ssm.softplus %lambda : !b
  %w_i, %w_r, %b_i, %b_r = ssm.weights ["w_i", "w_r", "b_i", "b_r"] : !w, !w, !b, !b
  %y, %h = ssm.recurrence sequence(l) step(d, j)
      ins(%x[b, l, h, d], %position[b, l], %soft[h, d], %w_i[h, d, j], %w_r[h, d, j],
          %b_i[h, d], %b_r[h, d] : !seq, !pos, !b, !w, !w, !b, !b)
      outs([b, l, h, d]) states("h" [b, h, d]) {
  ^step(%x_t: !vec, %position_t: f32, %rate: !vec, %wi: !mat, %wr: !mat, %bi: !vec,
        %br: !vec, %h_old: !vec):
    %i2 = ssm.contract "dj,d + j -> j" %wi, %x_t, %bi : (!mat, !vec, !vec) -> !vec
    %r2 = ssm.contract "dj,d + j -> j" %wr, %x_t, %br : (!mat, !vec, !vec) -> !vec
    %i_t = ssm.sigmoid %i2 : !vec
    %r_t = ssm.sigmoid %r2 : !vec
    %eight = arith.constant dense<-8.0> : !vec
    %speed = arith.mulf %r_t, %rate : !vec
    %log = arith.mulf %eight, %speed : !vec
    %zero = arith.constant 0.0 : f32
    %one = arith.constant 1.0 : f32
    %resets = arith.cmpf oeq, %position_t, %zero : f32
    %keep = arith.select %resets, %zero, %one : f32
    %decay = math.exp %log : !vec
    %a = ssm.contract ",d->d" %keep, %decay : (f32, !vec) -> !vec
    %square = arith.mulf %a, %a : !vec
    %full = arith.constant dense<1.0> : !vec
    %room = arith.subf %full, %square : !vec
    %root = math.sqrt %room : !vec
    %open = arith.mulf %i_t, %x_t : !vec
    %write = arith.mulf %root, %open : !vec
    %next = math.fma %a, %h_old, %write : !vec
    ssm.yield %next, %next : !vec, !vec
  }
  return %y : !seq
}
