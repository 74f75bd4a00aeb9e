#ifndef SSMC_COMPILER_CONVERSION_CPUKERNELS_PASSES_TD
#define SSMC_COMPILER_CONVERSION_CPUKERNELS_PASSES_TD

include "mlir/Pass/PassBase.td"

def AssignCpuLayouts : Pass<"ssmc-assign-cpu-layouts", "::mlir::ModuleOp"> {
  let summary = "choose grids of kernels and layouts of weights and states";
  let description = [{
    Gives every kernel its grid, cost, scratch and shared memory, every weight
    and state argument the layout its kernel reads best, and every `plan.state`
    that layout. A table that both an embedding and a projection use gets one layout
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

def MoveFactors : Pass<"ssmc-move-factors", "::mlir::ModuleOp"> {
  let summary = "multiply the small operand of a sum rather than the large";
  let description = [{
    A delta rule reads its decayed state by a key: a sum of decay times state
    times key. The state differs between lanes, decay and key do not, so the
    decay times the key is computed once where the decay times the state would
    be once for each lane. Only sums of recurrences that run on lanes are
    changed, and only factors that all lanes share are moved, to an operand that
    has their axes.

    Requires: dispatches, whose recurrences have their form: forms are derived
    from a state's transition, which this hides. Ensures: the same sums, rounded
    in another order. Keeps: the product where something else uses it.

    Example, before:

    ```mlir
    func.func private @read(%k: tensor<?x?x8xf32>, %a: tensor<?x?xf32>)
        -> (tensor<?x?x32xf32>, tensor<?x32x8xf32>) attributes {plan.kernel} {
      %y, %last = ssm.recurrence sequence(l) step(n)
          ins(%k[b, l, n], %a[b, l] : tensor<?x?x8xf32>, tensor<?x?xf32>)
          outs([b, l, d] : tensor<?x?x32xf32>)
          states("h" [b, d, n] : tensor<?x32x8xf32>) {
      ^step(%k_t: tensor<8xf32>, %a_t: f32, %h: tensor<8xf32>):
        %kept = ssm.contract ",n->n" %a_t, %h : (f32, tensor<8xf32>) -> tensor<8xf32>
        %read = ssm.contract "n,n->" %kept, %k_t : (tensor<8xf32>, tensor<8xf32>) -> f32
        ssm.yield %read, %kept : f32, tensor<8xf32>
      }
      return %y, %last : tensor<?x?x32xf32>, tensor<?x32x8xf32>
    }
    ```

    and after:

    ```mlir
    func.func private @read(%k: tensor<?x?x8xf32>, %a: tensor<?x?xf32>)
        -> (tensor<?x?x32xf32>, tensor<?x32x8xf32>) attributes {plan.kernel} {
      %y, %last = ssm.recurrence sequence(l) step(n)
          ins(%k[b, l, n], %a[b, l] : tensor<?x?x8xf32>, tensor<?x?xf32>)
          outs([b, l, d] : tensor<?x?x32xf32>)
          states("h" [b, d, n] : tensor<?x32x8xf32>) {
      ^step(%k_t: tensor<8xf32>, %a_t: f32, %h: tensor<8xf32>):
        %kept = ssm.contract ",n->n" %a_t, %h : (f32, tensor<8xf32>) -> tensor<8xf32>
        %scaled = ssm.contract ",n->n" %a_t, %k_t : (f32, tensor<8xf32>) -> tensor<8xf32>
        %read = ssm.contract "n,n->" %h, %scaled : (tensor<8xf32>, tensor<8xf32>) -> f32
        ssm.yield %read, %kept : f32, tensor<8xf32>
      }
      return %y, %last : tensor<?x?x32xf32>, tensor<?x32x8xf32>
    }
    ```
  }];
  let statistics = [Statistic<"movedCount", "moved", "Factors moved">];
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

def ShareLoops : Pass<"ssmc-share-loops", "::mlir::ModuleOp"> {
  let summary = "make loops that repeat calls of one routine";
  let description = [{
    Kernels of derived forms do the same to many tensors: every micro-step of a
    recurrence has its scores and its products. Loops that differ only in values
    from outside, and in constants only where these address memory, become calls
    of one function, which takes what differs as arguments. So neither compile
    time nor code grows with what only repeats. Loops that do too little to be
    worth a call stay.

    Requires: kernels on buffers, without dead or repeated index arithmetic.
    Ensures: the same results, bit by bit. Keeps: loops with results.

    Example, before:

    ```mlir
    func.func @kernel(%x: memref<?xf32>, %from: index)
        attributes {plan.kernel} {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c64 = arith.constant 64 : index
      %c256 = arith.constant 256 : index
      scf.for %i = %c0 to %c256 step %c1 {
        %at = arith.addi %i, %from : index
        %value = memref.load %x[%at] : memref<?xf32>
        %sum = arith.addf %value, %value : f32
        %double = arith.mulf %sum, %sum : f32
        %cube = arith.mulf %double, %value : f32
        memref.store %cube, %x[%at] : memref<?xf32>
      }
      scf.for %i = %c0 to %c256 step %c1 {
        %at = arith.addi %i, %c64 : index
        %value = memref.load %x[%at] : memref<?xf32>
        %sum = arith.addf %value, %value : f32
        %double = arith.mulf %sum, %sum : f32
        %cube = arith.mulf %double, %value : f32
        memref.store %cube, %x[%at] : memref<?xf32>
      }
      return
    }
    ```

    and after:

    ```mlir
    func.func @kernel(%x: memref<?xf32>, %from: index)
        attributes {plan.kernel} {
      %c64 = arith.constant 64 : index
      call @loops(%from, %x) : (index, memref<?xf32>) -> ()
      call @loops(%c64, %x) : (index, memref<?xf32>) -> ()
      return
    }
    func.func private @loops(%first: index, %x: memref<?xf32>)
        attributes {no_inline} {
      %c0 = arith.constant 0 : index
      %c256 = arith.constant 256 : index
      %c1 = arith.constant 1 : index
      scf.for %i = %c0 to %c256 step %c1 {
        %at = arith.addi %i, %first : index
        %value = memref.load %x[%at] : memref<?xf32>
        %sum = arith.addf %value, %value : f32
        %double = arith.mulf %sum, %sum : f32
        %cube = arith.mulf %double, %value : f32
        memref.store %cube, %x[%at] : memref<?xf32>
      }
      return
    }
    ```
  }];
  let statistics = [Statistic<"routineCount", "routines", "Routines made">];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect"];
}

#endif // SSMC_COMPILER_CONVERSION_CPUKERNELS_PASSES_TD
