#ifndef SSMC_COMPILER_INTERPRETER_INTERPRETER_TEST_H
#define SSMC_COMPILER_INTERPRETER_INTERPRETER_TEST_H
/// What the tests of the interpreter share: a module from text, weights from
/// memory, and every diagnostic as text.

#include "compiler/Interpreter/Interpreter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include <gmock/gmock.h>
#include <map>

namespace ssmc::interpreter {

struct FixedWeights : WeightProvider {
  std::map<std::string, Tensor> tensors;

  mlir::FailureOr<Tensor>
  find(llvm::StringRef name, mlir::RankedTensorType type,
       llvm::function_ref<mlir::InFlightDiagnostic()> emitError) override {
    auto it = tensors.find(name.str());
    if (it == tensors.end())
      return emitError() << "no weight '" << name << "'";
    return it->second;
  }
};

inline Tensor floats(llvm::ArrayRef<int64_t> shape,
                     std::vector<double> values) {
  return {llvm::SmallVector<int64_t>(shape), std::move(values), {}};
}
inline Tensor integers(llvm::ArrayRef<int64_t> shape,
                       std::vector<int64_t> values) {
  return {llvm::SmallVector<int64_t>(shape), {}, std::move(values)};
}

class InterpreterTest : public testing::Test {
protected:
  InterpreterTest()
      : handler(&context, [this](mlir::Diagnostic &diagnostic) {
          errors += diagnostic.str() + "\n";
        }) {
    context.loadDialect<mlir::func::FuncDialect, ssm::SsmDialect>();
  }

  /// Leaves `module` null, with a failure, if `source` is no valid module.
  void parse(const std::string &source) {
    module = mlir::parseSourceString<mlir::ModuleOp>(source, &context);
    EXPECT_TRUE(module) << errors;
  }

  /// The results of @f; nothing on failure, which `errors` explains.
  llvm::SmallVector<Tensor> run(const std::string &source,
                                llvm::ArrayRef<Tensor> arguments,
                                Precision precision = Precision::Float64) {
    parse(source);
    if (!module)
      return {};
    auto interpreter = Interpreter::create(*module, weights, precision);
    if (failed(interpreter))
      return {};
    auto results = interpreter->call("f", arguments);
    return failed(results) ? llvm::SmallVector<Tensor>() : std::move(*results);
  }

  /// The only result of @f, empty on failure.
  Tensor runOne(const std::string &source, llvm::ArrayRef<Tensor> arguments,
                Precision precision = Precision::Float64) {
    llvm::SmallVector<Tensor> results = run(source, arguments, precision);
    EXPECT_EQ(results.size(), 1u) << errors;
    return results.size() == 1 ? results[0] : Tensor();
  }

  mlir::MLIRContext context;
  std::string errors;
  mlir::ScopedDiagnosticHandler handler;
  FixedWeights weights;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

} // namespace ssmc::interpreter

#endif // SSMC_COMPILER_INTERPRETER_INTERPRETER_TEST_H
