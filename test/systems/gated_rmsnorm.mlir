// The gated norm of Mamba-2, the gate after the norm of each group of channels and
// its bias (catalog B, 1.5, norm_before_gate).
!seq = tensor<?x?x12xf32>     // b l D
!groups = tensor<?x?x3x4xf32> // b l G D//G
!vector = tensor<12xf32>      // D
func.func @forward(%x: !seq, %z: !seq) -> !seq {
  %w, %b = ssm.weights ["weight", "bias"] : !vector, !vector
  %x_g = ssm.reshape %x : !seq to !groups
  %normed_g = ssm.rms_norm %x_g eps(1.0e-5) : !groups
  %normed = ssm.reshape %normed_g : !groups to !seq
  %shifted = ssm.affine %normed scale(%w : !vector) shift(%b : !vector) : !seq
  %gate = ssm.silu %z : !seq
  %y = arith.mulf %shifted, %gate : !seq
  return %y : !seq
}
