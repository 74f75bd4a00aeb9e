// The bug that is hunted here is that the module holds an `ssm.rms_norm`.
// RUN: printf '#!/bin/sh\ngrep -q ssm.rms_norm "$1" && exit 1\nexit 0\n' > %t.sh
// RUN: chmod +x %t.sh
// RUN: ssmc-reduce %s --reduction-tree='traversal-mode=0 test=%t.sh' | FileCheck %s

// CHECK-NOT: @embed
// CHECK: func.func @norm
// CHECK: ssm.rms_norm
func.func @embed(%ids: tensor<?x?xi64>, %table: tensor<256x192xbf16>)
    -> tensor<?x?x192xf32> {
  %x = ssm.embedding %ids, %table : tensor<?x?xi64>, tensor<256x192xbf16>
  return %x : tensor<?x?x192xf32>
}

func.func @norm(%x: tensor<?x?x192xf32>, %w: tensor<192xf32>)
    -> tensor<?x?x192xf32> {
  %y = ssm.rms_norm %x weight(%w : tensor<192xf32>) eps(1.0e-5)
      : tensor<?x?x192xf32>
  return %y : tensor<?x?x192xf32>
}
