#ifndef SSMC_DIALECTS_SSM_SSMPOINTWISE_TD
#define SSMC_DIALECTS_SSM_SSMPOINTWISE_TD

// Pointwise functions that upstream lacks.

include "dialects/Ssm/SsmBase.td"

def Ssm_SigmoidOp : Ssm_PointwiseOp<"sigmoid"> {
  let summary = "logistic function";
  let description = [{
    `1 / (1 + exp(-x))`.

    Example:

    ```mlir
    func.func @gate(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %y = ssm.sigmoid %x : tensor<?x8xf32>
      return %y : tensor<?x8xf32>
    }
    ```
  }];
}

def Ssm_SiluOp : Ssm_PointwiseOp<"silu"> {
  let summary = "sigmoid linear unit";
  let description = [{
    `x / (1 + exp(-x))`.

    Example:

    ```mlir
    func.func @gate(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %y = ssm.silu %x : tensor<?x8xf32>
      return %y : tensor<?x8xf32>
    }
    ```
  }];
}

def Ssm_GeluOp : Ssm_PointwiseOp<"gelu"> {
  let summary = "Gaussian error linear unit";
  let description = [{
    `x/2 (1 + erf(x / sqrt(2)))`, the exact form.

    Example:

    ```mlir
    func.func @gate(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %y = ssm.gelu %x : tensor<?x8xf32>
      return %y : tensor<?x8xf32>
    }
    ```
  }];
}

def Ssm_SoftplusOp : Ssm_PointwiseOp<"softplus"> {
  let summary = "smooth positive part";
  let description = [{
    `x` where `x > 20`, else `log1p(exp(x))`; the threshold is the field's, and
    below one ulp of the exact function there.

    Example:

    ```mlir
    func.func @step_size(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %y = ssm.softplus %x : tensor<?x8xf32>
      return %y : tensor<?x8xf32>
    }
    ```
  }];
}

def Ssm_ReluOp : Ssm_PointwiseOp<"relu"> {
  let summary = "positive part";
  let description = [{
    `max(x, 0)`; of NaN it is NaN.

    Example:

    ```mlir
    func.func @open(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
      %y = ssm.relu %x : tensor<?x8xf32>
      return %y : tensor<?x8xf32>
    }
    ```
  }];
}

// Complex numbers are pairs of values, the real and the imaginary parts.
class Ssm_ComplexOp<string mnemonic> : Ssm_PointwiseOp<mnemonic> {
  let results = (outs Ssm_StepValue:$re, Ssm_StepValue:$im);
}

def Ssm_ComplexMulOp : Ssm_ComplexOp<"complex_mul"> {
  let summary = "product of complex numbers";
  let description = [{
    `(a + i b) (c + i d)`, operands in this order.

    Example:

    ```mlir
    func.func @rotate(%a: tensor<8xf32>, %b: tensor<8xf32>, %c: tensor<8xf32>,
                      %d: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
      %re, %im = ssm.complex_mul %a, %b, %c, %d : tensor<8xf32>
      return %re, %im : tensor<8xf32>, tensor<8xf32>
    }
    ```
  }];
  let arguments = (ins Ssm_StepValue:$a, Ssm_StepValue:$b, Ssm_StepValue:$c,
                       Ssm_StepValue:$d);
  let assemblyFormat = "$a `,` $b `,` $c `,` $d attr-dict `:` type($a)";
}

def Ssm_ComplexDivOp : Ssm_ComplexOp<"complex_div"> {
  let summary = "quotient of complex numbers";
  let description = [{
    `(a + i b) / (c + i d)`, operands in this order. The divisor's square is not
    formed, so that it may be as small or large as a float can be.

    Example:

    ```mlir
    func.func @ratio(%a: f32, %b: f32, %c: f32, %d: f32) -> (f32, f32) {
      %re, %im = ssm.complex_div %a, %b, %c, %d : f32
      return %re, %im : f32, f32
    }
    ```
  }];
  let arguments = (ins Ssm_StepValue:$a, Ssm_StepValue:$b, Ssm_StepValue:$c,
                       Ssm_StepValue:$d);
  let assemblyFormat = "$a `,` $b `,` $c `,` $d attr-dict `:` type($a)";
}

def Ssm_ComplexExpOp : Ssm_ComplexOp<"complex_exp"> {
  let summary = "exponential of complex numbers";
  let description = [{
    `exp(a + i b) = exp(a) (cos(b) + i sin(b))`.

    Example:

    ```mlir
    func.func @decay(%a: tensor<8xf32>, %b: tensor<8xf32>)
        -> (tensor<8xf32>, tensor<8xf32>) {
      %re, %im = ssm.complex_exp %a, %b : tensor<8xf32>
      return %re, %im : tensor<8xf32>, tensor<8xf32>
    }
    ```
  }];
  let arguments = (ins Ssm_StepValue:$a, Ssm_StepValue:$b);
  let assemblyFormat = "$a `,` $b attr-dict `:` type($a)";
}

