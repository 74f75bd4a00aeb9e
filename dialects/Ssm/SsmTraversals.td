#ifndef SSMC_DIALECTS_SSM_SSMTRAVERSALS_TD
#define SSMC_DIALECTS_SSM_SSMTRAVERSALS_TD

include "dialects/Ssm/SsmBase.td"

def Ssm_TraversalOrder : I32EnumAttr<"TraversalOrder", "order of the cells of a grid", [
    I32EnumAttrCase<"raster", 0>, I32EnumAttrCase<"serpentine", 1>,
    I32EnumAttrCase<"diagonal", 2>, I32EnumAttrCase<"zigzag", 3>,
    I32EnumAttrCase<"z_order", 4>, I32EnumAttrCase<"hilbert", 5>,
    I32EnumAttrCase<"atrous", 6>, I32EnumAttrCase<"window", 7>]> {
  let cppNamespace = "::ssmc::ssm";
}

def Ssm_TraversalOp : Ssm_Op<"traversal", [
    Pure, InferTypeOpAdaptor, DeclareOpInterfaceMethods<TableOpInterface>]> {
  let summary = "the order in which a curve visits the cells of a grid";
  let description = [{
    A permutation of the cells of a grid, cell (c_0, ..., c_n) being number
    `c_0 * shape[1] * ... + c_n`: element t is the cell that the curve visits at
    time t. Of a curve through a larger grid, cells outside are left out.

    | order      | the curve                                                    |
    |------------|--------------------------------------------------------------|
    | raster     | rows from the first to the last                              |
    | serpentine | rows, every second one backwards; in 3-D so are whole slices |
    | diagonal   | anti-diagonals of a plane, each with increasing axis 0       |
    | zigzag     | anti-diagonals of a plane, the first, third, ... with increasing axis 1, the others with increasing axis 0 |
    | z_order    | by the interleaved bits of the coordinates, axis 0 highest   |
    | hilbert    | Hilbert's curve (Skilling's), from (0, 0) to (1, 0) in 2-D   |
    | atrous     | every `size`-th cell along each axis, sub-grid by sub-grid   |
    | window     | blocks of `size` cells along each axis, block by block       |

    The curve runs along the axes in the order of `axes`, by default first to
    last, and from the end of those in `mirror`: `raster shape [h, w]
    axes [1, 0]` goes column by column. `reverse` visits last cells first;
    `inverse` then gives the inverse permutation, the time at which each cell is
    visited.

    Constraints:
    - (C1) `shape` has one to six positive extents, of at most 2^23 cells.
    - (C2) `axes` is a permutation of the axes; `mirror` names different ones.
    - (C3) `size` is positive, given for atrous and window and no other order.
    - (C4) diagonals are those of a grid of two axes.
    - (C5) the coordinates of a cell have at most 63 bits together for z_order
      and hilbert, where every axis counts as the longest.

    Example:

    ```mlir
    func.func @image(%x: tensor<?x64x32xf32>) -> tensor<?x64x32xf32> {
      %curve = ssm.traversal hilbert shape [8, 8]
      %sequence = ssm.traverse %x, %curve : tensor<?x64x32xf32>, tensor<64xi64>
      %image = ssm.traverse %sequence, %curve inverse
          : tensor<?x64x32xf32>, tensor<64xi64>
      return %image : tensor<?x64x32xf32>
    }
    ```
  }];
  let arguments = (ins Ssm_TraversalOrder:$order,
      DenseI64ArrayAttr:$shape /*C1*/, OptionalAttr<DenseI64ArrayAttr>:$axes /*C2*/,
      OptionalAttr<DenseI64ArrayAttr>:$mirror /*C2*/,
      OptionalAttr<I64Attr>:$size /*C3*/, UnitAttr:$reverse, UnitAttr:$inverse);
  let results = (outs Ssm_Ids:$result);
  let assemblyFormat = [{
    $order `shape` $shape (`axes` $axes^)? (`mirror` $mirror^)?
    (`size` `(` $size^ `)`)? (`reverse` $reverse^)? (`inverse` $inverse^)?
    attr-dict
  }];
}

