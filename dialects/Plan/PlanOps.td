#ifndef SSMC_DIALECTS_PLAN_PLANOPS_TD
#define SSMC_DIALECTS_PLAN_PLANOPS_TD

include "dialects/Plan/PlanDialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/SymbolInterfaces.td"

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

class Plan_Attr<string name, string attrMnemonic>
    : AttrDef<Plan_Dialect, name> {
  let mnemonic = attrMnemonic;
}

def Plan_LayoutAttr : Plan_Attr<"Layout", "layout"> {
  let summary = "how a weight's or state's elements lie in memory";
  let description = [{
    `panels16` packs a matrix [rows, k] as panels of 16 rows: element (n, k) lies
    at `((n / 16) * K + k) * 16 + n % 16`, missing rows are zero. Otherwise the
    logical axes lie in the order of `permutation`, the last one contiguous; for
    a state the axes are those after the batch.
  }];
  let parameters = (ins "bool":$panels16,
                        OptionalArrayRefParameter<"int64_t">:$permutation);
  let hasCustomAssemblyFormat = 1;
  let extraClassDeclaration = [{
    /// Axes in logical order.
    static LayoutAttr rowMajor(::mlir::MLIRContext *context, int64_t rank);
    /// Axis `last` moved behind all others.
    static LayoutAttr withLast(::mlir::MLIRContext *context, int64_t rank,
                               int64_t last);
    static LayoutAttr panels(::mlir::MLIRContext *context);
    bool isRowMajor() const;
  }];
}

def Plan_GridAttr : Plan_Attr<"Grid", "grid"> {
  let summary = "number of independent work items of a dispatch";
  let description = [{
    `items`, times the batch if `per_batch`, times `ceil(batch * length /
    row_tile)` if `row_tile` is not 0.

    They run in `1 + rounds_per_step * length` rounds, one after the other: an
    item may read what items of earlier rounds have written. Round r has the
    items numbered from r times their number on.
  }];
  let parameters = (ins "int64_t":$items, DefaultValuedParameter<"bool", "false">:$per_batch,
                        DefaultValuedParameter<"int64_t", "0">:$row_tile,
                        DefaultValuedParameter<"int64_t", "0">:$rounds_per_step);
  // In one round.
  let builders = [AttrBuilder<(ins "int64_t":$items, "bool":$per_batch,
                                   "int64_t":$row_tile), [{
    return $_get($_ctxt, items, per_batch, row_tile, 0);
  }]>];
  let assemblyFormat = "`<` struct(params) `>`";
}

def Plan_CostAttr : Plan_Attr<"Cost", "cost"> {
  let summary = "work of a dispatch, for profiles and for deciding on threads";
  let description = [{
    Floating-point operations and bytes of activations per row (one time step of
    one batch row), bytes of weights read once per dispatch, and bytes of states
    read and written once per batch row. Elementary functions (exp, log, ...) are
    among the operations, and counted on their own; weights that are read again
    for every time step, once for all batch rows, are neither of the other bytes.
  }];
  let parameters = (ins "int64_t":$flops_per_row, "int64_t":$bytes_per_row,
                        "int64_t":$bytes_fixed,
                        DefaultValuedParameter<"int64_t", "0">:$bytes_per_batch,
                        DefaultValuedParameter<"int64_t", "0">:$elementary_per_row,
                        DefaultValuedParameter<"int64_t", "0">:$weight_bytes_per_step);
  let assemblyFormat = "`<` struct(params) `>`";
}

def Plan_Region : I32EnumAttr<"ArenaRegion", "part of the arena", [
    I32EnumAttrCase<"fixed", 0>, I32EnumAttrCase<"batch", 1>,
    I32EnumAttrCase<"row", 2>]> {
  let cppNamespace = "::ssmc::plan";
  let genSpecializedAttr = 0;
}

def Plan_StateUse : I32EnumAttr<"StateUse", "what an entry does with state", [
    I32EnumAttrCase<"none", 0>, I32EnumAttrCase<"transient", 1>,
    I32EnumAttrCase<"carried", 2>]> {
  let cppNamespace = "::ssmc::plan";
  let genSpecializedAttr = 0;
}
def Plan_StateUseAttr : EnumAttr<Plan_Dialect, Plan_StateUse, "state_use">;

def Plan_ArenaAttr : Plan_Attr<"Arena", "arena"> {
  let summary = "a buffer's place in the arena";
  let description = [{
    The arena is [fixed | batch * B | row * B * T]; `offset` and `size` are bytes
    in units of the region: fixed, per batch row, or per row and time step.
    `start` and `end` are the first and last dispatch that use the buffer.
  }];
  let parameters = (ins EnumParameter<Plan_Region>:$region,
                        "int64_t":$offset, "int64_t":$size,
                        "int64_t":$start, "int64_t":$end);
  let assemblyFormat = "`<` $region `,` struct($offset, $size, $start, $end) `>`";
}

def Plan_InputAttr : Plan_Attr<"Input", "input"> {
  let summary = "an input of the entry, by position";
  let parameters = (ins "int64_t":$index);
  let assemblyFormat = "`<` $index `>`";
}

