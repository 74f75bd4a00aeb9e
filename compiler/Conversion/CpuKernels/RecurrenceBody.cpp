//===- RecurrenceBody.cpp - nests of a recurrence's body ------------------===//

#include "compiler/Conversion/CpuKernels/RecurrenceBody.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace ssmc;

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

int64_t ssmc::product(ArrayRef<int64_t> extents) {
  int64_t count = 1;
  for (int64_t extent : extents)
    count *= extent;
  return count;
}

SmallVector<int64_t> ssmc::extentsOf(Value value) {
  auto tensor = dyn_cast<RankedTensorType>(value.getType());
  return tensor ? SmallVector<int64_t>(tensor.getShape())
                : SmallVector<int64_t>();
}

bool ssmc::hasSum(ssm::ContractOp op) {
  return getLetters(op).size() > op.getResultAxes().size();
}

SmallVector<std::pair<char, int64_t>> ssmc::getLetters(ssm::ContractOp op) {
  SmallVector<std::pair<char, int64_t>> letters;
  for (auto [group, input] : llvm::zip(op.getInputAxes(), op.getInputs())) {
    auto type = dyn_cast<RankedTensorType>(input.getType());
    for (auto [i, letter] : llvm::enumerate(group))
      if (llvm::none_of(letters,
                        [l = letter](auto &e) { return e.first == l; }))
        letters.push_back({letter, type.getDimSize(i)});
  }
  return letters;
}

bool ssmc::isInlineConstant(Value value) {
  Attribute attribute;
  if (!matchPattern(value, m_Constant(&attribute)))
    return false;
  auto dense = dyn_cast<DenseElementsAttr>(attribute);
  return !dense || dense.isSplat() || !dense.getElementType().isF32();
}

bool ssmc::isLargeElements(Value value) {
  auto op = value.getDefiningOp<tensor::FromElementsOp>();
  return op && op.getType().getElementType().isF32() &&
         op.getType().getNumElements() > unrollLimit;
}

bool ssmc::isSum(Value value) {
  auto contract = value.getDefiningOp<ssm::ContractOp>();
  return contract && hasSum(contract);
}

/// Whether computing `value` is no more than naming it: the same bits, whether
/// it or its operands are in memory.
static bool isFree(Value value) {
  if (auto contract = value.getDefiningOp<ssm::ContractOp>())
    return !hasSum(contract) &&
           llvm::all_of(contract.getInputs(), [&](Value input) {
             return product(extentsOf(input)) < product(extentsOf(value));
           });
  return value.getDefiningOp<tensor::SplatOp>() != nullptr;
}

SmallVector<unsigned> ssmc::getNeededResults(ssm::RecurrenceOp op,
                                             Value value) {
  llvm::SmallSetVector<unsigned, 2> needed;
  std::function<void(Value)> visit = [&](Value at) {
    Operation *maker = at.getDefiningOp();
    if (maker == op)
      needed.insert(cast<OpResult>(at).getResultNumber());
    else if (maker)
      llvm::for_each(maker->getOperands(), visit);
  };
  visit(value);
  return needed.takeVector();
}

//===----------------------------------------------------------------------===//
// Loops around the body
//===----------------------------------------------------------------------===//

/// Whether neighbours along `label` are neighbours along an axis wherever it
/// occurs: it is nowhere the outer part of a split axis.
static bool canBeLanes(ssm::RecurrenceOp op, StringRef label) {
  auto isInner = [&](ArrayRef<ssm::RecurrenceOp::AxisLabels> labels) {
    return llvm::all_of(labels, [&](const auto &axis) {
      return axis.size() == 1 || axis[0] != label;
    });
  };
  bool good = true;
  for (unsigned i = 0; i < op.getInputs().size(); ++i)
    good &= isInner(op.getInputLabels(i));
  for (unsigned i = 0; i < op.getOutputs().size(); ++i)
    good &= isInner(op.getOutputLabels(i));
  for (unsigned i = 0; i < op.getFinal().size(); ++i)
    good &= isInner(op.getStateLabels(i));
  return good;
}

