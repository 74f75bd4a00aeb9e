// RUN: ssmc-opt %s --ssm-analyze-recurrence --split-input-file --verify-diagnostics

func.func @none(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  // expected-remark @below {{recurrence 'shift': none; input scalar; read-out whole}}
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%x[b, l, d] : tensor<?x?x8xf32>)
      outs([b, l, d] : tensor<?x?x8xf32>)
      states("shift" [b, d] : tensor<?x8xf32>) {
  ^step(%x_t: f32, %s: f32):
    ssm.yield %s, %x_t : f32, f32
  }
  return %y : tensor<?x?x8xf32>
}

// -----

func.func @identity(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  // expected-remark @below {{recurrence 'sum': identity; input scalar; read-out whole}}
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%x[b, l, d] : tensor<?x?x8xf32>)
      outs([b, l, d] : tensor<?x?x8xf32>)
      states("sum" [b, d] : tensor<?x8xf32>) {
  ^step(%x_t: f32, %s: f32):
    %next = arith.addf %s, %x_t : f32
    ssm.yield %next, %next : f32, f32
  }
  return %y : tensor<?x?x8xf32>
}

// -----

// Linear attention whose values are a parallel axis: one decay per head.
func.func @scalar(%a: tensor<?x?x4xf32>, %k: tensor<?x?x4x16xf32>, %v: tensor<?x?x4x8xf32>)
    -> tensor<?x?x4x8xf32> {
  // expected-remark @below {{recurrence 'kv': scalar, time-varying; input k; read-out contracts k}}
  %y, %last = ssm.recurrence sequence(l) step(k)
      ins(%a[b, l, h], %k[b, l, h, k], %v[b, l, h, p]
          : tensor<?x?x4xf32>, tensor<?x?x4x16xf32>, tensor<?x?x4x8xf32>)
      outs([b, l, h, p] : tensor<?x?x4x8xf32>)
      states("kv" [b, h, p, k] : tensor<?x4x8x16xf32>) {
  ^step(%a_t: f32, %k_t: tensor<16xf32>, %v_t: f32, %s: tensor<16xf32>):
    %kept = ssm.contract ",k->k" %a_t, %s : (f32, tensor<16xf32>) -> tensor<16xf32>
    %kv = ssm.contract ",k->k" %v_t, %k_t : (f32, tensor<16xf32>) -> tensor<16xf32>
    %next = arith.addf %kept, %kv : tensor<16xf32>
    %read = ssm.contract "k,k->" %next, %k_t : (tensor<16xf32>, tensor<16xf32>) -> f32
    ssm.yield %read, %next : f32, tensor<16xf32>
  }
  return %y : tensor<?x?x4x8xf32>
}

// -----

func.func @vector(%g: tensor<?x?x16xf32>, %k: tensor<?x?x16xf32>, %v: tensor<?x?x8xf32>)
    -> tensor<?x?x8xf32> {
  // expected-remark @below {{recurrence 'kv': vector along k, time-varying; input k x v; read-out contracts k}}
  %y, %last = ssm.recurrence sequence(l) step(k, v)
      ins(%g[b, l, k], %k[b, l, k], %v[b, l, v]
          : tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x8xf32>)
      outs([b, l, v] : tensor<?x?x8xf32>)
      states("kv" [b, k, v] : tensor<?x16x8xf32>) {
  ^step(%g_t: tensor<16xf32>, %k_t: tensor<16xf32>, %v_t: tensor<8xf32>, %s: tensor<16x8xf32>):
    %kept = ssm.contract "k,kv->kv" %g_t, %s
        : (tensor<16xf32>, tensor<16x8xf32>) -> tensor<16x8xf32>
    %kv = ssm.contract "k,v->kv" %k_t, %v_t
        : (tensor<16xf32>, tensor<8xf32>) -> tensor<16x8xf32>
    %next = arith.addf %kept, %kv : tensor<16x8xf32>
    %read = ssm.contract "kv,k->v" %next, %k_t
        : (tensor<16x8xf32>, tensor<16xf32>) -> tensor<8xf32>
    ssm.yield %read, %next : tensor<8xf32>, tensor<16x8xf32>
  }
  return %y : tensor<?x?x8xf32>
}

