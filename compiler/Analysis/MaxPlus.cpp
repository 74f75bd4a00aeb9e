//===- MaxPlus.cpp - transitions that are affine in max and plus ----------===//

#include "compiler/Analysis/MaxPlus.h"

#include "compiler/Analysis/RecurrenceStructure.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace ssmc {

static bool isMaxPlus(const RecurrenceStructure &structure, unsigned state,
                      Value value) {
  auto isFree = [&](Value operand) {
    return !(structure.dependences.of(operand).states >> state & 1);
  };
  if (isFree(value) || value == structure.stateArgument(state))
    return true;
  Operation *maker = value.getDefiningOp();
  auto operandIs = [&](unsigned i) {
    return isMaxPlus(structure, state, maker->getOperand(i));
  };
  if (isa<arith::AddFOp>(maker))
    return (isFree(maker->getOperand(0)) && operandIs(1)) ||
           (isFree(maker->getOperand(1)) && operandIs(0));
  if (isa<arith::SubFOp>(maker))
    return isFree(maker->getOperand(1)) && operandIs(0);
  if (isa<arith::MaximumFOp>(maker))
    return operandIs(0) && operandIs(1);
  if (isa<arith::SelectOp>(maker))
    return isFree(maker->getOperand(0)) && operandIs(1) && operandIs(2);
  return false;
}

bool isMaxPlus(const RecurrenceStructure &structure, unsigned state) {
  return isMaxPlus(structure, state, structure.nextValue(state));
}

} // namespace ssmc