ParallelAxes::ParallelAxes(ssm::RecurrenceOp op) {
  llvm::MapVector<StringRef, int64_t> extents = op.getExtents();
  auto labels = op.getOutputLabels(0);
  batch = labels[0][0];
  for (const auto &axis : llvm::drop_begin(labels))
    for (StringRef label : axis)
      if (op.isParallelLabel(label))
        outer.push_back({label, extents[label]});
  if (!outer.empty()) {
    // The innermost, where lanes are neighbours in memory, unless it fills few.
    constexpr int64_t few = 8;
    auto *best = &outer.back();
    if (best->second < few)
      for (auto &other : outer)
        if (other.second >= 4 * best->second && canBeLanes(op, other.first))
          best = &other;
    std::tie(channel, channels) = *best;
    outer.erase(best);
  }
  // Wide items share more of what lanes have in common; a few per thread
  // balance the load.
  constexpr int64_t enough = 8;
  for (block = 64; block > 16 && items() < enough;)
    block /= 2;
  block = std::min(block, channels);
}

int64_t ParallelAxes::items() const {
  int64_t count = blocks();
  for (auto [label, extent] : outer)
    count *= extent;
  return count;
}

//===----------------------------------------------------------------------===//
// What values depend on
//===----------------------------------------------------------------------===//

RecurrenceBody::RecurrenceBody(ssm::RecurrenceOp op)
    : op(op), axes(op), states(op.getFinal().size()) {
  auto type = cast<RankedTensorType>(op.getOutputs()[0].getType());
  isStep = type.getDimSize(1) == 1;
  findUsage();
  findFused();
  buildNests();
  noteReads();
  findTiles();
  findHoisted();
  // What is carried is read beside the nests.
  for (Value value : carried)
    noteReads(value, SmallVector<int>(extentsOf(value).size(), -1), -1);
}

BlockArgument RecurrenceBody::getStateArgument(unsigned number) const {
  ssm::RecurrenceOp recurrence = op;
  return recurrence.getBody().getArgument(recurrence.getInputs().size() +
                                          number);
}

std::optional<unsigned> RecurrenceBody::getStateNumber(Value value) const {
  auto argument = dyn_cast<BlockArgument>(value);
  ssm::RecurrenceOp recurrence = op;
  unsigned inputs = recurrence.getInputs().size();
  if (!argument || argument.getArgNumber() < inputs)
    return std::nullopt;
  return argument.getArgNumber() - inputs;
}

void RecurrenceBody::findUsage() {
  Block &body = op.getBody().front();
  for (BlockArgument argument : body.getArguments()) {
    Usage &entry = usage[argument];
    if (getStateNumber(argument)) {
      entry = {true, true, true, 0};
      continue;
    }
    entry.time = isStep;
    for (const auto &axis : op.getInputLabels(argument.getArgNumber())) {
      entry.time |= llvm::is_contained(axis, op.getSequence());
      entry.lanes |=
          !axes.channel.empty() && llvm::is_contained(axis, axes.channel);
    }
  }
  for (Operation &inner : body) {
    Usage all;
    for (Value operand : inner.getOperands()) {
      const Usage &from = usage[operand];
      all.lanes |= from.lanes;
      all.time |= from.time;
      all.state |= from.state;
      all.stage = std::max(all.stage, from.stage);
    }
    for (Value result : inner.getResults()) {
      usage[result] = all;
      if (all.lanes && all.time && (isSum(result) || isLargeElements(result)))
        ++usage[result].stage;
      if (!all.lanes || !all.time)
        usage[result].stage = 0;
    }
  }
}

/// The same in every form, so that forms agree in every bit.
void RecurrenceBody::findFused() {
  for (Operation &inner : op.getBody().front()) {
    if (!isa<arith::AddFOp, arith::SubFOp>(inner))
      continue;
    std::optional<unsigned> best;
    for (unsigned i : {1u, 0u}) {
      Value operand = inner.getOperand(i);
      auto contract = operand.getDefiningOp<ssm::ContractOp>();
      bool isProduct =
          operand.getDefiningOp<arith::MulFOp>() ||
          (contract && !hasSum(contract) && contract.getInputs().size() == 2);
      if (!isProduct || !operand.hasOneUse())
        continue;
      // Of two, the one with the state: the other one need not wait for it.
      if (!best ||
          (usage[operand].state && !usage[inner.getOperand(*best)].state))
        best = i;
    }
    if (best)
      fused[&inner] = *best;
  }
}

