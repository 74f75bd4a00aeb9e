#ifndef SSMC_DIALECTS_SSM_SSMRECURRENCE_TD
#define SSMC_DIALECTS_SSM_SSMRECURRENCE_TD

// The core of the dialect: steps chained along a sequence.

include "dialects/Ssm/SsmBase.td"

def Ssm_RecurrenceOp : Ssm_Op<"recurrence", [
    Pure, Ssm_Anchor, IsolatedFromAbove, SingleBlock, AttrSizedOperandSegments,
    AttrSizedResultSegments, DeclareOpInterfaceMethods<SequenceOpInterface>]> {
  let summary = "steps chained along a sequence axis";
  let description = [{
    Runs its body once per time step of the sequence axis and once per position
    of every parallel axis. Each axis of each operand and result has a label:

    - the label in `sequence(...)` is time;
    - labels in `step(...)` are what the body sees as small tensors;
    - every other label is parallel: positions are independent and the body
      never sees the axis.

    An axis may carry two labels, outer first (`g p`): its extent is their
    product. Types of outputs and of states may be left out where inputs have
    all of their labels. The body gets one step's slice of every input, then the
    states, and yields the step's outputs, then the next states. Slices without
    step axes are scalars.

    Semantics, at each parallel position:

    ```
    s = initial (zero without `init`)
    for t in time order (from the end if `reverse`):
      outputs[t], s = body(inputs[t], s)
    final states = s
    ```

    A second region, `chunk(Q) tile(...)`, does Q steps at once and means the
    same as Q runs of the body, up to rounding. It is derived from the body, not
    written. It sees Q time steps, in the order in which they are processed, of
    every input that has the sequence label, as a first axis; the labels in
    `tile(...)`, otherwise parallel, and step labels are further axes, in the
    operand's order. It yields the outputs likewise, then the next states, which
    have no axis of time. It runs for each whole chunk, and the body for the
    steps that are left.

    Constraints:
    - (C1) every axis has a label, an identifier, and a label one extent and
      one kind throughout.
    - (C2) the sequence label occurs in every output, in some input, and in no
      state.
    - (C3) outputs and states carry every parallel label, and step labels after
      all others.
    - (C4) the body's arguments are the inputs' slices, then the states'.
    - (C5) the body yields the outputs' slices, then the states'.
    - (C6) `init` is absent or gives every state, in the state's type.
    - (C7) step labels occur, and step axes have fixed extents.
    - (C8) both labels of a split axis have fixed extents and are parallel.
    - (C9) a chunk region has a positive size, and without one there is neither
      a size nor tile labels.
    - (C10) tile labels are parallel, differ, and have fixed extents.
    - (C11) the chunk region's arguments are the inputs' slices of a chunk, then
      the states'.
    - (C12) the chunk region yields the outputs' slices of a chunk, then the
      states'.

    Example, an exponential moving average per channel:

    ```mlir
    func.func @ema(%x: tensor<?x?x64xf32>, %a: tensor<64xf32>)
        -> tensor<?x?x64xf32> {
      %y, %last = ssm.recurrence sequence(l) step()
          ins(%x[b, l, d], %a[d] : tensor<?x?x64xf32>, tensor<64xf32>)
          outs([b, l, d]) states("recurrent" [b, d]) {
      ^step(%x_t: f32, %a_d: f32, %s: f32):
        %difference = arith.subf %s, %x_t : f32
        %kept = arith.mulf %a_d, %difference : f32
        %next = arith.addf %x_t, %kept : f32
        ssm.yield %next, %next : f32, f32
      }
      return %y : tensor<?x?x64xf32>
    }
    ```

    Example, a sum over time with a chunk region for 16 channels at once:

    ```mlir
    func.func @sum(%x: tensor<?x?x16xf32>) -> tensor<?x16xf32> {
      %y, %last = ssm.recurrence sequence(l) step()
          ins(%x[b, l, d] : tensor<?x?x16xf32>)
          outs([b, l, d] : tensor<?x?x16xf32>)
          states("recurrent" [b, d] : tensor<?x16xf32>) {
      ^step(%x_t: f32, %s: f32):
        %next = arith.addf %s, %x_t : f32
        ssm.yield %x_t, %next : f32, f32
      } chunk(64) tile(d) {
      ^chunk(%x_q: tensor<64x16xf32>, %s: tensor<16xf32>):
        %sum = ssm.contract "qd->d" %x_q : (tensor<64x16xf32>) -> tensor<16xf32>
        %next = arith.addf %s, %sum : tensor<16xf32>
        ssm.yield %x_q, %next : tensor<64x16xf32>, tensor<16xf32>
      }
      return %last : tensor<?x16xf32>
    }
    ```
  }];
  let arguments = (ins
    Variadic<Ssm_Parameter>:$inputs,
    Variadic<Ssm_Activation>:$init /*C6*/,
    StrAttr:$sequence,
    StrArrayAttr:$step,
    ArrayAttr:$input_axes, ArrayAttr:$output_axes, ArrayAttr:$state_axes,
    StrArrayAttr:$roles,
    UnitAttr:$reverse,
    OptionalAttr<I64Attr>:$chunk_size /*C9*/,
    OptionalAttr<StrArrayAttr>:$tile /*C10*/);
  let results = (outs Variadic<Ssm_Activation>:$outputs,
                      Variadic<Ssm_Activation>:$final);
  let regions = (region SizedRegion<1>:$body, MaxSizedRegion<1>:$chunk);
  // Without a chunk region.
  let builders = [OpBuilder<(ins
    "::mlir::TypeRange":$outputs, "::mlir::TypeRange":$final,
    "::mlir::ValueRange":$inputs, "::mlir::ValueRange":$init,
    "::mlir::StringAttr":$sequence, "::mlir::ArrayAttr":$step,
    "::mlir::ArrayAttr":$input_axes, "::mlir::ArrayAttr":$output_axes,
    "::mlir::ArrayAttr":$state_axes, "::mlir::ArrayAttr":$roles,
    "::mlir::UnitAttr":$reverse), [{
      build($_builder, $_state, outputs, final, inputs, init, sequence, step,
            input_axes, output_axes, state_axes, roles, reverse,
            ::mlir::IntegerAttr(), ::mlir::ArrayAttr());
  }]>];
  // Labels stand beside the operand they belong to, which no declarative format
  // can print.
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    /// The labels of one axis, outer first: one, or two for a split axis.
    using AxisLabels = ::llvm::SmallVector<::mlir::StringRef, 2>;
    ::llvm::SmallVector<AxisLabels> getInputLabels(unsigned index);
    ::llvm::SmallVector<AxisLabels> getOutputLabels(unsigned index);
    ::llvm::SmallVector<AxisLabels> getStateLabels(unsigned index);
    /// The extent of each label, kDynamic where it is known only at run time.
    /// In the order of first appearance in inputs, outputs, states.
    ::llvm::MapVector<::mlir::StringRef, int64_t> getExtents();
    /// The same for values with these labels and types.
    static ::llvm::MapVector<::mlir::StringRef, int64_t>
    getExtents(::mlir::ArrayAttr axes, ::mlir::TypeRange types);
    bool isStepLabel(::mlir::StringRef label);
    /// Neither the sequence label nor a step label.
    bool isParallelLabel(::mlir::StringRef label);

    bool hasChunk() { return !getChunk().empty(); }
    /// The labels in `tile(...)`.
    ::llvm::SmallVector<::mlir::StringRef> getTileLabels();
    /// What a chunk region of `size` steps with those tile labels sees of a
    /// value with these labels; f32 for one without axes.
    ::mlir::Type getChunkSliceType(::llvm::ArrayRef<AxisLabels> labels,
                                   int64_t size,
                                   ::llvm::ArrayRef<::mlir::StringRef> tile);
    /// What such a region takes, and what it yields.
    ::llvm::SmallVector<::mlir::Type>
    getChunkArgumentTypes(int64_t size,
                          ::llvm::ArrayRef<::mlir::StringRef> tile);
    ::llvm::SmallVector<::mlir::Type>
    getChunkYieldTypes(int64_t size, ::llvm::ArrayRef<::mlir::StringRef> tile);
    /// Gives the op, which has none, such a region: a block with arguments and
    /// without a terminator.
    ::mlir::Block &addChunk(int64_t size,
                            ::llvm::ArrayRef<::mlir::StringRef> tile);
  }];
}

#endif // SSMC_DIALECTS_SSM_SSMRECURRENCE_TD
