#ifndef SSMC_TOOLS_IMPORT_MODELBUILDER_H
#define SSMC_TOOLS_IMPORT_MODELBUILDER_H
#include "compiler/Weights/Checkpoint.h"
#include "dialects/Ssm/SsmDialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "tools/ssmc-import/reporter.h"
#include "llvm/ADT/StringSet.h"

namespace ssmc::importer {

/// What a model's file uses to write `@forward`. Every weight is checked
/// against the checkpoint when it is asked for. A mistake is reported and a
/// value of the wanted type returned, so building can go on; check `failed()`
/// before repeating a layer.
class ModelBuilder {
public:
  ModelBuilder(mlir::MLIRContext *context,
               const weights::Checkpoint &checkpoint, Reporter &reporter);

  /// Opens `@forward(%ids: tensor<?x?xi64>)` and returns %ids.
  mlir::Value beginForward();
  /// Returns `logits` from it.
  void endForward(mlir::Value logits);

  /// Whether the checkpoint has a tensor of this name.
  bool hasWeight(llvm::StringRef name) const;

  /// A tensor of the checkpoint, in its own dtype. NaN and infinities in it are
  /// a warning.
  mlir::Value weight(const llvm::Twine &name, llvm::ArrayRef<int64_t> shape);
  /// A weight that sets how fast states decay, or passes around them: NaN and
  /// infinities in it are an error, since they would stay in the state for
  /// good.
  mlir::Value decayWeight(const llvm::Twine &name,
                          llvm::ArrayRef<int64_t> shape);
  /// `A = -exp(A_log)` in float32, computed once by the compiler.
  mlir::Value negativeExp(const llvm::Twine &name,
                          llvm::ArrayRef<int64_t> shape);

  mlir::Value embedding(mlir::Value ids, mlir::Value table);
  mlir::Value linear(mlir::Value input, mlir::Value weight,
                     mlir::Value bias = {});
  mlir::Value rmsNorm(mlir::Value input, double eps, mlir::Value weight = {});
  mlir::Value add(mlir::Value lhs, mlir::Value rhs);
  mlir::ResultRange split(mlir::Value input, llvm::ArrayRef<int64_t> sizes);
  /// The axes after batch and length in another shape.
  mlir::Value reshape(mlir::Value input, llvm::ArrayRef<int64_t> shape);
  /// A causal depthwise convolution and SiLU.
  mlir::Value shortConvSilu(mlir::Value input, mlir::Value weight,
                            mlir::Value bias);

  /// Calls the private function `name` that `body` defines, on `arguments`,
  /// null where the model lacks one. Layers whose arguments have the same types
  /// share one function; `body` gets its parameters in the same places.
  mlir::Value
  call(llvm::StringRef name, llvm::ArrayRef<mlir::Value> arguments,
       llvm::function_ref<mlir::Value(llvm::ArrayRef<mlir::Value>)> body);

  mlir::ImplicitLocOpBuilder &ops() { return builder; }
  bool failed() const { return report.failed(); }
  mlir::ModuleOp module() { return *root; }

  /// Warns about tensors of the checkpoint that no weight named.
  void warnUnused();

private:
  enum class NonFinitePolicy { warn, refuse };
  mlir::RankedTensorType check(llvm::StringRef name,
                               llvm::ArrayRef<int64_t> shape,
                               NonFinitePolicy policy);
  mlir::Value weightOp(llvm::StringRef name, llvm::ArrayRef<int64_t> shape,
                       NonFinitePolicy policy);
  mlir::func::FuncOp
  define(llvm::StringRef name, mlir::FunctionType inputs,
         llvm::ArrayRef<mlir::Value> arguments,
         llvm::function_ref<mlir::Value(llvm::ArrayRef<mlir::Value>)> body);
  std::optional<mlir::Type> elementType(weights::DType dtype);

  const weights::Checkpoint &checkpoint;
  Reporter &report;
  mlir::ImplicitLocOpBuilder builder;
  mlir::OwningOpRef<mlir::ModuleOp> root;
  mlir::func::FuncOp forward;
  llvm::DenseMap<std::pair<mlir::StringAttr, mlir::Type>, mlir::func::FuncOp>
      shared;
  llvm::StringSet<> used;
};

} // namespace ssmc::importer
#endif
