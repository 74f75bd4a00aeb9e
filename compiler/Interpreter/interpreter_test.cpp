#include "compiler/Interpreter/Interpreter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Parser/Parser.h"
#include <cmath>
#include <gmock/gmock.h>

using namespace mlir;
using namespace ssmc::interpreter;
using testing::DoubleEq;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pointwise;

namespace {

/// Weights given in the test.
struct FixedWeights : WeightProvider {
  std::map<std::string, Tensor, std::less<>> tensors;

  FailureOr<Tensor>
  find(StringRef name, RankedTensorType type,
       function_ref<InFlightDiagnostic()> emitError) override {
    auto it = tensors.find(name.str());
    if (it == tensors.end())
      return emitError() << "no weight '" << name << "'";
    return it->second;
  }
};

Tensor floats(ArrayRef<int64_t> shape, std::vector<double> values) {
  return {SmallVector<int64_t>(shape), std::move(values), {}};
}

class InterpreterTest : public testing::Test {
protected:
  InterpreterTest()
      : handler(&context, [this](Diagnostic &diagnostic) {
          errors += diagnostic.str() + "\n";
        }) {
    context.loadDialect<func::FuncDialect, ssmc::ssm::SsmDialect>();
  }

  /// The results of @f, none on failure.
  SmallVector<Tensor> run(StringRef source, ArrayRef<Tensor> arguments,
                          Precision precision = Precision::Float64) {
    module = parseSourceString<ModuleOp>(source, &context);
    EXPECT_TRUE(module) << errors;
    if (!module)
      return {};
    auto interpreter = Interpreter::create(*module, weights, precision);
    if (failed(interpreter))
      return {};
    auto results = interpreter->call("f", arguments);
    return failed(results) ? SmallVector<Tensor>() : std::move(*results);
  }

  MLIRContext context;
  std::string errors;
  ScopedDiagnosticHandler handler;
  FixedWeights weights;
  OwningOpRef<ModuleOp> module;
};

TEST_F(InterpreterTest, ParameterIsRoundedToItsType) {
  weights.tensors["A_log"] = floats({3}, {0.0, 1.0, 2.5});
  module = parseSourceString<ModuleOp>(R"(
    func.func @f() -> tensor<3xf32> {
      %a = ssm.parameter "A" : tensor<3xf32> {
        %log = ssm.weight "A_log" : tensor<3xf32>
        %exp = math.exp %log : tensor<3xf32>
        %neg = arith.negf %exp : tensor<3xf32>
        ssm.yield %neg : tensor<3xf32>
      }
      return %a : tensor<3xf32>
    })",
                                       &context);
  ASSERT_TRUE(module) << errors;
  ssmc::ssm::ParameterOp op;
  module->walk([&](ssmc::ssm::ParameterOp found) { op = found; });
  auto a = evaluateParameter(op, weights);
  ASSERT_TRUE(succeeded(a)) << errors;
  EXPECT_THAT(a->shape, ElementsAre(3));
  EXPECT_THAT(a->floats, ElementsAre(-1.0, double(-float(std::exp(1.0))),
                                     double(-float(std::exp(2.5)))));
}

} // namespace
