#ifndef SSMC_DIALECTS_SSM_SSMSCAN_TD
#define SSMC_DIALECTS_SSM_SSMSCAN_TD

include "dialects/Ssm/SsmBase.td"

//===----------------------------------------------------------------------===//
// Declared monoids: steps that may be combined in any order
//===----------------------------------------------------------------------===//

def Ssm_CombineOp : Ssm_Op<"combine", [
    Pure, IsolatedFromAbove, AttrSizedOperandSegments, InferTypeOpAdaptor]> {
  let summary = "one step of a recurrence, declared to be associative";
  let description = [{
    What a step makes of the states, by the region `act`:

    ```
    results = act(states, elements)
    ```

    and a declaration about it. Without a region `merge`, that it is
    associative, for all `a`, `b`, `c` of the types of the states:

    ```
    act(act(a, b), c) = act(a, act(b, c))
    ```

    With `merge`, that two elements act as one, an action of a semigroup:

    ```
    act(act(s, a), b) = act(s, merge(a, b))
    ```

    That is the author's promise and is not checked. In the body of a recurrence
    whose next states are these results (or, where a condition without states
    holds, values without states), all steps of a chunk may be combined before
    it is known what they start from.

    Constraints:
    - (C1) there is a state.
    - (C2) `act` takes the states, then the elements, and yields the states.
    - (C3) without `merge` the elements have the types of the states.
    - (C4) `merge` takes the elements twice, the earlier first, and yields them.

    Example, the larger of two numbers, and the step that has brought it:

    ```mlir
    func.func @latest_maximum(%m: f32, %at: f32, %x: f32, %t: f32) -> (f32, f32) {
      %r:2 = ssm.combine %m, %at with %x, %t : f32, f32 with f32, f32 {
      ^act(%m0: f32, %at0: f32, %m1: f32, %at1: f32):
        %less = arith.cmpf olt, %m1, %m0 : f32
        %most = arith.maximumf %m0, %m1 : f32
        %where = arith.select %less, %at0, %at1 : f32
        ssm.yield %most, %where : f32, f32
      }
      return %r#0, %r#1 : f32, f32
    }
    ```

    Example, a vector that is scaled by numbers, which multiply:

    ```mlir
    func.func @scaled(%h: tensor<4xf32>, %a: f32) -> tensor<4xf32> {
      %r = ssm.combine %h with %a : tensor<4xf32> with f32 {
      ^act(%s: tensor<4xf32>, %by: f32):
        %next = ssm.contract ",n->n" %by, %s : (f32, tensor<4xf32>) -> tensor<4xf32>
        ssm.yield %next : tensor<4xf32>
      } merge {
      ^merge(%first: f32, %second: f32):
        %both = arith.mulf %first, %second : f32
        ssm.yield %both : f32
      }
      return %r : tensor<4xf32>
    }
    ```
  }];
  let arguments = (ins Variadic<Ssm_StepValue>:$states /*C1*/,
                       Variadic<Ssm_StepValue>:$elements /*C3*/);
  let results = (outs Variadic<Ssm_StepValue>:$results);
  let regions = (region SizedRegion<1>:$act /*C2*/,
                        MaxSizedRegion<1>:$merge /*C4*/);
  let assemblyFormat = [{
    $states `with` $elements attr-dict `:` type($states) `with` type($elements)
    $act (`merge` $merge^)?
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    bool hasMerge() { return !getMerge().empty(); }
    /// Clones the ops of a region, `act` or `merge`, where `builder` is, and
    /// returns what the region yields of `arguments`.
    static ::llvm::SmallVector<::mlir::Value>
    inlineRegion(::mlir::OpBuilder &builder, ::mlir::Region &region,
                 ::mlir::ValueRange arguments);
    /// Replaces every such op in `root` by the ops of its `act`.
    static void inlineAll(::mlir::Operation *root);
  }];
}

def Ssm_ScanOp : Ssm_NamedRecurrenceOp<"scan", [
    IsolatedFromAbove, AttrSizedOperandSegments]> {
  let summary = "what all steps up to each combine to, by a declared monoid";
  let description = [{
    Along axis 1, for a tuple of `elements` per step and an associative region:

    ```
    results[0] = elements[0]
    results[t] = combine(results[t-1], elements[t])
    ```

    The region gets what all earlier steps combine to, then the step's elements:
    scalars, or tensors of their last axes. Axes between time and those are
    channels, each scanned for itself. An element without batch, time and
    channels is the same at every step.

    That the region is associative is the author's promise, as in `ssm.combine`,
    to which the op expands. It needs no identity: the last state of all, zero
    before the first step and one after, says whether there is anything to
    combine with. So states of zeros, what a session begins with, are none.

    Results are the combinations, one per element, then the final states: the
    last combinations and the flag.

    Constraints:
    - (C1) the region takes one step of each element, twice, and yields one step
      of each; elements are float32.
    - (C2) some element has a batch and a time axis, and all such elements have
      the same batch, time and channel axes.
    - (C3) channel and step axes have fixed extents.
    - (C4) `init` gives the combinations so far and the flag.
    - (C5) `reset` is [batch, length]; where it is not zero, nothing before the
      step counts.

    Example, the largest value so far in each channel:

    ```mlir
    func.func @running_maximum(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
      %y, %last, %begun = ssm.scan %x : tensor<?x?x64xf32> {
      ^combine(%before: f32, %now: f32):
        %most = arith.maximumf %before, %now : f32
        ssm.yield %most : f32
      }
      return %y : tensor<?x?x64xf32>
    }
    ```
  }];
  let arguments = (ins Variadic<Ssm_Activation>:$elements /*C1,C2,C3*/,
      Variadic<Ssm_Activation>:$init /*C4*/,
      Optional<Ssm_Activation>:$reset /*C5*/, UnitAttr:$reverse);
  let results = (outs Variadic<Ssm_Activation>:$results);
  let regions = (region SizedRegion<1>:$combine /*C1*/);
  let assemblyFormat = [{
    $elements (`init` `(` $init^ `:` type($init) `)`)?
    (`reset` `(` $reset^ `:` type($reset) `)`)? (`reverse` $reverse^)?
    attr-dict `:` type($elements) $combine
  }];
  let hasRegionVerifier = 1;
}

#endif // SSMC_DIALECTS_SSM_SSMSCAN_TD
