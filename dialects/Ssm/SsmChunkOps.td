#ifndef SSMC_DIALECTS_SSM_SSMCHUNKOPS_TD
#define SSMC_DIALECTS_SSM_SSMCHUNKOPS_TD

include "dialects/Ssm/SsmDialect.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

//===----------------------------------------------------------------------===//
// What the chunk region of a recurrence is written in, beside `ssm.contract`
// and pointwise ops. Axis 0 of an operand, `q`, is time within the chunk.
//===----------------------------------------------------------------------===//

def Ssm_StepTensor
    : Type<And<[StaticShapeTensorOf<[F32]>.predicate,
                          CPred<"::llvm::cast<::mlir::ShapedType>($_self).getRank() > 0">,
                          CPred<"::llvm::cast<::mlir::ShapedType>($_self).getNumElements() > 0">]>,
                     "tensor of f32 with at least one axis and fixed, positive extents",
                     "::mlir::RankedTensorType">;
def Ssm_ChunkSlice : AnyTypeOf<[F32, StaticShapeTensorOf<[F32]>]>;

def Ssm_CumulativeProductOp : Ssm_Op<"cumulative_product", [
    Pure, AllTypesMatch<["input", "result"]>]> {
  let summary = "products of all elements up to each along the first axis";
  let description = [{
    ```
    result[i] = input[0] * ... * input[i]
    result[i] = input[i+1] * ... * input[last]      with `suffix`
    ```

    Each product is formed from the nearer end on: with `suffix` from the last
    element, and its last element is one. A factor of zero makes a product zero
    whatever the others are, NaN included. Decays near one, whose products lose
    in float32 what a single step keeps, are multiplied to twice the precision.

    Example:

    ```mlir
    func.func @decays(%d: tensor<64x16xf32>)
        -> (tensor<64x16xf32>, tensor<64x16xf32>) {
      %since = ssm.cumulative_product %d : tensor<64x16xf32>
      %until = ssm.cumulative_product %d suffix : tensor<64x16xf32>
      return %since, %until : tensor<64x16xf32>, tensor<64x16xf32>
    }
    ```
  }];
  let arguments = (ins Ssm_StepTensor:$input, UnitAttr:$suffix);
  let results = (outs Ssm_StepTensor:$result);
  let assemblyFormat = [{
    $input (`suffix` $suffix^)? attr-dict `:` type($input)
  }];
}

def Ssm_DecayedScoresOp : Ssm_Op<"decayed_scores", [
    Pure, AllTypesMatch<["queries", "keys"]>, InferTypeOpAdaptor]> {
  let summary = "products of each step's query with earlier keys, decayed";
  let description = [{
    ```
    result[i, j] = sum_n queries[i, n] * keys[j, n] * prod_{j < t <= i} decay[t, n]
                                                               for j <= i, else 0
    result[i, j] = sum_n queries[i, n] * keys[j, n] * prod_{j < t < i} decay[t, n]
                                                    with `strict`, for j < i, else 0
    ```

    What step `i` reads of what step `j` wrote into a decaying state: after its
    own update, or with `strict` before it. `n` stands for every axis after the
    first. `decay` may have the first axis alone, or be absent: all ones.

    Decays are multiplied from the diagonal outwards, so each product is that of
    the decays between two steps: zero, negative and tiny decays are as exact as
    any. Where a product of decays is zero the term is zero, whatever the key
    holds: nothing, NaN included, reaches across a reset.

    Constraints:
    - (C1) `decay` has the type of `queries` or their first axis.

    Example:

    ```mlir
    func.func @scores(%c: tensor<64x16xf32>, %b: tensor<64x16xf32>,
                      %d: tensor<64xf32>) -> tensor<64x64xf32> {
      %s = ssm.decayed_scores %c, %b decay(%d : tensor<64xf32>)
          : tensor<64x16xf32>
      return %s : tensor<64x64xf32>
    }
    ```
  }];
  let arguments = (ins Ssm_StepTensor:$queries, Ssm_StepTensor:$keys,
                       Optional<Ssm_StepTensor>:$decay /*C1*/, UnitAttr:$strict);
  let results = (outs Ssm_StepTensor:$result);
  let assemblyFormat = [{
    $queries `,` $keys (`decay` `(` $decay^ `:` type($decay) `)`)?
    (`strict` $strict^)? attr-dict `:` type($queries)
  }];
}

