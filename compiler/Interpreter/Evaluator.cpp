#include "compiler/Interpreter/Evaluator.h"

using namespace mlir;

namespace ssmc::interpreter {

template <typename T> static void addCallRules(Rules<T> &rules) {
  rules.template add<func::CallOp>(
      [](func::CallOp op, Frame<T> &frame) -> LogicalResult {
        auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
            op, op.getCalleeAttr());
        SmallVector<Array<T>> arguments;
        for (Value operand : op.getOperands())
          arguments.push_back(frame.get(operand));
        FailureOr<SmallVector<Array<T>>> results =
            frame.evaluator.call(callee, std::move(arguments), frame.lanes, op);
        if (failed(results))
          return failure();
        for (auto [value, array] : llvm::zip_equal(op.getResults(), *results))
          frame.set(value, std::move(array));
        return success();
      });
}

template <typename T>
Evaluator<T>::Evaluator(WeightProvider &weights) : weights(weights) {
  addPointwiseRules(rules);
  addShapeRules(rules);
  addWeightRules(rules);
  addLayerRules(rules);
  addTraversalRules(rules);
  addContractRules(rules);
  addRecurrenceRules(rules);
  addChunkRules(rules);
  addConvolutionRules(rules);
  addCallRules(rules);
}

template <typename T>
LogicalResult Evaluator<T>::run(Block &block, Frame<T> &frame) {
  for (Operation &op : block.without_terminator()) {
    const auto *rule = rules.find(&op);
    if (!rule)
      return op.emitOpError("is not supported by the interpreter");
    if (failed((*rule)(&op, frame)))
      return failure();
    // Extents that types leave open may disagree only now.
    for (Value result : op.getResults()) {
      const Array<T> &array = frame.get(result);
      if (!fits(array.shape, result.getType()))
        return op.emitOpError("expected a result of type ")
               << result.getType() << ", got " << shapeText(array.shape);
    }
  }
  return success();
}

template <typename T>
FailureOr<SmallVector<Array<T>>>
Evaluator<T>::call(func::FuncOp function, SmallVector<Array<T>> arguments,
                   int64_t lanes, Operation *caller) {
  if (function.isExternal())
    return caller->emitError("expected function @")
           << function.getName() << " to have a body";
  // Nothing branches, so that a recursive call would never return.
  if (llvm::is_contained(callStack, function))
    return caller->emitError("expected no recursive call, got one of @")
           << function.getName();
  Frame<T> frame(*this, lanes);
  for (auto [argument, array] :
       llvm::zip_equal(function.getArguments(), arguments))
    frame.set(argument, std::move(array));
  callStack.push_back(function);
  LogicalResult done = run(function.front(), frame);
  callStack.pop_back();
  if (failed(done))
    return failure();
  SmallVector<Array<T>> results;
  for (Value value : function.front().getTerminator()->getOperands())
    results.push_back(frame.get(value));
  return results;
}

template class Evaluator<float>;
template class Evaluator<double>;

} // namespace ssmc::interpreter
