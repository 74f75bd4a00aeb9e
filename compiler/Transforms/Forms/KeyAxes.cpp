//===- KeyAxes.cpp - which axes of a state are keys -----------------------===//

#include "compiler/Transforms/Forms/KeyAxes.h"

using namespace mlir;

namespace ssmc {

SmallVector<Factor> takeKeyFactors(ArrayRef<Factor> factors,
                                   ArrayRef<Index> keys, unsigned rank,
                                   SmallVectorImpl<Factor> &others) {
  SmallVector<Index> indices(keys);
  SmallVector<bool> taken(factors.size(), false);
  for (bool changed = true; changed;) {
    changed = false;
    for (auto [i, factor] : llvm::enumerate(factors)) {
      if (taken[i] || llvm::none_of(factor.indices, [&](Index index) {
            return llvm::is_contained(indices, index);
          }))
        continue;
      taken[i] = changed = true;
      for (Index index : factor.indices)
        if (index >= rank && !llvm::is_contained(indices, index))
          indices.push_back(index);
    }
  }
  SmallVector<Factor> result;
  for (auto [i, factor] : llvm::enumerate(factors)) {
    if (taken[i])
      result.push_back(factor);
    else
      others.push_back(factor);
  }
  return result;
}

ReadOuts::ReadOuts(const RecurrenceStructure &structure,
                   const Component &component)
    : structure(structure), bits(component.bits()),
      reader(structure.op, structure.dependences, bits, /*after=*/true) {
  for (const Component &other : llvm::reverse(structure.components)) {
    if (other.bits() == bits)
      break;
    later |= other.bits();
  }
}

const AffineForm *ReadOuts::contraction(Value value) {
  uint64_t states = structure.dependences.of(value).states;
  if (!value.getDefiningOp<ssm::ContractOp>() || !(states & bits) ||
      (states & later))
    return nullptr;
  const AffineForm *form = reader.read(value);
  bool contracts = form && llvm::any_of(form->terms, [&](const Term &term) {
                     return term.state &&
                            llvm::any_of(term.state->indices, [&](Index index) {
                              return index >= form->rank();
                            });
                   });
  return contracts ? form : nullptr;
}

bool ReadOuts::visit(function_ref<void(const AffineForm &)> found) {
  ssm::RecurrenceOp op = structure.op;
  OperandRange yields = op.getBody().front().getTerminator()->getOperands();
  SmallVector<Value> work(yields.take_front(op.getOutputs().size()));
  for (unsigned i = 0; i < op.getFinal().size(); ++i)
    if (later >> i & 1)
      work.push_back(structure.nextValue(i));
  bool whole = false;
  llvm::SmallDenseSet<Value> seen;
  while (!work.empty()) {
    Value value = work.pop_back_val();
    if (!(structure.dependences.of(value).states & bits) ||
        !seen.insert(value).second)
      continue;
    if (const AffineForm *form = contraction(value)) {
      found(*form);
      continue;
    }
    const AffineForm *form = reader.read(value);
    bool isState =
        isa<BlockArgument>(value) ||
        (form && form->terms.size() == 1 && form->terms[0].state &&
         form->terms[0].state->after && form->terms[0].factors.empty());
    whole |= isState;
    if (!isState)
      llvm::append_range(work, value.getDefiningOp()->getOperands());
  }
  return whole;
}

std::optional<KeyAxes> findKeyAxes(const RecurrenceStructure &structure,
                                   const Component &component,
                                   std::string &reason) {
  auto fail = [&](const Twine &text) {
    reason = text.str();
    return std::nullopt;
  };
  switch (component.transition) {
  case Transition::identity:
  case Transition::scalar:
  case Transition::vector:
  case Transition::elementwise:
  case Transition::rank:
    break;
  default:
    return fail("the transition of state '" +
                structure.role(component.states[0].state) +
                "' is neither diagonal nor diagonal plus a low rank");
  }
  const StateStructure &state = component.states[0];
  unsigned rank = state.next.rank();
  std::string name = ("state '" + structure.role(state.state) + "'").str();

  KeyAxes keys;
  ReadOuts reads(structure, component);
  SmallVector<const AffineForm *> forms;
  bool whole =
      reads.visit([&](const AffineForm &form) { forms.push_back(&form); });
  keys.axes.assign(state.decayAxes.begin(), state.decayAxes.end());
  if (!state.ranks.empty() &&
      !llvm::is_contained(keys.axes, state.ranks[0].axis))
    keys.axes.push_back(state.ranks[0].axis);
  for (const AffineForm *form : forms)
    for (const Term &term : form->terms)
      if (keys.axes.empty() && term.state)
        for (auto [axis, index] : llvm::enumerate(term.state->indices))
          if (index >= form->rank())
            keys.axes.push_back(axis);
  llvm::sort(keys.axes);
  if (whole && !keys.axes.empty())
    return fail(name + " is read whole");
  if (!state.ranks.empty() && keys.axes.size() != 1)
    return fail(name + " is contracted along one of several axes of its decay");

  auto note = [&](ArrayRef<Factor> factors) {
    for (const Factor &factor : factors)
      if (factor.operand)
        keys.labels |= structure.dependences.of(factor.operand).labels;
  };
  auto mixes = [&](ArrayRef<Factor> factors) { // keys with values
    return llvm::any_of(factors, [&](const Factor &factor) {
      return llvm::any_of(factor.indices, [&](Index index) {
        return index < rank && !keys.contains(index);
      });
    });
  };
  for (const Term &term : state.diagonal)
    note(term.factors);
  for (const Term &term : state.inputs) {
    SmallVector<Factor> others;
    SmallVector<Factor> key =
        takeKeyFactors(term.factors, keys.axes, rank, others);
    if (mixes(key))
      return fail("an input of " + name + " is no product of keys and values");
    note(key);
  }
  for (const RankOne &one : state.ranks) {
    note(one.reading);
    if (mixes(one.reading))
      return fail("what " + name + " is contracted with varies along values");
    for (const Term &term : one.writing) {
      note(term.factors);
      if (mixes(term.factors))
        return fail("what " + name + " is contracted with varies along values");
    }
  }
  for (const AffineForm *form : forms)
    for (const Term &term : form->terms) {
      if (!term.state)
        continue;
      SmallVector<Index> sums;
      for (unsigned axis : keys.axes) {
        sums.push_back(term.state->indices[axis]);
        if (sums.back() < form->rank())
          return fail("an output keeps an axis along which " + name +
                      " decays");
      }
      SmallVector<Factor> others;
      SmallVector<Factor> query =
          takeKeyFactors(term.factors, sums, form->rank(), others);
      note(query);
      for (const Factor &factor : query)
        for (Index index : factor.indices)
          if (index < form->rank() ||
              (llvm::is_contained(term.state->indices, index) &&
               !llvm::is_contained(sums, index)))
            return fail("a query of " + name + " varies along values");
    }
  return keys;
}

} // namespace ssmc
