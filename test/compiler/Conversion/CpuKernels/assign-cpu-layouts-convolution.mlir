// RUN: ssmc-opt %s --ssmc-assign-cpu-layouts | FileCheck %s

// Sixteen channels to an item; taps and windows have channels last; scratch grows
// with the block, which is to have as many steps as the kernel has taps.
// CHECK-LABEL: @long
// CHECK-SAME: tensor<40x100xf32> {plan.layout = #plan.layout<[1, 0]>, plan.weight}
// CHECK-SAME: plan.block = 100
// CHECK-SAME: plan.grid = #plan.grid<items = 3>
// CHECK-SAME: plan.scratch_bytes_per_step = {{[1-9]}}
func.func private @long(%u: tensor<?x?x40xf32>, %k: tensor<40x100xf32> {plan.weight},
                        %w: tensor<?x40x99xf32>)
    -> (tensor<?x?x40xf32>, tensor<?x40x99xf32>) attributes {plan.kernel} {
  %y, %last = ssm.long_conv %u, %k init(%w : tensor<?x40x99xf32>)
      : tensor<?x?x40xf32>, tensor<40x100xf32>
  return %y, %last : tensor<?x?x40xf32>, tensor<?x40x99xf32>
}

// Few taps need none of that, nor does a step.
// CHECK-LABEL: @short
// CHECK-NOT: plan.block
// CHECK: plan.scratch_bytes = 0
// CHECK-NOT: plan.scratch_bytes_per_step
func.func private @short(%u: tensor<?x?x40xf32>, %k: tensor<40x10xf32> {plan.weight})
    -> tensor<?x?x40xf32> attributes {plan.kernel} {
  %y, %last = ssm.long_conv %u, %k : tensor<?x?x40xf32>, tensor<40x10xf32>
  return %y : tensor<?x?x40xf32>
}

// CHECK-LABEL: @step
// CHECK-NOT: plan.block
// CHECK: plan.scratch_bytes = 0
func.func private @step(%u: tensor<?x1x40xf32>, %k: tensor<40x100xf32> {plan.weight},
                        %w: tensor<?x40x99xf32>)
    -> (tensor<?x1x40xf32>, tensor<?x40x99xf32>) attributes {plan.kernel} {
  %y, %last = ssm.long_conv %u, %k init(%w : tensor<?x40x99xf32>)
      : tensor<?x1x40xf32>, tensor<40x100xf32>
  return %y, %last : tensor<?x1x40xf32>, tensor<?x40x99xf32>
}

func.func @prefill(%u: tensor<?x?x40xf32>, %w: tensor<?x40x99xf32> {plan.state = @window})
    -> (tensor<?x?x40xf32>, tensor<?x40x99xf32> {plan.state = @window}) {
  %k = ssm.weight "k" : tensor<40x100xf32>
  %y:2 = plan.dispatch @long(%u, %k, %w)
      : (tensor<?x?x40xf32>, tensor<40x100xf32>, tensor<?x40x99xf32>)
      -> (tensor<?x?x40xf32>, tensor<?x40x99xf32>)
  return %y#0, %y#1 : tensor<?x?x40xf32>, tensor<?x40x99xf32>
}
// CHECK: plan.state @window role "conv_window" layout <[1, 0]>
plan.state @window role "conv_window" : tensor<40x99xf32>
