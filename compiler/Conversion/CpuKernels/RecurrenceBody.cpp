//===- RecurrenceBody.cpp - what values of a body depend on ---------------===//

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
  findSplit();
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

/// All that `value` is computed from, and itself.
static llvm::DenseSet<Value> sourcesOf(Value value) {
  llvm::DenseSet<Value> sources{value};
  SmallVector<Value> left{value};
  while (!left.empty())
    if (Operation *maker = left.pop_back_val().getDefiningOp())
      for (Value operand : maker->getOperands())
        if (sources.insert(operand).second)
          left.push_back(operand);
  return sources;
}

/// The same in every form, as of fused products: it asks what depends on what,
/// not for nests.
void RecurrenceBody::findSplit() {
  for (auto contract : op.getBody().front().getOps<ssm::ContractOp>())
    if (hasSum(contract) && isSplit(contract))
      split.insert(contract.getResult());
}

/// Whether `sum` is a number that its own state waits for, added up in a nest
/// without other sums and states: those of its index space come before or after
/// it.
bool RecurrenceBody::isSplit(ssm::ContractOp sum) {
  auto spaceOf = [](ssm::ContractOp contract) {
    SmallVector<int64_t> extents;
    for (auto [letter, extent] : getLetters(contract))
      extents.push_back(extent);
    return extents;
  };
  Value result = sum.getResult();
  SmallVector<int64_t> space = spaceOf(sum);
  if (!extentsOf(result).empty() || product(space) <= unrollLimit)
    return false;
  llvm::DenseSet<Value> sources = sourcesOf(result);
  Block &body = op.getBody().front();
  bool feedsItself = false;
  for (unsigned i = 0; i < states.size(); ++i) {
    Value next = body.getTerminator()->getOperand(op.getOutputs().size() + i);
    bool feeds = sourcesOf(next).contains(result);
    feedsItself |= feeds && sources.contains(getStateArgument(i));
    if (!feeds && extentsOf(next) == space)
      return false;
  }
  return feedsItself &&
         llvm::all_of(body.getOps<ssm::ContractOp>(), [&](auto other) {
           return !hasSum(other) || spaceOf(other) != space ||
                  sources.contains(other.getResult()) ||
                  sourcesOf(other.getResult()).contains(result);
         });
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
  // Inputs that lanes share are gathered for many time steps, unless large.
  constexpr int64_t largeInput = 512;
  if (isInlineConstant(value) || !hoistedSeen.insert(value).second)
    return;
  Operation *maker = value.getDefiningOp();
  if (!maker) {
    if (usesLanes(value) ||
        (!isStep && product(extentsOf(value)) <= largeInput))
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

/// Hoists the parts of `whole` that need it: sums, what changes less often, and
/// what has fewer elements.
void RecurrenceBody::hoistInside(Value value, Value whole) {
  Operation *maker = value.getDefiningOp();
  if (isInlineConstant(value) || !maker)
    return;
  bool ownLoop = isSum(value) || isLargeElements(value) ||
                 maker->hasTrait<OpTrait::ConstantLike>();
  bool rarer = usesLanes(value) != usesLanes(whole) ||
               usesTime(value) != usesTime(whole) ||
               product(extentsOf(value)) < product(extentsOf(whole));
  if (ownLoop || rarer) {
    hoist(value);
    return;
  }
  for (Value operand : maker->getOperands())
    hoistInside(operand, whole);
}
