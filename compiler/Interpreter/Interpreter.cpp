#include "compiler/Interpreter/Interpreter.h"

#include "compiler/Interpreter/Evaluator.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;

namespace ssmc::interpreter {

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

FailureOr<Tensor> evaluateParameter(ssm::ParameterOp op,
                                    WeightProvider &weights) {
  Evaluator<double> evaluator(weights);
  Frame<double> frame(evaluator, /*lanes=*/1);
  Block &body = op.getBody().front();
  if (failed(evaluator.run(body, frame)))
    return failure();
  Tensor result = frame.get(body.getTerminator()->getOperand(0));
  if (auto type =
          dyn_cast<FloatType>(op.getResult().getType().getElementType()))
    for (double &value : result.floats)
      value = roundTo(value, type);
  return result;
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

FailureOr<Interpreter> Interpreter::create(ModuleOp module,
                                           WeightProvider &weights,
                                           Precision precision) {
  Interpreter interpreter;
  interpreter.module = module.clone();
  interpreter.weights = &weights;
  interpreter.precision = precision;
  SmallVector<ssm::ExpandInterface> spellings;
  Evaluator<double> evaluator(weights);
  interpreter.module->walk([&](ssm::ExpandInterface op) {
    if (!evaluator.knows(op))
      spellings.push_back(op);
  });
  for (ssm::ExpandInterface op : spellings) {
    OpBuilder builder(op);
    op->replaceAllUsesWith(op.expand(builder));
    op->erase();
  }
  if (failed(mlir::verify(*interpreter.module)))
    return failure();
  return interpreter;
}

/// Checks that `argument` can be what a parameter of `type` holds.
static LogicalResult checkArgument(func::FuncOp function, unsigned index,
                                   const Tensor &argument) {
  Type type = function.getArgumentTypes()[index];
  auto error = [&]() {
    return function.emitError("expected argument ")
           << index << " of @" << function.getName() << " to be " << type
           << ", got ";
  };
  if (!fits(argument.shape, type))
    return error() << shapeText(argument.shape);
  auto floatType = dyn_cast<FloatType>(getElementTypeOrSelf(type));
  size_t count = countElements(argument.shape);
  if (argument.floats.size() != (floatType ? count : 0) ||
      argument.integers.size() != (floatType ? 0 : count))
    return error() << argument.floats.size() << " floats and "
                   << argument.integers.size() << " integers";
  // A 16-bit value must be one: rounding here would hide a mistake.
  if (floatType && floatType.getWidth() < 32)
    for (double value : argument.floats)
      if (double held = roundTo(value, floatType);
          held != value && !(value != value))
        return error() << value << ", which that type cannot hold";
  return success();
}

template <typename T>
static FailureOr<SmallVector<Tensor>> callIn(func::FuncOp function,
                                             ArrayRef<Tensor> arguments,
                                             WeightProvider &weights) {
  SmallVector<Array<T>> inputs;
  for (const Tensor &argument : arguments)
    inputs.push_back(convertArray<T>(argument));
  Evaluator<T> evaluator(weights);
  FailureOr<SmallVector<Array<T>>> outputs =
      evaluator.call(function, std::move(inputs), /*lanes=*/1, function);
  if (failed(outputs))
    return failure();
  SmallVector<Tensor> results;
  for (const Array<T> &output : *outputs)
    results.push_back(convertArray<double>(output));
  return results;
}

FailureOr<SmallVector<Tensor>> Interpreter::call(StringRef name,
                                                 ArrayRef<Tensor> arguments) {
  auto function = module->lookupSymbol<func::FuncOp>(name);
  if (!function)
    return module->emitError("expected a function named @") << name;
  if (function.getNumArguments() != arguments.size())
    return function.emitError("expected ")
           << function.getNumArguments() << " arguments of @" << name
           << ", got " << arguments.size();
  for (auto [i, argument] : llvm::enumerate(arguments))
    if (failed(checkArgument(function, i, argument)))
      return failure();
  if (precision == Precision::Float64)
    return callIn<double>(function, arguments, *weights);
  return callIn<float>(function, arguments, *weights);
}

} // namespace ssmc::interpreter
