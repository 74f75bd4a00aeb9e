#ifndef SSMC_DIALECTS_SSM_SSMNAMEDOPS_TD
#define SSMC_DIALECTS_SSM_SSMNAMEDOPS_TD

include "dialects/Ssm/SsmBase.td"

// Conventions of the recurrences in this file.
//
// - The batch is axis 0 and time axis 1 of every sequence; both may be open,
//   every other extent is fixed.
// - The first result is the output; then come the final states, and `init`
//   gives all of them or none.
// - `reset` is [batch, length]; where it is not zero, the states before the step
//   are zero. Packed sequences are one sequence with a reset at each start.
// - `reverse` runs from the last time step to the first.

// A named recurrence whose results are the output, then the final states.
class Ssm_StatefulOp<string mnemonic, list<Trait> traits = []>
    : Ssm_NamedRecurrenceOp<mnemonic, !listconcat([AttrSizedOperandSegments], traits)> {
  let extraClassDefinition = [{
    bool $cppClass::isCausal() { return !getReverse(); }
    std::string $cppClass::getNonCausalReason() {
      return "runs from the last time step to the first";
    }
    ::mlir::ResultRange $cppClass::getFinalStates() {
      return (*this)->getResults().drop_front();
    }
    ::mlir::MutableOperandRange $cppClass::getInitialStatesMutable() {
      return getInitMutable();
    }
  }];
}

def Ssm_Normalizer : I32EnumAttr<"Normalizer", "normalizer of linear attention", [
    I32EnumAttrCase<"sum", 0>, I32EnumAttrCase<"max", 1>]> {
  let cppNamespace = "::ssmc::ssm";
}

def Ssm_Cell : I32EnumAttr<"Cell", "cell of a recurrent network", [
    I32EnumAttrCase<"elman", 0>, I32EnumAttrCase<"gru", 1>,
    I32EnumAttrCase<"lstm", 2>, I32EnumAttrCase<"slstm", 3>]> {
  let cppNamespace = "::ssmc::ssm";
}

def Ssm_Semiring : I32EnumAttr<"Semiring", "semiring of a scan", [
    I32EnumAttrCase<"max_plus", 0>, I32EnumAttrCase<"log_sum_exp", 1>]> {
  let cppNamespace = "::ssmc::ssm";
}

//===----------------------------------------------------------------------===//
// Matrix states
//===----------------------------------------------------------------------===//

