// RUN: ssmc-opt %s --ssmc-verify-derived --split-input-file --verify-diagnostics

// expected-error @+1 {{expected an entry, got no function}}
module {}

// -----

// expected-error @+1 {{'func.func' op expected only the entries '@forward', '@prefill' and '@step', got '@other'}}
func.func @other(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> attributes {ssm.entry} {
  return %x : tensor<?x?x8xf32>
}

// -----

// expected-error @+1 {{'func.func' op expected the attribute 'ssm.entry' on '@forward'}}
func.func @forward(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  return %x : tensor<?x?x8xf32>
}

// -----

plan.state @s role "recurrent" : tensor<8xf32>
// expected-error @+1 {{'func.func' op expected state '@s' once among the arguments of '@prefill'}}
func.func @prefill(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> attributes {ssm.entry} {
  return %x : tensor<?x?x8xf32>
}

// -----

plan.state @s role "recurrent" : tensor<8xf32>
// expected-error @+1 {{'func.func' op expected state '@s' once among the results of '@forward'}}
func.func @forward(%x: tensor<?x?x8xf32>, %state: tensor<?x8xf32> {plan.state = @s})
    -> (tensor<?x8xf32> {plan.state = @s}, tensor<?x8xf32> {plan.state = @s})
    attributes {ssm.entry, ssm.causal, ssm.transient_state} {
  %h, %last = ssm.linear_scan %x, %x init(%state : tensor<?x8xf32>)
      : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  return %last, %last : tensor<?x8xf32>, tensor<?x8xf32>
}

// -----

plan.state @s role "recurrent" : tensor<9xf32>
// expected-error @+1 {{'func.func' op expected state '@s' to be 'tensor<?x9xf32>' in '@prefill', got 'tensor<?x8xf32>'}}
func.func @prefill(%x: tensor<?x?x8xf32>, %state: tensor<?x8xf32> {plan.state = @s})
    -> (tensor<?x8xf32> {plan.state = @s}) attributes {ssm.entry} {
  %h, %last = ssm.linear_scan %x, %x init(%state : tensor<?x8xf32>)
      : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  return %last : tensor<?x8xf32>
}

// -----

plan.state @s role "recurrent" : tensor<8xf32>
// expected-error @+1 {{'func.func' op expected one use of state '@s' in '@prefill', got 2}}
func.func @prefill(%x: tensor<?x?x8xf32>, %state: tensor<?x8xf32> {plan.state = @s})
    -> (tensor<?x8xf32> {plan.state = @s}, tensor<?x8xf32>) attributes {ssm.entry} {
  %h, %last = ssm.linear_scan %x, %x init(%state : tensor<?x8xf32>)
      : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  return %last, %state : tensor<?x8xf32>, tensor<?x8xf32>
}

// -----

plan.state @s role "recurrent" : tensor<8xf32>
func.func @prefill(%x: tensor<?x?x8xf32>, %state: tensor<?x8xf32> {plan.state = @s})
    -> (tensor<?x8xf32> {plan.state = @s}) attributes {ssm.entry} {
  // expected-error @+1 {{'arith.negf' op expected only ops that chain time steps to use state '@s'}}
  %n = arith.negf %state : tensor<?x8xf32>
  return %n : tensor<?x8xf32>
}

// -----

plan.state @s role "recurrent" : tensor<8xf32>
func.func @prefill(%x: tensor<?x?x8xf32>, %state: tensor<?x8xf32> {plan.state = @s})
    -> (tensor<?x8xf32> {plan.state = @s}) attributes {ssm.entry} {
  // expected-error @+1 {{'ssm.linear_scan' op expected '@prefill' to return state '@s' as it is after this op}}
  %h, %last = ssm.linear_scan %x, %x init(%state : tensor<?x8xf32>)
      : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  %n = arith.negf %last : tensor<?x8xf32>
  return %n : tensor<?x8xf32>
}

// -----

// expected-error @+1 {{'func.func' op expected every state among the rows of the table, got '@s'}}
func.func @prefill(%x: tensor<?x?x8xf32>, %state: tensor<?x8xf32> {plan.state = @s})
    -> (tensor<?x?x8xf32>) attributes {ssm.entry} {
  return %x : tensor<?x?x8xf32>
}

// -----

// expected-error @+1 {{'func.func' op expected axis 1 of every input of '@step' to have extent 1, got 'tensor<?x?x8xf32>'}}
func.func @step(%x: tensor<?x?x8xf32>) -> tensor<?x1x8xf32> attributes {ssm.entry} {
  %y = tensor.cast %x : tensor<?x?x8xf32> to tensor<?x1x8xf32>
  return %y : tensor<?x1x8xf32>
}

// -----

func.func @step(%x: tensor<?x1x8xf32>) -> tensor<?x1x8xf32> attributes {ssm.entry} {
  // expected-error @+1 {{'tensor.cast' op expected axis 1 to have extent 1 in '@step', got 'tensor<?x?x8xf32>'}}
  %y = tensor.cast %x : tensor<?x1x8xf32> to tensor<?x?x8xf32>
  %z = tensor.cast %y : tensor<?x?x8xf32> to tensor<?x1x8xf32>
  return %z : tensor<?x1x8xf32>
}