def Ssm_DiscretizeOp : Ssm_Op<"discretize", [
    Pure, InferTypeOpAdaptor, AttrSizedOperandSegments,
    DeclareOpInterfaceMethods<DecomposeInterface>]> {
  let summary = "one step of a diagonal continuous-time system";
  let description = [{
    Turns `x'(t) = a x(t) + b u(t)` into `x[t] = decay x[t-1] + gain b u[t]` for
    a step of size `dt`, elementwise in `a`:

    | method         | decay                          | gain                     |
    |----------------|--------------------------------|--------------------------|
    | zoh            | exp(dt a)                      | expm1(dt a) / a          |
    | bilinear       | (1 + dt a/2) / (1 - dt a/2)    | dt / (1 - dt a/2)        |
    | euler          | 1 + dt a                       | dt                       |
    | backward_euler | 1 / (1 - dt a)                 | dt / (1 - dt a)          |
    | gbt(alpha)     | (1 + (1-alpha) dt a) / (1 - alpha dt a) | dt / (1 - alpha dt a) |
    | dirac          | exp(dt a)                      | 1                        |
    | exp_euler      | exp(dt a)                      | dt                       |
    | foh            | exp(dt a)                      | dt phi2(dt a)            |
    | async          | exp(elapsed dt a)              | expm1(dt a) / a          |
    | dss(L)         | exp(dt a)                      | expm1(dt a) / (a expm1(L dt a)) |
    | ema            | 1 - dt a                       | dt                       |

    `exp_euler` is what Mamba computes. zoh at `a = 0` has gain `dt`. foh, an
    input that is linear between samples, has a third result, the gain of the
    sample before: `x[t] = decay x[t-1] + gain b u[t] + previous b u[t-1]` with
    `previous = dt (phi1 - phi2)`, `phi1(z) = (exp(z) - 1) / z` and `phi2(z) =
    (exp(z) - 1 - z) / z^2`.

    async is for events: as much comes in with each as in a step of `dt`, and
    the state decays for `elapsed` such steps since the last. dss, over L steps
    of `length`, makes the powers of the decay times the gain sum to 1/a; with
    `eps`, which trained models have, the reciprocal of its denominator x is
    conj(x) / (|x|^2 + eps). ema is MEGA's moving average with damping `a`.

    With `imag`, `a` is complex and so are the results: first all real parts,
    then all imaginary parts.

    Constraints:
    - (C1) `dt` is a scalar or has the type of `a`.
    - (C2) `alpha` is given for gbt, in [0, 1], and for no other method.
    - (C3) `imag` has the type of `a`.
    - (C4) `elapsed` is given for async, a scalar or of the type of `a`, and for
      no other method.
    - (C5) `length` is given for dss, positive, and for no other method, and
      `eps`, not negative, for dss only.

    Example:

    ```mlir
    func.func @step(%dt: f32, %a: tensor<16xf32>, %ai: tensor<16xf32>)
        -> (tensor<16xf32>, tensor<16xf32>) {
      %decay, %gain = ssm.discretize zoh %dt, %a : f32, tensor<16xf32>
      %re, %gain_re, %im, %gain_im = ssm.discretize bilinear %dt, %a
          imag(%ai : tensor<16xf32>) : f32, tensor<16xf32>
      return %decay, %im : tensor<16xf32>, tensor<16xf32>
    }
    ```
  }];
  let arguments = (ins Ssm_Discretization:$method, Ssm_StepValue:$dt /*C1*/,
                       Ssm_StepValue:$a, Optional<Ssm_StepValue>:$imag /*C3*/,
                       Optional<Ssm_StepValue>:$elapsed /*C4*/,
                       OptionalAttr<F64Attr>:$alpha /*C2*/,
                       OptionalAttr<I64Attr>:$length /*C5*/,
                       OptionalAttr<F64Attr>:$eps /*C5*/);
  let results = (outs Ssm_StepValue:$decay, Ssm_StepValue:$gain,
                      Variadic<Ssm_StepValue>:$rest);
  let assemblyFormat = [{
    $method $dt `,` $a (`imag` `(` $imag^ `:` type($imag) `)`)?
    (`elapsed` `(` $elapsed^ `:` type($elapsed) `)`)?
    (`alpha` `(` $alpha^ `)`)? (`length` `(` $length^ `)`)?
    (`eps` `(` $eps^ `)`)? attr-dict `:` type($dt) `,` type($a)
  }];
  let hasVerifier = 1;
}

#endif // SSMC_DIALECTS_SSM_SSMPOINTWISE_TD