def Ssm_SsdOp : Ssm_StatefulOp<"ssd"> {
  let summary = "the state-space dual recurrence of Mamba-2";
  let description = [{
    Per head a decay that is one number, and a state of one vector of `n` per
    channel. With `dt` after `dt_bias`, then softplus, then the limits, each
    only where given:

    ```
    S[t, h, p, :] = exp(dt[t, h] A[h]) S[t-1, h, p, :] + dt[t, h] x[t, h, p] B[t, h, :]
    y[t, h, p]    = C[t, h, :] . S[t, h, p, :] + D[h] x[t, h, p]
    y[t, h, p]   *= silu(z[t, h, p])                             with `z`
    ```

    `A` is the number itself, negative for a stable system. Consecutive heads
    share a group of `B` and `C`.

    Constraints:
    - (C1) `x` is [batch, length, heads, channels]; `z` has its type.
    - (C2) `dt` is [batch, length, heads], `A` and `dt_bias` are [heads].
    - (C3) `B` and `C` are [batch, length, N] or [batch, length, groups, N] with
      groups that divide the heads.
    - (C4) `D` is [heads] or [heads, channels].
    - (C5) `init` is [batch, heads, channels, N].
    - (C6) `reset` is [batch, length].
    - (C7) `dt_min` is not above `dt_max`.

    Example:

    ```mlir
    func.func @mamba2(%x: tensor<?x?x24x64xf32>, %dt: tensor<?x?x24xf32>,
                      %A: tensor<24xf32>, %B: tensor<?x?x1x128xf32>,
                      %C: tensor<?x?x1x128xf32>, %D: tensor<24xf32>)
        -> tensor<?x?x24x64xf32> {
      %y, %S = ssm.ssd %x, %dt, %A, %B, %C D(%D : tensor<24xf32>) softplus
          dt_min(1.0e-3)
          : tensor<?x?x24x64xf32>, tensor<?x?x24xf32>, tensor<24xf32>,
            tensor<?x?x1x128xf32>, tensor<?x?x1x128xf32>
      return %y : tensor<?x?x24x64xf32>
    }
    ```
  }];
  let arguments = (ins Ssm_Activation:$x /*C1*/, Ssm_Activation:$dt /*C2*/,
      Ssm_Parameter:$A /*C2*/, Ssm_Activation:$B /*C3*/, Ssm_Activation:$C /*C3*/,
      Optional<Ssm_Parameter>:$D /*C4*/, Optional<Ssm_Activation>:$z /*C1*/,
      Optional<Ssm_Parameter>:$dt_bias /*C2*/,
      Optional<Ssm_Activation>:$init /*C5*/,
      Optional<Ssm_Activation>:$reset /*C6*/, UnitAttr:$softplus,
      OptionalAttr<F64Attr>:$dt_min /*C7*/, OptionalAttr<F64Attr>:$dt_max /*C7*/,
      UnitAttr:$reverse);
  let results = (outs Ssm_Activation:$y, Ssm_Activation:$final);
  let assemblyFormat = [{
    $x `,` $dt `,` $A `,` $B `,` $C
    (`D` `(` $D^ `:` type($D) `)`)? (`z` `(` $z^ `:` type($z) `)`)?
    (`dt_bias` `(` $dt_bias^ `:` type($dt_bias) `)`)?
    (`init` `(` $init^ `:` type($init) `)`)?
    (`reset` `(` $reset^ `:` type($reset) `)`)? (`softplus` $softplus^)?
    (`dt_min` `(` $dt_min^ `)`)? (`dt_max` `(` $dt_max^ `)`)?
    (`reverse` $reverse^)? attr-dict
    `:` type($x) `,` type($dt) `,` type($A) `,` type($B) `,` type($C)
  }];
  let hasVerifier = 1;
}

