#ifndef SSMC_DIALECTS_SSM_SSMCONVOLUTIONS_TD
#define SSMC_DIALECTS_SSM_SSMCONVOLUTIONS_TD

include "dialects/Ssm/SsmBase.td"

def Ssm_KernelMethod : I32EnumAttr<"KernelMethod", "parameterization of a kernel", [
    I32EnumAttrCase<"vandermonde", 0>, I32EnumAttrCase<"krylov", 1>,
    I32EnumAttrCase<"companion", 2>, I32EnumAttrCase<"transfer_function", 3>,
    I32EnumAttrCase<"dplr", 4>, I32EnumAttrCase<"low_pass", 5>]> {
  let cppNamespace = "::ssmc::ssm";
}

def Ssm_LongConvOp : Ssm_Op<"long_conv", [
    Pure, Ssm_Anchor, InferTypeOpAdaptor, AttrSizedOperandSegments,
    DeclareOpInterfaceMethods<SequenceOpInterface>,
    DeclareOpInterfaceMethods<WholeSequenceInterface>]> {
  let summary = "depthwise convolution along the whole sequence";
  let description = [{
    Channel by channel, along axis 1, in float32:

    ```
    result[t] = sum_{0 <= j <= t} kernel[j] input[t-j] + D input[t]
    ```

    with taps beyond the end of the kernel zero. Other forms:

    - `reverse`: `input[t+j]` in place of `input[t-j]`.
    - `back`: a second kernel for what comes later, adding
      `sum_{j >= 0} back[j] input[t+1+j]`; with `inclusive`,
      `sum_{j >= 0} back[j] input[t+j]`, so that both kernels meet `input[t]`.
    - `circular`: `sum_s kernel[(t-s) mod K] input[s]` over the whole sequence,
      K being the taps of the kernel.
    - `spatial [W, ...]`: time enumerates a space row by row, W being its
      extents but the outermost, and `t-j` is a difference of points: terms
      that would leave the space are zero.

    A kernel is [rows, K], or [1, length, rows] as computed on sequences. Its
    rows are as many as the channels or divide them: consecutive channels share
    one, or with `interleaved` channel c has row `c mod rows`.

    A causal convolution with a kernel [rows, K], K at least 2, keeps the last
    K-1 inputs, oldest first: `init` is that window before the first time step
    (zero without), `final` after the last.

    Constraints:
    - (C1) `input` is [batch, time, channels] with fixed channels.
    - (C2) kernels are [rows, K] with K at least 1, or [1, length of `input`,
      rows], and `rows` divides the channels.
    - (C3) `D` has one element per channel.
    - (C4) at most one of `back`, `reverse`, `circular`; `spatial` without
      `back` and `circular`; `inclusive` only with `back`.
    - (C5) `circular` needs a kernel [rows, K].
    - (C6) `spatial` extents are positive.
    - (C7) `init` is [batch, channels, K-1] and given only where there is a
      `final`.

    Example:

    ```mlir
    func.func @conv(%u: tensor<?x?x64xf32>, %k: tensor<64x128xf32>,
                    %d: tensor<64xf32>) -> tensor<?x?x64xf32> {
      %y, %window = ssm.long_conv %u, %k D(%d : tensor<64xf32>)
          : tensor<?x?x64xf32>, tensor<64x128xf32>
      return %y : tensor<?x?x64xf32>
    }
    ```
  }];
  let arguments = (ins Ssm_Activation:$input /*C1*/, Ssm_Parameter:$kernel /*C2*/,
      Optional<Ssm_Parameter>:$back /*C2*/, Optional<Ssm_Parameter>:$D /*C3*/,
      Optional<Ssm_Activation>:$init /*C7*/,
      OptionalAttr<DenseI64ArrayAttr>:$spatial /*C6*/,
      UnitAttr:$inclusive /*C4*/, UnitAttr:$reverse /*C4*/,
      UnitAttr:$circular /*C4,C5*/, UnitAttr:$interleaved);
  let results = (outs Ssm_Activation:$result, Optional<Ssm_Activation>:$final);
  let assemblyFormat = [{
    $input `,` $kernel (`back` `(` $back^ `:` type($back) `)`)?
    (`D` `(` $D^ `:` type($D) `)`)? (`init` `(` $init^ `:` type($init) `)`)?
    (`spatial` $spatial^)? (`inclusive` $inclusive^)? (`reverse` $reverse^)?
    (`circular` $circular^)? (`interleaved` $interleaved^)?
    attr-dict `:` type($input) `,` type($kernel)
  }];
  let extraClassDeclaration = [{
    /// How many kernels `kernel` holds.
    int64_t getRows();
    /// K, or kDynamic for a kernel as long as the sequence.
    int64_t getTaps();
  }];
}

