// One recurrence per structure. run.py gives arguments by their names: decay...
// is in [-1, 1] with exact and extreme values among them, reset... is 0 or 1.

func.func @token_shift(%x: tensor<?x?x3xf32>, %init: tensor<?x3xf32>)
    -> (tensor<?x?x3xf32>, tensor<?x3xf32>) {
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%x[b, l, d] : tensor<?x?x3xf32>) outs([b, l, d] : tensor<?x?x3xf32>)
      states("shift" [b, d] init(%init) : tensor<?x3xf32>) {
  ^step(%x_t: f32, %s: f32):
    %y_t = arith.subf %x_t, %s : f32
    ssm.yield %y_t, %x_t : f32, f32
  }
  return %y, %last : tensor<?x?x3xf32>, tensor<?x3xf32>
}

func.func @sum(%x: tensor<?x?x3xf32>, %init: tensor<?x3xf32>)
    -> (tensor<?x?x3xf32>, tensor<?x?x3xf32>, tensor<?x3xf32>) {
  %y, %z, %last = ssm.recurrence sequence(l) step()
      ins(%x[b, l, d] : tensor<?x?x3xf32>)
      outs([b, l, d], [b, l, d] : tensor<?x?x3xf32>, tensor<?x?x3xf32>)
      states("sum" [b, d] init(%init) : tensor<?x3xf32>) {
  ^step(%x_t: f32, %s: f32):
    %next = arith.addf %s, %x_t : f32
    %product = arith.mulf %s, %next : f32
    ssm.yield %next, %product, %next : f32, f32, f32
  }
  return %y, %z, %last : tensor<?x?x3xf32>, tensor<?x?x3xf32>, tensor<?x3xf32>
}

func.func @alternating(%x: tensor<?x?x3xf32>, %init: tensor<?x3xf32>)
    -> (tensor<?x?x3xf32>, tensor<?x3xf32>) {
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%x[b, l, d] : tensor<?x?x3xf32>) outs([b, l, d] : tensor<?x?x3xf32>)
      states("rest" [b, d] init(%init) : tensor<?x3xf32>) {
  ^step(%x_t: f32, %s: f32):
    %next = arith.subf %x_t, %s : f32
    ssm.yield %next, %next : f32, f32
  }
  return %y, %last : tensor<?x?x3xf32>, tensor<?x3xf32>
}

func.func @moving_average(%decay: tensor<3xf32>, %x: tensor<?x?x3xf32>) -> tensor<?x?x3xf32> {
  %y, %last = ssm.recurrence sequence(l) step() reverse
      ins(%decay[d], %x[b, l, d] : tensor<3xf32>, tensor<?x?x3xf32>)
      outs([b, l, d] : tensor<?x?x3xf32>)
      states("mean" [b, d] : tensor<?x3xf32>) {
  ^step(%a: f32, %x_t: f32, %s: f32):
    %difference = arith.subf %s, %x_t : f32
    %kept = arith.mulf %a, %difference : f32
    %next = arith.addf %x_t, %kept : f32
    ssm.yield %next, %next : f32, f32
  }
  return %y : tensor<?x?x3xf32>
}

func.func @reset_scan(%decay: tensor<?x?x3xf32>, %reset: tensor<?x?xf32>, %x: tensor<?x?x3xf32>,
                      %init: tensor<?x3xf32>) -> (tensor<?x?x3xf32>, tensor<?x3xf32>) {
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%decay[b, l, d], %reset[b, l], %x[b, l, d]
          : tensor<?x?x3xf32>, tensor<?x?xf32>, tensor<?x?x3xf32>)
      outs([b, l, d] : tensor<?x?x3xf32>)
      states("h" [b, d] init(%init) : tensor<?x3xf32>) {
  ^step(%a: f32, %r: f32, %x_t: f32, %h: f32):
    %zero = arith.constant 0.0 : f32
    %starts = arith.cmpf one, %r, %zero : f32
    %before = arith.select %starts, %zero, %h : f32
    %kept = arith.mulf %a, %before : f32
    %next = arith.addf %kept, %x_t : f32
    ssm.yield %next, %next : f32, f32
  }
  return %y, %last : tensor<?x?x3xf32>, tensor<?x3xf32>
}

func.func @selective_scan(%u: tensor<?x?x3xf32>, %delta: tensor<?x?x3xf32>, %A: tensor<3x4xf32>,
                          %B: tensor<?x?x4xf32>, %C: tensor<?x?x4xf32>, %D: tensor<3xf32>,
                          %z: tensor<?x?x3xf32>, %init: tensor<?x3x4xf32>)
    -> (tensor<?x?x3xf32>, tensor<?x3x4xf32>) {
  %y, %last = ssm.recurrence sequence(l) step(n)
      ins(%u[b, l, d], %delta[b, l, d], %A[d, n], %B[b, l, n], %C[b, l, n], %D[d], %z[b, l, d]
          : tensor<?x?x3xf32>, tensor<?x?x3xf32>, tensor<3x4xf32>, tensor<?x?x4xf32>,
            tensor<?x?x4xf32>, tensor<3xf32>, tensor<?x?x3xf32>)
      outs([b, l, d] : tensor<?x?x3xf32>)
      states("recurrent" [b, d, n] init(%init) : tensor<?x3x4xf32>) {
  ^step(%u_t: f32, %delta_t: f32, %a: tensor<4xf32>, %b: tensor<4xf32>, %c: tensor<4xf32>,
        %d: f32, %z_t: f32, %h: tensor<4xf32>):
    %dt = ssm.softplus %delta_t : f32
    %square = arith.mulf %a, %a : tensor<4xf32>
    %negative = arith.negf %square : tensor<4xf32>
    %decay, %gain = ssm.discretize exp_euler %dt, %negative : f32, tensor<4xf32>
    %dtu = arith.mulf %dt, %u_t : f32
    %in = ssm.contract ",n->n" %dtu, %b : (f32, tensor<4xf32>) -> tensor<4xf32>
    %kept = arith.mulf %decay, %h : tensor<4xf32>
    %next = arith.addf %kept, %in : tensor<4xf32>
    %read = ssm.contract "n,n->" %next, %c : (tensor<4xf32>, tensor<4xf32>) -> f32
    %skip = arith.mulf %d, %u_t : f32
    %sum = arith.addf %read, %skip : f32
    %gate = ssm.silu %z_t : f32
    %y_t = arith.mulf %sum, %gate : f32
    ssm.yield %y_t, %next : f32, tensor<4xf32>
  }
  return %y, %last : tensor<?x?x3xf32>, tensor<?x3x4xf32>
}

