#ifndef SSMC_COMPILER_TRANSFORMS_PASSES_TD
#define SSMC_COMPILER_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def ExpandMath : Pass<"ssmc-expand-math"> {
  let summary = "expand elementary functions on f32 into plain arithmetic";
  let description = [{
    Rewrites elementary functions of `math` on f32 and vectors of f32 into
    additions, fused multiply-adds and integer operations, without branches and
    calls. Scalars and vectors give the same bits. Largest errors, in units in
    the last place, over all inputs, denormal results included:

    | exp | exp2 | expm1 | log | log1p | tanh | rsqrt | erf |
    |-----|------|-------|-----|-------|------|-------|-----|
    |  2  |  2   |   2   |  2  |   2   |  3   |   2   |  2  |

    Infinities, zeros with their signs and NaN follow IEEE 754.

    Requires: nothing. Ensures: none of these operations on f32 or vectors of
    f32 remains. Keeps: other types, and operations that targets have.

    Example, before:

    ```mlir
    func.func @normalize(%x: vector<8xf32>) -> vector<8xf32> {
      %y = math.rsqrt %x : vector<8xf32>
      return %y : vector<8xf32>
    }
    ```

    and after:

    ```mlir
    func.func @normalize(%x: vector<8xf32>) -> vector<8xf32> {
      %one = arith.constant dense<1.0> : vector<8xf32>
      %root = math.sqrt %x : vector<8xf32>
      %y = arith.divf %one, %root : vector<8xf32>
      return %y : vector<8xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect"];
}

#endif // SSMC_COMPILER_TRANSFORMS_PASSES_TD
