// Mamba-3, many inputs and outputs: a state is written and read R times per step, by
// values and gates that weights of rank R scale (catalog B, Mamba-3, step form). Keys
// and queries come normalized, biased and rotated, `trap` in (0, 1).
!keys = tensor<?x?x3x2x4xf32>  // b l H R N
!values = tensor<?x?x3x5xf32>  // b l H P
!heads = tensor<?x?x3xf32>     // b l H
!scale = tensor<3x2x5xf32>     // H R P
!head = tensor<3xf32>          // H
!rn = tensor<2x4xf32>          // R N
!rp = tensor<2x5xf32>          // R P
!pn = tensor<5x4xf32>          // P N
!p = tensor<5xf32>             // P
func.func @forward(%Q: !keys, %K: !keys, %V: !values, %Z: !values, %ADT: !heads, %DT: !heads,
                   %trap: !heads) -> !values {
  %mimo_v, %mimo_z, %mimo_o = ssm.weights ["mimo_v", "mimo_z", "mimo_o"] : !scale, !scale, !scale
  %D = ssm.weight "D" : !head
  %y, %last:3 = ssm.recurrence sequence(l) step(p, n, r)
      ins(%Q[b, l, h, r, n], %K[b, l, h, r, n], %V[b, l, h, p], %Z[b, l, h, p], %ADT[b, l, h],
          %DT[b, l, h], %trap[b, l, h], %mimo_v[h, r, p], %mimo_z[h, r, p], %mimo_o[h, r, p], %D[h]
          : !keys, !keys, !values, !values, !heads, !heads, !heads, !scale, !scale, !scale, !head)
      outs([b, l, h, p])
      states("recurrent" [b, h, p, n], "key" [b, h, r, n], "value" [b, h, r, p]) {
  ^step(%q: !rn, %k: !rn, %x: !p, %z: !p, %log: f32, %dt: f32, %lambda: f32, %for_v: !rp,
        %for_z: !rp, %for_o: !rp, %d: f32, %S: !pn, %k_old: !rn, %v_old: !rp):
    %v = ssm.contract "p,rp->rp" %x, %for_v : (!p, !rp) -> !rp
    %decay = math.exp %log : f32
    %gamma = arith.mulf %lambda, %dt : f32
    %rest = arith.subf %dt, %gamma : f32
    %beta = arith.mulf %rest, %decay : f32
    %now = ssm.contract ",rp,rn->pn" %gamma, %v, %k : (f32, !rp, !rn) -> !pn
    %sum = ssm.contract ",pn + ,rp,rn -> pn" %decay, %S, %beta, %v_old, %k_old
        : (f32, !pn, f32, !rp, !rn) -> !pn
    %next = arith.addf %sum, %now : !pn
    %o = ssm.contract "pn,rn + ,rp -> rp" %next, %q, %d, %v : (!pn, !rn, f32, !rp) -> !rp
    %z_r = ssm.contract "p,rp->rp" %z, %for_z : (!p, !rp) -> !rp
    %gate = ssm.silu %z_r : !rp
    %gated = arith.mulf %o, %gate : !rp
    %out = ssm.contract "rp,rp->p" %gated, %for_o : (!rp, !rp) -> !p
    ssm.yield %out, %next, %k, %v : !p, !pn, !rn, !rp
  }
  return %y : !values
}
