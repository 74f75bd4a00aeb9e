// Selective scan (Mamba) as its layer has it: softplus, skip and gate.
module attributes {ssm.name = "selective_scan"} {
func.func @forward(%u: tensor<?x?x1536xf32>, %delta: tensor<?x?x1536xf32>, %B: tensor<?x?x16xf32>,
    %C: tensor<?x?x16xf32>, %z: tensor<?x?x1536xf32>) -> tensor<?x?x1536xf32> {
  %A = ssm.weight "A" splat(-1.0) : tensor<1536x16xf32>
  %D = ssm.weight "D" splat(1.0) : tensor<1536xf32>
  %y, %h = ssm.selective_scan %u, %delta, %A, %B, %C
          D(%D : tensor<1536xf32>) z(%z : tensor<?x?x1536xf32>) softplus
          : tensor<?x?x1536xf32>, tensor<1536x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>
  return %y : tensor<?x?x1536xf32>
}
}