std::optional<unsigned>
RecurrenceBody::getFusedOperand(Operation *inner) const {
  auto it = fused.find(inner);
  return it == fused.end() ? std::nullopt : std::optional<unsigned>(it->second);
}

bool RecurrenceBody::isFusedProduct(Value value) const {
  if (!value.getDefiningOp() || !value.hasOneUse())
    return false;
  OpOperand &use = *value.use_begin();
  std::optional<unsigned> operand = getFusedOperand(use.getOwner());
  return operand && *operand == use.getOperandNumber();
}

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

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

void RecurrenceBody::findHoisted() {
  for (Phase phase : {Phase::tiles, Phase::after, Phase::before}) {
    llvm::SmallPtrSet<Value, 16> seen;
    for (const Nest &nest : nests)
      if (nest.phase == phase)
        for (const NestRoot &root : nest.roots)
          for (Value value : getOperands(root))
            visit(value, phase, seen);
    // The first phase computes these as well.
    if (phase == Phase::before)
      for (Value value : SmallVector<Value>(carried))
        visitOperands(value, phase, seen);
  }
}

void RecurrenceBody::visit(Value value, Phase phase,
                           llvm::SmallPtrSetImpl<Value> &seen) {
  if (!seen.insert(value).second)
    return;
  if (isHoisted(value)) {
    hoist(value);
    return;
  }
  if (phase != Phase::before && !reach[value].tiles && !reach[value].after) {
    bool isResult = isSum(value) || isLargeElements(value) ||
                    getStateNumber(value).has_value();
    // Scalars: computed once for all tiles, and read from a place where they
    // stand close together.
    bool isShared = phase == Phase::tiles && value.getType().isF32() &&
                    !isFusedProduct(value);
    if (llvm::is_contained(carried, value))
      return;
    if (isResult || isShared) {
      carried.push_back(value);
      return;
    }
  }
  if (!isSum(value) && !isLargeElements(value)) // roots of their own
    visitOperands(value, phase, seen);
}

void RecurrenceBody::visitOperands(Value value, Phase phase,
                                   llvm::SmallPtrSetImpl<Value> &seen) {
  if (Operation *maker = value.getDefiningOp())
    for (Value operand : maker->getOperands())
      visit(operand, phase, seen);
}

void RecurrenceBody::hoist(Value value) {
  // Larger inputs that lanes share are read where they are.
  constexpr int64_t largeInput = 512;
  if (isInlineConstant(value) || !hoistedSeen.insert(value).second)
    return;
  Operation *maker = value.getDefiningOp();
  if (!maker) {
    if (usesLanes(value) || product(extentsOf(value)) <= largeInput)
      hoisted.push_back(value);
    return;
  }
  bool isFloat = getElementTypeOrSelf(value.getType()).isF32();
  if (!isFloat || isFree(value) || isFusedProduct(value)) {
    llvm::for_each(maker->getOperands(), [&](Value v) { hoist(v); });
    return;
  }
  for (Value operand : maker->getOperands())
    hoistInside(operand, value);
  hoisted.push_back(value);
}

/// Hoists the parts of `whole` that need it: sums, and what changes less often.
void RecurrenceBody::hoistInside(Value value, Value whole) {
  Operation *maker = value.getDefiningOp();
  if (isInlineConstant(value) || !maker)
    return;
  bool ownLoop = isSum(value) || isLargeElements(value) ||
                 maker->hasTrait<OpTrait::ConstantLike>();
  bool rarer = usesLanes(value) != usesLanes(whole) ||
               usesTime(value) != usesTime(whole);
  if (ownLoop || rarer) {
    hoist(value);
    return;
  }
  for (Value operand : maker->getOperands())
    hoistInside(operand, whole);
}
