// RUN: ssmc-opt %s --split-input-file --verify-diagnostics --ssmc-form-dispatches

func.func @unknown(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
    attributes {ssm.entry} {
  %zero = arith.constant 0 : index
  // expected-error@+1 {{'tensor.dim' op cannot be scheduled: it is neither an anchor, nor a view, nor pointwise}}
  %d = tensor.dim %x, %zero : tensor<?x?x8xf32>
  return %x : tensor<?x?x8xf32>
}

// -----

func.func @short_spelling(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
    attributes {ssm.entry} {
  %y = ssm.recurrence sequence(l) step(d)
      ins(%x[b, l, d] : tensor<?x?x8xf32>) outs([b, l, d]) {
  ^step(%x_t: tensor<8xf32>):
    // expected-error@+1 {{'ssm.contract' op cannot be scheduled: it is a short spelling, which the stage normalize expands}}
    %y_t = ssm.contract "d,d,d->d" %x_t, %x_t, %x_t
        : (tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
    ssm.yield %y_t : tensor<8xf32>
  }
  return %y : tensor<?x?x8xf32>
}

// -----

func.func @states(%h: tensor<?x8xf32>, %w: tensor<4x8xf32>) -> tensor<?x4xf32>
    attributes {ssm.entry} {
  // expected-error@+1 {{'ssm.linear' op expected a result of shape [batch, length, ..., channels] outside of recurrences, got 'tensor<?x4xf32>'}}
  %y = ssm.linear %h, %w : tensor<?x8xf32>, tensor<4x8xf32>
  return %y : tensor<?x4xf32>
}

// -----

func.func @one_axis(%h: tensor<?xf32>) -> tensor<?xf32>
    attributes {ssm.entry} {
  // expected-error@+1 {{'math.tanh' op expected a result of shape [batch, length, ...] outside of recurrences, got 'tensor<?xf32>'}}
  %y = math.tanh %h : tensor<?xf32>
  return %y : tensor<?xf32>
}

// -----

func.func @argument(%h: tensor<?xf32>) -> tensor<?xf32>
    attributes {ssm.entry} {
  // expected-error@+1 {{'func.return' op expected a result of shape [batch, length, ...] outside of recurrences, got 'tensor<?xf32>'}}
  return %h : tensor<?xf32>
}
