// SD-SSM: a dense transition per step, a softmax mixture of a dictionary whose
// columns are normalized to p-norm 1, p = 1.2 (catalog B, SD-SSM; Terzic et al.).
!seq = tensor<?x?x5xf32>  // b l E
!states = tensor<?x?x4xf32>  // b l N
!scores = tensor<?x?x3xf32>  // b l K
!selector = tensor<3x5xf32>  // K E
!selector_bias = tensor<3xf32>  // K
!dictionary = tensor<4x4x3xf32>  // N N K
!input = tensor<4x5xf32>  // N E
!vector = tensor<4xf32>  // N
!readout = tensor<5x4xf32>  // E N
!readout_bias = tensor<5xf32>  // E
!n = tensor<4xf32>  // N
!nn = tensor<4x4xf32>  // N N
!k = tensor<3xf32>  // K
func.func @forward(%x: !seq) -> !seq {
  %w_select = ssm.weight "selector.weight" : !selector
  %b_select, %dictionary = ssm.weights ["selector.bias", "A"] : !selector_bias, !dictionary
  %B, %w_norm, %b_norm = ssm.weights ["B", "norm.weight", "norm.bias"] : !input, !vector, !vector
  %w_out, %b_out = ssm.weights ["readout.weight", "readout.bias"] : !readout, !readout_bias
  %scores = ssm.linear %x, %w_select bias(%b_select : !selector_bias) : !seq, !selector
  %in = ssm.linear %x, %B : !seq, !input
  %h, %last = ssm.recurrence sequence(l) step(n, m, k)
      ins(%scores[b, l, k], %in[b, l, n], %dictionary[n, m, k] : !scores, !states, !dictionary)
      outs([b, l, n]) states("recurrent" [b, n]) {
  ^step(%score: !k, %in_t: !n, %A: !dictionary, %s: !n):
    %exp = math.exp %score : !k
    %mixed = ssm.contract "k,nmk->nm" %exp, %A : (!k, !dictionary) -> !nn
    // The softmax's denominator cancels in the normalized columns.
    %p = arith.constant dense<1.2> : !nn
    %p_n = arith.constant dense<1.2> : !n
    %size = math.absf %mixed : !nn
    %log = math.log %size : !nn
    %p_log = arith.mulf %p, %log : !nn
    %power = math.exp %p_log : !nn
    %sum = ssm.contract "nm->m" %power : (!nn) -> !n
    %log_sum = math.log %sum : !n
    %log_norm = arith.divf %log_sum, %p_n : !n
    %norm = math.exp %log_norm : !n
    %scaled = arith.divf %s, %norm : !n
    %next = ssm.contract "nm,m + n -> n" %mixed, %scaled, %in_t : (!nn, !n, !n) -> !n
    ssm.yield %next, %next : !n, !n
  }
  %normed = ssm.layer_norm %h weight(%w_norm : !vector) bias(%b_norm : !vector) eps(1.0e-5)
      : !states
  %y = ssm.linear %normed, %w_out bias(%b_out : !readout_bias) : !states, !readout
  return %y : !seq
}
