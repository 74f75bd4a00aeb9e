// MEGA's attention: softmax over the steps of the present chunk of 4 up to the present one,
// with a relative bias; z and v are what the moving average and the input were projected to
// (catalog A, MEGA; Ma et al. 2022). States are the chunk's keys and values, in slots, of
// which `place` has a one at the last step's; times `turn` plus `first` it is at the present.
// `bias[i, j]` is that of slot j seen from slot i, -1e30 where j is to come. gamma and beta
// of queries come divided by sqrt(Z).
!shared = tensor<?x?x3xf32>  // b l Z
!values = tensor<?x?x5xf32>  // b l E
!z = tensor<3xf32>  // Z
!e = tensor<5xf32>  // E
!keys = tensor<4x3xf32>  // 4 Z
!cache = tensor<4x5xf32>  // 4 E
!slots = tensor<4xf32>  // 4
!square = tensor<4x4xf32>  // 4 4
func.func @forward(%z: !shared, %v: !values) -> !values {
  %gq, %bq, %gk, %bk = ssm.weights ["gamma.0", "beta.0", "gamma.1", "beta.1"] : !z, !z, !z, !z
  %bias, %turn = ssm.weights ["bias", "turn"] : !square, !square
  %o, %keys, %cache, %place = ssm.recurrence sequence(l) step(s, p, z, e)
      ins(%z[b, l, z], %v[b, l, e], %gq[z], %bq[z], %gk[z], %bk[z], %bias[s, p], %turn[s, p]
          : !shared, !values, !z, !z, !z, !z, !square, !square)
      outs([b, l, e]) states("keys" [b, s, z], "values" [b, s, e], "place" [b, s]) {
  ^step(%z_t: !z, %v_t: !e, %gq_z: !z, %bq_z: !z, %gk_z: !z, %bk_z: !z, %bias_s: !square,
        %turn_s: !square, %keys_s: !keys, %values_s: !cache, %last: !slots):
    %c0 = arith.constant 0 : index
    %first = arith.constant dense<[1.0, 0.0, 0.0, 0.0]> : !slots
    %no_keys = arith.constant dense<0.0> : !keys
    %no_values = arith.constant dense<0.0> : !cache
    %half = arith.constant 0.5 : f32
    %now = ssm.contract "sp,p + s -> s" %turn_s, %last, %first : (!square, !slots, !slots) -> !slots
    %at0 = tensor.extract %now[%c0] : !slots
    %starts = arith.cmpf ogt, %at0, %half : f32
    %kept_keys = arith.select %starts, %no_keys, %keys_s : !keys
    %kept_values = arith.select %starts, %no_values, %values_s : !cache
    %q = math.fma %z_t, %gq_z, %bq_z : !z
    %k = math.fma %z_t, %gk_z, %bk_z : !z
    %new_value = ssm.contract "s,e->se" %now, %v_t : (!slots, !e) -> !cache
    %next_keys = ssm.contract "sz + s,z -> sz" %kept_keys, %now, %k : (!keys, !slots, !z) -> !keys
    %next_values = arith.addf %kept_values, %new_value : !cache
    %score = ssm.contract "sz,z + ps,p -> s" %next_keys, %q, %bias_s, %now
        : (!keys, !z, !square, !slots) -> !slots
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c3 = arith.constant 3 : index
    %s0 = tensor.extract %score[%c0] : !slots
    %s1 = tensor.extract %score[%c1] : !slots
    %s2 = tensor.extract %score[%c2] : !slots
    %s3 = tensor.extract %score[%c3] : !slots
    %s01 = arith.maximumf %s0, %s1 : f32
    %s23 = arith.maximumf %s2, %s3 : f32
    %largest = arith.maximumf %s01, %s23 : f32
    %largests = tensor.splat %largest : !slots
    %below = arith.subf %score, %largests : !slots
    %exp = math.exp %below : !slots
    %sum = ssm.contract "s->" %exp : (!slots) -> f32
    %sums = tensor.splat %sum : !slots
    %weight = arith.divf %exp, %sums : !slots
    %o_t = ssm.contract "s,se->e" %weight, %next_values : (!slots, !cache) -> !e
    ssm.yield %o_t, %next_keys, %next_values, %now : !e, !keys, !cache, !slots
  }
  return %o : !values
}
