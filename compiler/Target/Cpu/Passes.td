#ifndef SSMC_TARGET_CPU_PASSES
#define SSMC_TARGET_CPU_PASSES
include "mlir/Pass/PassBase.td"

def WrapKernels : Pass<"ssmc-wrap-kernels", "mlir::ModuleOp"> {
  let summary = "give kernels the calling convention of ssmc/abi.h";
  let description = [{
    A kernel is a `func.func` with the unit attribute `plan.kernel` and the
    arguments `(buffers..., strides..., batch, length, scratch, begin, end)`: N
    one-dimensional dynamic memrefs, N indices, two indices, a
    `memref<?xf32>`, two indices. Each becomes a public function of type
    `void(args, scratch, begin, end)` that unpacks the argument record and calls
    the former body, now private.

    Buffers may be one and the same, for work in place; no buffer is scratch.

    Requires: kernels hold only ops that become machine code without any
    library; nothing asks for the size of a buffer, which no caller passes.
    Ensures: every kernel has the C signature. Keeps: all other functions.

    Example, before:
    ```mlir
    func.func @double(%x: memref<?xf32>, %xs: index, %batch: index,
                      %length: index, %scratch: memref<?xf32>, %begin: index,
                      %end: index) attributes {plan.kernel} {
      %v = memref.load %x[%begin] : memref<?xf32>
      %w = arith.addf %v, %v : f32
      memref.store %w, %x[%begin] : memref<?xf32>
      return
    }
    ```
    and after, the signature is
    `(!llvm.ptr, !llvm.ptr, i64, i64)`.
  }];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::LLVM::LLVMDialect"
  ];
}

def LowerKernelsToLLVM : Pass<"ssmc-lower-kernels-to-llvm", "mlir::ModuleOp"> {
  let summary = "convert wrapped kernels to the dialect llvm";
  let description = [{
    Conversions between f32 and bf16 become integer arithmetic (the processors
    we target lack the instruction, and the library function that would stand in
    for it cannot be called); vectors of more than one dimension become
    one-dimensional ones; then everything becomes `llvm`. Reductions over a
    vector may be evaluated as a tree.

    Requires: what `ssmc-wrap-kernels` ensures. Ensures: only `llvm` ops remain.
  }];
  let dependentDialects = [
    "mlir::affine::AffineDialect", "mlir::arith::ArithDialect",
    "mlir::cf::ControlFlowDialect", "mlir::LLVM::LLVMDialect",
    "mlir::memref::MemRefDialect", "mlir::scf::SCFDialect",
    "mlir::ub::UBDialect", "mlir::vector::VectorDialect"
  ];
}
#endif