def Ssm_LinearAttentionOp : Ssm_StatefulOp<"linear_attention"> {
  let summary = "attention as a decaying sum of outer products";
  let description = [{
    Per head a matrix state with one row of `k` per value channel, value first:

    ```
    S[t, v, :] = decay[t] * S[t-1, v, :] + v[t, v] k[t, :]
    y[t, v]    = scale * (q[t, :] . S[t, v, :])
    ```

    The decay is absent (one), constant ([heads] or [heads, keys]), or given per
    step, one number per head or one per key. With `log` it is the logarithm of
    the decay.

    With `bonus` u, the step reads the state before it and weighs its own value
    (RWKV-5 and 6): `y[t, v] = scale * (q . S[t-1, v, :] + (q . (u * k)) v[t, v])`.

    With `normalizer` a second state z follows S as if the value were one, and
    with `d` what the step reads of it, y is divided by

    ```
    sum:  d + eps
    max:  max(|d|, 1) + eps
    ```

    With `input_gate` i, a logarithm, the value enters with weight exp(i[t]) and
    the states are kept relative to a third state m (mLSTM):

    ```
    m[t] = max(log decay[t] + m[t-1], i[t])
    S[t] = exp(log decay[t] + m[t-1] - m[t]) S[t-1] + exp(i[t] - m[t]) v[t] k[t]
    y[t] is divided by max(|d|, exp(-m[t])) + eps
    ```

    Consecutive heads of the values may share a head of `q` or `k`.

    Constraints:
    - (C1) `v` is [batch, length, heads, values].
    - (C2) `q` and `k` are [batch, length, heads or groups, keys] with groups
      that divide the heads.
    - (C3) `decay` is [heads], [heads, keys], [batch, length, heads] or [batch,
      length, heads, keys]; `log` is given with it only.
    - (C4) `bonus` is [heads, keys] and comes without `input_gate`.
    - (C5) `input_gate` is [batch, length, heads], with normalizer max; the
      decay then is absent or the logarithm of one number per head.
    - (C6) `init` gives S [batch, heads, values, keys], with a normalizer z
      [batch, heads, keys], with an input gate m [batch, heads].
    - (C7) `reset` is [batch, length].
    - (C8) `eps` is given with `normalizer` only.

    Example, gated linear attention:

    ```mlir
    func.func @gla(%q: tensor<?x?x4x64xf32>, %k: tensor<?x?x4x64xf32>,
                   %v: tensor<?x?x4x128xf32>, %g: tensor<?x?x4x64xf32>)
        -> tensor<?x?x4x128xf32> {
      %y, %S = ssm.linear_attention %q, %k, %v
          log decay(%g : tensor<?x?x4x64xf32>) scale(0.125)
          : tensor<?x?x4x64xf32>, tensor<?x?x4x64xf32>, tensor<?x?x4x128xf32>
      return %y : tensor<?x?x4x128xf32>
    }
    ```
  }];
  let arguments = (ins Ssm_Activation:$q /*C2*/, Ssm_Activation:$k /*C2*/,
      Ssm_Activation:$v /*C1*/, Optional<Ssm_Parameter>:$decay /*C3*/,
      Optional<Ssm_Parameter>:$bonus /*C4*/,
      Optional<Ssm_Activation>:$input_gate /*C5*/,
      Variadic<Ssm_Activation>:$init /*C6*/,
      Optional<Ssm_Activation>:$reset /*C7*/, UnitAttr:$log,
      OptionalAttr<F64Attr>:$scale,
      OptionalAttr<Ssm_Normalizer>:$normalizer,
      OptionalAttr<F64Attr>:$eps /*C8*/, UnitAttr:$reverse);
  let results = (outs Ssm_Activation:$y, Variadic<Ssm_Activation>:$final);
  let assemblyFormat = [{
    $q `,` $k `,` $v (`log` $log^)? (`decay` `(` $decay^ `:` type($decay) `)`)?
    (`bonus` `(` $bonus^ `:` type($bonus) `)`)?
    (`input_gate` `(` $input_gate^ `:` type($input_gate) `)`)?
    (`init` `(` $init^ `:` type($init) `)`)?
    (`reset` `(` $reset^ `:` type($reset) `)`)? (`scale` `(` $scale^ `)`)?
    (`normalizer` `(` $normalizer^ `)`)? (`eps` `(` $eps^ `)`)?
    (`reverse` $reverse^)? attr-dict `:` type($q) `,` type($k) `,` type($v)
  }];
}