// Mamba-2: heads in groups, channels of a head are a parallel axis, a reset.
func.func @ssd(%decay: tensor<?x?x4xf32>, %x: tensor<?x?x4x3xf32>, %B: tensor<?x?x2x5xf32>,
               %C: tensor<?x?x2x5xf32>, %reset: tensor<?x?xf32>, %init: tensor<?x4x3x5xf32>)
    -> (tensor<?x?x4x3xf32>, tensor<?x4x3x5xf32>) {
  %y, %last = ssm.recurrence sequence(l) step(n)
      ins(%decay[b, l, g r], %x[b, l, g r, p], %B[b, l, g, n], %C[b, l, g, n], %reset[b, l]
          : tensor<?x?x4xf32>, tensor<?x?x4x3xf32>, tensor<?x?x2x5xf32>, tensor<?x?x2x5xf32>,
            tensor<?x?xf32>)
      outs([b, l, g r, p] : tensor<?x?x4x3xf32>)
      states("recurrent" [b, g r, p, n] init(%init) : tensor<?x4x3x5xf32>) {
  ^step(%a: f32, %x_t: f32, %b: tensor<5xf32>, %c: tensor<5xf32>, %r: f32, %h: tensor<5xf32>):
    %zero = arith.constant 0.0 : f32
    %none = arith.constant dense<0.0> : tensor<5xf32>
    %starts = arith.cmpf one, %r, %zero : f32
    %before = arith.select %starts, %none, %h : tensor<5xf32>
    %kept = ssm.contract ",n->n" %a, %before : (f32, tensor<5xf32>) -> tensor<5xf32>
    %in = ssm.contract ",n->n" %x_t, %b : (f32, tensor<5xf32>) -> tensor<5xf32>
    %next = arith.addf %kept, %in : tensor<5xf32>
    %y_t = ssm.contract "n,n->" %next, %c : (tensor<5xf32>, tensor<5xf32>) -> f32
    ssm.yield %y_t, %next : f32, tensor<5xf32>
  }
  return %y, %last : tensor<?x?x4x3xf32>, tensor<?x4x3x5xf32>
}

// One query reads the state before the step and after it.
func.func @read_twice(%decay: tensor<?x?xf32>, %x: tensor<?x?x3xf32>, %key: tensor<?x?x4xf32>,
                      %query: tensor<?x?x4xf32>, %init: tensor<?x3x4xf32>)
    -> (tensor<?x?x3xf32>, tensor<?x?x3xf32>, tensor<?x3x4xf32>) {
  %y, %z, %last = ssm.recurrence sequence(l) step(k)
      ins(%decay[b, l], %x[b, l, v], %key[b, l, k], %query[b, l, k]
          : tensor<?x?xf32>, tensor<?x?x3xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>)
      outs([b, l, v], [b, l, v] : tensor<?x?x3xf32>, tensor<?x?x3xf32>)
      states("S" [b, v, k] init(%init) : tensor<?x3x4xf32>) {
  ^step(%a: f32, %v: f32, %k: tensor<4xf32>, %q: tensor<4xf32>, %s: tensor<4xf32>):
    %old = ssm.contract "k,k->" %q, %s : (tensor<4xf32>, tensor<4xf32>) -> f32
    %kept = ssm.contract ",k->k" %a, %s : (f32, tensor<4xf32>) -> tensor<4xf32>
    %in = ssm.contract ",k->k" %v, %k : (f32, tensor<4xf32>) -> tensor<4xf32>
    %next = arith.addf %kept, %in : tensor<4xf32>
    %new = ssm.contract "k,k->" %q, %next : (tensor<4xf32>, tensor<4xf32>) -> f32
    ssm.yield %old, %new, %next : f32, f32, tensor<4xf32>
  }
  return %y, %z, %last : tensor<?x?x3xf32>, tensor<?x?x3xf32>, tensor<?x3x4xf32>
}

// One scalar decay per head and no keys: each channel's state is a value.
func.func @head_decay(%decay: tensor<2xf32>, %x: tensor<?x?x2x3xf32>, %init: tensor<?x2x3xf32>)
    -> (tensor<?x?x2x3xf32>, tensor<?x2x3xf32>) {
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%decay[h], %x[b, l, h, p] : tensor<2xf32>, tensor<?x?x2x3xf32>)
      outs([b, l, h, p] : tensor<?x?x2x3xf32>)
      states("h" [b, h, p] init(%init) : tensor<?x2x3xf32>) {
  ^step(%a: f32, %x_t: f32, %h: f32):
    %kept = arith.mulf %a, %h : f32
    %next = arith.addf %kept, %x_t : f32
    %tanh = math.tanh %h : f32
    ssm.yield %tanh, %next : f32, f32
  }
  return %y, %last : tensor<?x?x2x3xf32>, tensor<?x2x3xf32>
}

