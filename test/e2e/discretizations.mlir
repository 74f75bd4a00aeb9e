// Every discretization of steps that change, real and complex, and products of complex
// numbers: the compiled code against the interpreter.
// DEFINE: %{inputs} = --seed=5 --input=2x19x24xf32=random --input=2x19x6xf32=random \
// DEFINE:   --input=2x19x6xf32=random --input=2x19x6xf32=random --input=2x19x6xf32=random
// RUN: ssmc %s -o %t.fb --target-cpu=native
// RUN: ssmc-run --reference=f64 %s --entry=forward %{inputs} --output=@%t.0.npy --output=@%t.1.npy
// RUN: ssmc-run %t.fb --entry=forward %{inputs} --expect=@%t.0.npy --expect=@%t.1.npy --nrmse=1e-6

!x = tensor<?x?x24xf32>
!k = tensor<?x?x6xf32>
!y = tensor<?x?x24x12xf32>
!6 = tensor<6xf32>
!12 = tensor<12xf32>

func.func private @real(%dt: !x, %rate: !k, %u: !k, %v: !k) -> !y {
  %y = ssm.recurrence sequence(l) step(n, m)
      ins(%dt[b, l, d], %rate[b, l, n], %u[b, l, n], %v[b, l, n] : !x, !k, !k, !k)
      outs([b, l, d, m] : !y) {
  ^step(%raw: f32, %r: !6, %c: !6, %e: !6):
    %dt_t = ssm.softplus %raw : f32
    %positive = ssm.softplus %r : !6
    %a = arith.negf %positive : !6
    %d0, %g0 = ssm.discretize zoh %dt_t, %a : f32, !6
    %p0 = ssm.contract "n,n->" %d0, %c : (!6, !6) -> f32
    %q0 = ssm.contract "n,n->" %g0, %e : (!6, !6) -> f32
    %s0 = arith.addf %p0, %q0 : f32
    %d1, %g1 = ssm.discretize bilinear %dt_t, %a : f32, !6
    %p1 = ssm.contract "n,n->" %d1, %c : (!6, !6) -> f32
    %q1 = ssm.contract "n,n->" %g1, %e : (!6, !6) -> f32
    %s1 = arith.addf %p1, %q1 : f32
    %d2, %g2 = ssm.discretize euler %dt_t, %a : f32, !6
    %p2 = ssm.contract "n,n->" %d2, %c : (!6, !6) -> f32
    %q2 = ssm.contract "n,n->" %g2, %e : (!6, !6) -> f32
    %s2 = arith.addf %p2, %q2 : f32
    %d3, %g3 = ssm.discretize backward_euler %dt_t, %a : f32, !6
    %p3 = ssm.contract "n,n->" %d3, %c : (!6, !6) -> f32
    %q3 = ssm.contract "n,n->" %g3, %e : (!6, !6) -> f32
    %s3 = arith.addf %p3, %q3 : f32
    %d4, %g4 = ssm.discretize gbt %dt_t, %a alpha(0.25) : f32, !6
    %p4 = ssm.contract "n,n->" %d4, %c : (!6, !6) -> f32
    %q4 = ssm.contract "n,n->" %g4, %e : (!6, !6) -> f32
    %s4 = arith.addf %p4, %q4 : f32
    %d5, %g5 = ssm.discretize dirac %dt_t, %a : f32, !6
    %p5 = ssm.contract "n,n->" %d5, %c : (!6, !6) -> f32
    %q5 = ssm.contract "n,n->" %g5, %e : (!6, !6) -> f32
    %s5 = arith.addf %p5, %q5 : f32
    %d6, %g6 = ssm.discretize exp_euler %dt_t, %a : f32, !6
    %p6 = ssm.contract "n,n->" %d6, %c : (!6, !6) -> f32
    %q6 = ssm.contract "n,n->" %g6, %e : (!6, !6) -> f32
    %s6 = arith.addf %p6, %q6 : f32
    %d7, %g7, %before = ssm.discretize foh %dt_t, %a : f32, !6
    %gb = arith.mulf %before, %before : !6
    %gains = arith.addf %g7, %gb : !6
    %p7 = ssm.contract "n,n->" %d7, %c : (!6, !6) -> f32
    %q7 = ssm.contract "n,n->" %gains, %e : (!6, !6) -> f32
    %s7 = arith.addf %p7, %q7 : f32
    %d8, %g8 = ssm.discretize async %dt_t, %a elapsed(%dt_t : f32) : f32, !6
    %p8 = ssm.contract "n,n->" %d8, %c : (!6, !6) -> f32
    %q8 = ssm.contract "n,n->" %g8, %e : (!6, !6) -> f32
    %s8 = arith.addf %p8, %q8 : f32
    %d9, %g9 = ssm.discretize dss %dt_t, %a length(16) : f32, !6
    %p9 = ssm.contract "n,n->" %d9, %c : (!6, !6) -> f32
    %q9 = ssm.contract "n,n->" %g9, %e : (!6, !6) -> f32
    %s9 = arith.addf %p9, %q9 : f32
    %d10, %g10 = ssm.discretize ema %dt_t, %a : f32, !6
    %p10 = ssm.contract "n,n->" %d10, %c : (!6, !6) -> f32
    %q10 = ssm.contract "n,n->" %g10, %e : (!6, !6) -> f32
    %s10 = arith.addf %p10, %q10 : f32
    %d11, %g11 = ssm.discretize dss %dt_t, %a length(16) eps(0.5) : f32, !6
    %s11 = ssm.contract "n,n + n,n -> " %d11, %c, %g11, %e : (!6, !6, !6, !6) -> f32
    %all = tensor.from_elements %s0, %s1, %s2, %s3, %s4, %s5, %s6, %s7, %s8,
        %s9, %s10, %s11 : !12
    ssm.yield %all : !12
  }
  return %y : !y
}

