//===- RecurrenceStructure.cpp - what a body does with its states ---------===//

#include "compiler/Analysis/RecurrenceStructure.h"

#include "compiler/Analysis/DeclaredMonoid.h"
#include "compiler/Analysis/MaxPlus.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace ssmc {

RecurrenceStructure::RecurrenceStructure(ssm::RecurrenceOp op)
    : op(op), dependences(op) {
  findComponents();
  for (Component &component : components) {
    read(component);
    classify(component);
  }
}

uint64_t Component::bits() const {
  uint64_t bits = 0;
  for (const StateStructure &state : states)
    bits |= uint64_t(1) << state.state;
  return bits;
}

Value RecurrenceStructure::nextValue(unsigned state) const {
  ssm::RecurrenceOp recurrence = op;
  return recurrence.getBody().front().getTerminator()->getOperand(
      recurrence.getOutputs().size() + state);
}

BlockArgument RecurrenceStructure::stateArgument(unsigned state) const {
  ssm::RecurrenceOp recurrence = op;
  return recurrence.getBody().getArgument(recurrence.getInputs().size() +
                                          state);
}

StringRef RecurrenceStructure::role(unsigned state) const {
  ssm::RecurrenceOp recurrence = op;
  return cast<StringAttr>(recurrence.getRoles()[state]).getValue();
}

const Component &RecurrenceStructure::componentOf(unsigned state) const {
  return *llvm::find_if(components, [&](const Component &component) {
    return component.bits() >> state & 1;
  });
}

//===----------------------------------------------------------------------===//
// Components
//===----------------------------------------------------------------------===//

void RecurrenceStructure::findComponents() {
  unsigned count = op.getFinal().size();
  // What each state depends on within any number of steps.
  SmallVector<uint64_t> reach(count);
  for (unsigned i = 0; i < count; ++i)
    reach[i] = dependences.of(nextValue(i)).states;
  for (unsigned via = 0; via < count; ++via)
    for (unsigned i = 0; i < count; ++i)
      if (reach[i] >> via & 1)
        reach[i] |= reach[via];

  uint64_t placed = 0;
  while (placed != llvm::maskTrailingOnes<uint64_t>(count)) {
    for (unsigned i = 0; i < count; ++i) {
      uint64_t self = uint64_t(1) << i, members = self;
      for (unsigned j = 0; j < count; ++j)
        if ((reach[i] >> j & 1) && (reach[j] >> i & 1))
          members |= uint64_t(1) << j;
      if ((placed & self) || (reach[i] & ~placed & ~members))
        continue;
      Component &component = components.emplace_back();
      for (unsigned j = 0; j < count; ++j)
        if (members >> j & 1)
          component.states.emplace_back().state = j;
      placed |= members;
    }
  }
}

//===----------------------------------------------------------------------===//
// Affine transitions
//===----------------------------------------------------------------------===//

/// Whether every value between the component's states and their next values is
/// computed element by element.
static bool isElementwise(const RecurrenceStructure &structure,
                          const Component &component) {
  uint64_t bits = component.bits();
  Type type = structure.stateArgument(component.states.front().state).getType();
  SmallVector<Value> work;
  llvm::SmallPtrSet<Operation *, 16> seen;
  for (const StateStructure &state : component.states)
    work.push_back(structure.nextValue(state.state));
  while (!work.empty()) {
    Value value = work.pop_back_val();
    if (!(structure.dependences.of(value).states & bits))
      continue;
    if (shapeOf(value.getType()) != shapeOf(type))
      return false;
    Operation *maker = value.getDefiningOp();
    if (!maker || !seen.insert(maker).second)
      continue;
    auto scales = [&] { // by a value with fewer axes
      auto contract = dyn_cast<ssm::ContractOp>(maker);
      if (!contract)
        return false;
      for (auto [group, input] :
           llvm::zip(contract.getInputAxes(), contract.getInputs()))
        if (llvm::any_of(group,
                         [&](char letter) {
                           return !contract.getResultAxes().contains(letter);
                         }) ||
            ((structure.dependences.of(input).states & bits) &&
             group != contract.getResultAxes()))
          return false;
      return true;
    };
    if (!maker->hasTrait<OpTrait::Elementwise>() &&
        !maker->hasTrait<ssm::Pointwise>() && !scales())
      return false;
    llvm::append_range(work, maker->getOperands());
  }
  return true;
}