// Gated linear attention; reads the state before the step, with a bonus (RWKV-6).
func.func @rwkv6(%decay: tensor<?x?x4xf32>, %r: tensor<?x?x4xf32>, %k: tensor<?x?x4xf32>,
                 %v: tensor<?x?x3xf32>, %u: tensor<4xf32>, %init: tensor<?x4x3xf32>)
    -> (tensor<?x?x3xf32>, tensor<?x4x3xf32>) {
  %y, %last = ssm.recurrence sequence(l) step(k, v)
      ins(%decay[b, l, k], %r[b, l, k], %k[b, l, k], %v[b, l, v], %u[k]
          : tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x3xf32>,
            tensor<4xf32>)
      outs([b, l, v] : tensor<?x?x3xf32>)
      states("kv" [b, k, v] init(%init) : tensor<?x4x3xf32>) {
  ^step(%w: tensor<4xf32>, %r_t: tensor<4xf32>, %k_t: tensor<4xf32>, %v_t: tensor<3xf32>,
        %bonus: tensor<4xf32>, %s: tensor<4x3xf32>):
    %kv = ssm.contract "k,v->kv" %k_t, %v_t : (tensor<4xf32>, tensor<3xf32>) -> tensor<4x3xf32>
    %now = ssm.contract "k,kv->kv" %bonus, %kv
        : (tensor<4xf32>, tensor<4x3xf32>) -> tensor<4x3xf32>
    %seen = arith.addf %s, %now : tensor<4x3xf32>
    %y_t = ssm.contract "k,kv->v" %r_t, %seen
        : (tensor<4xf32>, tensor<4x3xf32>) -> tensor<3xf32>
    %kept = ssm.contract "k,kv->kv" %w, %s
        : (tensor<4xf32>, tensor<4x3xf32>) -> tensor<4x3xf32>
    %next = arith.addf %kept, %kv : tensor<4x3xf32>
    ssm.yield %y_t, %next : tensor<3xf32>, tensor<4x3xf32>
  }
  return %y, %last : tensor<?x?x3xf32>, tensor<?x4x3xf32>
}

// Linear attention with the sum of keys beside it, which normalizes.
func.func @normalized(%decay: tensor<?x?xf32>, %q: tensor<?x?x4xf32>, %k: tensor<?x?x4xf32>,
                      %v: tensor<?x?x3xf32>) -> (tensor<?x?x3xf32>, tensor<?x4xf32>) {
  %y, %last, %z_last = ssm.recurrence sequence(l) step(k, v)
      ins(%decay[b, l], %q[b, l, k], %k[b, l, k], %v[b, l, v]
          : tensor<?x?xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x3xf32>)
      outs([b, l, v] : tensor<?x?x3xf32>)
      states("kv" [b, k, v], "z" [b, k] : tensor<?x4x3xf32>, tensor<?x4xf32>) {
  ^step(%a: f32, %q_t: tensor<4xf32>, %k_t: tensor<4xf32>, %v_t: tensor<3xf32>,
        %s: tensor<4x3xf32>, %z: tensor<4xf32>):
    %kv = ssm.contract "k,v->kv" %k_t, %v_t : (tensor<4xf32>, tensor<3xf32>) -> tensor<4x3xf32>
    %kept = ssm.contract ",kv->kv" %a, %s : (f32, tensor<4x3xf32>) -> tensor<4x3xf32>
    %next = arith.addf %kept, %kv : tensor<4x3xf32>
    %z_kept = ssm.contract ",k->k" %a, %z : (f32, tensor<4xf32>) -> tensor<4xf32>
    %z_next = arith.addf %z_kept, %k_t : tensor<4xf32>
    %top = ssm.contract "k,kv->v" %q_t, %next
        : (tensor<4xf32>, tensor<4x3xf32>) -> tensor<3xf32>
    %dot = ssm.contract "k,k->" %q_t, %z_next : (tensor<4xf32>, tensor<4xf32>) -> f32
    %size = math.absf %dot : f32
    %one = arith.constant 1.0 : f32
    %bottom = arith.maximumf %size, %one : f32
    %scale = arith.divf %one, %bottom : f32
    %y_t = ssm.contract "v,->v" %top, %scale : (tensor<3xf32>, f32) -> tensor<3xf32>
    ssm.yield %y_t, %next, %z_next : tensor<3xf32>, tensor<4x3xf32>, tensor<4xf32>
  }
  return %y, %z_last : tensor<?x?x3xf32>, tensor<?x4xf32>
}