// -----

// An exponential moving average is affine though it is not written as a sum.
func.func @elementwise(%a: tensor<8xf32>, %x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  // expected-remark @below {{recurrence 'mean': elementwise, time-invariant; input scalar; read-out whole}}
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%a[d], %x[b, l, d] : tensor<8xf32>, tensor<?x?x8xf32>)
      outs([b, l, d] : tensor<?x?x8xf32>)
      states("mean" [b, d] : tensor<?x8xf32>) {
  ^step(%a_d: f32, %x_t: f32, %s: f32):
    %difference = arith.subf %s, %x_t : f32
    %kept = arith.mulf %a_d, %difference : f32
    %next = arith.addf %x_t, %kept : f32
    ssm.yield %next, %next : f32, f32
  }
  return %y : tensor<?x?x8xf32>
}

// -----

// The named op and the same written by hand have one structure.
func.func @selective_scan(%u: tensor<?x?x8xf32>, %A: tensor<8x4xf32>, %B: tensor<?x?x4xf32>)
    -> tensor<?x?x8xf32> {
  // expected-remark @below {{recurrence 'recurrent': elementwise, time-varying; input n; read-out contracts n}}
  %y, %last = ssm.recurrence sequence(l) step(n)
      ins(%u[b, l, d], %A[d, n], %B[b, l, n]
          : tensor<?x?x8xf32>, tensor<8x4xf32>, tensor<?x?x4xf32>)
      outs([b, l, d] : tensor<?x?x8xf32>)
      states("recurrent" [b, d, n] : tensor<?x8x4xf32>) {
  ^step(%dt: f32, %a: tensor<4xf32>, %b: tensor<4xf32>, %h: tensor<4xf32>):
    %z = ssm.contract ",n->n" %dt, %a : (f32, tensor<4xf32>) -> tensor<4xf32>
    %decay = math.exp %z : tensor<4xf32>
    %kept = arith.mulf %h, %decay : tensor<4xf32>
    %in = ssm.contract "n,->n" %b, %dt : (tensor<4xf32>, f32) -> tensor<4xf32>
    %next = arith.addf %in, %kept : tensor<4xf32>
    %read = ssm.contract "n,n->" %next, %b : (tensor<4xf32>, tensor<4xf32>) -> f32
    ssm.yield %read, %next : f32, tensor<4xf32>
  }
  return %y : tensor<?x?x8xf32>
}

// -----

// A rotation times a radius on the parts of a complex number.
func.func @complex(%c: tensor<8xf32>, %s: tensor<8xf32>, %x: tensor<?x?x8xf32>)
    -> tensor<?x?x8xf32> {
  // expected-remark @below {{recurrence 're': elementwise complex, time-invariant; input scalar; read-out whole}}
  // expected-remark @below {{recurrence 'im': elementwise complex, time-invariant; no input; not read out}}
  %y, %re_last, %im_last = ssm.recurrence sequence(l) step()
      ins(%c[d], %s[d], %x[b, l, d] : tensor<8xf32>, tensor<8xf32>, tensor<?x?x8xf32>)
      outs([b, l, d] : tensor<?x?x8xf32>)
      states("re" [b, d], "im" [b, d] : tensor<?x8xf32>, tensor<?x8xf32>) {
  ^step(%a: f32, %b: f32, %x_t: f32, %re: f32, %im: f32):
    %0 = arith.mulf %a, %re : f32
    %1 = arith.mulf %b, %im : f32
    %2 = arith.subf %0, %1 : f32
    %re_next = arith.addf %2, %x_t : f32
    %3 = arith.mulf %b, %re : f32
    %4 = arith.mulf %im, %a : f32
    %im_next = arith.addf %3, %4 : f32
    ssm.yield %re_next, %re_next, %im_next : f32, f32, f32
  }
  return %y : tensor<?x?x8xf32>
}

