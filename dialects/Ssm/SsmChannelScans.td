#ifndef SSMC_DIALECTS_SSM_SSMCHANNELSCANS_TD
#define SSMC_DIALECTS_SSM_SSMCHANNELSCANS_TD

// Recurrences that work channel by channel.

include "dialects/Ssm/SsmBase.td"

def Ssm_LinearScanOp : Ssm_NamedRecurrenceOp<"linear_scan", [AttrSizedOperandSegments]> {
  let summary = "first-order linear recurrence per channel";
  let description = [{
    `h[t] = decay[t] * h[t-1] + input[t]` along axis 1, elementwise in all other
    axes; `result[t] = h[t]`.

    Constraints:
    - (C1) `input` has a batch and a time axis, then one channel axis.
    - (C2) `decay` has the type of `input` or one element per channel.
    - (C3) `init` is one time step of `input`.
    - (C4) `reset` is [batch, length]; where it is not zero, the state before
      the step is zero.

    Example:

    ```mlir
    func.func @scan(%decay: tensor<?x?x64xf32>, %x: tensor<?x?x64xf32>)
        -> tensor<?x?x64xf32> {
      %h, %last = ssm.linear_scan %decay, %x : tensor<?x?x64xf32>, tensor<?x?x64xf32>
      return %h : tensor<?x?x64xf32>
    }
    ```
  }];
  let arguments = (ins Ssm_Activation:$decay /*C2*/, Ssm_Activation:$input /*C1*/,
                       Optional<Ssm_Activation>:$init /*C3*/,
                       Optional<Ssm_Activation>:$reset /*C4*/, UnitAttr:$reverse);
  let results = (outs Ssm_Activation:$result, Ssm_Activation:$final);
  let assemblyFormat = [{
    $decay `,` $input (`init` `(` $init^ `:` type($init) `)`)?
    (`reset` `(` $reset^ `:` type($reset) `)`)?
    (`reverse` $reverse^)? attr-dict `:` type($decay) `,` type($input)
  }];
}

def Ssm_ShortConvOp : Ssm_NamedRecurrenceOp<"short_conv", [AttrSizedOperandSegments]> {
  let summary = "causal depthwise convolution over the last few time steps";
  let description = [{
    `result[t, c] = act(bias[c] + sum_k weight[c, k] * input[t - (W-1) + k, c])`
    with W taps along axis 1; what lies before the first step comes from `init`,
    the W-1 last inputs of what went before, oldest first, or is zero. The final
    state is the same window after the last step.

    Constraints:
    - (C1) `input` has a batch, a time and a channel axis.
    - (C2) `weight` is [channels, W] or [channels, 1, W] with W from 2 to 256;
      `ssm.long_conv` takes more.
    - (C3) `bias` has one element per channel.
    - (C4) `init` is [batch, channels, W-1].
    - (C5) `reset` is [batch, length]; where it is not zero, what lies before
      the step is zero.

    Example:

    ```mlir
    func.func @conv(%x: tensor<?x?x384xf32>, %w: tensor<384x4xf32>,
                    %b: tensor<384xf32>) -> tensor<?x?x384xf32> {
      %y, %window = ssm.short_conv %x, %w bias(%b : tensor<384xf32>)
          activation(silu) : tensor<?x?x384xf32>, tensor<384x4xf32>
      return %y : tensor<?x?x384xf32>
    }
    ```
  }];
  let arguments = (ins Ssm_Activation:$input /*C1*/, Ssm_Parameter:$weight /*C2*/,
      Optional<Ssm_Parameter>:$bias /*C3*/, Optional<Ssm_Activation>:$init /*C4*/,
      Optional<Ssm_Activation>:$reset /*C5*/,
      DefaultValuedAttr<Ssm_ConvActivation, "::ssmc::ssm::ConvActivation::none">:$activation);
  let results = (outs Ssm_Activation:$result, Ssm_Activation:$final);
  let assemblyFormat = [{
    $input `,` $weight (`bias` `(` $bias^ `:` type($bias) `)`)?
    (`init` `(` $init^ `:` type($init) `)`)?
    (`reset` `(` $reset^ `:` type($reset) `)`)?
    (`activation` `(` $activation^ `)`)?
    attr-dict `:` type($input) `,` type($weight)
  }];
}