func.func private @complex(%dt: !x, %rate: !k, %turn: !k, %u: !k, %v: !k) -> !y {
  %y = ssm.recurrence sequence(l) step(n, m)
      ins(%dt[b, l, d], %rate[b, l, n], %turn[b, l, n], %u[b, l, n], %v[b, l, n]
          : !x, !k, !k, !k, !k)
      outs([b, l, d, m] : !y) {
  ^step(%raw: f32, %r: !6, %i: !6, %c: !6, %e: !6):
    %dt_t = ssm.softplus %raw : f32
    %positive = ssm.softplus %r : !6
    %a = arith.negf %positive : !6
    %d0, %g0, %di0, %gi0 = ssm.discretize zoh %dt_t, %a imag(%i : !6)
        : f32, !6
    %p0, %q0 = ssm.complex_mul %g0, %gi0, %c, %e : !6
    %re0 = arith.addf %d0, %p0 : !6
    %im0 = arith.addf %di0, %q0 : !6
    %m0 = ssm.contract "n,n->" %re0, %c : (!6, !6) -> f32
    %n0 = ssm.contract "n,n->" %im0, %e : (!6, !6) -> f32
    %s0 = arith.addf %m0, %n0 : f32
    %d1, %g1, %di1, %gi1 = ssm.discretize bilinear %dt_t, %a imag(%i : !6)
        : f32, !6
    %p1, %q1 = ssm.complex_mul %g1, %gi1, %c, %e : !6
    %re1 = arith.addf %d1, %p1 : !6
    %im1 = arith.addf %di1, %q1 : !6
    %m1 = ssm.contract "n,n->" %re1, %c : (!6, !6) -> f32
    %n1 = ssm.contract "n,n->" %im1, %e : (!6, !6) -> f32
    %s1 = arith.addf %m1, %n1 : f32
    %d2, %g2, %di2, %gi2 = ssm.discretize euler %dt_t, %a imag(%i : !6)
        : f32, !6
    %p2, %q2 = ssm.complex_mul %g2, %gi2, %c, %e : !6
    %x2, %y2 = ssm.complex_exp %d2, %di2 : !6
    %re2 = arith.addf %x2, %p2 : !6
    %im2 = arith.addf %y2, %q2 : !6
    %m2 = ssm.contract "n,n->" %re2, %c : (!6, !6) -> f32
    %n2 = ssm.contract "n,n->" %im2, %e : (!6, !6) -> f32
    %s2 = arith.addf %m2, %n2 : f32
    %d3, %g3, %di3, %gi3 = ssm.discretize backward_euler %dt_t, %a imag(%i : !6)
        : f32, !6
    %p3, %q3 = ssm.complex_mul %g3, %gi3, %c, %e : !6
    %re3 = arith.addf %d3, %p3 : !6
    %im3 = arith.addf %di3, %q3 : !6
    %m3 = ssm.contract "n,n->" %re3, %c : (!6, !6) -> f32
    %n3 = ssm.contract "n,n->" %im3, %e : (!6, !6) -> f32
    %s3 = arith.addf %m3, %n3 : f32
    %d4, %g4, %di4, %gi4 = ssm.discretize gbt %dt_t, %a imag(%i : !6) alpha(0.25)
        : f32, !6
    %p4, %q4 = ssm.complex_mul %g4, %gi4, %c, %e : !6
    %re4 = arith.addf %d4, %p4 : !6
    %im4 = arith.addf %di4, %q4 : !6
    %m4 = ssm.contract "n,n->" %re4, %c : (!6, !6) -> f32
    %n4 = ssm.contract "n,n->" %im4, %e : (!6, !6) -> f32
    %s4 = arith.addf %m4, %n4 : f32
    %d5, %g5, %di5, %gi5 = ssm.discretize dirac %dt_t, %a imag(%i : !6)
        : f32, !6
    %p5, %q5 = ssm.complex_mul %g5, %gi5, %c, %e : !6
    %re5 = arith.addf %d5, %p5 : !6
    %im5 = arith.addf %di5, %q5 : !6
    %m5 = ssm.contract "n,n->" %re5, %c : (!6, !6) -> f32
    %n5 = ssm.contract "n,n->" %im5, %e : (!6, !6) -> f32
    %s5 = arith.addf %m5, %n5 : f32
    %d6, %g6, %di6, %gi6 = ssm.discretize exp_euler %dt_t, %a imag(%i : !6)
        : f32, !6
    %p6, %q6 = ssm.complex_mul %g6, %gi6, %c, %e : !6
    %re6 = arith.addf %d6, %p6 : !6
    %im6 = arith.addf %di6, %q6 : !6
    %m6 = ssm.contract "n,n->" %re6, %c : (!6, !6) -> f32
    %n6 = ssm.contract "n,n->" %im6, %e : (!6, !6) -> f32
    %s6 = arith.addf %m6, %n6 : f32
    %d7, %g7, %b, %di7, %gi7, %bi = ssm.discretize foh %dt_t, %a imag(%i : !6) : f32, !6
    %w, %wi = ssm.complex_div %g7, %gi7, %b, %bi : !6
    %p7, %q7 = ssm.complex_mul %w, %wi, %c, %e : !6
    %re7 = arith.addf %d7, %p7 : !6
    %im7 = arith.addf %di7, %q7 : !6
    %m7 = ssm.contract "n,n->" %re7, %c : (!6, !6) -> f32
    %n7 = ssm.contract "n,n->" %im7, %e : (!6, !6) -> f32
    %s7 = arith.addf %m7, %n7 : f32
    %d8, %g8, %di8, %gi8 = ssm.discretize async %dt_t, %a imag(%i : !6) elapsed(%dt_t : f32)
        : f32, !6
    %p8, %q8 = ssm.complex_mul %g8, %gi8, %c, %e : !6
    %re8 = arith.addf %d8, %p8 : !6
    %im8 = arith.addf %di8, %q8 : !6
    %m8 = ssm.contract "n,n->" %re8, %c : (!6, !6) -> f32
    %n8 = ssm.contract "n,n->" %im8, %e : (!6, !6) -> f32
    %s8 = arith.addf %m8, %n8 : f32
    %d9, %g9, %di9, %gi9 = ssm.discretize dss %dt_t, %a imag(%i : !6) length(16)
        : f32, !6
    %p9, %q9 = ssm.complex_mul %g9, %gi9, %c, %e : !6
    %re9 = arith.addf %d9, %p9 : !6
    %im9 = arith.addf %di9, %q9 : !6
    %m9 = ssm.contract "n,n->" %re9, %c : (!6, !6) -> f32
    %n9 = ssm.contract "n,n->" %im9, %e : (!6, !6) -> f32
    %s9 = arith.addf %m9, %n9 : f32
    %d10, %g10, %di10, %gi10 = ssm.discretize ema %dt_t, %a imag(%i : !6)
        : f32, !6
    %p10, %q10 = ssm.complex_mul %g10, %gi10, %c, %e : !6
    %re10 = arith.addf %d10, %p10 : !6
    %im10 = arith.addf %di10, %q10 : !6
    %m10 = ssm.contract "n,n->" %re10, %c : (!6, !6) -> f32
    %n10 = ssm.contract "n,n->" %im10, %e : (!6, !6) -> f32
    %s10 = arith.addf %m10, %n10 : f32
    %d11, %g11, %di11, %gi11 = ssm.discretize dss %dt_t, %a imag(%i : !6) length(16) eps(0.5)
        : f32, !6
    %p11, %q11 = ssm.complex_mul %g11, %gi11, %c, %e : !6
    %s11 = ssm.contract "n,n + n,n + n,n + n,n -> " %d11, %c, %p11, %c, %di11, %e, %q11, %e
        : (!6, !6, !6, !6, !6, !6, !6, !6) -> f32
    %all = tensor.from_elements %s0, %s1, %s2, %s3, %s4, %s5, %s6, %s7, %s8,
        %s9, %s10, %s11 : !12
    ssm.yield %all : !12
  }
  return %y : !y
}

func.func @forward(%dt: !x, %rate: !k, %turn: !k, %u: !k, %v: !k) -> (!y, !y) {
  %real = call @real(%dt, %rate, %u, %v) : (!x, !k, !k, !k) -> !y
  %complex = call @complex(%dt, %rate, %turn, %u, %v) : (!x, !k, !k, !k, !k) -> !y
  return %real, %complex : !y, !y
}