// -----

// A position and its speed.
func.func @block(%k: tensor<8xf32>, %x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  // expected-remark @below {{recurrence 'position': blocks of 2, time-invariant; no input; read-out whole}}
  // expected-remark @below {{recurrence 'speed': blocks of 2, time-invariant; input scalar; not read out}}
  %y, %p_last, %s_last = ssm.recurrence sequence(l) step()
      ins(%k[d], %x[b, l, d] : tensor<8xf32>, tensor<?x?x8xf32>)
      outs([b, l, d] : tensor<?x?x8xf32>)
      states("position" [b, d], "speed" [b, d] : tensor<?x8xf32>, tensor<?x8xf32>) {
  ^step(%k_d: f32, %x_t: f32, %p: f32, %s: f32):
    %p_next = arith.addf %p, %s : f32
    %pull = arith.mulf %k_d, %p : f32
    %0 = arith.subf %s, %pull : f32
    %s_next = arith.addf %0, %x_t : f32
    ssm.yield %p_next, %p_next, %s_next : f32, f32, f32
  }
  return %y : tensor<?x?x8xf32>
}

// -----

// The gated delta rule: s' = g (s - beta k (k . s)) + beta k v.
func.func @rank_one(%g: tensor<?x?xf32>, %beta: tensor<?x?xf32>, %k: tensor<?x?x16xf32>,
                    %v: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  // expected-remark @below {{recurrence 'kv': diagonal plus rank 1, time-varying; input k x v; read-out contracts k}}
  %y, %last = ssm.recurrence sequence(l) step(k, v)
      ins(%g[b, l], %beta[b, l], %k[b, l, k], %v[b, l, v]
          : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?x16xf32>, tensor<?x?x8xf32>)
      outs([b, l, v] : tensor<?x?x8xf32>)
      states("kv" [b, k, v] : tensor<?x16x8xf32>) {
  ^step(%g_t: f32, %beta_t: f32, %k_t: tensor<16xf32>, %v_t: tensor<8xf32>,
        %s: tensor<16x8xf32>):
    %kept = ssm.contract ",kv->kv" %g_t, %s : (f32, tensor<16x8xf32>) -> tensor<16x8xf32>
    %seen = ssm.contract "kv,k->v" %kept, %k_t
        : (tensor<16x8xf32>, tensor<16xf32>) -> tensor<8xf32>
    %error = arith.subf %v_t, %seen : tensor<8xf32>
    %scaled = ssm.contract ",v->v" %beta_t, %error : (f32, tensor<8xf32>) -> tensor<8xf32>
    %write = ssm.contract "k,v->kv" %k_t, %scaled
        : (tensor<16xf32>, tensor<8xf32>) -> tensor<16x8xf32>
    %next = arith.addf %kept, %write : tensor<16x8xf32>
    %read = ssm.contract "kv,k->v" %next, %k_t
        : (tensor<16x8xf32>, tensor<16xf32>) -> tensor<8xf32>
    ssm.yield %read, %next : tensor<8xf32>, tensor<16x8xf32>
  }
  return %y : tensor<?x?x8xf32>
}

// -----

