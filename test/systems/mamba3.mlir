// Mamba-3, single input and output: a scalar decay per head, the trapezoidal rule
// in time, and keys and queries that turn by an accumulated angle (catalog B,
// Mamba-3, step form). Keys and queries come normalized; `turn` swaps the two
// coordinates of a pair and negates one, `pairs` says which angle turns which.
!keys = tensor<?x?x8xf32>  // b l N
!values = tensor<?x?x3x5xf32>  // b l H P
!heads = tensor<?x?x3xf32>  // b l H
!angles = tensor<?x?x3x2xf32>  // b l H S
!bias = tensor<3x8xf32>  // H N
!head = tensor<3xf32>  // H
!nn = tensor<8x8xf32>  // N N
!ns = tensor<8x2xf32>  // N S
!pn = tensor<5x8xf32>  // P N
!n = tensor<8xf32>  // N
!p = tensor<5xf32>  // P
!s = tensor<2xf32>  // S
func.func @forward(%Q: !keys, %K: !keys, %V: !values, %Z: !values, %ADT: !heads, %DT: !heads,
                   %trap: !heads, %angles: !angles) -> !values {
  %Q_bias, %K_bias = ssm.weights ["Q_bias", "K_bias"] : !bias, !bias
  %D, %turn, %pairs = ssm.weights ["D", "turn", "pairs"] : !head, !nn, !ns
  %y, %a_last, %S_last, %k_last, %v_last = ssm.recurrence sequence(l) step(p, n, s, m)
      ins(%Q[b, l, n], %K[b, l, n], %V[b, l, h, p], %Z[b, l, h, p], %ADT[b, l, h], %DT[b, l, h],
          %trap[b, l, h], %angles[b, l, h, s], %Q_bias[h, n], %K_bias[h, n], %D[h], %turn[n, m],
          %pairs[n, s] : !keys, !keys, !values, !values, !heads, !heads, !heads, !angles, !bias,
          !bias, !head, !nn, !ns)
      outs([b, l, h, p])
      states("angle" [b, h, s], "recurrent" [b, h, p, n], "key" [b, h, n], "value" [b, h, p]) {
  ^step(%q: !n, %k: !n, %v: !p, %z: !p, %log: f32, %dt: f32, %raw: f32, %angle: !s, %q_bias: !n,
        %k_bias: !n, %d: f32, %J: !nn, %E: !ns, %a: !s, %S: !pn, %k_old: !n, %v_old: !p):
    %pi = arith.constant 3.1415927410125732 : f32 // a float32, and what it lacks
    %pi_low = arith.constant -8.742278000372485e-08 : f32
    %rate_low = arith.mulf %pi_low, %dt : f32
    %rate = math.fma %pi, %dt, %rate_low : f32
    %tanh = math.tanh %angle : !s
    %a_next = ssm.contract "s + ,s -> s" %a, %rate, %tanh : (!s, f32, !s) -> !s
    %theta = ssm.contract "ns,s->n" %E, %a_next : (!ns, !s) -> !n
    %cos = math.cos %theta : !n
    %sin = math.sin %theta : !n
    %q1 = arith.addf %q, %q_bias : !n
    %q2 = ssm.contract "nm,m,n->n" %J, %q1, %sin : (!nn, !n, !n) -> !n
    %q3 = math.fma %cos, %q1, %q2 : !n
    %k1 = arith.addf %k, %k_bias : !n
    %k2 = ssm.contract "nm,m,n->n" %J, %k1, %sin : (!nn, !n, !n) -> !n
    %k3 = math.fma %cos, %k1, %k2 : !n
    %decay = math.exp %log : f32
    %lambda = ssm.sigmoid %raw : f32
    %gamma = arith.mulf %lambda, %dt : f32
    %rest = arith.subf %dt, %gamma : f32
    %beta = arith.mulf %rest, %decay : f32
    %now = ssm.contract ",p,n->pn" %gamma, %v, %k3 : (f32, !p, !n) -> !pn
    %sum = ssm.contract ",pn + ,p,n -> pn" %decay, %S, %beta, %v_old, %k_old
        : (f32, !pn, f32, !p, !n) -> !pn
    %next = arith.addf %sum, %now : !pn
    %y_t = ssm.contract "pn,n + ,p -> p" %next, %q3, %d, %v : (!pn, !n, f32, !p) -> !p
    %gate = ssm.silu %z : !p
    %out = arith.mulf %y_t, %gate : !p
    ssm.yield %out, %a_next, %next, %k3, %v : !p, !s, !pn, !n, !p
  }
  return %y : !values
}
