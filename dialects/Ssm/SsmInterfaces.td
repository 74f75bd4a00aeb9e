#ifndef SSMC_DIALECTS_SSM_SSMINTERFACES_TD
#define SSMC_DIALECTS_SSM_SSMINTERFACES_TD

include "mlir/IR/OpBase.td"

def SequenceOpInterface : OpInterface<"SequenceOpInterface"> {
  let cppNamespace = "::ssmc::ssm";
  let description = [{
    An op that meets the sequence axis: it chains time steps and may carry state
    from one call to the next. Deriving `@prefill` and `@step` uses this and
    nothing else, so an op that implements it needs no pass to know it.
  }];
  let methods = [
    InterfaceMethod<[{
        Whether the output at time t depends on inputs up to t only.
      }], "bool", "isCausal">,
    InterfaceMethod<[{
        Why the op is not causal, to complete "... because it ...".
      }], "std::string", "getNonCausalReason">,
    InterfaceMethod<[{
        The role of each carried state ("recurrent", "conv_window"), in the
        order of `getFinalStates`.
      }], "::llvm::SmallVector<::mlir::StringRef>", "getStateRoles">,
    InterfaceMethod<[{
        The results that hold the state after the last time step. Their types
        are those of the states: `[batch, ...]`.
      }], "::mlir::ResultRange", "getFinalStates">,
    InterfaceMethod<[{
        The operands that hold the state before the first time step: none
        (states start at zero) or one per state.
      }], "::mlir::MutableOperandRange", "getInitialStatesMutable">,
  ];
}

def WholeSequenceInterface : OpInterface<"WholeSequenceInterface"> {
  let cppNamespace = "::ssmc::ssm";
  let description = [{
    An op for which a sequence in one piece differs from one in parts: it gives
    another result, or takes longer.
  }];
  let methods = [
    InterfaceMethod<[{
        Why a sequence cannot come in parts, to complete "... because it ...";
        empty if it can, with the states of `SequenceOpInterface`.
      }], "std::string", "getWholeSequenceReason">,
    InterfaceMethod<[{
        Whether work per time step falls as more of them come at once, so that
        an entry on whole sequences should not cut them into blocks.
      }], "bool", "prefersWholeSequence">,
  ];
}

def ExpandInterface : OpInterface<"ExpandInterface"> {
  let cppNamespace = "::ssmc::ssm";
  let description = [{
    A short spelling: an op whose meaning is the ops that it expands to, so that
    no later pass needs to know it. For a named recurrence they are an
    `ssm.recurrence` and pointwise ops around it.
  }];
  let methods = [
    InterfaceMethod<[{
        Whether the op expands as it stands; else code generation knows it.
      }], "bool", "expands", (ins), [{}], [{ return true; }]>,
    InterfaceMethod<[{
        Builds the expansion before the op and returns the values that replace
        its results. The op itself stays.
      }], "::llvm::SmallVector<::mlir::Value>", "expand",
      (ins "::mlir::OpBuilder &":$builder)>,
  ];
}

def IndexOpInterface : OpInterface<"IndexOpInterface"> {
  let cppNamespace = "::ssmc::ssm";
  let description = [{
    An op that reads or writes rows which integers of an operand select. The
    runtime checks the integers of an entry's inputs before anything is
    computed, and kernels check none, so they are an input or a table.
  }];
  let methods = [
    InterfaceMethod<[{
        The operand that holds the integers.
      }], "::mlir::OpOperand &", "getIndexOperand">,
    InterfaceMethod<[{
        The integers are in [0, rows).
      }], "int64_t", "getIndexedRows">,
  ];
}

def StoredOperandInterface : OpInterface<"StoredOperandInterface"> {
  let cppNamespace = "::ssmc::ssm";
  let description = [{
    An op with an operand that kernels read in a layout of their own. Only what
    the artifact stores can be laid out so: outside of loops it is a weight or a
    parameter.
  }];
  let methods = [
    InterfaceMethod<[{
        That operand.
      }], "::mlir::OpOperand &", "getStoredOperand">,
    InterfaceMethod<[{
        Its name, for messages.
      }], "::llvm::StringRef", "getStoredName">,
  ];
}

def TableOpInterface : OpInterface<"TableOpInterface"> {
  let cppNamespace = "::ssmc::ssm";
  let description = [{
    An op without operands whose result, of fixed shape, follows from its
    attributes. It is computed once, when the artifact is written, as an
    `ssm.parameter`.
  }];
  let methods = [
    InterfaceMethod<[{
        What its integers are below; none is negative.
      }], "int64_t", "getIndexBound">,
  ];
}

def DecomposeInterface : OpInterface<"DecomposeInterface"> {
  let cppNamespace = "::ssmc::ssm";
  let description = [{
    A pointwise op on scalars or tensors of one shape, defined by `arith` and
    `math` ops. Code generation instantiates the definition on vectors.
  }];
  let methods = [
    InterfaceMethod<[{
        Builds the definition on `operands`, which stand for the op's and all
        have one type: float, or vector or tensor of float with fixed extents.
        Returns one value per result.
      }], "::llvm::SmallVector<::mlir::Value>", "decompose",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::ValueRange":$operands)>,
  ];
}

#endif // SSMC_DIALECTS_SSM_SSMINTERFACES_TD
