#ifndef SSMC_COMPILER_TRANSFORMS_PASSES_TD
#define SSMC_COMPILER_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

//===----------------------------------------------------------------------===//
// Normalize
//===----------------------------------------------------------------------===//

def NameCalls : Pass<"ssmc-name-calls", "::mlir::ModuleOp"> {
  let summary = "name calls after the functions they call";
  let description = [{
    Gives every `func.call` without a name the location `loc("layer0")` and so
    on, counting the calls of `@layer` in one function, or `loc("layer")` if
    there is one. Inlining keeps that name as the caller of what it inlines, and
    states are named after it.

    Requires: nothing. Ensures: every call has a name. Keeps: the location in
    the file, and all other IR.
  }];
  let statistics = [Statistic<"numNamed", "num-named", "calls named">];
}

def ExpandRecurrences : Pass<"ssmc-expand-recurrences", "::mlir::ModuleOp"> {
  let summary = "replace named recurrences and short spellings by what they mean";
  let description = [{
    Replaces every op with `ExpandInterface` by its expansion, so that later
    stages meet one recurrence only, and none of the short spellings of weights
    and arithmetic.

    Requires: nothing; types without elements, or with more than an artifact can
    have, are an error. Ensures: nothing that expands remains. Keeps: locations,
    and all other IR.

    Example, before:

    ```mlir
    func.func @decay(%a: tensor<8xf32>, %x: tensor<?x?x8xf32>)
        -> tensor<?x?x8xf32> {
      %h, %last = ssm.linear_scan %a, %x : tensor<8xf32>, tensor<?x?x8xf32>
      return %h : tensor<?x?x8xf32>
    }
    ```

    and after:

    ```mlir
    func.func @decay(%a: tensor<8xf32>, %x: tensor<?x?x8xf32>)
        -> tensor<?x?x8xf32> {
      %h, %last = ssm.recurrence sequence(l) step()
          ins(%a[d], %x[b, l, d] : tensor<8xf32>, tensor<?x?x8xf32>)
          outs([b, l, d] : tensor<?x?x8xf32>)
          states("recurrent" [b, d] : tensor<?x8xf32>) {
      ^step(%a_d: f32, %x_t: f32, %s: f32):
        %kept = arith.mulf %a_d, %s : f32
        %next = arith.addf %kept, %x_t : f32
        ssm.yield %next, %next : f32, f32
      }
      return %h : tensor<?x?x8xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::tensor::TensorDialect",
                           "::ssmc::ssm::SsmDialect"];
  let statistics = [
    Statistic<"numExpanded", "num-expanded", "ops expanded">];
}

def FoldParameters : Pass<"ssmc-fold-parameters", "::mlir::ModuleOp"> {
  let summary = "compute what depends on weights alone when compiling";
  let description = [{
    Wraps every maximal computation on weights, tables and constants into an
    `ssm.parameter` named after its first weight, or else its first table, so
    that it is done once, in float64, when the artifact is written. A constant
    whose elements differ counts as a table; what is computed from other
    constants alone is left to folding, if that can do it. A computation is made
    of pure ops without regions; its result is a tensor of a parameter type.
    Plain weights stay as they are.

    Requires: nothing. Ensures: no op left to run time computes a parameter
    from weights alone. Keeps: a computation whose result is no parameter, such
    as a scalar. A parameter over 64 MiB is an error: it would make the artifact
    larger than its checkpoint unnoticed.

    Example, before:

    ```mlir
    func.func @decay() -> tensor<384x16xf32> {
      %log = ssm.weight "A_log" : tensor<384x16xf32>
      %exp = math.exp %log : tensor<384x16xf32>
      %a = arith.negf %exp : tensor<384x16xf32>
      return %a : tensor<384x16xf32>
    }
    ```

    and after:

    ```mlir
    func.func @decay() -> tensor<384x16xf32> {
      %a = ssm.parameter "A_log" : tensor<384x16xf32> {
        %log = ssm.weight "A_log" : tensor<384x16xf32>
        %exp = math.exp %log : tensor<384x16xf32>
        %neg = arith.negf %exp : tensor<384x16xf32>
        ssm.yield %neg : tensor<384x16xf32>
      }
      return %a : tensor<384x16xf32>
    }
    ```
  }];
  let dependentDialects = ["::ssmc::ssm::SsmDialect"];
  let statistics = [
    Statistic<"numFolded", "num-folded", "parameters made">];
}

def VerifyNormalized : Pass<"ssmc-verify-normalized", "::mlir::ModuleOp"> {
  let summary = "check the contract of the stage normalize";
  let description = [{
    The only function is `@forward`: public, of one block, with results, and
    with inputs of i64 or f32. It calls nothing and has no named recurrence or other short spelling.
    Tensors have extents known only at run time on axes 0 (batch) and 1 (length)
    alone, others are positive; outside of bodies they have at most 8 axes and
    are of floats or i64, or truth values that elementwise ops read. Weights stand outside of loops, and
    one name means one tensor. What kernels read in a layout of their own
    (`StoredOperandInterface`) is a weight or a parameter; integers that select
    rows are an input or a table. The first op that breaks this is an error.
    Changes nothing.
  }];
}

//===----------------------------------------------------------------------===//
// Derive
//===----------------------------------------------------------------------===//

def DeriveEntries : Pass<"ssmc-derive-entries", "::mlir::ModuleOp"> {
  let summary = "make the entries and the state table from @forward";
  let description = [{
    Gives `@forward` one argument and one result per state that its ops with
    `SequenceOpInterface` carry, and a row of the state table for each:
    `plan.state`. From that come the entries, marked `ssm.entry`:

    - `@prefill`: takes the states and returns them after the last time step;
    - `@step`: the same for one time step, axis 1 has extent 1;
    - `@forward`: runs as `@prefill` on states that start at zero and are thrown
      away (`ssm.transient_state`, `ssm.causal`). Where an op with
      `WholeSequenceInterface` prefers a sequence in one piece, or with
      `whole-forward`, it stays as it is.

    A state is named after the calls that inlined its op, outermost first, else
    after its op, and by its role: `layer0.recurrent`.

    A model that is not causal or keeps no finite state, or whose batch or length
    is fixed, or that gives an initial state itself, has only `@forward`, as it
    stands; to ask for another entry is an error that names the op.

    Requires: what `ssmc-verify-normalized` checks. Ensures: what
    `ssmc-verify-derived` checks. Keeps: what `@forward` computes.

    Example, before:

    ```mlir
    func.func @forward(%a: tensor<?x?x8xf32>, %x: tensor<?x?x8xf32>)
        -> tensor<?x?x8xf32> {
      %h, %last = ssm.recurrence sequence(l) step()
          ins(%a[b, l, d], %x[b, l, d] : tensor<?x?x8xf32>, tensor<?x?x8xf32>)
          outs([b, l, d] : tensor<?x?x8xf32>)
          states("recurrent" [b, d] : tensor<?x8xf32>) {
      ^step(%a_t: f32, %x_t: f32, %s: f32):
        %kept = arith.mulf %a_t, %s : f32
        %next = arith.addf %kept, %x_t : f32
        ssm.yield %next, %next : f32, f32
      }
      return %h : tensor<?x?x8xf32>
    }
    ```

    and after, with `entries=step`:

    ```mlir
    plan.state @op0.recurrent role "recurrent" : tensor<8xf32>
    func.func @step(%a: tensor<?x1x8xf32>, %x: tensor<?x1x8xf32>,
                    %state: tensor<?x8xf32> {plan.state = @op0.recurrent})
        -> (tensor<?x1x8xf32>, tensor<?x8xf32> {plan.state = @op0.recurrent})
        attributes {ssm.entry} {
      %h, %last = ssm.recurrence sequence(l) step()
          ins(%a[b, l, d], %x[b, l, d] : tensor<?x1x8xf32>, tensor<?x1x8xf32>)
          outs([b, l, d] : tensor<?x1x8xf32>)
          states("recurrent" [b, d] init(%state) : tensor<?x8xf32>) {
      ^step(%a_t: f32, %x_t: f32, %s: f32):
        %kept = arith.mulf %a_t, %s : f32
        %next = arith.addf %kept, %x_t : f32
        ssm.yield %next, %next : f32, f32
      }
      return %h, %last : tensor<?x1x8xf32>, tensor<?x8xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::func::FuncDialect",
                           "::mlir::tensor::TensorDialect",
                           "::ssmc::plan::PlanDialect"];
  let options = [
    ListOption<"entries", "entries", "std::string",
               "Entries to derive: forward, prefill, step (all of them unless "
               "given)">,
    Option<"wholeForward", "whole-forward", "bool", "false",
           "keep @forward without states, for algorithms that need that">];
  let statistics = [
    Statistic<"numStates", "num-states", "rows of the state table">];
}

def VerifyDerived : Pass<"ssmc-verify-derived", "::mlir::ModuleOp"> {
  let summary = "check the contract of the stage derive";
  let description = [{
    Every function is an entry (`ssm.entry`): `@forward`, `@prefill` or `@step`.
    An entry with states has each `plan.state` of the module once among its
    arguments and once among its results, in the state's type with a batch axis
    in front; the argument goes to one op with `SequenceOpInterface` and nowhere
    else, and the result is that op's state after the last time step. Only a
    `@forward` without `ssm.causal` has no states. No tensor in `@step` has an
    unknown extent on axis 1. The first op that breaks this is an error. Changes
    nothing.
  }];
}

//===----------------------------------------------------------------------===//
// Structure of recurrences
//===----------------------------------------------------------------------===//

def AnalyzeRecurrence : Pass<"ssm-analyze-recurrence"> {
  let summary = "say what structure each recurrence has";
  let description = [{
    Emits one remark per state of every `ssm.recurrence`: the class of its
    transition, whether that varies with time, over which axes inputs enter as
    products and which the outputs contract; or the first op that makes it
    nonlinear. The same text goes into the attribute `ssm.structure`, and the
    algorithms by which the recurrence can run into `ssm.algorithms`.

    Requires: nothing. Ensures: nothing. Keeps: what is computed.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::tensor::TensorDialect"];
}

def DeriveChunks : Pass<"ssmc-derive-chunks", "::mlir::ModuleOp"> {
  let summary = "derive parallel forms of recurrences and choose by cost";
  let description = [{
    Finds the algorithms that each `ssm.recurrence` allows by its structure, and
    gives it the chunk region of the cheapest, or none where steps are cheaper:

    | algorithm   | chunk region                                              |
    |-------------|-----------------------------------------------------------|
    | chunked     | products of decayed scores with values, after a triangular solve if the transition has ranks |
    | associative | a scan over (transition, input), or of what `ssm.combine` declares |
    | newton      | a fixed point around the scan of the linearized body      |
    | convolution | none: the op becomes `ssm.long_conv` with its response to an impulse in each input, which the same body computes for one batch row |

    A convolution is what a recurrence is that is linear in its states and
    inputs with coefficients that do not change, if it has no initial state and
    nothing uses its last one. An input serves all channels of the outputs that
    differ in axes it lacks.

    `algorithm` asks for one; where it does not apply the choice is by cost, and
    if it applies nowhere that is an error. A remark explains each choice.

    Requires: no named recurrence. Ensures: no `ssm.combine`; its ops stand in its
    place. Keeps: what else step bodies do, but of what becomes a convolution,
    and recurrences of fewer steps than a chunk.

    Example, before:

    ```mlir
    func.func @sum(%x: tensor<?x?x16xf32>) -> tensor<?x?x16xf32> {
      %y, %last = ssm.recurrence sequence(l) step()
          ins(%x[b, l, d] : tensor<?x?x16xf32>)
          outs([b, l, d] : tensor<?x?x16xf32>)
          states("recurrent" [b, d] : tensor<?x16xf32>) {
      ^step(%x_t: f32, %s: f32):
        %next = arith.addf %s, %x_t : f32
        ssm.yield %next, %next : f32, f32
      }
      return %y : tensor<?x?x16xf32>
    }
    ```

    and after, with `algorithm=associative`:

    ```mlir
    func.func @sum(%x: tensor<?x?x16xf32>) -> tensor<?x?x16xf32> {
      %y, %last = ssm.recurrence sequence(l) step()
          ins(%x[b, l, d] : tensor<?x?x16xf32>)
          outs([b, l, d] : tensor<?x?x16xf32>)
          states("recurrent" [b, d] : tensor<?x16xf32>) {
      ^step(%x_t: f32, %s: f32):
        %next = arith.addf %s, %x_t : f32
        ssm.yield %next, %next : f32, f32
      } chunk(64) {
      ^chunk(%x_q: tensor<64xf32>, %s: f32):
        %sums = ssm.associative_scan %x_q : tensor<64xf32> {
        ^combine(%a: f32, %b: f32):
          %ab = arith.addf %a, %b : f32
          ssm.yield %ab : f32
        }
        %before = tensor.splat %s : tensor<64xf32>
        %after = arith.addf %sums, %before : tensor<64xf32>
        %end = arith.constant 63 : index
        %last_q = tensor.extract %after[%end] : tensor<64xf32>
        ssm.yield %after, %last_q : tensor<64xf32>, f32
      }
      return %y : tensor<?x?x16xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::tensor::TensorDialect",
                           "::ssmc::ssm::SsmDialect"];
  let options = [
    Option<"algorithm", "algorithm", "std::string", "\"auto\"",
           "auto, sequential, chunked, associative, newton or convolution">,
    Option<"chunk", "chunk", "int64_t", "64", "time steps of a chunk">,
    Option<"remarks", "remarks", "bool", "true",
           "explain each choice by a remark">];
}

//===----------------------------------------------------------------------===//
// Code generation
//===----------------------------------------------------------------------===//

def ExpandMath : Pass<"ssmc-expand-math"> {
  let summary = "expand elementary functions on f32 into plain arithmetic";
  let description = [{
    Rewrites elementary functions of `math` on f32 and vectors of f32 into
    additions, fused multiply-adds and integer operations, without branches and
    calls. Scalars and vectors give the same bits. Largest errors, in units in
    the last place, over all inputs, denormal results included:

    | exp | exp2 | expm1 | log | log1p | tanh | rsqrt | erf | sin | cos |
    |-----|------|-------|-----|-------|------|-------|-----|-----|-----|
    |  2  |  2   |   2   |  2  |   2   |  3   |   2   |  2  |  2  |  2  |

    Infinities, zeros with their signs and NaN follow IEEE 754.

    Requires: nothing. Ensures: none of these operations on f32 or vectors of
    f32 remains. Keeps: other types, and operations that targets have.

    Example, before:

    ```mlir
    func.func @normalize(%x: vector<8xf32>) -> vector<8xf32> {
      %y = math.rsqrt %x : vector<8xf32>
      return %y : vector<8xf32>
    }
    ```

    and after:

    ```mlir
    func.func @normalize(%x: vector<8xf32>) -> vector<8xf32> {
      %one = arith.constant dense<1.0> : vector<8xf32>
      %root = math.sqrt %x : vector<8xf32>
      %y = arith.divf %one, %root : vector<8xf32>
      return %y : vector<8xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect"];
}

//===----------------------------------------------------------------------===//
// Schedule and plan
//===----------------------------------------------------------------------===//

def FormDispatches : Pass<"ssmc-form-dispatches", "::mlir::ModuleOp"> {
  let summary = "cut entries into kernels and dispatches of them";
  let description = [{
    Groups the ops of every entry: an anchor with the pointwise ops that only it
    feeds or that only feed it, or pointwise ops alone. Each group becomes a
    function with `plan.kernel`, called by a `plan.dispatch`; views and constants
    are cloned into their users, weights stay outside. Identical kernels, such as
    those of repeated layers, are kept once, so what follows takes time by kinds
    of layers and not by their number.

    Requires: derived entries. Ensures: entries hold weights, parameters and
    dispatches only. Keeps: what each entry computes.

    Example, before:

    ```mlir
    func.func @forward(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
        attributes {ssm.entry} {
      %n = ssm.rms_norm %x eps(1.0e-5) : tensor<?x?x8xf32>
      %y = arith.addf %n, %x : tensor<?x?x8xf32>
      return %y : tensor<?x?x8xf32>
    }
    ```

    and after:

    ```mlir
    func.func private @rms_norm_8(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
        attributes {plan.kernel} {
      %n = ssm.rms_norm %x eps(1.0e-5) : tensor<?x?x8xf32>
      %y = arith.addf %n, %x : tensor<?x?x8xf32>
      return %y : tensor<?x?x8xf32>
    }
    func.func @forward(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
        attributes {ssm.entry} {
      %y = plan.dispatch @rms_norm_8(%x)
          : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
      return %y : tensor<?x?x8xf32>
    }
    ```
  }];
  let dependentDialects = ["::ssmc::plan::PlanDialect"];
}

def PlanEntries : Pass<"ssmc-plan-entries", "::mlir::ModuleOp"> {
  let summary = "give every buffer of an entry its place";
  let description = [{
    Turns entry functions into `plan.entry`: weights become `plan.weight`
    symbols, states are updated in place, results are written to the entry's
    outputs, and all other buffers share one arena in which no two that live at
    the same time overlap (the entry's verifier checks it).

    Requires: dispatches with grids and layouts. Ensures: no entry is a function.
    Keeps: kernels.
  }];
  let options = [
    Option<"block", "block", "int64_t", "256",
           "time steps of one pass over a causal entry's dispatches">];
  let dependentDialects = ["::ssmc::plan::PlanDialect"];
}

#endif // SSMC_COMPILER_TRANSFORMS_PASSES_TD
