// LSSL: a dense system per channel, bilinear, with HiPPO matrices (catalog A, LSSL
// and CORE-2; Gu et al. 2021). The discretized matrices are the parameters, as a
// trained model stores them; then GELU and a linear layer.
!seq = tensor<?x?x2xf32>  // b l H
!matrices = tensor<2x4x4xf32>  // H N N
!matrix = tensor<2x4xf32>  // H N
!vector = tensor<2xf32>  // H
!linear = tensor<2x2xf32>  // H H
func.func @forward(%u: !seq) -> (!seq, !seq) {
  %A, %B, %C = ssm.weights ["A", "B", "C"] : !matrices, !matrix, !matrix
  %D, %w_out, %b_out = ssm.weights ["D", "w_out", "b_out"] : !vector, !linear, !vector
  %y, %h = ssm.lti %u A(%A : !matrices) B(%B : !matrix) C(%C : !matrix) D(%D : !vector) : !seq
  %act = ssm.gelu %y : !seq
  %out = ssm.linear %act, %w_out bias(%b_out : !vector) : !seq, !linear
  return %y, %out : !seq, !seq
}
