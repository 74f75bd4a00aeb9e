// Bodies of every kind: the compiled code against the interpreter, and in pieces and
// single steps against itself, bit for bit. 70 steps are more than one block of time.
// DEFINE: %{inputs} = --seed=3 --input=2x70x40xf32=random --input=2x70x6xf32=random \
// DEFINE:   --input=2x70x2x20xf32=random --input=2x70xf32=random \
// DEFINE:   --input=2x70x24x3xf32=random
// DEFINE: %{write} = --output=@%t.0.npy --output=@%t.1.npy --output=@%t.2.npy \
// DEFINE:   --output=@%t.3.npy --output=@%t.4.npy --output=@%t.5.npy --output=@%t.6.npy \
// DEFINE:   --output=@%t.7.npy
// DEFINE: %{expect} = --expect=@%t.0.npy --expect=@%t.1.npy --expect=@%t.2.npy \
// DEFINE:   --expect=@%t.3.npy --expect=@%t.4.npy --expect=@%t.5.npy --expect=@%t.6.npy \
// DEFINE:   --expect=@%t.7.npy
// RUN: ssmc %s -o %t.fb --target-cpu=native
// RUN: ssmc-run --reference=f64 %s --entry=forward %{inputs} %{write}
// RUN: ssmc-run %t.fb --entry=forward %{inputs} %{expect} --nrmse=1e-6
// RUN: ssmc-run %t.fb --entry=prefill %{inputs} %{write}
// RUN: ssmc-run %t.fb --splits=33,1,36 --step-ones %{inputs} %{expect} --rtol=0 --atol=0
// RUN: ssmc-run %t.fb --entry=prefill --threads=1 %{inputs} %{expect} --rtol=0 --atol=0

