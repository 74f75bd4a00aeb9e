/// Weights and what is computed from them alone.

#include "compiler/Interpreter/Evaluator.h"
#include "compiler/Interpreter/Interpreter.h"
#include "dialects/Ssm/SsmDialect.h"

using namespace mlir;

namespace ssmc::interpreter {

/// Puts the same value in every lane.
template <typename T>
static void setEveryLane(Value value, const Tensor &tensor, Frame<T> &frame) {
  Array<T> result{tensor.shape, {}, {}};
  result.floats.reserve(frame.lanes * tensor.floats.size());
  for (int64_t lane = 0; lane < frame.lanes; ++lane) {
    result.floats.insert(result.floats.end(), tensor.floats.begin(),
                         tensor.floats.end());
    llvm::append_range(result.integers, tensor.integers);
  }
  frame.set(value, std::move(result));
}

template <typename T>
static LogicalResult evaluateWeight(ssm::WeightOp op, Frame<T> &frame) {
  auto type = cast<RankedTensorType>(op.getResult().getType());
  if (op.getSplat()) {
    Tensor tensor;
    tensor.shape.assign(type.getShape().begin(), type.getShape().end());
    tensor.floats.assign(type.getNumElements(),
                         roundTo(op.getSplat()->convertToDouble(),
                                 cast<FloatType>(type.getElementType())));
    setEveryLane(op.getResult(), tensor, frame);
    return success();
  }
  FailureOr<Tensor> tensor = frame.evaluator.weights.find(
      op.getName(), type, [&]() { return op.emitOpError(); });
  if (failed(tensor))
    return failure();
  setEveryLane(op.getResult(), *tensor, frame);
  return success();
}

/// In float64 whatever T is: that is when the artifact is written, not run.
template <typename T>
static LogicalResult evaluateParameterOp(ssm::ParameterOp op, Frame<T> &frame) {
  Evaluator<double> evaluator(frame.evaluator.weights);
  Frame<double> inner(evaluator, /*lanes=*/1);
  Block &body = op.getBody().front();
  if (failed(evaluator.run(body, inner)))
    return failure();
  setEveryLane(op.getResult(), inner.get(body.getTerminator()->getOperand(0)),
               frame);
  return success();
}

template <typename T> void addWeightRules(Rules<T> &rules) {
  rules.template add<ssm::WeightOp>(evaluateWeight<T>);
  rules.template add<ssm::ParameterOp>(evaluateParameterOp<T>);
}

template void addWeightRules(Rules<float> &);
template void addWeightRules(Rules<double> &);

} // namespace ssmc::interpreter