def Ssm_DeltaRuleOp : Ssm_StatefulOp<"delta_rule"> {
  let summary = "a matrix state that corrects what it holds at a key";
  let description = [{
    Per head a matrix state with one row of `k` per value channel, value first.
    The state decays, then moves towards holding `v` at `k`:

    ```
    R          = decay[t] * S[t-1, v, :]
    S[t, v, :] = R + beta[t] (v[t, v] - R . k[t, :]) k[t, :]
    y[t, v]    = scale * (q[t, :] . S[t, v, :])
    ```

    Without `beta` it is one. The decay is as in `ssm.linear_attention`. With an
    axis of micro-steps in `k`, `v` and `beta`, the state decays once and is then
    corrected that many times before it is read (DeltaProduct). Eigenvalues of
    the transition are negative where `beta` is above one; that needs no option.

    With `rank_one` vectors a and b instead of `beta`, the transition is
    `diag(decay) + b a^T` on the state before the decay (RWKV-7, DPLR; IPLR
    without decay):

    ```
    S[t, v, :] = decay[t] * S[t-1, v, :] + (S[t-1, v, :] . a[t, :]) b[t, :]
               + v[t, v] k[t, :]
    ```

    Constraints:
    - (C1) `v` is [batch, length, heads, values] or, with micro-steps, [batch,
      length, micro-steps, heads, values].
    - (C2) `q` is [batch, length, heads or groups, keys] with groups that divide
      the heads; `k` is the same, with the micro-steps of `v` before the heads.
    - (C3) `beta` is [batch, length, heads], with the micro-steps of `v` before
      the heads.
    - (C4) `rank_one` gives two vectors, each of the shapes of `q`, and comes
      without `beta` and micro-steps.
    - (C5) `decay` is [heads], [heads, keys], [batch, length, heads] or [batch,
      length, heads, keys]; `log` is given with it only.
    - (C6) `init` is [batch, heads, values, keys].
    - (C7) `reset` is [batch, length].

    Example, the gated delta rule:

    ```mlir
    func.func @gated_deltanet(
        %q: tensor<?x?x4x64xf32>, %k: tensor<?x?x4x64xf32>,
        %v: tensor<?x?x4x64xf32>, %g: tensor<?x?x4xf32>,
        %beta: tensor<?x?x4xf32>) -> tensor<?x?x4x64xf32> {
      %y, %S = ssm.delta_rule %q, %k, %v beta(%beta : tensor<?x?x4xf32>)
          log decay(%g : tensor<?x?x4xf32>) scale(0.125)
          : tensor<?x?x4x64xf32>, tensor<?x?x4x64xf32>, tensor<?x?x4x64xf32>
      return %y : tensor<?x?x4x64xf32>
    }
    ```
  }];
  let arguments = (ins Ssm_Activation:$q /*C2*/, Ssm_Activation:$k /*C2*/,
      Ssm_Activation:$v /*C1*/, Optional<Ssm_Activation>:$beta /*C3*/,
      Variadic<Ssm_Activation>:$rank_one /*C4*/,
      Optional<Ssm_Parameter>:$decay /*C5*/,
      Optional<Ssm_Activation>:$init /*C6*/,
      Optional<Ssm_Activation>:$reset /*C7*/, UnitAttr:$log,
      OptionalAttr<F64Attr>:$scale, UnitAttr:$reverse);
  let results = (outs Ssm_Activation:$y, Ssm_Activation:$final);
  let assemblyFormat = [{
    $q `,` $k `,` $v (`beta` `(` $beta^ `:` type($beta) `)`)?
    (`rank_one` `(` $rank_one^ `:` type($rank_one) `)`)?
    (`log` $log^)? (`decay` `(` $decay^ `:` type($decay) `)`)?
    (`init` `(` $init^ `:` type($init) `)`)?
    (`reset` `(` $reset^ `:` type($reset) `)`)? (`scale` `(` $scale^ `)`)?
    (`reverse` $reverse^)? attr-dict `:` type($q) `,` type($k) `,` type($v)
  }];
}

//===----------------------------------------------------------------------===//
// Time-invariant systems
//===----------------------------------------------------------------------===//

