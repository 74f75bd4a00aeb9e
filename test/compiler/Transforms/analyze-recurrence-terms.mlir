// RUN: ssmc-opt %s --ssmc-expand-recurrences --ssm-analyze-recurrence --verify-diagnostics

// Each micro-step doubles the terms of the state: there is an end to reading them.
func.func @many_micro_steps(%q: tensor<?x?x2x4xf32>, %k: tensor<?x?x12x2x4xf32>,
                            %v: tensor<?x?x12x2x3xf32>, %beta: tensor<?x?x12x2xf32>)
    -> tensor<?x?x2x3xf32> {
  // expected-remark @+1 {{recurrence 'recurrent': nonlinear: state 'recurrent' is in more than 1024 terms at }}
  %y, %S = ssm.delta_rule %q, %k, %v beta(%beta : tensor<?x?x12x2xf32>)
      : tensor<?x?x2x4xf32>, tensor<?x?x12x2x4xf32>, tensor<?x?x12x2x3xf32>
  return %y : tensor<?x?x2x3xf32>
}
