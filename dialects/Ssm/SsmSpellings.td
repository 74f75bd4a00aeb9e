#ifndef SSMC_DIALECTS_SSM_SSMSPELLINGS_TD
#define SSMC_DIALECTS_SSM_SSMSPELLINGS_TD

// Short spellings of weights and arithmetic, which only expand.

include "dialects/Ssm/SsmBase.td"

def Ssm_WeightsOp : Ssm_Op<"weights", [
    Pure, DeclareOpInterfaceMethods<ExpandInterface>]> {
  let summary = "tensors of the model's checkpoint, by names";
  let description = [{
    Expands to one `ssm.weight` per name, in order.

    Constraints:
    - (C1) there are as many results as names.
    - (C2) every result has a fixed shape.

    Example:

    ```mlir
    func.func @project(%x: tensor<?x?x64xf32>) -> tensor<?x?x128xf32> {
      %w, %b = ssm.weights ["in_proj.weight", "in_proj.bias"]
          : tensor<128x64xbf16>, tensor<128xf32>
      %y = ssm.linear %x, %w bias(%b : tensor<128xf32>)
          : tensor<?x?x64xf32>, tensor<128x64xbf16>
      return %y : tensor<?x?x128xf32>
    }
    ```
  }];
  let arguments = (ins StrArrayAttr:$names /*C1*/);
  let results = (outs Variadic<Ssm_Parameter>:$weights /*C2*/);
  let assemblyFormat = [{ $names attr-dict `:` type($weights) }];
  let hasVerifier = 1;
}

def Ssm_NegExpOp : Ssm_Op<"neg_exp", [
    Pure, SameOperandsAndResultType,
    DeclareOpInterfaceMethods<ExpandInterface>]> {
  let summary = "negative exponential, of which rates of decay are made";
  let description = [{
    `-exp(x)`: what is below zero, learned as its logarithm.

    Example:

    ```mlir
    func.func @rates(%A_log: tensor<64x16xf32>) -> tensor<64x16xf32> {
      %A = ssm.neg_exp %A_log : tensor<64x16xf32>
      return %A : tensor<64x16xf32>
    }
    ```
  }];
  let arguments = (ins Ssm_StepValue:$input);
  let results = (outs Ssm_StepValue:$result);
  let assemblyFormat = [{ $input attr-dict `:` type($input) }];
}

def Ssm_AffineOp : Ssm_Op<"affine", [
    Pure, AttrSizedOperandSegments, AllTypesMatch<["input", "result"]>,
    DeclareOpInterfaceMethods<ExpandInterface>]> {
  let summary = "elementwise product and sum with broadcast operands";
  let description = [{
    `result = input * scale + shift`, where either may be absent. Each is
    repeated along the axes before its own, which are the last of `input`.

    Constraints:
    - (C1) `scale` and `shift` have the extents of the last axes of `input`.
    - (C2) one of them is given.

    Example, a skip along channels:

    ```mlir
    func.func @skip(%y: tensor<?x?x64xf32>, %x: tensor<?x?x64xf32>,
                    %D: tensor<64xf32>) -> tensor<?x?x64xf32> {
      %z = ssm.affine %x scale(%D : tensor<64xf32>)
          shift(%y : tensor<?x?x64xf32>) : tensor<?x?x64xf32>
      return %z : tensor<?x?x64xf32>
    }
    ```
  }];
  let arguments = (ins Ssm_Activation:$input,
                       Optional<Ssm_Parameter>:$scale /*C1*/,
                       Optional<Ssm_Parameter>:$shift /*C1*/);
  let results = (outs Ssm_Activation:$result);
  let assemblyFormat = [{
    $input (`scale` `(` $scale^ `:` type($scale) `)`)?
    (`shift` `(` $shift^ `:` type($shift) `)`)? attr-dict `:` type($input)
  }];
  let hasVerifier = 1;
}

def Ssm_LerpOp : Ssm_Op<"lerp", [
    Pure, InferTypeOpAdaptor, AllTypesMatch<["from", "to"]>,
    DeclareOpInterfaceMethods<ExpandInterface>]> {
  let summary = "linear interpolation by broadcast weights";
  let description = [{
    `outputs[i] = from + (to - from) * weights[i]`, with each weight repeated
    along the axes before its own, which are the last of `from`.

    Constraints:
    - (C1) `weights`, of which there is one or more, have the extents of the
      last axes of `from`.

    Example, each token mixed with the one before it, twice:

    ```mlir
    func.func @mix(%x: tensor<?x?x64xf32>, %k: tensor<64xf32>,
                   %r: tensor<64xf32>)
        -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>) {
      %before, %last = ssm.shift %x by(1) : tensor<?x?x64xf32>
      %x_k, %x_r = ssm.lerp %x, %before, %k, %r
          : tensor<?x?x64xf32>, tensor<64xf32>, tensor<64xf32>
      return %x_k, %x_r : tensor<?x?x64xf32>, tensor<?x?x64xf32>
    }
    ```
  }];
  let arguments = (ins Ssm_Activation:$from, Ssm_Activation:$to,
                       Variadic<Ssm_Parameter>:$weights /*C1*/);
  let results = (outs Variadic<Ssm_Activation>:$outputs);
  let assemblyFormat = [{
    $from `,` $to `,` $weights attr-dict `:` type($from) `,` type($weights)
  }];
  let hasVerifier = 1;
}