def Ssm_KernelOp : Ssm_Op<"kernel", [Pure, Ssm_Anchor, AttrSizedOperandSegments,
    DeclareOpInterfaceMethods<ExpandInterface, ["expands"]>,
    DeclareOpInterfaceMethods<WholeSequenceInterface>]> {
  let summary = "the convolution kernel of a time-invariant system";
  let description = [{
    The taps K[l] of d systems, one per row: [d, L] for a fixed L, or with
    `like` [1, length, d] for the length of a sequence. `method` says what the
    operands are; a first axis that is shorter than d divides it, and
    consecutive systems share its rows. With N states per system:

    | method | operands | K[l] |
    |--------|----------|------|
    | vandermonde | decay, weight: [d, N] | sum_n weight decay^l |
    | vandermonde | decay, weight as real and imaginary part: four of [d, N] | Re sum_n weight decay^l |
    | krylov | A: [d, N, N]; b, c: [d, N] | c^T A^l b |
    | companion | a, b, c: [d, N] | c^T A^l b; A shifts down and has last column a |
    | transfer_function | a, b: [d, N]; h0: [d] | response of h0 + sum_i b[i] z^-(i+1) / (1 + sum_i a[i] z^-(i+1)) |
    | dplr | dt: [d]; w_re, w_im: [d, N]; p_re, p_im: [d, R, N]; b_re, b_im, c_re, c_im: [d, N] | see below |
    | low_pass | kernel: [d, K] | the kernel without its high frequencies |

    transfer_function with `direct` has b[i] at z^-i. With `nodes(n)` it is what
    n points of the unit circle see: the response folded modulo n.

    dplr is the bilinear discretization, with step dt, of A = diag(w) - p p*,
    read out as Re(c x) after the update. w, p, b and c hold one member of each
    conjugate pair, of N pairs. With `nodes(n)`, c is c (I - A^n) of the
    discretized A.

    low_pass is the circular kernel of `nodes(n)` taps whose real spectrum keeps
    the first `bins(m)` frequencies of that of `kernel`.

    With `like`, the taps of krylov, companion, transfer_function and dplr are
    the response of an `ssm.lti` to an impulse, step by step; there is no such
    step for `nodes`, which need all taps at once, and for an R above 1.

    Constraints:
    - (C1) the result is [d, L] with L at least 1, or with `like`
      [1, length of `like`, d].
    - (C2) operands are as many as `method` has, of its ranks, with fixed
      extents, the first dividing d and the others agreeing.
    - (C3) `nodes` is positive, at least L for transfer_function, and given for
      low_pass, transfer_function and dplr alone; low_pass needs it, and L to
      be it.
    - (C4) `bins` is positive and given for low_pass alone, which needs it.
    - (C5) `direct` is given for transfer_function alone.

    Example, eight systems with the poles of another tensor:

    ```mlir
    func.func @kernel(%x: tensor<?x?x8xf32>, %decay: tensor<8x4xf32>,
                      %weight: tensor<8x4xf32>) -> tensor<1x?x8xf32> {
      %k = ssm.kernel vandermonde(%decay, %weight
          : tensor<8x4xf32>, tensor<8x4xf32>) like(%x : tensor<?x?x8xf32>)
          -> tensor<1x?x8xf32>
      return %k : tensor<1x?x8xf32>
    }
    ```
  }];
  let arguments = (ins Ssm_KernelMethod:$method,
      Variadic<Ssm_Parameter>:$parameters /*C2*/,
      Optional<Ssm_Activation>:$like /*C1*/,
      OptionalAttr<I64Attr>:$nodes /*C3*/, OptionalAttr<I64Attr>:$bins /*C4*/,
      UnitAttr:$direct /*C5*/);
  let results = (outs Ssm_Activation:$result);
  let assemblyFormat = [{
    $method `(` $parameters `:` type($parameters) `)`
    (`like` `(` $like^ `:` type($like) `)`)? (`nodes` `(` $nodes^ `)`)?
    (`bins` `(` $bins^ `)`)? (`direct` $direct^)? attr-dict
    `->` type($result)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// d.
    int64_t getSystems();
  }];
}

def Ssm_PositionsOp : Ssm_Op<"positions", [Pure, Ssm_Pointwise,
    DeclareOpInterfaceMethods<WholeSequenceInterface>]> {
  let summary = "the numbers of the time steps";
  let description = [{
    `result[0, t, :] = t`, for as many time steps as axis 1 of `like` has. What
    is computed from it, such as an implicit kernel, is the same for every batch
    row and has one.

    Constraints:
    - (C1) `like` has a time axis, and the result is [1, its length, channels]
      with fixed channels.

    Example:

    ```mlir
    func.func @window(%x: tensor<?x?x8xf32>) -> tensor<1x?x8xf32> {
      %t = ssm.positions like %x : tensor<?x?x8xf32> -> tensor<1x?x8xf32>
      %n = arith.negf %t : tensor<1x?x8xf32>
      %e = math.exp %n : tensor<1x?x8xf32>
      return %e : tensor<1x?x8xf32>
    }
    ```
  }];
  let arguments = (ins Ssm_Parameter:$like);
  let results = (outs Ssm_Activation:$result /*C1*/);
  let assemblyFormat = [{
    `like` $like attr-dict `:` type($like) `->` type($result)
  }];
  let hasVerifier = 1;
}

#endif // SSMC_DIALECTS_SSM_SSMCONVOLUTIONS_TD
