#ifndef SSMC_COMPILER_CONVERSION_CPUKERNELS_LOOPEMITTER_H
#define SSMC_COMPILER_CONVERSION_CPUKERNELS_LOOPEMITTER_H
/// Small builders for loops on flat buffers: what emitted functions share.
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include <map>

namespace ssmc {

/// Floats in one vector of emitted code, on every CPU level: two AVX2
/// registers, one of AVX-512, four of NEON.
constexpr int64_t laneCount = 16;

class LoopEmitter {
public:
  /// Emits into the body of `function`, which has no terminator until `finish`.
  explicit LoopEmitter(mlir::func::FuncOp function);
  mlir::func::FuncOp getFunction() { return function; }
  void finish();

  mlir::OpBuilder builder;
  mlir::Location loc;

  // Arithmetic on index values, folding constants.
  mlir::Value index(int64_t value);
  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value mul(mlir::Value a, mlir::Value b);
  mlir::Value div(mlir::Value a, mlir::Value b);
  mlir::Value rem(mlir::Value a, mlir::Value b);
  mlir::Value min(mlir::Value a, mlir::Value b);
  mlir::Value sub(mlir::Value a, mlir::Value b);

  /// f32, or vector<lanes x f32>.
  mlir::Type laneType(int64_t lanes);
  mlir::Value constant(double value, int64_t lanes);
  /// Calls `body` for i in [from, to).
  void forLoop(mlir::Value from, mlir::Value to, mlir::Value step,
               llvm::function_ref<void(mlir::Value)> body);
  /// Calls `body(first, lanes)` for [from, from + size) cut into whole vectors
  /// and one shorter rest; `size` is fixed.
  void
  forLanes(mlir::Value from, int64_t size,
           llvm::function_ref<void(mlir::Value first, int64_t lanes)> body);

  /// Calls the routine `name`: large code that the kernels of a module share
  /// instead of each having its own, which takes time to compile. Its body is
  /// emitted at the first call in the module; what it depends on besides its
  /// arguments' types and the CPU level is in its name.
  void callRoutine(
      llvm::StringRef name, mlir::ValueRange operands,
      llvm::function_ref<void(LoopEmitter &routine, mlir::ValueRange arguments)>
          body);

private:
  mlir::func::FuncOp function;
  std::map<int64_t, mlir::Value> indices; // constants
};

} // namespace ssmc

#endif // SSMC_COMPILER_CONVERSION_CPUKERNELS_LOOPEMITTER_H