def Ssm_GluOp : Ssm_Op<"glu", [
    Pure, InferTypeOpAdaptor, DeclareOpInterfaceMethods<ExpandInterface>]> {
  let summary = "gated linear unit: one half times the sigmoid of the other";
  let description = [{
    `result = a * sigmoid(b)` where a and b are the halves of the last axis of
    `input`.

    Constraints:
    - (C1) the last axis of `input` has an even extent, not zero.

    Example:

    ```mlir
    func.func @glu(%x: tensor<?x?x128xf32>) -> tensor<?x?x64xf32> {
      %y = ssm.glu %x : tensor<?x?x128xf32>
      return %y : tensor<?x?x64xf32>
    }
    ```
  }];
  let arguments = (ins Ssm_Activation:$input /*C1*/);
  let results = (outs Ssm_Activation:$result);
  let assemblyFormat = [{ $input attr-dict `:` type($input) }];
}

def Ssm_L2NormOp : Ssm_Op<"l2_norm", [
    Pure, AllTypesMatch<["input", "result"]>,
    DeclareOpInterfaceMethods<ExpandInterface>]> {
  let summary = "division of the last axis by its Euclidean norm";
  let description = [{
    `result = input / sqrt(sum(input^2) + eps)` over the last axis, by means of
    `ssm.rms_norm`.

    Constraints:
    - (C1) the last axis of `input` has a fixed extent, not zero.

    Example:

    ```mlir
    func.func @unit(%k: tensor<?x?x8x64xf32>) -> tensor<?x?x8x64xf32> {
      %y = ssm.l2_norm %k eps(1.0e-6) : tensor<?x?x8x64xf32>
      return %y : tensor<?x?x8x64xf32>
    }
    ```
  }];
  let arguments = (ins Ssm_Activation:$input /*C1*/, F64Attr:$eps);
  let results = (outs Ssm_Activation:$result);
  let assemblyFormat = [{ $input `eps` `(` $eps `)` attr-dict `:` type($input) }];
  let hasVerifier = 1;
}

def Ssm_LowRankActivation : I32EnumAttr<"LowRankActivation",
    "activation between the products of a low rank", [
    I32EnumAttrCase<"none", 0>, I32EnumAttrCase<"tanh", 1>,
    I32EnumAttrCase<"sigmoid", 2>]> {
  let cppNamespace = "::ssmc::ssm";
}

def Ssm_LowRankOp : Ssm_Op<"low_rank", [
    Pure, InferTypeOpAdaptor, DeclareOpInterfaceMethods<ExpandInterface>]> {
  let summary = "two matrix products through a low rank, and a bias";
  let description = [{
    `result = up (activation(down input)) + bias`, each product an
    `ssm.linear`.

    Constraints:
    - (C1) `down` is a matrix whose columns are as many as the last axis of
      `input`.
    - (C2) `up` is a matrix whose columns are as many as the rows of `down`.
    - (C3) `bias` has one element per row of `up`.

    Example:

    ```mlir
    func.func @decay(%x: tensor<?x?x512xf32>, %down: tensor<32x512xf32>,
                     %up: tensor<512x32xf32>, %b: tensor<512xf32>)
        -> tensor<?x?x512xf32> {
      %y = ssm.low_rank %x, %down, %up bias(%b : tensor<512xf32>)
          activation(tanh)
          : tensor<?x?x512xf32>, tensor<32x512xf32>, tensor<512x32xf32>
      return %y : tensor<?x?x512xf32>
    }
    ```
  }];
  let arguments = (ins Ssm_Activation:$input, Ssm_Parameter:$down /*C1*/,
      Ssm_Parameter:$up /*C2*/, Optional<Ssm_Parameter>:$bias /*C3*/,
      DefaultValuedAttr<Ssm_LowRankActivation,
          "::ssmc::ssm::LowRankActivation::none">:$activation);
  let results = (outs Ssm_Activation:$result);
  let assemblyFormat = [{
    $input `,` $down `,` $up (`bias` `(` $bias^ `:` type($bias) `)`)?
    (`activation` `(` $activation^ `)`)? attr-dict
    `:` type($input) `,` type($down) `,` type($up)
  }];
}

#endif // SSMC_DIALECTS_SSM_SSMSPELLINGS_TD