// Two delta steps in one: what the second reads of the first joins the rank
// of the first.
func.func @rank_two(%k: tensor<?x?x16xf32>, %j: tensor<?x?x16xf32>, %v: tensor<?x?x8xf32>)
    -> tensor<?x?x8xf32> {
  // expected-remark @below {{recurrence 'kv': diagonal plus rank 2, time-varying; input k x v; read-out contracts k}}
  %y, %last = ssm.recurrence sequence(l) step(k, v)
      ins(%k[b, l, k], %j[b, l, k], %v[b, l, v]
          : tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x8xf32>)
      outs([b, l, v] : tensor<?x?x8xf32>)
      states("kv" [b, k, v] : tensor<?x16x8xf32>) {
  ^step(%k_t: tensor<16xf32>, %j_t: tensor<16xf32>, %v_t: tensor<8xf32>,
        %s: tensor<16x8xf32>):
    %seen = ssm.contract "kv,k->v" %s, %k_t
        : (tensor<16x8xf32>, tensor<16xf32>) -> tensor<8xf32>
    %error = arith.subf %v_t, %seen : tensor<8xf32>
    %write = ssm.contract "k,v->kv" %k_t, %error
        : (tensor<16xf32>, tensor<8xf32>) -> tensor<16x8xf32>
    %half = arith.addf %s, %write : tensor<16x8xf32>
    %seen2 = ssm.contract "kv,k->v" %half, %j_t
        : (tensor<16x8xf32>, tensor<16xf32>) -> tensor<8xf32>
    %error2 = arith.subf %v_t, %seen2 : tensor<8xf32>
    %write2 = ssm.contract "k,v->kv" %j_t, %error2
        : (tensor<16xf32>, tensor<8xf32>) -> tensor<16x8xf32>
    %next = arith.addf %half, %write2 : tensor<16x8xf32>
    %read = ssm.contract "kv,k->v" %next, %k_t
        : (tensor<16x8xf32>, tensor<16xf32>) -> tensor<8xf32>
    ssm.yield %read, %next : tensor<8xf32>, tensor<16x8xf32>
  }
  return %y : tensor<?x?x8xf32>
}

// -----

func.func @dense(%A: tensor<4x4xf32>, %x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  // expected-remark @below {{recurrence 'h': dense, time-invariant; read-out whole}}
  %y, %last = ssm.recurrence sequence(l) step(n, m)
      ins(%A[n, m], %x[b, l, n] : tensor<4x4xf32>, tensor<?x?x4xf32>)
      outs([b, l, n] : tensor<?x?x4xf32>)
      states("h" [b, n] : tensor<?x4xf32>) {
  ^step(%a: tensor<4x4xf32>, %x_t: tensor<4xf32>, %h: tensor<4xf32>):
    %kept = ssm.contract "nm,m->n" %a, %h : (tensor<4x4xf32>, tensor<4xf32>) -> tensor<4xf32>
    %next = arith.addf %kept, %x_t : tensor<4xf32>
    ssm.yield %next, %next : tensor<4xf32>, tensor<4xf32>
  }
  return %y : tensor<?x?x4xf32>
}

// -----

func.func @window(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  // expected-remark @below {{recurrence 'conv_window': convolution window; input w; read-out contracts w}}
  %y, %last = ssm.recurrence sequence(l) step(w)
      ins(%x[b, l, d] : tensor<?x?x8xf32>)
      outs([b, l, d] : tensor<?x?x8xf32>)
      states("conv_window" [b, d, w] : tensor<?x8x3xf32>) {
  ^step(%x_t: f32, %h: tensor<3xf32>):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %oldest = tensor.extract %h[%c0] : tensor<3xf32>
    %older = tensor.extract %h[%c1] : tensor<3xf32>
    %old = tensor.extract %h[%c2] : tensor<3xf32>
    %sum = arith.addf %oldest, %x_t : f32
    %next = tensor.from_elements %older, %old, %x_t : tensor<3xf32>
    ssm.yield %sum, %next : f32, tensor<3xf32>
  }
  return %y : tensor<?x?x8xf32>
}

// -----

