#ifndef SSMC_COMPILER_CONVERSION_CPUKERNELS_CPUKERNELINTERFACE_TD
#define SSMC_COMPILER_CONVERSION_CPUKERNELS_CPUKERNELINTERFACE_TD

include "mlir/IR/OpBase.td"

def CpuKernelInterface : OpInterface<"CpuKernelInterface"> {
  let cppNamespace = "::ssmc";
  let description = [{
    How an anchor becomes the loops of a CPU kernel. Grid and layouts hold for
    every CPU level; only `emitKernel` knows one.
  }];
  let methods = [
    InterfaceMethod<[{
        The work items that the loops of `emitKernel` split into.
      }], "::ssmc::plan::GridAttr", "getKernelGrid">,
    InterfaceMethod<[{
        Bytes of scratch memory each thread needs.
      }], "int64_t", "getScratchBytes", (ins), [{}], [{ return 0; }]>,
    InterfaceMethod<[{
        Bytes of scratch memory each thread needs beside, for each time step of
        a block.
      }], "int64_t", "getScratchBytesPerStep", (ins), [{}], [{ return 0; }]>,
    InterfaceMethod<[{
        Bytes of memory that all work items share, for each batch row.
      }], "int64_t", "getSharedBytes", (ins), [{}], [{ return 0; }]>,
    InterfaceMethod<[{
        Time steps that a block should have at least, because work per step
        falls up to there; 0: any number.
      }], "int64_t", "getPreferredBlock", (ins), [{}], [{ return 0; }]>,
    InterfaceMethod<[{
        Floating-point operations per row, one time step of one batch row.
      }], "int64_t", "getFlopsPerRow">,
    InterfaceMethod<[{
        Elementary functions (exp, log, tanh, ...) per row.
      }], "int64_t", "getElementaryPerRow", (ins), [{}], [{ return 0; }]>,
    InterfaceMethod<[{
        Whether the kernel reads all of a weight operand, rather than a row of
        it per row of the result.
      }], "bool", "readsWhole", (ins "::mlir::OpOperand &":$operand), [{}],
      [{ return true; }]>,
    InterfaceMethod<[{
        Whether the kernel reads all of a weight operand again at every time
        step, rather than once for many.
      }], "bool", "readsEachStep", (ins "::mlir::OpOperand &":$operand), [{}],
      [{ return false; }]>,
    InterfaceMethod<[{
        The layouts in which the kernel can read a weight or state operand, best
        first; empty: the logical order.
      }], "::llvm::SmallVector<::ssmc::plan::LayoutAttr>",
      "getOperandLayouts", (ins "::mlir::OpOperand &":$operand), [{}],
      [{ return {}; }]>,
    InterfaceMethod<[{
        The layout in which the kernel writes a final state; null: the logical
        order.
      }], "::ssmc::plan::LayoutAttr",
      "getStateLayout", (ins "::mlir::OpResult":$result), [{}],
      [{ return {}; }]>,
    InterfaceMethod<[{
        Emits the loops over the emitter's work items.
      }], "::mlir::LogicalResult", "emitKernel",
      (ins "::ssmc::KernelEmitter &":$emitter)>,
  ];
}

#endif // SSMC_COMPILER_CONVERSION_CPUKERNELS_CPUKERNELINTERFACE_TD
