//===- DeclaredMonoid.cpp - next states that are an ssm.combine -----------===//

#include "compiler/Analysis/DeclaredMonoid.h"

#include "compiler/Analysis/RecurrenceStructure.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace ssmc {

std::optional<DeclaredMonoid>
findDeclaredMonoid(const RecurrenceStructure &structure,
                   const Component &component) {
  auto isFree = [&](Value value) {
    return !(structure.dependences.of(value).states & component.bits());
  };
  unsigned count = component.states.size();
  DeclaredMonoid found{nullptr, SmallVector<unsigned>(count), {}};
  for (const StateStructure &state : component.states) {
    // Conditions on the way to the combination, the same for all states.
    SmallVector<std::pair<Value, bool>> conditions;
    SmallVector<Value> fresh;
    Value value = structure.nextValue(state.state);
    while (auto select = value.getDefiningOp<arith::SelectOp>()) {
      bool holds = isFree(select.getTrueValue());
      fresh.push_back(holds ? select.getTrueValue() : select.getFalseValue());
      if (!isFree(select.getCondition()) || !isFree(fresh.back()))
        return std::nullopt;
      conditions.push_back({select.getCondition(), holds});
      value = holds ? select.getFalseValue() : select.getTrueValue();
    }
    auto combine = value.getDefiningOp<ssm::CombineOp>();
    if (!combine || combine.getStates().size() != count ||
        !llvm::all_of(combine.getElements(), isFree))
      return std::nullopt;
    unsigned number = cast<OpResult>(value).getResultNumber();
    if (combine.getStates()[number] != structure.stateArgument(state.state))
      return std::nullopt;
    if (!found.combine) {
      found.combine = combine;
      for (auto [condition, holds] : conditions)
        found.starts.push_back({condition, holds, SmallVector<Value>(count)});
    }
    if (combine != found.combine || conditions.size() != found.starts.size())
      return std::nullopt;
    found.states[number] = state.state;
    for (auto [i, start] : llvm::enumerate(found.starts)) {
      if (conditions[i] != std::pair(start.condition, start.holds))
        return std::nullopt;
      start.fresh[number] = fresh[i];
    }
  }
  return found;
}

} // namespace ssmc