// mLSTM: a max-plus state stabilizes the gates of two others.
func.func @mlstm(%i: tensor<?x?xf32>, %f: tensor<?x?xf32>, %q: tensor<?x?x4xf32>,
                 %k: tensor<?x?x4xf32>, %v: tensor<?x?x3xf32>)
    -> (tensor<?x?x3xf32>, tensor<?xf32>) {
  %y, %c_last, %n_last, %m_last = ssm.recurrence sequence(l) step(k, v)
      ins(%i[b, l], %f[b, l], %q[b, l, k], %k[b, l, k], %v[b, l, v]
          : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>,
            tensor<?x?x3xf32>)
      outs([b, l, v] : tensor<?x?x3xf32>)
      states("c" [b, k, v], "n" [b, k], "m" [b] : tensor<?x4x3xf32>, tensor<?x4xf32>, tensor<?xf32>) {
  ^step(%i_t: f32, %f_t: f32, %q_t: tensor<4xf32>, %k_t: tensor<4xf32>, %v_t: tensor<3xf32>,
        %c: tensor<4x3xf32>, %n: tensor<4xf32>, %m: f32):
    %soft = ssm.softplus %f_t : f32
    %m_kept = arith.subf %m, %soft : f32
    %m_next = arith.maximumf %m_kept, %i_t : f32
    %0 = arith.subf %m_kept, %m_next : f32
    %decay = math.exp %0 : f32
    %1 = arith.subf %i_t, %m_next : f32
    %gain = math.exp %1 : f32
    %key = ssm.contract ",k->k" %gain, %k_t : (f32, tensor<4xf32>) -> tensor<4xf32>
    %kv = ssm.contract "k,v->kv" %key, %v_t : (tensor<4xf32>, tensor<3xf32>) -> tensor<4x3xf32>
    %c_kept = ssm.contract ",kv->kv" %decay, %c : (f32, tensor<4x3xf32>) -> tensor<4x3xf32>
    %c_next = arith.addf %c_kept, %kv : tensor<4x3xf32>
    %n_kept = ssm.contract ",k->k" %decay, %n : (f32, tensor<4xf32>) -> tensor<4xf32>
    %n_next = arith.addf %n_kept, %key : tensor<4xf32>
    %top = ssm.contract "k,kv->v" %q_t, %c_next
        : (tensor<4xf32>, tensor<4x3xf32>) -> tensor<3xf32>
    %dot = ssm.contract "k,k->" %q_t, %n_next : (tensor<4xf32>, tensor<4xf32>) -> f32
    %size = math.absf %dot : f32
    %2 = arith.negf %m_next : f32
    %floor = math.exp %2 : f32
    %bottom = arith.maximumf %size, %floor : f32
    %one = arith.constant 1.0 : f32
    %scale = arith.divf %one, %bottom : f32
    %y_t = ssm.contract "v,->v" %top, %scale : (tensor<3xf32>, f32) -> tensor<3xf32>
    ssm.yield %y_t, %c_next, %n_next, %m_next : tensor<3xf32>, tensor<4x3xf32>, tensor<4xf32>, f32
  }
  return %y, %m_last : tensor<?x?x3xf32>, tensor<?xf32>
}

// The gated delta rule.
func.func @delta_rule(%decay: tensor<?x?xf32>, %beta: tensor<?x?xf32>, %key: tensor<?x?x4xf32>,
                      %q: tensor<?x?x4xf32>, %v: tensor<?x?x3xf32>, %init: tensor<?x4x3xf32>)
    -> (tensor<?x?x3xf32>, tensor<?x4x3xf32>) {
  %y, %last = ssm.recurrence sequence(l) step(k, v)
      ins(%decay[b, l], %beta[b, l], %key[b, l, k], %q[b, l, k], %v[b, l, v]
          : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>,
            tensor<?x?x3xf32>)
      outs([b, l, v] : tensor<?x?x3xf32>)
      states("kv" [b, k, v] init(%init) : tensor<?x4x3xf32>) {
  ^step(%g: f32, %beta_t: f32, %k_t: tensor<4xf32>, %q_t: tensor<4xf32>, %v_t: tensor<3xf32>,
        %s: tensor<4x3xf32>):
    %kept = ssm.contract ",kv->kv" %g, %s : (f32, tensor<4x3xf32>) -> tensor<4x3xf32>
    %seen = ssm.contract "kv,k->v" %kept, %k_t : (tensor<4x3xf32>, tensor<4xf32>) -> tensor<3xf32>
    %error = arith.subf %v_t, %seen : tensor<3xf32>
    %scaled = ssm.contract ",v->v" %beta_t, %error : (f32, tensor<3xf32>) -> tensor<3xf32>
    %write = ssm.contract "k,v->kv" %k_t, %scaled
        : (tensor<4xf32>, tensor<3xf32>) -> tensor<4x3xf32>
    %next = arith.addf %kept, %write : tensor<4x3xf32>
    %y_t = ssm.contract "kv,k->v" %next, %q_t : (tensor<4x3xf32>, tensor<4xf32>) -> tensor<3xf32>
    ssm.yield %y_t, %next : tensor<3xf32>, tensor<4x3xf32>
  }
  return %y, %last : tensor<?x?x3xf32>, tensor<?x4x3xf32>
}

// RWKV-7: a decay per key and a general product of rank one; values parallel.
func.func @rwkv7(%decay: tensor<?x?x2x4xf32>, %key: tensor<?x?x2x4xf32>, %a: tensor<?x?x2x4xf32>,
                 %v: tensor<?x?x2x3xf32>) -> (tensor<?x?x2x3xf32>, tensor<?x2x3x4xf32>) {
  %y, %last = ssm.recurrence sequence(l) step(k)
      ins(%decay[b, l, h, k], %key[b, l, h, k], %a[b, l, h, k], %v[b, l, h, v]
          : tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>, tensor<?x?x2x3xf32>)
      outs([b, l, h, v] : tensor<?x?x2x3xf32>)
      states("kv" [b, h, v, k] : tensor<?x2x3x4xf32>) {
  ^step(%w: tensor<4xf32>, %k_t: tensor<4xf32>, %a_t: tensor<4xf32>, %v_t: f32,
        %s: tensor<4xf32>):
    %seen = ssm.contract "k,k->" %s, %k_t : (tensor<4xf32>, tensor<4xf32>) -> f32
    %ak = arith.mulf %a_t, %k_t : tensor<4xf32>
    %removed = ssm.contract ",k->k" %seen, %ak : (f32, tensor<4xf32>) -> tensor<4xf32>
    %kept = arith.mulf %s, %w : tensor<4xf32>
    %0 = arith.subf %kept, %removed : tensor<4xf32>
    %in = ssm.contract ",k->k" %v_t, %k_t : (f32, tensor<4xf32>) -> tensor<4xf32>
    %next = arith.addf %0, %in : tensor<4xf32>
    %y_t = ssm.contract "k,k->" %next, %a_t : (tensor<4xf32>, tensor<4xf32>) -> f32
    ssm.yield %y_t, %next : f32, tensor<4xf32>
  }
  return %y, %last : tensor<?x?x2x3xf32>, tensor<?x2x3x4xf32>
}