def Ssm_SelectiveScanOp : Ssm_NamedRecurrenceOp<"selective_scan", [
    AttrSizedOperandSegments, AllTypesMatch<["u", "delta"]>]> {
  let summary = "the selective scan (S6) of Mamba";
  let description = [{
    With `dt = delta + dt_bias`, through softplus if asked:

    ```
    h[t, d, n] = exp(dt[t, d] A[d, n]) h[t-1, d, n] + dt[t, d] B[t, n] u[t, d]
    y[t, d]    = sum_n C[t, n] h[t, d, n] + D[d] u[t, d]
    y[t, d]   *= silu(z[t, d])                            with `z`
    ```

    With `imag`, the imaginary parts of `A`, `B` and `C`, the state is complex,
    one half of conjugate pairs: the sum over n is twice the real part, and the
    final state is two results, the real and the imaginary part.

    `B` and `C` are each [channels, N] (constant), [batch, length, N], or
    [batch, length, groups, N], where consecutive channels share a group. `A` is
    the matrix itself, negative for a stable system, not its logarithm.

    Constraints:
    - (C1) `u` has a batch, a time and a channel axis; `delta` and `z` have its
      type.
    - (C2) `A` is [channels, N] with fixed N.
    - (C3) `B` and `C` have one of the three forms, with the same N, and groups
      that divide the channels.
    - (C4) `D` and `dt_bias` have one element per channel.
    - (C5) `init` is [batch, channels, N]; with `imag` two of that.
    - (C6) `reset` is [batch, length]; where it is not zero, the state before
      the step is zero.
    - (C7) `imag` is absent or three, each with the type of what it belongs to.

    Example:

    ```mlir
    func.func @mamba(%u: tensor<?x?x384xf32>, %delta: tensor<?x?x384xf32>,
                     %A: tensor<384x16xf32>, %B: tensor<?x?x16xf32>,
                     %C: tensor<?x?x16xf32>, %D: tensor<384xf32>)
        -> tensor<?x?x384xf32> {
      %y, %h = ssm.selective_scan %u, %delta, %A, %B, %C
          D(%D : tensor<384xf32>) softplus
          : tensor<?x?x384xf32>, tensor<384x16xf32>, tensor<?x?x16xf32>,
            tensor<?x?x16xf32>
      return %y : tensor<?x?x384xf32>
    }
    ```
  }];
  let arguments = (ins Ssm_Activation:$u /*C1*/, Ssm_Activation:$delta /*C1*/,
      Ssm_Parameter:$A /*C2*/, Ssm_Parameter:$B /*C3*/, Ssm_Parameter:$C /*C3*/,
      Optional<Ssm_Parameter>:$D /*C4*/, Optional<Ssm_Activation>:$z /*C1*/,
      Optional<Ssm_Parameter>:$dt_bias /*C4*/,
      Variadic<Ssm_Parameter>:$imag /*C7*/,
      Variadic<Ssm_Activation>:$init /*C5*/,
      Optional<Ssm_Activation>:$reset /*C6*/, UnitAttr:$softplus,
      UnitAttr:$reverse);
  let results = (outs Ssm_Activation:$y, Variadic<Ssm_Activation>:$final);
  let assemblyFormat = [{
    $u `,` $delta `,` $A `,` $B `,` $C
    (`imag` `(` $imag^ `:` type($imag) `)`)?
    (`D` `(` $D^ `:` type($D) `)`)? (`z` `(` $z^ `:` type($z) `)`)?
    (`dt_bias` `(` $dt_bias^ `:` type($dt_bias) `)`)?
    (`init` `(` $init^ `:` type($init) `)`)?
    (`reset` `(` $reset^ `:` type($reset) `)`)? (`softplus` $softplus^)?
    (`reverse` $reverse^)? attr-dict `:` type($u) `,` type($A) `,` type($B) `,` type($C)
  }];
}

#endif // SSMC_DIALECTS_SSM_SSMCHANNELSCANS_TD