def Ssm_CausalProductOp : Ssm_Op<"causal_product", [
    Pure, AllTypesMatch<["values", "result"]>]> {
  let summary = "sums of the values of steps up to each, by score";
  let description = [{
    ```
    result[i] = sum_{j <= i} scores[i, j] * values[j]
    ```

    Values of later steps take no part, and neither do those whose score is
    zero: NaN in a step reaches no step before it and none behind a reset, as it
    would in a matrix product with zeros.

    Constraints:
    - (C1) `scores` is [Q, Q], and `values` has Q steps.

    Example:

    ```mlir
    func.func @outputs(%s: tensor<64x64xf32>, %x: tensor<64x16xf32>)
        -> tensor<64x16xf32> {
      %y = ssm.causal_product %s, %x : tensor<64x64xf32>, tensor<64x16xf32>
      return %y : tensor<64x16xf32>
    }
    ```
  }];
  let arguments = (ins Ssm_StepTensor:$scores /*C1*/, Ssm_StepTensor:$values);
  let results = (outs Ssm_StepTensor:$result);
  let assemblyFormat = [{
    $scores `,` $values attr-dict `:` type($scores) `,` type($values)
  }];
  let hasVerifier = 1;
}

def Ssm_TriangularSolveOp : Ssm_Op<"triangular_solve", [
    Pure, AllTypesMatch<["input", "result"]>]> {
  let summary = "solves a unit lower triangular system";
  let description = [{
    The `Z` of `Z = input + matrix Z`, where step `i` uses earlier steps only:

    ```
    result[i] = input[i] + sum_{j < i} matrix[i, j] * result[j]
    ```

    Only what stands below the diagonal of `matrix` is read, and where that is
    zero the term is left out, as in `ssm.causal_product`. With a matrix
    `[Q, K, Q, K]` there are K unknowns per step, and those of one step do not
    meet: `result[i, a] = input[i, a] + sum_{j < i, b} matrix[i, a, j, b] *
    result[j, b]`.

    Constraints:
    - (C1) `matrix` is [Q, Q] or [Q, K, Q, K], and `input` begins with [Q] or
      [Q, K].

    Example:

    ```mlir
    func.func @solve(%a: tensor<64x64xf32>, %x: tensor<64x16xf32>)
        -> tensor<64x16xf32> {
      %z = ssm.triangular_solve %a, %x : tensor<64x64xf32>, tensor<64x16xf32>
      return %z : tensor<64x16xf32>
    }
    ```
  }];
  let arguments = (ins Ssm_StepTensor:$matrix /*C1*/, Ssm_StepTensor:$input /*C1*/);
  let results = (outs Ssm_StepTensor:$result);
  let assemblyFormat = [{
    $matrix `,` $input attr-dict `:` type($matrix) `,` type($input)
  }];
  let hasVerifier = 1;
}

def Ssm_SolveOp : Ssm_Op<"solve", [
    Pure, AllTypesMatch<["input", "result"]>]> {
  let summary = "solves small systems of linear equations";
  let description = [{
    The `result` of `matrix result = input`, by elimination with pivots of the
    largest magnitude in their column:

    ```
    sum_j matrix[..., i, j] * result[..., j] = input[..., i]
    ```

    With one more axis, `input` is several right-hand sides of one matrix. Axes
    before the last two of `matrix` are systems of their own. Where a pivot is
    zero, all unknowns of the system are NaN.

    Constraints:
    - (C1) the last two axes of `matrix` have one extent.
    - (C2) `input` has the axes of `matrix` but the last, and at most one more.

    Example, gains of a Kalman filter that observes two numbers:

    ```mlir
    func.func @gains(%s: tensor<2x2xf32>, %hp: tensor<2x4xf32>)
        -> tensor<2x4xf32> {
      %k = ssm.solve %s, %hp : tensor<2x2xf32>, tensor<2x4xf32>
      return %k : tensor<2x4xf32>
    }
    ```
  }];
  let arguments = (ins Ssm_StepTensor:$matrix /*C1*/, Ssm_StepTensor:$input /*C2*/);
  let results = (outs Ssm_StepTensor:$result);
  let assemblyFormat = [{
    $matrix `,` $input attr-dict `:` type($matrix) `,` type($input)
  }];
  let hasVerifier = 1;
}

def Ssm_DelayOp : Ssm_Op<"delay", [Pure, AllTypesMatch<["input", "result"]>]> {
  let summary = "each step's value at the step before";
  let description = [{
    `result[0] = first`, `result[i] = input[i-1]` along the first axis.

    Constraints:
    - (C1) `first` has the type of one step of `input`.

    Example:

    ```mlir
    func.func @before(%x: tensor<64x16xf32>, %first: tensor<16xf32>)
        -> tensor<64x16xf32> {
      %y = ssm.delay %x, %first : tensor<64x16xf32>, tensor<16xf32>
      return %y : tensor<64x16xf32>
    }
    ```
  }];
  let arguments = (ins Ssm_StepTensor:$input, Ssm_ChunkSlice:$first /*C1*/);
  let results = (outs Ssm_StepTensor:$result);
  let assemblyFormat = [{
    $input `,` $first attr-dict `:` type($input) `,` type($first)
  }];
  let hasVerifier = 1;
}