// At a reset the window moves on from zeros.
func.func @window_with_resets(%x: tensor<?x?x8xf32>, %reset: tensor<?x?xf32>) -> tensor<?x?x8xf32> {
  // expected-remark @below {{recurrence 'conv_window': convolution window with resets; input w; read-out contracts w}}
  %y, %last = ssm.recurrence sequence(l) step(w)
      ins(%x[b, l, d], %reset[b, l] : tensor<?x?x8xf32>, tensor<?x?xf32>)
      outs([b, l, d] : tensor<?x?x8xf32>)
      states("conv_window" [b, d, w] : tensor<?x8x3xf32>) {
  ^step(%x_t: f32, %reset_t: f32, %before: tensor<3xf32>):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %zero = arith.constant 0.0 : f32
    %zeros = arith.constant dense<0.0> : tensor<3xf32>
    %starts = arith.cmpf une, %reset_t, %zero : f32
    %h = arith.select %starts, %zeros, %before : tensor<3xf32>
    %oldest = tensor.extract %h[%c0] : tensor<3xf32>
    %older = tensor.extract %h[%c1] : tensor<3xf32>
    %old = tensor.extract %h[%c2] : tensor<3xf32>
    %sum = arith.addf %oldest, %x_t : f32
    %next = tensor.from_elements %older, %old, %x_t : tensor<3xf32>
    ssm.yield %sum, %next : f32, tensor<3xf32>
  }
  return %y : tensor<?x?x8xf32>
}

// -----

// What is kept for some places and not for others is no window.
func.func @masked_window(%x: tensor<?x?x8xf32>, %mask: tensor<3xf32>) -> tensor<?x?x8xf32> {
  // expected-remark @below {{recurrence 'conv_window': diagonal plus rank 2, time-invariant; input w; read-out contracts w}}
  %y, %last = ssm.recurrence sequence(l) step(w)
      ins(%x[b, l, d], %mask[w] : tensor<?x?x8xf32>, tensor<3xf32>)
      outs([b, l, d] : tensor<?x?x8xf32>)
      states("conv_window" [b, d, w] : tensor<?x8x3xf32>) {
  ^step(%x_t: f32, %mask_w: tensor<3xf32>, %before: tensor<3xf32>):
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %zeros = arith.constant dense<0.0> : tensor<3xf32>
    %is_kept = arith.cmpf une, %mask_w, %zeros : tensor<3xf32>
    %h = arith.select %is_kept, %before, %zeros : tensor<3xi1>, tensor<3xf32>
    %oldest = tensor.extract %h[%c0] : tensor<3xf32>
    %older = tensor.extract %h[%c1] : tensor<3xf32>
    %old = tensor.extract %h[%c2] : tensor<3xf32>
    %sum = arith.addf %oldest, %x_t : f32
    %next = tensor.from_elements %older, %old, %x_t : tensor<3xf32>
    ssm.yield %sum, %next : f32, tensor<3xf32>
  }
  return %y : tensor<?x?x8xf32>
}

// -----

// The log-space stabilizer of mLSTM, and a state whose decay it changes: the
// second sees the first as an input.
func.func @max_plus(%f: tensor<?x?x8xf32>, %i: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  // expected-remark @below {{recurrence 'm': max-plus, time-varying; read-out whole}}
  // expected-remark @below {{recurrence 'n': elementwise, time-varying; input scalar; read-out whole}}
  %y, %m_last, %n_last = ssm.recurrence sequence(l) step()
      ins(%f[b, l, d], %i[b, l, d] : tensor<?x?x8xf32>, tensor<?x?x8xf32>)
      outs([b, l, d] : tensor<?x?x8xf32>)
      states("m" [b, d], "n" [b, d] : tensor<?x8xf32>, tensor<?x8xf32>) {
  ^step(%f_t: f32, %i_t: f32, %m: f32, %n: f32):
    %kept = arith.addf %f_t, %m : f32
    %m_next = arith.maximumf %kept, %i_t : f32
    %0 = arith.subf %kept, %m_next : f32
    %decay = math.exp %0 : f32
    %1 = arith.subf %i_t, %m_next : f32
    %gain = math.exp %1 : f32
    %2 = arith.mulf %decay, %n : f32
    %n_next = arith.addf %2, %gain : f32
    %y_t = arith.divf %m_next, %n_next : f32
    ssm.yield %y_t, %m_next, %n_next : f32, f32, f32
  }
  return %y : tensor<?x?x8xf32>
}

// -----

