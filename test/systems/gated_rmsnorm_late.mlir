// The gated norm of Mamba-2, the norm of each group of channels after the gate
// (catalog B, 1.5).
!seq = tensor<?x?x12xf32>     // b l D
!groups = tensor<?x?x3x4xf32> // b l G D//G
!vector = tensor<12xf32>      // D
func.func @forward(%x: !seq, %z: !seq) -> !seq {
  %w, %b = ssm.weights ["weight", "bias"] : !vector, !vector
  %gate = ssm.silu %z : !seq
  %gated = arith.mulf %x, %gate : !seq
  %gated_g = ssm.reshape %gated : !seq to !groups
  %normed_g = ssm.rms_norm %gated_g eps(1.0e-5) : !groups
  %normed = ssm.reshape %normed_g : !groups to !seq
  %y = ssm.affine %normed scale(%w : !vector) shift(%b : !vector) : !seq
  return %y : !seq
}