def Plan_OutputAttr : Plan_Attr<"Output", "output"> {
  let summary = "an output of the entry, by position";
  let parameters = (ins "int64_t":$index);
  let assemblyFormat = "`<` $index `>`";
}

def Plan_WeightRefAttr : Plan_Attr<"WeightRef", "weight_ref"> {
  let summary = "a weight, by symbol";
  let parameters = (ins "::mlir::FlatSymbolRefAttr":$symbol);
  let assemblyFormat = "`<` $symbol `>`";
}

def Plan_StateRefAttr : Plan_Attr<"StateRef", "state_ref"> {
  let summary = "a state, by symbol";
  let parameters = (ins "::mlir::FlatSymbolRefAttr":$symbol);
  let assemblyFormat = "`<` $symbol `>`";
}

//===----------------------------------------------------------------------===//
// Symbols
//===----------------------------------------------------------------------===//

def Plan_StateOp : Plan_Op<"state", [Symbol]> {
  let summary = "one row of the state table";
  let description = [{
    A tensor carried from call to call: its shape per sequence, without the
    batch axis. Every entry shares the table.

    Example:

    ```mlir
    plan.state @layer0.recurrent role "recurrent" layout <[1, 0]>
        : tensor<384x16xf32>
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrAttr:$role,
                       TypeAttrOf<AnyRankedTensor>:$type,
                       OptionalAttr<Plan_LayoutAttr>:$layout);
  let assemblyFormat = [{
    $sym_name `role` $role (`layout` $layout^)? attr-dict `:` $type
  }];
}

def Plan_WeightOp : Plan_Op<"weight", [Symbol, IsolatedFromAbove,
                                       NoTerminator]> {
  let summary = "one stored weight";
  let description = [{
    The checkpoint tensor `source`, a splat, or the parameter its body computes,
    stored in `layout`.

    Example:

    ```mlir
    plan.weight @w0 "norm.weight" layout <[0]> : tensor<192xf32>
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrAttr:$source,
                       OptionalAttr<F64Attr>:$splat, Plan_LayoutAttr:$layout,
                       TypeAttrOf<AnyRankedTensor>:$type);
  // Holds the `ssm.parameter` that computes the weight, if it is computed.
  let regions = (region MaxSizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name $source (`splat` `(` $splat^ `)`)? `layout` $layout attr-dict
    `:` $type ($body^)?
  }];
}

//===----------------------------------------------------------------------===//
// Entries
//===----------------------------------------------------------------------===//

def Plan_DispatchOp : Plan_Op<"dispatch", [
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "a kernel applied to tensors";
  let description = [{
    Stands for a call of `kernel`, a function with the attribute `plan.kernel`,
    while buffers have no place yet. The kernel's types may leave extents open
    that operands and results know.

    Example:

    ```mlir
    func.func private @twice(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
        attributes {plan.kernel} {
      %y = arith.addf %x, %x : tensor<?x?x8xf32>
      return %y : tensor<?x?x8xf32>
    }
    func.func @forward(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
      %y = plan.dispatch @twice(%x) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
      return %y : tensor<?x?x8xf32>
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel,
                       Variadic<AnyRankedTensor>:$operands);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $kernel `(` $operands `)` attr-dict `:` functional-type($operands, $results)
  }];
}

def Plan_EntryOp : Plan_Op<"entry", [Symbol, NoTerminator, SingleBlock]> {
  let summary = "a program the runtime can call";
  let description = [{
    Runs its `plan.run` ops in order on each block of at most `block` time steps
    (0: the whole length at once). Axis 0 of inputs and outputs is the batch and
    axis 1 the length where they are unknown. `bounds` gives for each input the
    number of valid integer values, 0 for any.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name,
                       TypeArrayAttr:$inputs, TypeArrayAttr:$outputs,
                       DenseI64ArrayAttr:$bounds,
                       Plan_StateUseAttr:$state_use, I64Attr:$block,
                       // Bytes of each arena region, in the region's unit.
                       I64Attr:$arena_fixed, I64Attr:$arena_batch,
                       I64Attr:$arena_row);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name `inputs` $inputs `outputs` $outputs `bounds` $bounds
    `state` $state_use `block` $block
    `arena` `(` $arena_fixed `,` $arena_batch `,` $arena_row `)`
    attr-dict-with-keyword $body
  }];
  let hasVerifier = 1;
}

def Plan_RunOp : Plan_Op<"run", [HasParent<"EntryOp">]> {
  let summary = "one dispatch with every buffer in its place";
  let description = [{
    Operands are those of the kernel: its arguments, then its results and the
    memory its work items share, which are the last `written` operands.
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, Plan_GridAttr:$grid,
                       Plan_CostAttr:$cost, ArrayAttr:$operands,
                       I64Attr:$written);
  let assemblyFormat = [{
    $kernel $grid $cost $operands `written` $written attr-dict
  }];
}

#endif // SSMC_DIALECTS_PLAN_PLANOPS_TD