// A reset keeps the class: the factor is zero where it is told.
func.func @reset(%a: tensor<?x?x8xf32>, %r: tensor<?x?xf32>, %x: tensor<?x?x8xf32>)
    -> tensor<?x?x8xf32> {
  // expected-remark @below {{recurrence 'h': elementwise, time-varying; input scalar; read-out whole}}
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%a[b, l, d], %r[b, l], %x[b, l, d]
          : tensor<?x?x8xf32>, tensor<?x?xf32>, tensor<?x?x8xf32>)
      outs([b, l, d] : tensor<?x?x8xf32>)
      states("h" [b, d] : tensor<?x8xf32>) {
  ^step(%a_t: f32, %r_t: f32, %x_t: f32, %h: f32):
    %zero = arith.constant 0.0 : f32
    %starts = arith.cmpf one, %r_t, %zero : f32
    %before = arith.select %starts, %zero, %h : f32
    %kept = arith.mulf %a_t, %before : f32
    %next = arith.addf %kept, %x_t : f32
    ssm.yield %next, %next : f32, f32
  }
  return %y : tensor<?x?x8xf32>
}

// -----

func.func @squared(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  // expected-remark-re @below {{recurrence 'h': nonlinear: state 'h' is squared at {{.*}}analyze-recurrence.mlir:{{[0-9]+}}; Jacobian diagonal}}
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%x[b, l, d] : tensor<?x?x8xf32>)
      outs([b, l, d] : tensor<?x?x8xf32>)
      states("h" [b, d] : tensor<?x8xf32>) {
  ^step(%x_t: f32, %h: f32):
    %square = arith.mulf %h, %h : f32
    %next = arith.addf %square, %x_t : f32
    ssm.yield %next, %next : f32, f32
  }
  return %y : tensor<?x?x8xf32>
}

// -----

func.func @elman(%w: tensor<4x4xf32>, %x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  // expected-remark-re @below {{recurrence 'h': nonlinear: 'math.tanh' is applied to state 'h' at analyze-recurrence.mlir:{{[0-9]+}}{{$}}}}
  %y, %last = ssm.recurrence sequence(l) step(n, m)
      ins(%w[n, m], %x[b, l, n] : tensor<4x4xf32>, tensor<?x?x4xf32>)
      outs([b, l, n] : tensor<?x?x4xf32>)
      states("h" [b, n] : tensor<?x4xf32>) {
  ^step(%w_nm: tensor<4x4xf32>, %x_t: tensor<4xf32>, %h: tensor<4xf32>):
    %product = ssm.contract "nm,m->n" %w_nm, %h
        : (tensor<4x4xf32>, tensor<4xf32>) -> tensor<4xf32>
    %sum = arith.addf %product, %x_t : tensor<4xf32>
    %next = math.tanh %sum : tensor<4xf32>
    ssm.yield %next, %next : tensor<4xf32>, tensor<4xf32>
  }
  return %y : tensor<?x?x4xf32>
}

// -----

// A gate that depends on the state, element by element: two states, blocks of 2.
func.func @gated(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  // expected-remark-re @below {{recurrence 'c': nonlinear: 'ssm.sigmoid' is applied to state 'h' at {{.*}}; Jacobian of blocks of 2}}
  // expected-remark-re @below {{recurrence 'h': nonlinear: 'ssm.sigmoid' is applied to state 'h' at {{.*}}; Jacobian of blocks of 2}}
  %y, %c_last, %h_last = ssm.recurrence sequence(l) step()
      ins(%x[b, l, d] : tensor<?x?x8xf32>)
      outs([b, l, d] : tensor<?x?x8xf32>)
      states("c" [b, d], "h" [b, d] : tensor<?x8xf32>, tensor<?x8xf32>) {
  ^step(%x_t: f32, %c: f32, %h: f32):
    %gate = ssm.sigmoid %h : f32
    %kept = arith.mulf %gate, %c : f32
    %c_next = arith.addf %kept, %x_t : f32
    %h_next = math.tanh %c_next : f32
    ssm.yield %h_next, %c_next, %h_next : f32, f32, f32
  }
  return %y : tensor<?x?x8xf32>
}