// DeltaProduct: two delta steps in one.
func.func @delta_product(%decay: tensor<?x?xf32>, %key: tensor<?x?x4xf32>, %key2: tensor<?x?x4xf32>,
                         %v: tensor<?x?x3xf32>, %v2: tensor<?x?x3xf32>)
    -> (tensor<?x?x3xf32>, tensor<?x4x3xf32>) {
  %y, %last = ssm.recurrence sequence(l) step(k, v)
      ins(%decay[b, l], %key[b, l, k], %key2[b, l, k], %v[b, l, v], %v2[b, l, v]
          : tensor<?x?xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x3xf32>,
            tensor<?x?x3xf32>)
      outs([b, l, v] : tensor<?x?x3xf32>)
      states("kv" [b, k, v] : tensor<?x4x3xf32>) {
  ^step(%g: f32, %k_t: tensor<4xf32>, %j_t: tensor<4xf32>, %v_t: tensor<3xf32>,
        %v2_t: tensor<3xf32>, %s: tensor<4x3xf32>):
    %kept = ssm.contract ",kv->kv" %g, %s : (f32, tensor<4x3xf32>) -> tensor<4x3xf32>
    %seen = ssm.contract "kv,k->v" %kept, %k_t : (tensor<4x3xf32>, tensor<4xf32>) -> tensor<3xf32>
    %error = arith.subf %v_t, %seen : tensor<3xf32>
    %write = ssm.contract "k,v->kv" %k_t, %error
        : (tensor<4xf32>, tensor<3xf32>) -> tensor<4x3xf32>
    %half = arith.addf %kept, %write : tensor<4x3xf32>
    %seen2 = ssm.contract "kv,k->v" %half, %j_t : (tensor<4x3xf32>, tensor<4xf32>) -> tensor<3xf32>
    %error2 = arith.subf %v2_t, %seen2 : tensor<3xf32>
    %write2 = ssm.contract "k,v->kv" %j_t, %error2
        : (tensor<4xf32>, tensor<3xf32>) -> tensor<4x3xf32>
    %next = arith.addf %half, %write2 : tensor<4x3xf32>
    %y_t = ssm.contract "kv,k->v" %next, %k_t : (tensor<4x3xf32>, tensor<4xf32>) -> tensor<3xf32>
    ssm.yield %y_t, %next : tensor<3xf32>, tensor<4x3xf32>
  }
  return %y, %last : tensor<?x?x3xf32>, tensor<?x4x3xf32>
}

func.func @complex(%decay: tensor<3xf32>, %phase: tensor<3xf32>, %x: tensor<?x?x3xf32>)
    -> (tensor<?x?x3xf32>, tensor<?x3xf32>) {
  %y, %re_last, %im_last = ssm.recurrence sequence(l) step()
      ins(%decay[d], %phase[d], %x[b, l, d] : tensor<3xf32>, tensor<3xf32>, tensor<?x?x3xf32>)
      outs([b, l, d] : tensor<?x?x3xf32>)
      states("re" [b, d], "im" [b, d] : tensor<?x3xf32>, tensor<?x3xf32>) {
  ^step(%r: f32, %p: f32, %x_t: f32, %re: f32, %im: f32):
    %cos = math.cos %p : f32
    %sin = math.sin %p : f32
    %a = arith.mulf %r, %cos : f32
    %b = arith.mulf %r, %sin : f32
    %0 = arith.mulf %a, %re : f32
    %1 = arith.mulf %b, %im : f32
    %2 = arith.subf %0, %1 : f32
    %re_next = arith.addf %2, %x_t : f32
    %3 = arith.mulf %b, %re : f32
    %4 = arith.mulf %im, %a : f32
    %im_next = arith.addf %3, %4 : f32
    ssm.yield %im_next, %re_next, %im_next : f32, f32, f32
  }
  return %y, %re_last : tensor<?x?x3xf32>, tensor<?x3xf32>
}

// A position and its speed.
func.func @oscillator(%decay: tensor<?x?x3xf32>, %x: tensor<?x?x3xf32>, %init: tensor<?x3xf32>,
                      %init2: tensor<?x3xf32>) -> (tensor<?x?x3xf32>, tensor<?x3xf32>) {
  %y, %p_last, %s_last = ssm.recurrence sequence(l) step()
      ins(%decay[b, l, d], %x[b, l, d] : tensor<?x?x3xf32>, tensor<?x?x3xf32>)
      outs([b, l, d] : tensor<?x?x3xf32>)
      states("position" [b, d] init(%init), "speed" [b, d] init(%init2)
             : tensor<?x3xf32>, tensor<?x3xf32>) {
  ^step(%k: f32, %x_t: f32, %p: f32, %s: f32):
    %pull = arith.mulf %k, %p : f32
    %0 = arith.subf %s, %pull : f32
    %s_next = arith.addf %0, %x_t : f32
    %move = arith.mulf %k, %s_next : f32
    %p_next = arith.addf %p, %move : f32
    ssm.yield %p_next, %p_next, %s_next : f32, f32, f32
  }
  return %y, %s_last : tensor<?x?x3xf32>, tensor<?x3xf32>
}

func.func @dense(%decay: tensor<3x3xf32>, %x: tensor<?x?x3xf32>, %init: tensor<?x3xf32>)
    -> (tensor<?x?x3xf32>, tensor<?x3xf32>) {
  %y, %last = ssm.recurrence sequence(l) step(n, m)
      ins(%decay[n, m], %x[b, l, n] : tensor<3x3xf32>, tensor<?x?x3xf32>)
      outs([b, l, n] : tensor<?x?x3xf32>)
      states("h" [b, n] init(%init) : tensor<?x3xf32>) {
  ^step(%a: tensor<3x3xf32>, %x_t: tensor<3xf32>, %h: tensor<3xf32>):
    %kept = ssm.contract "nm,m->n" %a, %h : (tensor<3x3xf32>, tensor<3xf32>) -> tensor<3xf32>
    %next = arith.addf %kept, %x_t : tensor<3xf32>
    ssm.yield %next, %next : tensor<3xf32>, tensor<3xf32>
  }
  return %y, %last : tensor<?x?x3xf32>, tensor<?x3xf32>
}