def Ssm_AssociativeScanOp : Ssm_Op<"associative_scan", [
    Pure, SingleBlock, InferTypeOpAdaptor]> {
  let summary = "what all steps up to each combine to";
  let description = [{
    Along the first axis, for a tuple `e` of tensors and an associative region:

    ```
    results[0] = e[0]
    results[i] = combine(results[i-1], e[i])
    ```

    The region gets the steps of all tensors that come earlier in time, combined,
    then of all that come later, and yields theirs together. The tree in which
    steps are combined is not fixed: results are the same up to rounding.

    Constraints:
    - (C1) all elements have one first extent, and there is one at least.
    - (C2) the region takes one step of each element, twice, and yields one step
      of each.

    Example, a scan of `h[t] = a[t] h[t-1] + x[t]`:

    ```mlir
    func.func @scan(%a: tensor<64x16xf32>, %x: tensor<64x16xf32>)
        -> tensor<64x16xf32> {
      %p, %h = ssm.associative_scan %a, %x : tensor<64x16xf32>, tensor<64x16xf32> {
      ^combine(%a0: tensor<16xf32>, %x0: tensor<16xf32>,
               %a1: tensor<16xf32>, %x1: tensor<16xf32>):
        %a01 = arith.mulf %a1, %a0 : tensor<16xf32>
        %kept = arith.mulf %a1, %x0 : tensor<16xf32>
        %x01 = arith.addf %kept, %x1 : tensor<16xf32>
        ssm.yield %a01, %x01 : tensor<16xf32>, tensor<16xf32>
      }
      return %h : tensor<64x16xf32>
    }
    ```
  }];
  let arguments = (ins Variadic<Ssm_StepTensor>:$elements /*C1*/);
  let results = (outs Variadic<Ssm_StepTensor>:$results);
  let regions = (region SizedRegion<1>:$combine /*C2*/);
  let assemblyFormat = [{
    $elements attr-dict `:` type($elements) $combine
  }];
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    /// The results and ops of the region that a scan needs which takes one step
    /// after the other. It has no use for what only later runs of steps bring,
    /// such as the products of transitions.
    struct InOrder {
      ::llvm::SmallBitVector results;
      ::llvm::SmallPtrSet<::mlir::Operation *, 8> ops;
    };
    InOrder findNeededInOrder();
  }];
}

def Ssm_FixedPointOp : Ssm_Op<"fixed_point", [
    Pure, SingleBlock, InferTypeOpAdaptor]> {
  let summary = "iterates a region until its values settle";
  let description = [{
    ```
    x = init
    repeat at most max_iterations times:
      x, before = body(x), x
      until max |x - before| <= tolerance * (1 + max |x|)
    results = x
    ```

    The maxima run over all values of one position; positions settle
    independently. An iteration that meets NaN does not settle.

    With `causal` the first axis is time, and the elements at one place of all
    values, along time, settle independently of other places and from the first
    step on: a step has settled in an iteration that leaves it and the steps
    before it within the tolerance (the maxima run over those), and it keeps its
    value from then on. No step's value depends on later steps, then, if the
    region's does not, not even by the number of iterations.

    Constraints:
    - (C1) there is an initial value; `max_iterations` is positive, and
      `tolerance` is finite and not negative.
    - (C2) the region takes and yields values of the types of `init`.
    - (C3) with `causal` the values are tensors of one type.

    Example, the square root of each element by Newton's method:

    ```mlir
    func.func @root(%x: tensor<16xf32>) -> tensor<16xf32> {
      %half = arith.constant dense<0.5> : tensor<16xf32>
      %y = ssm.fixed_point %x max_iterations(50) tolerance(1.0e-7)
          : tensor<16xf32> {
      ^body(%r: tensor<16xf32>):
        %quotient = arith.divf %x, %r : tensor<16xf32>
        %sum = arith.addf %r, %quotient : tensor<16xf32>
        %next = arith.mulf %sum, %half : tensor<16xf32>
        ssm.yield %next : tensor<16xf32>
      }
      return %y : tensor<16xf32>
    }
    ```
  }];
  let arguments = (ins Variadic<Ssm_ChunkSlice>:$init /*C1*/,
                       I64Attr:$max_iterations, F64Attr:$tolerance,
                       UnitAttr:$causal /*C3*/);
  let results = (outs Variadic<Ssm_ChunkSlice>:$results);
  let regions = (region SizedRegion<1>:$body /*C2*/);
  let assemblyFormat = [{
    $init `max_iterations` `(` $max_iterations `)` `tolerance` `(` $tolerance `)`
    (`causal` $causal^)? attr-dict `:` type($init) $body
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

#endif // SSMC_DIALECTS_SSM_SSMCHUNKOPS_TD