!x = tensor<?x?x40xf32>
!k = tensor<?x?x6xf32>
!v = tensor<?x?x2x20xf32>
!g = tensor<?x?xf32>
!w = tensor<?x?x24x3xf32>
!6 = tensor<6xf32>
!12 = tensor<12xf32>
module {

// Tiles between a state that they read and one that reads their sum; constants that
// differ; a hoisted sum; a gated result of the state before the update.
func.func private @phases(%x: !x, %k: !k, %g: !g) -> !x {
  %rate = ssm.weight "rate" splat(-0.5) : tensor<40x6xf32>
  %y, %z, %m, %h, %s = ssm.recurrence sequence(l) step(n)
      ins(%x[b, l, d], %k[b, l, n], %g[b, l], %rate[d, n] : !x, !k, !g, tensor<40x6xf32>)
      outs([b, l, d], [b, l, d] : !x, !x)
      states("largest" [b, d], "recurrent" [b, d, n], "mean" [b, d]
             : tensor<?x40xf32>, tensor<?x40x6xf32>, tensor<?x40xf32>) {
  ^step(%x_t: f32, %k_t: !6, %g_t: f32, %r: !6, %m: f32, %h: !6, %s: f32):
    %larger = arith.maximumf %m, %x_t : f32
    %off = arith.subf %x_t, %larger : f32
    %in = math.exp %off : f32
    %squares = ssm.contract "n,n->" %k_t, %k_t : (!6, !6) -> f32
    %one = arith.constant 1.0 : f32
    %norm = arith.addf %squares, %one : f32
    %root = math.rsqrt %norm : f32
    %unit = ssm.contract ",n->n" %root, %k_t : (f32, !6) -> !6
    %decay = math.exp %r : !6
    %each = arith.constant dense<[0.5, 1.0, 0.25, 0.75, 0.125, 1.0]> : !6
    %slower = arith.mulf %decay, %each : !6
    %kept = arith.mulf %slower, %h : !6
    %new = ssm.contract ",n->n" %in, %unit : (f32, !6) -> !6
    %next = arith.addf %kept, %new : !6
    %sum = ssm.contract "n,n->" %next, %k_t : (!6, !6) -> f32
    %before = ssm.contract "n->" %h : (!6) -> f32
    %half = arith.constant 0.5 : f32
    %old = arith.mulf %half, %s : f32
    %mean = arith.addf %old, %sum : f32
    %gate = ssm.sigmoid %g_t : f32
    %gated = arith.mulf %gate, %mean : f32
    ssm.yield %gated, %before, %larger, %next, %mean : f32, f32, f32, !6, f32
  }
  %both = arith.addf %y, %z : !x
  return %both : !x
}

// Two axes; sums that keep one; reads across elements; results with axes.
func.func private @matrix(%x: !x, %k: !k) -> (tensor<?x?x40x3x2xf32>, !x) {
  %y, %trace, %h = ssm.recurrence sequence(l) step(n, i, j)
      ins(%x[b, l, d], %k[b, l, n] : !x, !k)
      outs([b, l, d, i, j], [b, l, d] : tensor<?x?x40x3x2xf32>, !x)
      states("recurrent" [b, d, i, j] : tensor<?x40x3x2xf32>) {
  ^step(%x_t: f32, %k_t: !6, %h: tensor<3x2xf32>):
    %a = tensor.extract_slice %k_t[0] [2] [2] : !6 to tensor<2xf32>
    %m = tensor.expand_shape %k_t [[0, 1]] output_shape [3, 2] : !6 into tensor<3x2xf32>
    %r = ssm.contract "ij,j->i" %h, %a : (tensor<3x2xf32>, tensor<2xf32>) -> tensor<3xf32>
    %u = ssm.contract "i,j->ij" %r, %a : (tensor<3xf32>, tensor<2xf32>) -> tensor<3x2xf32>
    %c = arith.constant dense<0.1> : tensor<3x2xf32>
    %less = arith.mulf %c, %u : tensor<3x2xf32>
    %rest = arith.subf %h, %less : tensor<3x2xf32>
    %xs = tensor.splat %x_t : tensor<3x2xf32>
    %added = arith.addf %rest, %xs : tensor<3x2xf32>
    %more = arith.addf %added, %m : tensor<3x2xf32>
    %next = math.tanh %more : tensor<3x2xf32>
    %zero = arith.constant 0 : index
    %last = arith.constant 1 : index
    %first = tensor.extract %next[%zero, %zero] : tensor<3x2xf32>
    %other = tensor.extract %h[%last, %last] : tensor<3x2xf32>
    %t = arith.addf %first, %other : f32
    ssm.yield %next, %t, %next : tensor<3x2xf32>, f32, tensor<3x2xf32>
  }
  return %y, %trace : tensor<?x?x40x3x2xf32>, !x
}

// Elements put together, few and many, and read where an index is no constant; a reset
// by selection; nothing but the batch in parallel.
func.func private @pieces(%k: !k, %g: !g) -> (!k, !g) {
  %y, %z, %h = ssm.recurrence sequence(l) step(n, m)
      ins(%k[b, l, n], %g[b, l] : !k, !g) outs([b, l, n], [b, l] : !k, !g)
      states("recurrent" [b, m] : tensor<?x12xf32>) {
  ^step(%k_t: !6, %g_t: f32, %h: !12):
    %zero = arith.constant 0.0 : f32
    %start = arith.cmpf ogt, %g_t, %zero : f32
    %none = arith.constant dense<0.0> : !12
    %kept = arith.select %start, %none, %h : !12
    %i0 = arith.constant 0 : index
    %i7 = arith.constant 7 : index
    %a = tensor.extract %kept[%i7] : !12
    %b = tensor.extract %k_t[%i0] : !6
    %c = math.absf %a : f32
    %d = arith.minimumf %b, %c : f32
    %e = arith.divf %d, %g_t : f32
    %all = tensor.from_elements %a, %b, %c, %d, %a, %b, %c, %d, %b, %a, %d, %c : !12
    %few = tensor.from_elements %b, %zero, %a, %d, %c, %b : !6
    %table = ssm.contract "n,m->nm" %few, %all : (!6, !12) -> tensor<6x12xf32>
    %read = ssm.contract "nm,m->n" %table, %kept : (tensor<6x12xf32>, !12) -> !6
    %down = ssm.contract "nm,n->m" %table, %k_t : (tensor<6x12xf32>, !6) -> !12
    %sum = arith.addf %down, %all : !12
    %flat = math.sin %sum : !12
    %out = arith.addf %read, %few : !6
    %bounded = math.tanh %out : !6
    ssm.yield %bounded, %a, %flat : !6, f32, !12
  }
  return %y, %z : !k, !g
}

// A wide state beside heads, updated through a sum of all of it.
func.func private @wide(%v: !v, %k: !k) -> !v {
  %y, %h = ssm.recurrence sequence(l) step(n, m)
      ins(%v[b, l, a, p], %k[b, l, n] : !v, !k) outs([b, l, a, p] : !v)
      states("recurrent" [b, a, p, n, m] : tensor<?x2x20x6x30xf32>) {
  ^step(%v_t: f32, %k_t: !6, %h: tensor<6x30xf32>):
    %all = ssm.contract "nm,n->m" %h, %k_t : (tensor<6x30xf32>, !6) -> tensor<30xf32>
    %sum = ssm.contract "m->" %all : (tensor<30xf32>) -> f32
    %c = arith.constant 0.01 : f32
    %part = arith.mulf %c, %sum : f32
    %new = arith.subf %v_t, %part : f32
    %row = tensor.splat %new : tensor<30xf32>
    %in = ssm.contract "n,m->nm" %k_t, %row : (!6, tensor<30xf32>) -> tensor<6x30xf32>
    %half = arith.constant dense<0.5> : tensor<6x30xf32>
    %kept = arith.mulf %half, %h : tensor<6x30xf32>
    %next = arith.addf %kept, %in : tensor<6x30xf32>
    ssm.yield %sum, %next : f32, tensor<6x30xf32>
  }
  return %y : !v
}

func.func @forward(%x: !x, %k: !k, %v: !v, %g: !g, %w: !w)
    -> (!x, tensor<?x?x40x3x2xf32>, !x, !k, !g, !v, !x, !w) {
  %0 = call @phases(%x, %k, %g) : (!x, !k, !g) -> !x
  %1, %2 = call @matrix(%x, %k) : (!x, !k) -> (tensor<?x?x40x3x2xf32>, !x)
  %3, %4 = call @pieces(%k, %g) : (!k, !g) -> (!k, !g)
  %5 = call @wide(%v, %k) : (!v, !k) -> !v
  // Small enough for registers, of one channel axis: swaps its two states.
  %6, %a, %b = ssm.recurrence sequence(l) step() ins(%x[b, l, d] : !x) outs([b, l, d] : !x)
      states("one" [b, d], "two" [b, d] : tensor<?x40xf32>, tensor<?x40xf32>) {
  ^step(%x_t: f32, %one: f32, %two: f32):
    %c = arith.constant 0.5 : f32
    %less = arith.mulf %c, %two : f32
    %next = arith.addf %x_t, %less : f32
    ssm.yield %one, %next, %one : f32, f32, f32
  }
  // Lanes along an axis that is not the last: that has three elements.
  %7, %narrow = ssm.recurrence sequence(l) step(n)
      ins(%w[b, l, h, p], %k[b, l, n] : !w, !k) outs([b, l, h, p] : !w)
      states("narrow" [b, h, p, n] : tensor<?x24x3x6xf32>) {
  ^step(%w_t: f32, %k_t: !6, %s: !6):
    %in = ssm.contract ",n->n" %w_t, %k_t : (f32, !6) -> !6
    %c = arith.constant dense<0.9> : !6
    %kept = arith.mulf %c, %s : !6
    %next = arith.addf %kept, %in : !6
    %y = ssm.contract "n,n->" %next, %k_t : (!6, !6) -> f32
    ssm.yield %y, %next : f32, !6
  }
  return %0, %1, %2, %3, %4, %5, %6, %7
      : !x, tensor<?x?x40x3x2xf32>, !x, !k, !g, !v, !x, !w
}
}