void RecurrenceStructure::read(Component &component) {
  BodyReader reader(op, dependences, component.bits(), /*after=*/false);
  for (StateStructure &state : component.states) {
    Value next = nextValue(state.state);
    if (const AffineForm *form = reader.read(next))
      state.next = *form;
    else if (!component.reason)
      component.reason = reader.failure(next);
  }
  component.elementwise = isElementwise(*this, component);
}

/// Whether `term` reads the element of a state that it goes to.
static bool keepsPlace(const Term &term) {
  for (auto [axis, index] : llvm::enumerate(term.state->indices))
    if (index != axis)
      return false;
  return true;
}

/// The axis over which `term` contracts its state, if it is one and the factors
/// split into those that read along it and those that write.
static std::optional<unsigned> contractedAxis(const Term &term, unsigned rank) {
  std::optional<unsigned> contracted;
  for (auto [axis, index] : llvm::enumerate(term.state->indices)) {
    if (index == axis)
      continue;
    if (contracted || index < rank)
      return std::nullopt;
    contracted = axis;
  }
  if (!contracted)
    return std::nullopt;
  Index sum = term.state->indices[*contracted];
  for (const Factor &factor : term.factors)
    if (llvm::is_contained(factor.indices, sum) &&
        llvm::is_contained(factor.indices, *contracted))
      return std::nullopt;
  return contracted;
}

/// Adds a term that contracts the state to the rank that reads alike.
static void addRank(StateStructure &state, const Term &term, unsigned axis) {
  Index sum = term.state->indices[axis];
  SmallVector<Factor, 4> reading;
  Term writing;
  writing.scale = term.scale;
  writing.extents = term.extents;
  for (Factor factor : term.factors) {
    if (llvm::is_contained(factor.indices, sum)) {
      llvm::replace(factor.indices, sum, axis);
      reading.push_back(std::move(factor));
    } else {
      writing.factors.push_back(std::move(factor));
    }
  }
  auto same = llvm::find_if(state.ranks, [&](const RankOne &rank) {
    return rank.axis == axis && rank.reading == reading;
  });
  if (same == state.ranks.end()) {
    state.ranks.push_back({axis, std::move(reading), {}});
    same = std::prev(state.ranks.end());
  }
  same->writing.push_back(std::move(writing));
}

/// Whether a factor keeps all of a state or makes it zero.
static bool isReset(const Factor &factor) {
  return (factor.kind == Factor::where || factor.kind == Factor::whereNot) &&
         factor.indices.empty();
}

/// Whether the only terms in the state move a window by one place, or, at a
/// reset, to nothing.
static bool isShift(const StateStructure &state) {
  if (state.ranks.empty() || !state.diagonal.empty())
    return false;
  for (const RankOne &rank : state.ranks) {
    if (rank.reading.size() != 1 || rank.reading[0].kind != Factor::unit)
      return false;
    for (const Term &term : rank.writing) {
      std::optional<int64_t> place;
      for (const Factor &factor : term.factors) {
        if (isReset(factor))
          continue;
        if (place || factor.kind != Factor::unit ||
            factor.indices[0] != rank.axis)
          return false;
        place = factor.position;
      }
      if (term.scale != 1 || !place || *place + 1 != rank.reading[0].position)
        return false;
    }
  }
  return true;
}

/// Sorts the terms of a state that depends on no other of its component. False
/// if the transition is dense.
static bool sortTerms(StateStructure &state) {
  unsigned rank = state.next.rank();
  for (const Term &term : state.next.terms) {
    if (!term.state) {
      state.inputs.push_back(term);
    } else if (keepsPlace(term)) {
      state.diagonal.push_back(term);
      for (const Factor &factor : term.factors)
        for (Index index : factor.indices)
          if (index < rank && !llvm::is_contained(state.decayAxes, index))
            state.decayAxes.push_back(index);
    } else if (std::optional<unsigned> axis = contractedAxis(term, rank)) {
      addRank(state, term, *axis);
    } else {
      return false;
    }
  }
  llvm::sort(state.decayAxes);
  // Contractions over several axes do not add up to a rank over one, and as
  // many as the axis is long are any matrix.
  return llvm::all_of(state.ranks, [&](const RankOne &one) {
    return one.axis == state.ranks.front().axis &&
           static_cast<int64_t>(state.ranks.size()) <
               state.next.shape[one.axis];
  });
}

