//===- RecurrenceNests.cpp - loops and tiles of a body --------------------===//

#include "compiler/Conversion/CpuKernels/RecurrenceBody.h"

using namespace mlir;
using namespace ssmc;

//===----------------------------------------------------------------------===//
// Nests
//===----------------------------------------------------------------------===//

SmallVector<Value> RecurrenceBody::getOperands(const NestRoot &root) const {
  ssm::RecurrenceOp recurrence = op;
  Operation *yield = recurrence.getBody().front().getTerminator();
  switch (root.kind) {
  case NestRoot::sum:
  case NestRoot::elements:
    return llvm::to_vector(root.value.getDefiningOp()->getOperands());
  case NestRoot::state:
    return {root.value};
  case NestRoot::result: {
    SmallVector<Value> values;
    for (unsigned output : root.outputs)
      values.push_back(yield->getOperand(output));
    return values;
  }
  }
  llvm_unreachable("every kind is handled");
}

/// States, results, and the sums that they need.
SmallVector<NestRoot> RecurrenceBody::findRoots() {
  SmallVector<NestRoot> roots;
  Operation *yield = op.getBody().front().getTerminator();
  unsigned outputs = op.getOutputs().size();
  for (unsigned i = 0; i < states.size(); ++i)
    roots.push_back({NestRoot::state, yield->getOperand(outputs + i), i, {}});
  Operation *end = op->getBlock()->getTerminator();
  for (OpOperand &result : end->getOpOperands()) {
    SmallVector<unsigned> needed = getNeededResults(op, result.get());
    if (needed.empty() || needed.front() >= outputs)
      continue; // of final states
    NestRoot root{NestRoot::result, Value(), result.getOperandNumber(), {}};
    root.outputs.assign(needed.begin(), needed.end());
    roots.push_back(root);
  }
  llvm::SmallPtrSet<Value, 16> seen;
  std::function<void(Value)> visit = [&](Value value) {
    Operation *maker = value.getDefiningOp();
    if (!maker || isHoisted(value) || !seen.insert(value).second)
      return;
    llvm::for_each(maker->getOperands(), visit);
    if (isSum(value))
      roots.push_back({NestRoot::sum, value, 0, {}});
    else if (isLargeElements(value))
      roots.push_back({NestRoot::elements, value, 0, {}});
  };
  for (const NestRoot &root : SmallVector<NestRoot>(roots))
    llvm::for_each(getOperands(root), visit);
  return roots;
}

void RecurrenceBody::buildNests() {
  nests.clear();
  auto add = [&](const NestRoot &root, Phase phase, unsigned stage,
                 ArrayRef<int64_t> extents) {
    for (Nest &nest : nests)
      if (nest.phase == phase && nest.stage == stage &&
          ArrayRef<int64_t>(nest.extents) == extents) {
        nest.roots.push_back(root);
        return;
      }
    nests.push_back({phase, stage, SmallVector<int64_t>(extents), {root}});
  };
  for (const NestRoot &root : findRoots()) {
    Reach all;
    unsigned stage = 0;
    for (Value value : getOperands(root)) {
      all.tiles |= reach[value].tiles;
      all.after |= reach[value].after;
      stage = std::max(stage, usage[value].stage);
    }
    Phase phase = all.tiles   ? Phase::tiles
                  : all.after ? Phase::after
                              : Phase::before;
    SmallVector<int64_t> extents;
    switch (root.kind) {
    case NestRoot::sum:
      for (auto [letter, extent] :
           getLetters(root.value.getDefiningOp<ssm::ContractOp>()))
        extents.push_back(extent);
      break;
    case NestRoot::elements:
      break;
    case NestRoot::state:
      phase = states[root.number].phase;
      extents = extentsOf(root.value);
      break;
    case NestRoot::result:
      if (tiledExtent && !all.tiles)
        phase = Phase::after;
      extents = extentsOf(getOperands(root)[0]);
      break;
    }
    add(root, phase, stage, extents);
  }
  // Within a stage nothing depends on another nest of the stage; among them the
  // order of the extents is as good as any, and always the same.
  llvm::sort(nests, [](const Nest &a, const Nest &b) {
    return std::tie(a.phase, a.stage, a.extents) <
           std::tie(b.phase, b.stage, b.extents);
  });
}

void RecurrenceBody::noteReads() {
  for (State &state : states)
    state.inPlace = state.unrolled = state.elementwise = true;
  for (auto [number, nest] : llvm::enumerate(nests))
    for (const NestRoot &root : nest.roots)
      if (root.kind == NestRoot::state)
        states[root.number].nest = number;
  for (auto [number, nest] : llvm::enumerate(nests)) {
    for (const NestRoot &root : nest.roots) {
      if (root.kind != NestRoot::sum) {
        SmallVector<int> indices = llvm::to_vector(
            llvm::seq<int>(0, static_cast<int>(nest.extents.size())));
        for (Value value : getOperands(root))
          noteReads(value, indices, number);
        continue;
      }
      auto contract = root.value.getDefiningOp<ssm::ContractOp>();
      auto letters = getLetters(contract);
      for (auto [group, input] :
           llvm::zip(contract.getInputAxes(), contract.getInputs())) {
        SmallVector<int> inner;
        for (char letter : group)
          inner.push_back(
              llvm::find_if(letters,
                            [&](auto &e) { return e.first == letter; }) -
              letters.begin());
        noteReads(input, inner, number);
      }
    }
  }
}

