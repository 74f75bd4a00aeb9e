// A table, a moving average with a decay from the checkpoint, a projection.
module attributes {ssm.name = "ema", ssm.checkpoint = "ema.safetensors"} {
  func.func @forward(%ids: tensor<?x?xi64>) -> tensor<?x?x32xf32> {
    %table = ssm.weight "table" : tensor<32x8xf32>
    %log = ssm.weight "log_decay" : tensor<8xf32>
    %positive = math.exp %log : tensor<8xf32>
    %decay = arith.negf %positive : tensor<8xf32>
    %x = ssm.embedding %ids, %table : tensor<?x?xi64>, tensor<32x8xf32>
    %h, %last = ssm.linear_scan %decay, %x : tensor<8xf32>, tensor<?x?x8xf32>
    %y = ssm.linear %h, %table : tensor<?x?x8xf32>, tensor<32x8xf32>
    return %y : tensor<?x?x32xf32>
  }
}