// A selective dense transition plus a multiple of the state.
func.func @dense_selective(%decay: tensor<?x?x3x3xf32>, %x: tensor<?x?x3x2xf32>)
    -> (tensor<?x?x3x2xf32>, tensor<?x3x2xf32>) {
  %y, %last = ssm.recurrence sequence(l) step(n, m, p)
      ins(%decay[b, l, n, m], %x[b, l, n, p] : tensor<?x?x3x3xf32>, tensor<?x?x3x2xf32>)
      outs([b, l, n, p] : tensor<?x?x3x2xf32>)
      states("h" [b, n, p] : tensor<?x3x2xf32>) {
  ^step(%a: tensor<3x3xf32>, %x_t: tensor<3x2xf32>, %h: tensor<3x2xf32>):
    %mixed = ssm.contract "nm,mp->np" %a, %h : (tensor<3x3xf32>, tensor<3x2xf32>) -> tensor<3x2xf32>
    %half = arith.constant dense<-0.5> : tensor<3x2xf32>
    %own = arith.mulf %half, %h : tensor<3x2xf32>
    %0 = arith.addf %mixed, %own : tensor<3x2xf32>
    %next = arith.addf %0, %x_t : tensor<3x2xf32>
    ssm.yield %h, %next : tensor<3x2xf32>, tensor<3x2xf32>
  }
  return %y, %last : tensor<?x?x3x2xf32>, tensor<?x3x2xf32>
}

func.func @max_plus(%a: tensor<?x?x3xf32>, %x: tensor<?x?x3xf32>, %reset: tensor<?x?xf32>,
                    %init: tensor<?x3xf32>) -> (tensor<?x?x3xf32>, tensor<?x3xf32>) {
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%a[b, l, d], %x[b, l, d], %reset[b, l]
          : tensor<?x?x3xf32>, tensor<?x?x3xf32>, tensor<?x?xf32>)
      outs([b, l, d] : tensor<?x?x3xf32>)
      states("m" [b, d] init(%init) : tensor<?x3xf32>) {
  ^step(%a_t: f32, %x_t: f32, %r: f32, %m: f32):
    %zero = arith.constant 0.0 : f32
    %starts = arith.cmpf one, %r, %zero : f32
    %before = arith.select %starts, %zero, %m : f32
    %kept = arith.addf %a_t, %before : f32
    %next = arith.maximumf %kept, %x_t : f32
    ssm.yield %next, %next : f32, f32
  }
  return %y, %last : tensor<?x?x3xf32>, tensor<?x3xf32>
}

// log sum exp as a declared monoid of (maximum, sum): a reset takes the element alone.
func.func @monoid(%x: tensor<?x?x3xf32>, %reset: tensor<?x?xf32>, %m0: tensor<?x3xf32>,
                  %s0: tensor<?x3xf32>)
    -> (tensor<?x?x3xf32>, tensor<?x3xf32>, tensor<?x3xf32>) {
  %y, %m_last, %s_last = ssm.recurrence sequence(l) step()
      ins(%x[b, l, d], %reset[b, l] : tensor<?x?x3xf32>, tensor<?x?xf32>)
      outs([b, l, d] : tensor<?x?x3xf32>)
      states("m" [b, d] init(%m0), "s" [b, d] init(%s0) : tensor<?x3xf32>, tensor<?x3xf32>) {
  ^step(%x_t: f32, %r: f32, %m: f32, %s: f32):
    %zero = arith.constant 0.0 : f32
    %one = arith.constant 1.0 : f32
    %starts = arith.cmpf one, %r, %zero : f32
    %both:2 = ssm.combine %m, %s with %x_t, %one : f32, f32 with f32, f32 {
    ^act(%ma: f32, %sa: f32, %mb: f32, %sb: f32):
      %most = arith.maximumf %ma, %mb : f32
      %a = arith.subf %ma, %most : f32
      %b = arith.subf %mb, %most : f32
      %ea = math.exp %a : f32
      %eb = math.exp %b : f32
      %ta = arith.mulf %ea, %sa : f32
      %tb = arith.mulf %eb, %sb : f32
      %sum = arith.addf %ta, %tb : f32
      ssm.yield %most, %sum : f32, f32
    }
    %m_next = arith.select %starts, %x_t, %both#0 : f32
    %s_next = arith.select %starts, %one, %both#1 : f32
    ssm.yield %s_next, %m_next, %s_next : f32, f32, f32
  }
  return %y, %m_last, %s_last : tensor<?x?x3xf32>, tensor<?x3xf32>, tensor<?x3xf32>
}