// -----

func.func @divided(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  // expected-remark @below {{state 'h' is a divisor at}}
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%x[b, l, d] : tensor<?x?x8xf32>)
      outs([b, l, d] : tensor<?x?x8xf32>)
      states("h" [b, d] : tensor<?x8xf32>) {
  ^step(%x_t: f32, %h: f32):
    %next = arith.divf %x_t, %h : f32
    ssm.yield %next, %next : f32, f32
  }
  return %y : tensor<?x?x8xf32>
}

// -----

func.func @condition(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  // expected-remark @below {{state 'h' is part of a condition at}}
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%x[b, l, d] : tensor<?x?x8xf32>)
      outs([b, l, d] : tensor<?x?x8xf32>)
      states("h" [b, d] : tensor<?x8xf32>) {
  ^step(%x_t: f32, %h: f32):
    %fires = arith.cmpf ogt, %h, %x_t : f32
    %next = arith.select %fires, %x_t, %h : f32
    ssm.yield %next, %next : f32, f32
  }
  return %y : tensor<?x?x8xf32>
}

// -----

// Two states that are combined together, from where a condition says so; the flag
// is a state that depends on none.
func.func @declared_monoid(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  // expected-remark @below {{recurrence 'most': monoid (declared), time-varying; read-out whole}}
  // expected-remark @below {{recurrence 'sum': monoid (declared), time-varying; not read out}}
  // expected-remark @below {{recurrence 'begun': none; input scalar; read-out whole}}
  %y, %most_last, %sum_last, %begun_last = ssm.recurrence sequence(l) step()
      ins(%x[b, l, d] : tensor<?x?x8xf32>) outs([b, l, d] : tensor<?x?x8xf32>)
      states("most" [b, d], "sum" [b, d], "begun" [b, d]
          : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>) {
  ^step(%x_t: f32, %most: f32, %sum: f32, %begun: f32):
    %zero = arith.constant 0.0 : f32
    %one = arith.constant 1.0 : f32
    %fresh = arith.cmpf oeq, %begun, %zero : f32
    %r:2 = ssm.combine %most, %sum with %x_t, %one : f32, f32 with f32, f32 {
    ^act(%m0: f32, %s0: f32, %m1: f32, %s1: f32):
      %m = arith.maximumf %m0, %m1 : f32
      %a = arith.subf %m0, %m : f32
      %b = arith.subf %m1, %m : f32
      %ea = math.exp %a : f32
      %eb = math.exp %b : f32
      %sa = arith.mulf %ea, %s0 : f32
      %sb = arith.mulf %eb, %s1 : f32
      %s = arith.addf %sa, %sb : f32
      ssm.yield %m, %s : f32, f32
    }
    %most_next = arith.select %fresh, %x_t, %r#0 : f32
    %sum_next = arith.select %fresh, %one, %r#1 : f32
    ssm.yield %most_next, %most_next, %sum_next, %one : f32, f32, f32, f32
  }
  return %y : tensor<?x?x8xf32>
}

// -----

// An element that knows the state is none of a monoid.
func.func @element_of_the_state(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  // expected-remark-re @below {{recurrence 'h': nonlinear: 'ssm.combine' is applied to state 'h' at analyze-recurrence.mlir:{{[0-9]+}}}}
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%x[b, l, d] : tensor<?x?x8xf32>) outs([b, l, d] : tensor<?x?x8xf32>)
      states("h" [b, d] : tensor<?x8xf32>) {
  ^step(%x_t: f32, %h: f32):
    %e = arith.addf %x_t, %h : f32
    %r = ssm.combine %h with %e : f32 with f32 {
    ^act(%a: f32, %b: f32):
      %m = arith.maximumf %a, %b : f32
      ssm.yield %m : f32
    }
    ssm.yield %r, %r : f32, f32
  }
  return %y : tensor<?x?x8xf32>
}