def Ssm_TraverseOp : Ssm_Op<"traverse", [
    Pure, Ssm_Anchor, InferTypeOpAdaptor,
    DeclareOpInterfaceMethods<SequenceOpInterface>,
    DeclareOpInterfaceMethods<IndexOpInterface>]> {
  let summary = "time steps in another order";
  let description = [{
    `result[b, t, ...] = input[b, indices[t], ...]`, or with `indices[b, t]`
    where there is one order per batch row. With `inverse` it goes the other way,
    `result[b, indices[t], ...] = input[b, t, ...]`; steps that no index names
    are zero, and of several with one index the last stays. An index outside
    `[0, length)` is an error at run time, before anything is computed.

    Indices are an input of the model or an `ssm.traversal`.

    Constraints:
    - (C1) `input` has a batch axis and a length of fixed extent.
    - (C2) `indices` is [length] or [batch, length] of fixed length, which with
      `inverse` is the length of `input`.

    Example:

    ```mlir
    func.func @graph(%nodes: tensor<?x12x32xf32>, %order: tensor<?x12xi64>)
        -> tensor<?x12x32xf32> {
      %x = ssm.traverse %nodes, %order : tensor<?x12x32xf32>, tensor<?x12xi64>
      %y = math.tanh %x : tensor<?x12x32xf32>
      %z = ssm.traverse %y, %order inverse
          : tensor<?x12x32xf32>, tensor<?x12xi64>
      return %z : tensor<?x12x32xf32>
    }
    ```
  }];
  let arguments = (ins Ssm_Activation:$input /*C1*/, Ssm_Ids:$indices /*C2*/,
                       UnitAttr:$inverse);
  let results = (outs Ssm_Activation:$result);
  let assemblyFormat = [{
    $input `,` $indices (`inverse` $inverse^)? attr-dict
    `:` type($input) `,` type($indices)
  }];
}

def Ssm_FlipOp : Ssm_Op<"flip", [
    Pure, Ssm_Anchor, AllTypesMatch<["input", "result"]>,
    DeclareOpInterfaceMethods<SequenceOpInterface>]> {
  let summary = "time steps from the last to the first";
  let description = [{
    `result[b, t, ...] = input[b, length - 1 - t, ...]`, of any length.

    Constraints:
    - (C1) `input` has a batch and a time axis.

    Example, a bidirectional mixer with shared weights:

    ```mlir
    func.func @both(%a: tensor<8xf32>, %x: tensor<?x?x8xf32>)
        -> tensor<?x?x8xf32> {
      %f, %f_last = ssm.linear_scan %a, %x : tensor<8xf32>, tensor<?x?x8xf32>
      %r = ssm.flip %x : tensor<?x?x8xf32>
      %b, %b_last = ssm.linear_scan %a, %r : tensor<8xf32>, tensor<?x?x8xf32>
      %back = ssm.flip %b : tensor<?x?x8xf32>
      %y = arith.addf %f, %back : tensor<?x?x8xf32>
      return %y : tensor<?x?x8xf32>
    }
    ```
  }];
  let arguments = (ins Ssm_Activation:$input /*C1*/);
  let results = (outs Ssm_Activation:$result);
  let assemblyFormat = [{ $input attr-dict `:` type($input) }];
  let hasVerifier = 1;
}

def Ssm_ShiftOp : Ssm_NamedRecurrenceOp<"shift"> {
  let summary = "the input of some time steps ago";
  let description = [{
    `result[t] = input[t - by]` along axis 1; what lies before the first step
    comes from `init`, the `by` last inputs of what went before, oldest first,
    or is zero. The final state is the same window after the last step. With
    negative `by` the input of `-by` steps later, the window running from the
    last step to the first: not causal.

    Constraints:
    - (C1) `input` has a batch and a time axis; all later ones have fixed
      extents.
    - (C2) `by` is 1 to 4096, either way: its window moves element by element.
    - (C3) `init` is [batch, ..., |by|], the later axes those of `input`.

    Example, the token shift of RWKV:

    ```mlir
    func.func @mix(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
      %before, %last = ssm.shift %x by(1) : tensor<?x?x64xf32>
      %change = arith.subf %before, %x : tensor<?x?x64xf32>
      return %change : tensor<?x?x64xf32>
    }
    ```
  }];
  let arguments = (ins Ssm_Activation:$input /*C1*/, I64Attr:$by /*C2*/,
                       Optional<Ssm_Activation>:$init /*C3*/);
  let results = (outs Ssm_Activation:$result, Ssm_Activation:$final);
  let assemblyFormat = [{
    $input `by` `(` $by `)` (`init` `(` $init^ `:` type($init) `)`)?
    attr-dict `:` type($input)
  }];
}

#endif // SSMC_DIALECTS_SSM_SSMTRAVERSALS_TD