def Ssm_LtiOp : Ssm_StatefulOp<"lti"> {
  let summary = "a linear time-invariant state space system";
  let description = [{
    One system per channel, with N states:

    ```
    h[t] = A' h[t-1] + B' u[t]
    y[t] = C . h[t] + D u[t]
    ```

    With a `method` of `ssm.discretize`, A is diagonal and continuous, and A' and
    B' are its step of size `dt` (with foh, `h[t] += previous B u[t-1]`, and
    u[t-1] is one more state). Without it A' is A and B' is B. `B` is one where
    it is absent.

    A is diagonal, dense, or with `companion` the companion matrix: ones below
    the diagonal and `A` as last column.

    With two values each, `A`, `B` and `C` are complex, first the real parts,
    then the imaginary parts, and the result is the real part of C . h; with
    `conjugate`, twice that, for the halves of conjugate pairs.

    With `low_rank` P, a complex vector, the continuous matrix is diag(A) - P P*
    on both halves of the pairs (S4), stepped by bilinear.

    With `mimo` there is one system for all channels: y = C h + D u with
    h[t] = A' h[t-1] + B' u[t]. The products with B and C are ones over the
    whole sequence.

    What depends on A, B, C and dt alone is computed outside the recurrence,
    from weights once and for all.

    Constraints:
    - (C1) `u` is [batch, length, channels].
    - (C2) `A` is one value, or two for a complex diagonal: [channels, N] or
      [channels, N, N]; with `mimo` [N] or [N, N]; with `companion` one of
      [channels, N].
    - (C3) `B` and `C` have as many values as `A`: each [channels, N]; with
      `mimo`, where `B` is not absent, [N, channels] and [outputs, N].
    - (C4) `D` is [channels]; with `mimo` there are then as many outputs.
    - (C5) `method` comes with `dt`, [channels] or [channels, N], with `mimo`
      [N], and with a diagonal `A`; `alpha` comes with gbt, and with it only.
      Methods async and dss are for `ssm.discretize` alone.
    - (C6) `conjugate` comes with a complex `A` only.
    - (C7) `low_rank` is two of [channels, N], with `conjugate`, bilinear, and
      without `mimo`.
    - (C8) foh comes without `mimo`.
    - (C9) `init` gives h [batch, channels, N], with `mimo` [batch, N], real and
      imaginary part if complex, then with foh u[t-1] [batch, channels].
    - (C10) `reset` is [batch, length].

    Example, S4D:

    ```mlir
    func.func @s4d(%u: tensor<?x?x64xf32>, %re: tensor<64x32xf32>,
                   %im: tensor<64x32xf32>, %c_re: tensor<64x32xf32>,
                   %c_im: tensor<64x32xf32>, %dt: tensor<64xf32>,
                   %D: tensor<64xf32>) -> tensor<?x?x64xf32> {
      %y, %h_re, %h_im = ssm.lti %u A(%re, %im : tensor<64x32xf32>, tensor<64x32xf32>)
          C(%c_re, %c_im : tensor<64x32xf32>, tensor<64x32xf32>)
          D(%D : tensor<64xf32>) method(zoh) dt(%dt : tensor<64xf32>) conjugate
          : tensor<?x?x64xf32>
      return %y : tensor<?x?x64xf32>
    }
    ```
  }];
  let arguments = (ins Ssm_Activation:$u /*C1*/, Variadic<Ssm_Parameter>:$A /*C2*/,
      Variadic<Ssm_Parameter>:$low_rank /*C7*/,
      Variadic<Ssm_Parameter>:$B /*C3*/, Variadic<Ssm_Parameter>:$C /*C3*/,
      Optional<Ssm_Parameter>:$D /*C4*/, Optional<Ssm_Parameter>:$dt /*C5*/,
      Variadic<Ssm_Activation>:$init /*C9*/,
      Optional<Ssm_Activation>:$reset /*C10*/,
      OptionalAttr<Ssm_Discretization>:$method /*C5*/,
      OptionalAttr<F64Attr>:$alpha /*C5*/, UnitAttr:$companion /*C2*/,
      UnitAttr:$conjugate /*C6*/, UnitAttr:$mimo, UnitAttr:$reverse);
  let results = (outs Ssm_Activation:$y, Variadic<Ssm_Activation>:$final);
  let assemblyFormat = [{
    $u `A` `(` $A `:` type($A) `)`
    (`low_rank` `(` $low_rank^ `:` type($low_rank) `)`)?
    (`B` `(` $B^ `:` type($B) `)`)? `C` `(` $C `:` type($C) `)`
    (`D` `(` $D^ `:` type($D) `)`)? (`method` `(` $method^ `)`)?
    (`alpha` `(` $alpha^ `)`)? (`dt` `(` $dt^ `:` type($dt) `)`)?
    (`init` `(` $init^ `:` type($init) `)`)?
    (`reset` `(` $reset^ `:` type($reset) `)`)? (`companion` $companion^)?
    (`conjugate` $conjugate^)? (`mimo` $mimo^)? (`reverse` $reverse^)?
    attr-dict `:` type($u)
  }];
}

