#ifndef SSMC_COMPILER_CONVERSION_CPUKERNELS_AXISINTERFACE_TD
#define SSMC_COMPILER_CONVERSION_CPUKERNELS_AXISINTERFACE_TD

include "mlir/IR/OpBase.td"

def AxisInterface : OpInterface<"AxisInterface"> {
  let cppNamespace = "::ssmc";
  let description = [{
    An op on tensors of which a part of the result can be computed from parts of
    the operands. Pointwise ops need not implement it: their operands' parts are
    the result's.
  }];
  let methods = [
    InterfaceMethod<[{
        Elements [i, j) along `axis` of the result need only elements [i +
        offset, j + offset) along some axis of `operand`: that axis and the
        offset. Nothing if they may need all of it.
      }], "::std::optional<::ssmc::OperandAxis>", "getOperandAxis",
      (ins "::mlir::OpOperand &":$operand, "unsigned":$axis)>,
  ];
}

#endif // SSMC_COMPILER_CONVERSION_CPUKERNELS_AXISINTERFACE_TD
