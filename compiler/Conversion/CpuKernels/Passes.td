#ifndef SSMC_COMPILER_CONVERSION_CPUKERNELS_PASSES_TD
#define SSMC_COMPILER_CONVERSION_CPUKERNELS_PASSES_TD

include "mlir/Pass/PassBase.td"

def AssignCpuLayouts : Pass<"ssmc-assign-cpu-layouts", "::mlir::ModuleOp"> {
  let summary = "choose grids of kernels and layouts of weights and states";
  let description = [{
    Gives every kernel its grid, cost and scratch size, every weight and state
    argument the layout its kernel reads best, and every `plan.state` that
    layout. A table that both an embedding and a projection use gets one layout
    that serves both.

    Requires: dispatches. Ensures: `plan.grid` and `plan.cost` on every kernel,
    and a layout on every `plan.state`. Keeps: bodies of kernels.

    Example, before:

    ```mlir
    func.func private @norm(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
        attributes {plan.kernel} {
      %y = ssm.rms_norm %x eps(1.0e-5) : tensor<?x?x8xf32>
      return %y : tensor<?x?x8xf32>
    }
    ```

    and after:

    ```mlir
    func.func private @norm(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
        attributes {plan.kernel, plan.scratch_bytes = 0 : i64,
          plan.grid = #plan.grid<items = 1, row_tile = 8>,
          plan.cost = #plan.cost<flops_per_row = 32, bytes_per_row = 64,
                                 bytes_fixed = 0>} {
      %y = ssm.rms_norm %x eps(1.0e-5) : tensor<?x?x8xf32>
      return %y : tensor<?x?x8xf32>
    }
    ```
  }];
  // Scratch is what loops would take: they are emitted into a copy.
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect", "::ssmc::plan::PlanDialect"];
}

def LowerCpuKernels : Pass<"ssmc-lower-cpu-kernels", "::mlir::ModuleOp"> {
  let summary = "turn kernels on tensors into vector loops on buffers";
  let description = [{
    Replaces every function with `plan.kernel` by one of the same name whose
    operands are flat buffers, their batch strides, batch, length, scratch and a
    range of work items, and whose body is loops over vectors.

    Requires: grids and layouts. Ensures: kernels hold only func, scf, arith,
    math, vector and memref. Keeps: everything else.
  }];
  let options = [
    Option<"level", "level", "std::string", "\"x86-64-v3\"",
           "CPU level: x86-64-v3, x86-64-v4 or aarch64">];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"];
}

#endif // SSMC_COMPILER_CONVERSION_CPUKERNELS_PASSES_TD