// Matrices that turn a vector, which a reset sets to another one. The solution
// of a small system, made in each step, is what is added.
func.func @action(%a: tensor<?x?x2x2xf32>, %x: tensor<?x?x2xf32>, %reset: tensor<?x?xf32>,
                  %init: tensor<?x2xf32>) -> (tensor<?x?x2xf32>, tensor<?x2xf32>) {
  %y, %last = ssm.recurrence sequence(l) step(i, j)
      ins(%a[b, l, i, j], %x[b, l, j], %reset[b, l]
          : tensor<?x?x2x2xf32>, tensor<?x?x2xf32>, tensor<?x?xf32>)
      outs([b, l, j] : tensor<?x?x2xf32>) states("h" [b, j] init(%init) : tensor<?x2xf32>) {
  ^step(%a_t: tensor<2x2xf32>, %x_t: tensor<2xf32>, %r: f32, %h: tensor<2xf32>):
    %zero = arith.constant 0.0 : f32
    %starts = arith.cmpf one, %r, %zero : f32
    %half = arith.constant dense<[[0.5, 0.0], [0.0, 0.5]]> : tensor<2x2xf32>
    %aa = ssm.contract "ki,kj->ij" %a_t, %a_t
        : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
    %s = arith.addf %aa, %half : tensor<2x2xf32>
    %u = ssm.solve %s, %x_t : tensor<2x2xf32>, tensor<2xf32>
    %k = ssm.solve %s, %aa : tensor<2x2xf32>, tensor<2x2xf32>
    %moved = ssm.combine %h with %k, %u : tensor<2xf32> with tensor<2x2xf32>, tensor<2xf32> {
    ^act(%v: tensor<2xf32>, %m: tensor<2x2xf32>, %w: tensor<2xf32>):
      %mv = ssm.contract "ij,j->i" %m, %v : (tensor<2x2xf32>, tensor<2xf32>) -> tensor<2xf32>
      %next = arith.addf %mv, %w : tensor<2xf32>
      ssm.yield %next : tensor<2xf32>
    } merge {
    ^merge(%m0: tensor<2x2xf32>, %w0: tensor<2xf32>, %m1: tensor<2x2xf32>, %w1: tensor<2xf32>):
      %m = ssm.contract "ij,jk->ik" %m1, %m0
          : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
      %mw = ssm.contract "ij,j->i" %m1, %w0 : (tensor<2x2xf32>, tensor<2xf32>) -> tensor<2xf32>
      %w = arith.addf %mw, %w1 : tensor<2xf32>
      ssm.yield %m, %w : tensor<2x2xf32>, tensor<2xf32>
    }
    %next = arith.select %starts, %x_t, %moved : tensor<2xf32>
    ssm.yield %next, %next : tensor<2xf32>, tensor<2xf32>
  }
  return %y, %last : tensor<?x?x2xf32>, tensor<?x2xf32>
}

func.func @gru(%z: tensor<?x?x3xf32>, %x: tensor<?x?x3xf32>, %w: tensor<3xf32>,
               %init: tensor<?x3xf32>) -> (tensor<?x?x3xf32>, tensor<?x3xf32>) {
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%z[b, l, d], %x[b, l, d], %w[d] : tensor<?x?x3xf32>, tensor<?x?x3xf32>, tensor<3xf32>)
      outs([b, l, d] : tensor<?x?x3xf32>)
      states("h" [b, d] init(%init) : tensor<?x3xf32>) {
  ^step(%z_t: f32, %x_t: f32, %w_d: f32, %h: f32):
    %one = arith.constant 1.0 : f32
    %0 = math.fma %w_d, %h, %z_t : f32
    %gate = ssm.sigmoid %0 : f32
    %1 = arith.mulf %w_d, %h : f32
    %2 = arith.addf %1, %x_t : f32
    %new = math.tanh %2 : f32
    %3 = arith.subf %one, %gate : f32
    %4 = arith.mulf %3, %h : f32
    %5 = arith.mulf %gate, %new : f32
    %next = arith.addf %4, %5 : f32
    ssm.yield %next, %next : f32, f32
  }
  return %y, %last : tensor<?x?x3xf32>, tensor<?x3xf32>
}

func.func @lstm(%f: tensor<?x?x3xf32>, %x: tensor<?x?x3xf32>, %w: tensor<3xf32>)
    -> (tensor<?x?x3xf32>, tensor<?x3xf32>) {
  %y, %c_last, %h_last = ssm.recurrence sequence(l) step()
      ins(%f[b, l, d], %x[b, l, d], %w[d] : tensor<?x?x3xf32>, tensor<?x?x3xf32>, tensor<3xf32>)
      outs([b, l, d] : tensor<?x?x3xf32>)
      states("c" [b, d], "h" [b, d] : tensor<?x3xf32>, tensor<?x3xf32>) {
  ^step(%f_t: f32, %x_t: f32, %w_d: f32, %c: f32, %h: f32):
    %0 = math.fma %w_d, %h, %f_t : f32
    %gate = ssm.sigmoid %0 : f32
    %1 = math.fma %w_d, %h, %x_t : f32
    %in = math.tanh %1 : f32
    %kept = arith.mulf %gate, %c : f32
    %c_next = arith.addf %kept, %in : f32
    %2 = math.tanh %c_next : f32
    %3 = ssm.silu %0 : f32
    %h_next = arith.mulf %2, %3 : f32
    ssm.yield %h_next, %c_next, %h_next : f32, f32, f32
  }
  return %y, %c_last : tensor<?x?x3xf32>, tensor<?x3xf32>
}

func.func @rectified(%x: tensor<?x?x3xf32>, %w: tensor<3xf32>, %init: tensor<?x3xf32>)
    -> (tensor<?x?x3xf32>, tensor<?x3xf32>) {
  %y, %last = ssm.recurrence sequence(l) step()
      ins(%x[b, l, d], %w[d] : tensor<?x?x3xf32>, tensor<3xf32>)
      outs([b, l, d]) states("h" [b, d] init(%init)) {
  ^step(%x_t: f32, %w_d: f32, %h: f32):
    %0 = math.fma %w_d, %h, %x_t : f32
    %open = ssm.relu %0 : f32
    %next = arith.subf %x_t, %open : f32
    ssm.yield %open, %next : f32, f32
  }
  return %y, %last : tensor<?x?x3xf32>, tensor<?x3xf32>
}

