// RUN: ssmc-opt %s --ssmc-verify-derived --split-input-file -o /dev/null

plan.state @s role "recurrent" : tensor<8xf32>
func.func @prefill(%x: tensor<?x?x8xf32>, %state: tensor<?x8xf32> {plan.state = @s})
    -> (tensor<?x?x8xf32>, tensor<?x8xf32> {plan.state = @s}) attributes {ssm.entry} {
  %h, %last = ssm.linear_scan %x, %x init(%state : tensor<?x8xf32>)
      : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  return %h, %last : tensor<?x?x8xf32>, tensor<?x8xf32>
}
func.func @step(%x: tensor<?x1x8xf32>, %state: tensor<?x8xf32> {plan.state = @s})
    -> (tensor<?x1x8xf32>, tensor<?x8xf32> {plan.state = @s}) attributes {ssm.entry} {
  %h, %last = ssm.linear_scan %x, %x init(%state : tensor<?x8xf32>)
      : tensor<?x1x8xf32>, tensor<?x1x8xf32>
  return %h, %last : tensor<?x1x8xf32>, tensor<?x8xf32>
}

// -----

// Not causal: no states.
func.func @forward(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> attributes {ssm.entry} {
  %h, %last = ssm.linear_scan %x, %x reverse : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  return %h : tensor<?x?x8xf32>
}
