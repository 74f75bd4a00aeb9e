#ifndef SSMC_DIALECTS_SSM_SSMBASE_TD
#define SSMC_DIALECTS_SSM_SSMBASE_TD

// What the groups of ops share.

include "dialects/Ssm/SsmDialect.td"
include "dialects/Ssm/SsmInterfaces.td"
include "mlir/IR/EnumAttr.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

//===----------------------------------------------------------------------===//
// Types and attributes
//===----------------------------------------------------------------------===//

def Ssm_Activation : RankedTensorOf<[F32]>;
def Ssm_Parameter : RankedTensorOf<[F32, BF16, F16]>;
def Ssm_Ids : RankedTensorOf<[I64]>;
// What an artifact can store.
def Ssm_Stored : RankedTensorOf<[F32, BF16, F16, I64]>;
def Ssm_StepValue : AnyTypeOf<[F32, RankedTensorOf<[F32]>]>;

def Ssm_Discretization : I32EnumAttr<"Discretization", "discretization method", [
    I32EnumAttrCase<"zoh", 0>, I32EnumAttrCase<"bilinear", 1>,
    I32EnumAttrCase<"euler", 2>, I32EnumAttrCase<"backward_euler", 3>,
    I32EnumAttrCase<"gbt", 4>, I32EnumAttrCase<"dirac", 5>,
    I32EnumAttrCase<"exp_euler", 6>, I32EnumAttrCase<"foh", 7>,
    I32EnumAttrCase<"async", 8>, I32EnumAttrCase<"dss", 9>,
    I32EnumAttrCase<"ema", 10>]> {
  let cppNamespace = "::ssmc::ssm";
}

def Ssm_ConvActivation : I32EnumAttr<"ConvActivation", "activation after a convolution", [
    I32EnumAttrCase<"none", 0>, I32EnumAttrCase<"silu", 1>]> {
  let cppNamespace = "::ssmc::ssm";
}

//===----------------------------------------------------------------------===//
// Traits
//===----------------------------------------------------------------------===//

// The heart of a dispatch: an op with loops of its own, around which pointwise
// ops gather.
def Ssm_Anchor : NativeOpTrait<"Anchor"> {
  let cppNamespace = "::ssmc::ssm";
}
// Names part of a tensor that is already in memory; costs nothing.
def Ssm_View : NativeOpTrait<"View"> {
  let cppNamespace = "::ssmc::ssm";
}
// Element i of a result depends on elements of the operands that i determines.
def Ssm_Pointwise : NativeOpTrait<"Pointwise"> {
  let cppNamespace = "::ssmc::ssm";
}

//===----------------------------------------------------------------------===//
// Classes of ops
//===----------------------------------------------------------------------===//

class Ssm_PointwiseOp<string mnemonic>
    : Ssm_Op<mnemonic, [Pure, Ssm_Pointwise, SameOperandsAndResultType,
                        DeclareOpInterfaceMethods<DecomposeInterface>]> {
  let arguments = (ins Ssm_StepValue:$input);
  let results = (outs Ssm_StepValue:$result);
  let assemblyFormat = [{ $input attr-dict `:` type($input) }];
}

class Ssm_NamedRecurrenceOp<string mnemonic, list<Trait> traits = []>
    : Ssm_Op<mnemonic, !listconcat(traits, [Pure, InferTypeOpAdaptor,
        DeclareOpInterfaceMethods<ExpandInterface>,
        DeclareOpInterfaceMethods<SequenceOpInterface>])>;

#endif // SSMC_DIALECTS_SSM_SSMBASE_TD
