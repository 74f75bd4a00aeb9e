// PackMamba: convolution and selective scan of sequences packed into one row. `p`
// counts the steps since each sequence's start: a tap reaches back at most p steps,
// and where p is zero the state before is dropped (catalog B, PackMamba). What is
// before a start has no other way across, so both are a reset where p is zero.
!seq = tensor<?x?x4xf32>    // b l D
!mix = tensor<?x?x3xf32>    // b l N
!matrix = tensor<4x3xf32>   // D N
!vector = tensor<4xf32>     // D
!positions = tensor<?x?xf32> // b l
!number = tensor<f32>
!taps = tensor<4x4xf32>     // D 4
func.func @forward(%x: !seq, %delta: !seq, %B: !mix, %C: !mix, %z: !seq, %p: !positions)
    -> !seq {
  %conv, %conv_bias = ssm.weights ["conv", "conv_bias"] : !taps, !vector
  %A, %D, %bias = ssm.weights ["A", "D", "bias"] : !matrix, !vector, !vector
  %one = arith.constant dense<1.0> : !number
  %ones = ssm.broadcast %one like %p [] : !number, !positions
  %begun = arith.minimumf %p, %ones : !positions
  %reset = arith.subf %ones, %begun : !positions
  %u, %window = ssm.short_conv %x, %conv bias(%conv_bias : !vector) reset(%reset : !positions)
      activation(silu) : !seq, !taps
  %y, %h = ssm.selective_scan %u, %delta, %A, %B, %C D(%D : !vector) z(%z : !seq)
      dt_bias(%bias : !vector) reset(%reset : !positions) softplus : !seq, !matrix, !mix, !mix
  return %y : !seq
}
