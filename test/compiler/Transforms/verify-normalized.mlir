// RUN: ssmc-opt %s --ssmc-verify-normalized -o /dev/null

func.func @forward(%ids: tensor<?x?xi64>, %x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %a = ssm.parameter "a" : tensor<8xf32> {
    %w = ssm.weight "w" : tensor<8xf32>
    %e = math.exp %w : tensor<8xf32>
    ssm.yield %e : tensor<8xf32>
  }
  %w = ssm.weight "w" : tensor<8xf32>
  %b = ssm.broadcast %w like %x [2] : tensor<8xf32>, tensor<?x?x8xf32>
  %y = arith.mulf %x, %b : tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}
