// NaN does not pass a reset, whatever decays and however steps are taken together: the
// compiled forms against the interpreter, where NaN matches NaN alone.
// DEFINE: %{algorithm} = sequential
// DEFINE: %{inputs} = --seed=9 --input=2x150x2x4xf32=random --input=2x150x2x4xf32=random \
// DEFINE:   --input=2x150x2x3xf32=random --input=2x150x2x4xf32=random \
// DEFINE:   --input=2x150x2xf32=random --input=2x150xf32=random \
// DEFINE:   --input=2x150xf32=random
// DEFINE: %{check} = ssmc %s -o %t.fb --target-cpu=native --ssm-algorithm=%{algorithm} && \
// DEFINE:   ssmc-run %t.fb %{inputs} --expect=@%t.0.npy --expect=@%t.1.npy --expect=@%t.2.npy \
// DEFINE:   --expect=@%t.3.npy --expect=@%t.4.npy
// RUN: ssmc-run --reference=f64 %s --entry=forward %{inputs} --output=@%t.0.npy --output=@%t.1.npy \
// RUN:   --output=@%t.2.npy --output=@%t.3.npy --output=@%t.4.npy
// RUN: %{check}
// REDEFINE: %{algorithm} = chunked
// RUN: %{check}
// REDEFINE: %{algorithm} = associative
// RUN: %{check}

!k = tensor<?x?x2x4xf32>
!v = tensor<?x?x2x3xf32>
!h = tensor<?x?x2xf32>
!r = tensor<?x?xf32>
!s = tensor<?x?x8xf32>
func.func @forward(%q: !k, %key: !k, %v: !v, %poison: !k, %g: !h, %flag: !r,
                   %other: !r) -> (!v, !v, !v, !k, !s) {
  // NaN in one element of a hundred, a reset at one step of four.
  %edge = ssm.weight "edge" splat(0.98) : tensor<4xf32>
  %edges = ssm.broadcast %edge like %poison [3] : tensor<4xf32>, !k
  %above = arith.addf %poison, %edges : !k
  %root = math.sqrt %above : !k
  %none = arith.subf %root, %root : !k
  %k = arith.addf %key, %none : !k
  %size = math.absf %other : !r
  %over = arith.subf %flag, %size : !r
  %zero = arith.subf %flag, %flag : !r
  %reset = arith.maximumf %over, %zero : !r

  %a = ssm.sigmoid %g : !h
  %each = ssm.sigmoid %key : !k
  %0, %s0 = ssm.linear_attention %q, %k, %v decay(%a : !h) reset(%reset : !r) : !k, !k, !v
  %1, %s1 = ssm.linear_attention %q, %k, %v decay(%each : !k) reset(%reset : !r) : !k, !k, !v
  %2, %s2 = ssm.delta_rule %q, %k, %v beta(%a : !h) decay(%a : !h) reset(%reset : !r)
      : !k, !k, !v
  %3, %s3, %begun3 = ssm.scan %k reset(%reset : !r) : !k {
  ^combine(%before: f32, %now: f32):
    %sum = arith.addf %before, %now : f32
    ssm.yield %sum : f32
  }
  %flat = ssm.reshape %k : !k to !s
  %moves = ssm.weight "moves" splat(0.1) : tensor<8x8xf32>
  %first = ssm.weight "first" splat(0.2) : tensor<8xf32>
  %4, %s4, %begun4 = ssm.semiring_scan log_sum_exp %moves, %flat prior(%first : tensor<8xf32>)
      reset(%reset : !r) : tensor<8x8xf32>, !s
  return %0, %1, %2, %3, %4 : !v, !v, !v, !k, !s
}