// The same by the op for complex products, with a reset.
func.func @complex_product(%decay: tensor<?x?x3xf32>, %phase: tensor<?x?x3xf32>,
                           %reset: tensor<?x?xf32>, %x: tensor<?x?x3xf32>, %init: tensor<?x3xf32>,
                           %init2: tensor<?x3xf32>) -> (tensor<?x?x3xf32>, tensor<?x3xf32>) {
  %y, %re_last, %im_last = ssm.recurrence sequence(l) step()
      ins(%decay[b, l, d], %phase[b, l, d], %reset[b, l], %x[b, l, d]
          : tensor<?x?x3xf32>, tensor<?x?x3xf32>, tensor<?x?xf32>, tensor<?x?x3xf32>)
      outs([b, l, d] : tensor<?x?x3xf32>)
      states("re" [b, d] init(%init), "im" [b, d] init(%init2) : tensor<?x3xf32>, tensor<?x3xf32>) {
  ^step(%r: f32, %p: f32, %start: f32, %x_t: f32, %re: f32, %im: f32):
    %zero = arith.constant 0.0 : f32
    %starts = arith.cmpf one, %start, %zero : f32
    %re_before = arith.select %starts, %zero, %re : f32
    %im_before = arith.select %starts, %zero, %im : f32
    %cos = math.cos %p : f32
    %sin = math.sin %p : f32
    %a = arith.mulf %r, %cos : f32
    %b = arith.mulf %r, %sin : f32
    %re_kept, %im_kept = ssm.complex_mul %a, %b, %re_before, %im_before : f32
    %re_next = arith.addf %re_kept, %x_t : f32
    %im_next = arith.subf %im_kept, %x_t : f32
    ssm.yield %im_next, %re_next, %im_next : f32, f32, f32
  }
  return %y, %re_last : tensor<?x?x3xf32>, tensor<?x3xf32>
}

// Two delta rules per step, of which keys and values are parts of one tensor each.
func.func @micro_steps(%decay: tensor<?x?xf32>, %keys: tensor<?x?x2x4xf32>,
                       %x: tensor<?x?x2x3xf32>, %init: tensor<?x3x4xf32>)
    -> (tensor<?x?x3xf32>, tensor<?x3x4xf32>) {
  %y, %last = ssm.recurrence sequence(l) step(j, k)
      ins(%decay[b, l], %keys[b, l, j, k], %x[b, l, j, v]
          : tensor<?x?xf32>, tensor<?x?x2x4xf32>, tensor<?x?x2x3xf32>)
      outs([b, l, v] : tensor<?x?x3xf32>)
      states("S" [b, v, k] init(%init) : tensor<?x3x4xf32>) {
  ^step(%d: f32, %k: tensor<2x4xf32>, %v: tensor<2xf32>, %S: tensor<4xf32>):
    %zero = arith.constant 0 : index
    %one = arith.constant 1 : index
    %half = arith.constant dense<0.4> : tensor<4xf32>
    %S_decayed = ssm.contract ",k->k" %d, %S : (f32, tensor<4xf32>) -> tensor<4xf32>
    %k0_raw = tensor.extract_slice %k[0, 0] [1, 4] [1, 1] : tensor<2x4xf32> to tensor<4xf32>
    %k0 = arith.mulf %k0_raw, %half : tensor<4xf32>
    %v0 = tensor.extract %v[%zero] : tensor<2xf32>
    %read0 = ssm.contract "k,k->" %k0, %S_decayed : (tensor<4xf32>, tensor<4xf32>) -> f32
    %error0 = arith.subf %v0, %read0 : f32
    %write0 = ssm.contract ",k->k" %error0, %k0 : (f32, tensor<4xf32>) -> tensor<4xf32>
    %S0 = arith.addf %S_decayed, %write0 : tensor<4xf32>
    %k1_raw = tensor.extract_slice %k[1, 0] [1, 4] [1, 1] : tensor<2x4xf32> to tensor<4xf32>
    %k1 = arith.mulf %k1_raw, %half : tensor<4xf32>
    %v1 = tensor.extract %v[%one] : tensor<2xf32>
    %read1 = ssm.contract "k,k->" %k1, %S0 : (tensor<4xf32>, tensor<4xf32>) -> f32
    %error1 = arith.subf %v1, %read1 : f32
    %write1 = ssm.contract ",k->k" %error1, %k1 : (f32, tensor<4xf32>) -> tensor<4xf32>
    %S1 = arith.addf %S0, %write1 : tensor<4xf32>
    %out = ssm.contract "k,k->" %k0, %S1 : (tensor<4xf32>, tensor<4xf32>) -> f32
    ssm.yield %out, %S1 : f32, tensor<4xf32>
  }
  return %y, %last : tensor<?x?x3xf32>, tensor<?x3x4xf32>
}

// One number for all places, in the state and in what is read.
func.func @spread(%decay: tensor<?x?x3xf32>, %x: tensor<?x?x3x4xf32>, %init: tensor<?x3x4xf32>)
    -> (tensor<?x?x3x4xf32>, tensor<?x3x4xf32>) {
  %y, %last = ssm.recurrence sequence(l) step(n)
      ins(%decay[b, l, d], %x[b, l, d, n] : tensor<?x?x3xf32>, tensor<?x?x3x4xf32>)
      outs([b, l, d, n] : tensor<?x?x3x4xf32>)
      states("recurrent" [b, d, n] init(%init) : tensor<?x3x4xf32>) {
  ^step(%a: f32, %x_t: tensor<4xf32>, %s: tensor<4xf32>):
    %c0 = arith.constant 0 : index
    %first = tensor.extract %s[%c0] : tensor<4xf32>
    %kept = arith.mulf %a, %first : f32
    %all = tensor.splat %kept : tensor<4xf32>
    %next = arith.addf %all, %x_t : tensor<4xf32>
    %sum = ssm.contract "n->" %next : (tensor<4xf32>) -> f32
    %bounded = math.tanh %sum : f32
    %bound = tensor.splat %bounded : tensor<4xf32>
    %y_t = arith.mulf %next, %bound : tensor<4xf32>
    ssm.yield %y_t, %next : tensor<4xf32>, tensor<4xf32>
  }
  return %y, %last : tensor<?x?x3x4xf32>, tensor<?x3x4xf32>
}