//===----------------------------------------------------------------------===//
// Recurrent networks
//===----------------------------------------------------------------------===//

def Ssm_RnnOp : Ssm_StatefulOp<"rnn"> {
  let summary = "a recurrent network of nonlinear cells";
  let description = [{
    With a = W x[t] + b, from `input_weight` and `input_bias`, or a = x[t]
    without them, and u = U h[t-1] + c, from `hidden_weight` and `hidden_bias`,
    each cut into gates of the hidden size, in this order (s is the sigmoid):

    ```
    elman      h[t] = tanh(a + u), or max(a + u, 0) with `relu`
    gru r,z,n  r = s(a_r + u_r), z = s(a_z + u_z), n = tanh(a_n + r u_n)
               h[t] = (1 - z) n + z h[t-1]
    lstm       i = s(a_i + u_i), f = s(a_f + u_f), g = tanh(a_g + u_g),
    i,f,g,o    o = s(a_o + u_o)
               c[t] = f c[t-1] + i g
               h[t] = o tanh(c[t])
    slstm      with (i, f, z, o) = a + u and k = logsigmoid(f) + m[t-1]
    i,f,z,o    m[t] = max(k, i), but i where n[t-1] is zero
               i' = min(exp(i - m[t]), 1), f' = min(exp(k - m[t]), 1)
               c[t] = f' c[t-1] + i' tanh(z), n[t] = f' n[t-1] + i'
               h[t] = s(o) c[t] / n[t]
    ```

    `peephole` p, of lstm, adds p_i c[t-1] to i, p_f c[t-1] to f and p_o c[t] to
    o, before the sigmoid. y[t] is h[t]. These are the layouts of PyTorch.

    With heads, an axis before the gates, hidden units see those of their own
    head only.

    The product with `input_weight` is one product over the whole sequence.

    Constraints:
    - (C1) `hidden_weight` is [gates x hidden, hidden] or [heads, gates x hidden,
      hidden].
    - (C2) `x` is [batch, length, inputs] with `input_weight`, else [batch,
      length, gates x hidden], with heads before the gates if there are any.
    - (C3) `input_weight` is [gates x hidden, inputs] and comes without heads;
      `input_bias` is [gates x hidden] and comes with `input_weight` only.
    - (C4) `hidden_bias` is [gates x hidden] or [heads, gates x hidden].
    - (C5) `peephole` is [3, hidden] and comes with lstm without heads only.
    - (C6) `relu` comes with elman only.
    - (C7) `init` gives h, of lstm then c, of slstm then c, n and m, each [batch,
      hidden] or [batch, heads, hidden].
    - (C8) `reset` is [batch, length].

    Example:

    ```mlir
    func.func @lstm(%x: tensor<?x?x16xf32>, %W: tensor<32x16xf32>,
                    %U: tensor<32x8xf32>, %b: tensor<32xf32>)
        -> tensor<?x?x8xf32> {
      %y, %h, %c = ssm.rnn lstm %x, %U input_weight(%W : tensor<32x16xf32>)
          input_bias(%b : tensor<32xf32>) hidden_bias(%b : tensor<32xf32>)
          : tensor<?x?x16xf32>, tensor<32x8xf32>
      return %y : tensor<?x?x8xf32>
    }
    ```
  }];
  let arguments = (ins Ssm_Cell:$cell, Ssm_Activation:$x /*C2*/,
      Ssm_Parameter:$hidden_weight /*C1*/,
      Optional<Ssm_Parameter>:$input_weight /*C3*/,
      Optional<Ssm_Parameter>:$input_bias /*C3*/,
      Optional<Ssm_Parameter>:$hidden_bias /*C4*/,
      Optional<Ssm_Parameter>:$peephole /*C5*/,
      Variadic<Ssm_Activation>:$init /*C7*/,
      Optional<Ssm_Activation>:$reset /*C8*/, UnitAttr:$relu /*C6*/,
      UnitAttr:$reverse);
  let results = (outs Ssm_Activation:$y, Variadic<Ssm_Activation>:$final);
  let assemblyFormat = [{
    $cell $x `,` $hidden_weight
    (`input_weight` `(` $input_weight^ `:` type($input_weight) `)`)?
    (`input_bias` `(` $input_bias^ `:` type($input_bias) `)`)?
    (`hidden_bias` `(` $hidden_bias^ `:` type($hidden_bias) `)`)?
    (`peephole` `(` $peephole^ `:` type($peephole) `)`)?
    (`init` `(` $init^ `:` type($init) `)`)?
    (`reset` `(` $reset^ `:` type($reset) `)`)? (`relu` $relu^)?
    (`reverse` $reverse^)? attr-dict `:` type($x) `,` type($hidden_weight)
  }];
}

