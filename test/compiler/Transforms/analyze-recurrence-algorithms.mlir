// RUN: ssmc-opt %s --ssm-analyze-recurrence 2>/dev/null | FileCheck %s

// CHECK-LABEL: @decayed
// CHECK:       ssm.algorithms = ["sequential", "chunked", "associative"]
func.func @decayed(%a: tensor<?x?x8xf32>, %x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%a[b, l, d], %x[b, l, d] : tensor<?x?x8xf32>, tensor<?x?x8xf32>)
      outs([b, l, d] : tensor<?x?x8xf32>)
      states("h" [b, d] : tensor<?x8xf32>) {
  ^step(%a_t: f32, %x_t: f32, %h: f32):
    %kept = arith.mulf %a_t, %h : f32
    %next = arith.addf %kept, %x_t : f32
    ssm.yield %next, %next : f32, f32
  }
  return %y : tensor<?x?x8xf32>
}

// CHECK-LABEL: @nonlinear
// CHECK:       ssm.algorithms = ["sequential", "newton"]
func.func @nonlinear(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%x[b, l, d] : tensor<?x?x8xf32>) outs([b, l, d] : tensor<?x?x8xf32>)
      states("h" [b, d] : tensor<?x8xf32>) {
  ^step(%x_t: f32, %h: f32):
    %sum = arith.addf %h, %x_t : f32
    %next = math.tanh %sum : f32
    ssm.yield %next, %next : f32, f32
  }
  return %y : tensor<?x?x8xf32>
}

// A sequence that is shorter than a chunk runs by steps.
// CHECK-LABEL: @short
// CHECK:       ssm.algorithms = ["sequential"]
func.func @short(%x: tensor<?x63x8xf32>) -> tensor<?x63x8xf32> {
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%x[b, l, d] : tensor<?x63x8xf32>) outs([b, l, d] : tensor<?x63x8xf32>)
      states("sum" [b, d] : tensor<?x8xf32>) {
  ^step(%x_t: f32, %h: f32):
    %next = arith.addf %h, %x_t : f32
    ssm.yield %next, %next : f32, f32
  }
  return %y : tensor<?x63x8xf32>
}

// CHECK-LABEL: @one_chunk
// CHECK:       ssm.algorithms = ["sequential", {{.*}}"chunked", "associative"]
func.func @one_chunk(%x: tensor<?x64x8xf32>) -> tensor<?x64x8xf32> {
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%x[b, l, d] : tensor<?x64x8xf32>) outs([b, l, d] : tensor<?x64x8xf32>)
      states("sum" [b, d] : tensor<?x8xf32>) {
  ^step(%x_t: f32, %h: f32):
    %next = arith.addf %h, %x_t : f32
    ssm.yield %next, %next : f32, f32
  }
  return %y : tensor<?x64x8xf32>
}
