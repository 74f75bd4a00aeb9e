#ifndef SSMC_COMPILER_INTERPRETER_EVALUATOR_H
#define SSMC_COMPILER_INTERPRETER_EVALUATOR_H
/// A table from op to evaluation, and the values that evaluations read and
/// write. T is float or double.

#include "compiler/Interpreter/WeightProvider.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/DenseMap.h"
#include <functional>

namespace ssmc::interpreter {

template <typename T> class Evaluator;

/// The values of one function call, one parameter or one recurrence body. The
/// body of a recurrence is evaluated for all parallel positions at once: every
/// value holds `lanes` values of its type, one after the other, and its shape
/// is that of one of them.
template <typename T> struct Frame {
  Evaluator<T> &evaluator;
  int64_t lanes;
  llvm::DenseMap<mlir::Value, Array<T>> values;

  Frame(Evaluator<T> &evaluator, int64_t lanes)
      : evaluator(evaluator), lanes(lanes) {}

  /// Valid until the next `set`.
  const Array<T> &get(mlir::Value value) const {
    auto it = values.find(value);
    assert(it != values.end() && "expected operands before their uses");
    return it->second;
  }
  void set(mlir::Value value, Array<T> array) {
    values[value] = std::move(array);
  }
  /// A value of `shape` in every lane, all zeros.
  Array<T> zeros(llvm::ArrayRef<int64_t> shape) const {
    return {llvm::SmallVector<int64_t>(shape),
            std::vector<T>(lanes * countElements(shape)),
            {}};
  }
};

template <typename T> class Rules {
public:
  using Rule =
      std::function<llvm::LogicalResult(mlir::Operation *, Frame<T> &)>;

  /// `rule` takes the op and the frame, in which it sets the op's results.
  template <typename Op, typename F> void add(F rule) {
    table[mlir::TypeID::get<Op>()] = [rule](mlir::Operation *op,
                                            Frame<T> &frame) {
      return rule(llvm::cast<Op>(op), frame);
    };
  }
  /// Null for an op that the interpreter does not know.
  const Rule *find(mlir::Operation *op) const {
    auto it = table.find(op->getName().getTypeID());
    return it == table.end() ? nullptr : &it->second;
  }

private:
  llvm::DenseMap<mlir::TypeID, Rule> table;
};

template <typename T> class Evaluator {
public:
  explicit Evaluator(WeightProvider &weights);

  /// Evaluates every op of `block` but its terminator, whose operands are then
  /// in the frame.
  llvm::LogicalResult run(mlir::Block &block, Frame<T> &frame);

  /// Calls `function` on arguments of as many lanes. `caller` is where errors
  /// about the call itself are emitted.
  mlir::FailureOr<llvm::SmallVector<Array<T>>>
  call(mlir::func::FuncOp function, llvm::SmallVector<Array<T>> arguments,
       int64_t lanes, mlir::Operation *caller);

  /// Whether there is a rule for `op`.
  bool knows(mlir::Operation *op) const { return rules.find(op); }

  WeightProvider &weights;

private:
  Rules<T> rules;
  llvm::SmallVector<mlir::Operation *> callStack;
};

// Each adds the rules of one group of ops, in the file of that name.
template <typename T> void addPointwiseRules(Rules<T> &rules);
template <typename T> void addShapeRules(Rules<T> &rules);
template <typename T> void addWeightRules(Rules<T> &rules);
template <typename T> void addLayerRules(Rules<T> &rules);
template <typename T> void addTraversalRules(Rules<T> &rules);
template <typename T> void addContractRules(Rules<T> &rules);
template <typename T> void addRecurrenceRules(Rules<T> &rules);
template <typename T> void addChunkRules(Rules<T> &rules);
template <typename T> void addConvolutionRules(Rules<T> &rules);

/// Values of one precision in another.
template <typename To, typename From>
Array<To> convertArray(const Array<From> &array) {
  return {array.shape,
          std::vector<To>(array.floats.begin(), array.floats.end()),
          array.integers};
}

} // namespace ssmc::interpreter

#endif // SSMC_COMPILER_INTERPRETER_EVALUATOR_H