//===----------------------------------------------------------------------===//
// Semirings
//===----------------------------------------------------------------------===//

def Ssm_SemiringScanOp : Ssm_StatefulOp<"semiring_scan"> {
  let summary = "products of matrices in another semiring";
  let description = [{
    A vector times a matrix at every step, where sums are products: hidden
    Markov models in log space.

    ```
    h[t, j] = input[t, j] + (+)_i (h[t-1, i] + transition[i, j])
    ```

    where (+)_i is the maximum over i (`max_plus`, Viterbi scores) or log sum_i
    exp (`log_sum_exp`, the forward algorithm). At the first step and after a
    reset h[t, j] is `input[t, j] + prior[j]`. Minus infinity is the semiring's
    zero, so that what cannot happen may be in any operand.

    The second state says whether there was a step before: it is zero or one.

    Constraints:
    - (C1) `input` is [batch, length, states].
    - (C2) `transition` is [states, states] or [batch, length, states, states].
    - (C3) `prior` is [states].
    - (C4) `init` gives h [batch, states] and the flag [batch].
    - (C5) `reset` is [batch, length].

    Example:

    ```mlir
    func.func @forward_algorithm(%log_b: tensor<?x?x4xf32>,
                                 %log_a: tensor<4x4xf32>, %log_pi: tensor<4xf32>)
        -> tensor<?x?x4xf32> {
      %alpha, %last, %begun = ssm.semiring_scan log_sum_exp %log_a, %log_b
          prior(%log_pi : tensor<4xf32>) : tensor<4x4xf32>, tensor<?x?x4xf32>
      return %alpha : tensor<?x?x4xf32>
    }
    ```
  }];
  let arguments = (ins Ssm_Semiring:$semiring, Ssm_Parameter:$transition /*C2*/,
      Ssm_Activation:$input /*C1*/, Ssm_Parameter:$prior /*C3*/,
      Variadic<Ssm_Activation>:$init /*C4*/,
      Optional<Ssm_Activation>:$reset /*C5*/, UnitAttr:$reverse);
  let results = (outs Ssm_Activation:$y, Variadic<Ssm_Activation>:$final);
  let assemblyFormat = [{
    $semiring $transition `,` $input `prior` `(` $prior `:` type($prior) `)`
    (`init` `(` $init^ `:` type($init) `)`)?
    (`reset` `(` $reset^ `:` type($reset) `)`)? (`reverse` $reverse^)?
    attr-dict `:` type($transition) `,` type($input)
  }];
}

#endif // SSMC_DIALECTS_SSM_SSMNAMEDOPS_TD
