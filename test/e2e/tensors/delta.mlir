// The gated delta rule with one decay per key: pseudo inputs by a triangular
// solve, then decayed scores. S = d S + k (v - S^T (d k))^T, y = S^T q.
!keys = tensor<?x?x20xf32>   // b l k
!values = tensor<?x?x18xf32> // b l v
module {
func.func @forward(%q: !keys, %k: !keys, %v: !values, %g: !keys) -> !values {
  %d = ssm.sigmoid %g : !keys
  %y, %last = ssm.recurrence sequence(l) step(k, v)
      ins(%q[b, l, k], %k[b, l, k], %v[b, l, v], %d[b, l, k]
          : !keys, !keys, !values, !keys)
      outs([b, l, v] : !values)
      states("recurrent" [b, k, v] : tensor<?x20x18xf32>) {
  ^step(%q_t: tensor<20xf32>, %k_t: tensor<20xf32>, %v_t: tensor<18xf32>,
        %d_t: tensor<20xf32>, %s: tensor<20x18xf32>):
    %small = arith.constant dense<0.2> : tensor<20xf32>
    %key = arith.mulf %k_t, %small : tensor<20xf32>
    %kept = ssm.contract "k,kv->kv" %d_t, %s
        : (tensor<20xf32>, tensor<20x18xf32>) -> tensor<20x18xf32>
    %old = ssm.contract "k,kv->v" %key, %kept
        : (tensor<20xf32>, tensor<20x18xf32>) -> tensor<18xf32>
    %u = arith.subf %v_t, %old : tensor<18xf32>
    %in = ssm.contract "k,v->kv" %key, %u
        : (tensor<20xf32>, tensor<18xf32>) -> tensor<20x18xf32>
    %next = arith.addf %kept, %in : tensor<20x18xf32>
    %y_t = ssm.contract "k,kv->v" %q_t, %next
        : (tensor<20xf32>, tensor<20x18xf32>) -> tensor<18xf32>
    ssm.yield %y_t, %next : tensor<18xf32>, tensor<20x18xf32>
  } chunk(19) {
  ^chunk(%q_q: tensor<19x20xf32>, %k_q: tensor<19x20xf32>, %v_q: tensor<19x18xf32>,
         %d_q: tensor<19x20xf32>, %s: tensor<20x18xf32>):
    %small = arith.constant dense<0.2> : tensor<19x20xf32>
    %key = arith.mulf %k_q, %small : tensor<19x20xf32>
    %negative = arith.negf %key : tensor<19x20xf32>
    // What step i reads of step j before it writes, after its own decay.
    %a = ssm.decayed_scores %negative, %key decay(%d_q : tensor<19x20xf32>)
        : tensor<19x20xf32>
    %since = ssm.cumulative_product %d_q : tensor<19x20xf32>
    %reach = arith.mulf %since, %key : tensor<19x20xf32>
    %first = ssm.contract "qk,kv->qv" %reach, %s
        : (tensor<19x20xf32>, tensor<20x18xf32>) -> tensor<19x18xf32>
    %rest = arith.subf %v_q, %first : tensor<19x18xf32>
    %u = ssm.triangular_solve %a, %rest : tensor<19x19xf32>, tensor<19x18xf32>
    %scores = ssm.decayed_scores %q_q, %key decay(%d_q : tensor<19x20xf32>)
        : tensor<19x20xf32>
    %inside = ssm.causal_product %scores, %u : tensor<19x19xf32>, tensor<19x18xf32>
    %query = arith.mulf %since, %q_q : tensor<19x20xf32>
    %carried = ssm.contract "qk,kv->qv" %query, %s
        : (tensor<19x20xf32>, tensor<20x18xf32>) -> tensor<19x18xf32>
    %y_q = arith.addf %inside, %carried : tensor<19x18xf32>
    %until = ssm.cumulative_product %d_q suffix : tensor<19x20xf32>
    %writes = arith.mulf %until, %key : tensor<19x20xf32>
    %written = ssm.contract "qk,qv->kv" %writes, %u
        : (tensor<19x20xf32>, tensor<19x18xf32>) -> tensor<20x18xf32>
    %all = tensor.extract_slice %since[18, 0] [1, 20] [1, 1]
        : tensor<19x20xf32> to tensor<20xf32>
    %kept = ssm.contract "k,kv->kv" %all, %s
        : (tensor<20xf32>, tensor<20x18xf32>) -> tensor<20x18xf32>
    %next = arith.addf %kept, %written : tensor<20x18xf32>
    ssm.yield %y_q, %next : tensor<19x18xf32>, tensor<20x18xf32>
  }
  return %y : !values
}
}