void RecurrenceBody::noteReads(Value value, ArrayRef<int> indices,
                               unsigned nest) {
  if (isHoisted(value))
    return;
  if (std::optional<unsigned> number = getStateNumber(value)) {
    State &state = states[*number];
    bool samePlace = true;
    for (auto [i, axis] : llvm::enumerate(indices))
      samePlace &= axis == static_cast<int>(i);
    // A nest that runs before the update may read anything.
    state.inPlace &= nest < state.nest || (samePlace && nest == state.nest);
    if (nest >= nests.size())
      return;
    if (!indices.empty()) // a scalar needs no index
      state.unrolled &= product(nests[nest].extents) <= unrollLimit;
    state.elementwise &= samePlace && nests[nest].extents.size() == 1;
    return;
  }
  Operation *maker = value.getDefiningOp();
  if (!maker)
    return;
  if (auto contract = dyn_cast<ssm::ContractOp>(maker)) {
    if (hasSum(contract))
      return; // read in the nest of its own
    StringRef result = contract.getResultAxes();
    for (auto [group, input] :
         llvm::zip(contract.getInputAxes(), contract.getInputs())) {
      SmallVector<int> inner;
      for (char letter : group)
        inner.push_back(indices[result.find(letter)]);
      noteReads(input, inner, nest);
    }
    return;
  }
  if (isLargeElements(value))
    return;
  // An op that changes shape reads elements that `indices` does not tell.
  bool samePlace = maker->hasTrait<OpTrait::Elementwise>() ||
                   maker->hasTrait<ssm::Pointwise>() ||
                   isa<ssm::DiscretizeOp>(maker);
  for (Value operand : maker->getOperands()) {
    size_t rank = extentsOf(operand).size();
    SmallVector<int> inner(rank, -1);
    if (samePlace && rank == indices.size())
      inner.assign(indices.begin(), indices.end());
    noteReads(operand, inner, nest);
  }
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

void RecurrenceBody::findTiles() {
  // A state of so few elements is in registers anyway.
  constexpr int64_t fewElements = 4;
  if (isStep)
    return;
  for (unsigned i = 0; i < states.size(); ++i) {
    SmallVector<int64_t> extents = extentsOf(getStateArgument(i));
    if (extents.size() == 1 && extents[0] > fewElements &&
        states[i].elementwise)
      tiledExtent = std::max(tiledExtent, extents[0]);
  }
  if (!tiledExtent)
    return;
  for (unsigned i = 0; i < states.size(); ++i)
    if (states[i].elementwise &&
        extentsOf(getStateArgument(i)) == SmallVector<int64_t>{tiledExtent})
      states[i].phase = Phase::tiles;
  if (assignPhases()) {
    buildNests();
    noteReads();
    for (const Nest &nest : nests)
      for (const NestRoot &root : nest.roots)
        if (nest.phase == Phase::tiles && root.kind == NestRoot::sum)
          tileSums.push_back(root.value);
    return;
  }
  tiledExtent = 0;
  reach.clear();
  for (State &state : states)
    state.phase = Phase::before;
}

/// Finds what the tiles need and what needs them. Fails if something does both.
bool RecurrenceBody::assignPhases() {
  Block &body = op.getBody().front();
  Operation *yield = body.getTerminator();
  unsigned outputs = op.getOutputs().size();
  auto isTile = [&](Value value) {
    return extentsOf(value) == SmallVector<int64_t>{tiledExtent};
  };
  for (bool changed = true; changed;) {
    changed = false;
    reach.clear();
    for (unsigned i = 0; i < states.size(); ++i)
      reach[getStateArgument(i)] = {states[i].phase == Phase::tiles,
                                    states[i].phase == Phase::after};
    for (Operation &inner : body.without_terminator()) {
      Reach all;
      for (Value operand : inner.getOperands()) {
        all.tiles |= reach[operand].tiles;
        all.after |= reach[operand].after;
      }
      if (all.tiles && all.after)
        return false;
      for (Value result : inner.getResults()) {
        reach[result] = all;
        if (!all.tiles)
          continue;
        if (isSum(result)) {
          auto letters = getLetters(cast<ssm::ContractOp>(inner));
          if (letters.size() != 1 || !extentsOf(result).empty())
            return false;
          reach[result] = {false, true};
        } else if (!isTile(result)) {
          return false;
        }
      }
    }
    for (auto [i, state] : llvm::enumerate(states)) {
      Reach next = reach[yield->getOperand(outputs + i)];
      if (state.phase == Phase::tiles ? next.after : next.tiles)
        return false;
      if (state.phase == Phase::before && next.after) {
        state.phase = Phase::after;
        changed = true;
      }
    }
  }
  return true;
}