/// Whether two states next to each other are the parts of a complex number that
/// is multiplied by another: (a, -b; b, a).
static bool isComplex(const Component &component) {
  if (component.states.size() != 2)
    return false;
  AffineForm same, cross; // what must cancel
  for (auto [i, state] : llvm::enumerate(component.states))
    for (Term term : state.next.terms) {
      if (!term.state)
        continue;
      bool own = term.state->state == state.state;
      term.state->state = 0;
      AffineForm one;
      one.terms.push_back(std::move(term));
      (own ? same : cross).add(one, own && i == 1 ? -1 : 1);
    }
  return same.terms.empty() && cross.terms.empty();
}

void RecurrenceStructure::classify(Component &component) {
  bool depends = false;
  for (const StateStructure &state : component.states)
    depends |=
        (dependences.of(nextValue(state.state)).states & component.bits()) != 0;
  StateStructure &first = component.states.front();
  if (component.reason) {
    bool single = component.states.size() == 1;
    if (single && isMaxPlus(*this, first.state)) {
      component.transition = Transition::maxPlus;
      component.reason.reset();
      component.timeVarying = true;
    } else if (findDeclaredMonoid(*this, component)) {
      component.transition = Transition::monoid;
      component.reason.reset();
      component.timeVarying = true;
    }
    return;
  }
  for (const StateStructure &state : component.states)
    for (const Term &term : state.next.terms)
      if (term.state)
        for (const Factor &factor : term.factors)
          component.timeVarying |=
              factor.operand && dependences.isTimeVarying(factor.operand);

  if (component.states.size() > 1) {
    bool inPlace = llvm::all_of(component.states, [](const auto &state) {
      return llvm::all_of(state.next.terms, [](const Term &term) {
        return !term.state || keepsPlace(term);
      });
    });
    for (StateStructure &state : component.states)
      for (const Term &term : state.next.terms)
        if (!term.state)
          state.inputs.push_back(term);
    component.transition = !inPlace               ? Transition::dense
                           : isComplex(component) ? Transition::complex
                                                  : Transition::block;
    return;
  }
  if (!sortTerms(first)) {
    component.transition =
        isShift(first) ? Transition::shift : Transition::dense;
    return;
  }
  if (!depends) {
    component.transition = Transition::none;
    return;
  }
  if (!first.ranks.empty()) {
    component.transition =
        isShift(first) ? Transition::shift : Transition::rank;
    return;
  }
  bool identity = first.diagonal.size() == 1 &&
                  first.diagonal[0].factors.empty() &&
                  first.diagonal[0].scale == 1;
  // Parallel axes of fixed extent that coefficients lack count as axes of the
  // state: with them, one coefficient serves several elements.
  uint64_t labels = 0;
  for (const Term &term : first.diagonal)
    for (const Factor &factor : term.factors)
      if (factor.operand)
        labels |= dependences.of(factor.operand).labels;
  bool shared = false;
  for (auto [i, label] : llvm::enumerate(dependences.labels))
    shared |= op.isParallelLabel(label) && !(labels >> i & 1) &&
              !ShapedType::isDynamic(op.getExtents().lookup(label));
  if (identity)
    component.transition = Transition::identity;
  else if (first.decayAxes.size() == first.next.rank() && !shared)
    component.transition = Transition::elementwise;
  else if (first.decayAxes.empty())
    component.transition = Transition::scalar;
  else
    component.transition = Transition::vector;
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

std::string describeLocation(Location loc) {
  auto file = loc->findInstanceOf<FileLineColLoc>();
  if (!file)
    return "";
  return (llvm::sys::path::filename(file.getFilename().getValue()) + ":" +
          Twine(file.getLine()))
      .str();
}

StringRef RecurrenceStructure::axisLabel(unsigned state, unsigned axis) const {
  ssm::RecurrenceOp recurrence = op;
  for (const auto &labels : recurrence.getStateLabels(state))
    if (recurrence.isStepLabel(labels[0]) && axis-- == 0)
      return labels[0];
  llvm_unreachable("a state's axes are its step labels");
}

/// "k x v" for an input that is an outer product over these axes.
std::string
RecurrenceStructure::describeInput(const StateStructure &state) const {
  if (state.inputs.empty())
    return "no input";
  unsigned rank = state.next.rank();
  // Axes that some factor of every term joins are one.
  SmallVector<unsigned> joined(rank);
  for (unsigned axis = 0; axis < rank; ++axis)
    joined[axis] = axis;
  for (const Term &term : state.inputs)
    for (const Factor &factor : term.factors) {
      std::optional<unsigned> root;
      for (Index index : factor.indices) {
        if (index >= rank)
          continue;
        unsigned other = joined[index];
        if (root)
          llvm::replace(joined, other, *root);
        else
          root = other;
      }
    }
  std::string text;
  for (unsigned root = 0; root < rank; ++root) {
    std::string group;
    for (unsigned axis = 0; axis < rank; ++axis)
      if (joined[axis] == root)
        group +=
            (group.empty() ? "" : " ") + axisLabel(state.state, axis).str();
    if (!group.empty())
      text += (text.empty() ? "" : " x ") + group;
  }
  return "input " + (text.empty() ? "scalar" : text);
}

/// "read-out contracts k", by what the outputs do with the state first.
std::string RecurrenceStructure::describeReadOut(unsigned state) const {
  BodyReader reader(op, dependences, componentOf(state).bits(),
                    /*after=*/true);
  ssm::RecurrenceOp recurrence = op;
  unsigned rank = shapeOf(stateArgument(state).getType()).size();
  SmallVector<bool> contracted(rank, false);
  bool whole = false, any = false;
  SmallVector<Value> work(
      recurrence.getBody().front().getTerminator()->getOperands().take_front(
          recurrence.getOutputs().size()));
  llvm::SmallDenseSet<Value> seen;
  while (!work.empty()) {
    Value value = work.pop_back_val();
    if (!reader.readsStates(value) || !seen.insert(value).second)
      continue;
    const AffineForm *form = reader.read(value);
    if (!form) {
      if (Operation *maker = value.getDefiningOp())
        llvm::append_range(work, maker->getOperands());
      continue;
    }
    for (const Term &term : form->terms) {
      if (!term.state || term.state->state != state)
        continue;
      any = true;
      bool contracts = false;
      for (auto [axis, index] : llvm::enumerate(term.state->indices))
        if (index >= form->rank())
          contracts = contracted[axis] = true;
      whole |= !contracts;
    }
  }
  if (!any)
    return "not read out";
  std::string text;
  for (unsigned axis = 0; axis < rank; ++axis)
    if (contracted[axis])
      text += " " + axisLabel(state, axis).str();
  if (text.empty())
    return "read-out whole";
  return "read-out contracts" + text + (whole ? " and whole" : "");
}

std::string RecurrenceStructure::describe(unsigned state) const {
  const Component &component = componentOf(state);
  const StateStructure &own =
      *llvm::find_if(component.states, [&](const StateStructure &candidate) {
        return candidate.state == state;
      });
  std::string text;
  switch (component.transition) {
  case Transition::none:
    text = "none";
    break;
  case Transition::identity:
    text = "identity";
    break;
  case Transition::scalar:
    text = "scalar";
    break;
  case Transition::vector:
    text = "vector along";
    for (unsigned axis : own.decayAxes)
      text += " " + axisLabel(state, axis).str();
    break;
  case Transition::elementwise:
    text = "elementwise";
    break;
  case Transition::complex:
    text = "elementwise complex";
    break;
  case Transition::block:
    text = "blocks of " + std::to_string(component.states.size());
    break;
  case Transition::rank:
    text = "diagonal plus rank " + std::to_string(own.ranks.size());
    break;
  case Transition::dense:
    text = "dense";
    break;
  case Transition::shift:
    text = "convolution window";
    if (llvm::any_of(own.ranks, [](const RankOne &rank) {
          return llvm::any_of(rank.writing, [](const Term &term) {
            return term.isConditional();
          });
        }))
      text += " with resets";
    break;
  case Transition::maxPlus:
    text = "max-plus";
    break;
  case Transition::monoid:
    text = "monoid (declared)";
    break;
  case Transition::nonlinear: {
    std::string place = describeLocation(component.reason->op->getLoc());
    return "nonlinear: " + component.reason->reason +
           (place.empty() ? "" : " at " + place) +
           (component.elementwise
                ? component.states.size() == 1
                      ? "; Jacobian diagonal"
                      : "; Jacobian of blocks of " +
                            std::to_string(component.states.size())
                : "");
  }
  }
  bool hasFactors = component.transition != Transition::none &&
                    component.transition != Transition::identity &&
                    component.transition != Transition::shift;
  if (hasFactors)
    text += component.timeVarying ? ", time-varying" : ", time-invariant";
  if (component.transition != Transition::maxPlus &&
      component.transition != Transition::monoid &&
      component.transition != Transition::dense)
    text += "; " + describeInput(own);
  return text + "; " + describeReadOut(state);
}

} // namespace ssmc
