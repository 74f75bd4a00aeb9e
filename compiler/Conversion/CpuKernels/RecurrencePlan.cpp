//===- RecurrencePlan.cpp - widths and memory of a recurrence -------------===//

#include "compiler/Conversion/CpuKernels/RecurrencePlan.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace ssmc;

/// Floats in a cache line; every slot starts at one.
static constexpr int64_t lineFloats = 16;

RecurrencePlan::RecurrencePlan(ssm::RecurrenceOp op, StringRef level)
    : body(op) {
  chooseWidths(level);
  chooseTimeBlock();
  chooseGroup();
  allocateAll();
}

bool RecurrencePlan::inRegisters(unsigned number) const {
  return body.getStatePhase(number) != Phase::tiles &&
         body.fitsRegisters(number) &&
         product(extentsOf(body.getStateArgument(number))) <= unrollLimit;
}

void RecurrencePlan::chooseWidths(StringRef level) {
  struct Registers {
    int64_t count, floats;
  };
  auto registers = llvm::StringSwitch<Registers>(level)
                       .Case("x86-64-v4", {32, 16})
                       .Case("aarch64", {32, 4})
                       .Default({16, 8});
  // Half of the registers hold states; factors and sums need the rest.
  int64_t statesFloats = registers.count / 2 * registers.floats;
  if (body.getTiledExtent()) {
    int64_t tiled = 0;
    for (unsigned i = 0; i < body.op.getFinal().size(); ++i)
      tiled += body.getStatePhase(i) == Phase::tiles;
    tile = std::clamp<int64_t>(statesFloats / lanes / tiled, 1, unrollLimit);
    return;
  }
  int64_t inRegister = 0;
  for (unsigned i = 0; i < body.op.getFinal().size(); ++i)
    if (inRegisters(i))
      inRegister += product(extentsOf(body.getStateArgument(i)));
  // Four chains cover the latency of an addition on two units.
  int64_t wide = std::max<int64_t>(32, 4 * registers.floats);
  while (wide > 16 && inRegister * wide > statesFloats)
    wide /= 2;
  lanes = wide;
}

bool RecurrencePlan::alongAxis(Value value) const {
  constexpr int64_t leastLanes = 4;
  SmallVector<int64_t> extents = extentsOf(value);
  if (extents.empty() || extents.back() < leastLanes)
    return false;
  // The index of a lane must stay the index of a lane down to memory.
  std::function<bool(Value)> follows = [&](Value at) {
    Operation *maker = at.getDefiningOp();
    if (!maker || isInlineConstant(at) || (at != value && slots.contains(at)))
      return true;
    if (isa<tensor::ExtractOp>(maker))
      return follows(maker->getOperand(0));
    if (isSum(at) || isa<tensor::FromElementsOp>(maker) ||
        maker->hasTrait<OpTrait::ConstantLike>() ||
        (maker->getName().getDialectNamespace() == "tensor" &&
         !isa<tensor::SplatOp>(maker)))
      return false;
    return llvm::all_of(maker->getOperands(), follows);
  };
  return follows(value);
}

static int64_t rowStrideOf(ArrayRef<int64_t> extents) {
  int64_t elements = product(extents);
  if (elements <= unrollLimit)
    return elements;
  // An odd number of cache lines: the same element of many rows spreads over
  // all sets of a cache.
  return (llvm::divideCeil(elements, lineFloats) | 1) * lineFloats;
}

void RecurrencePlan::chooseTimeBlock() {
  if (body.isStep) {
    timeBlock = 1;
    return;
  }
  int64_t perRow = 0;
  for (Value value : body.getHoisted())
    if (body.usesTime(value))
      perRow += rowStrideOf(extentsOf(value));
  for (Value value : body.getCarried())
    perRow += product(extentsOf(value)) * lanes;
  perRow += body.getTileSums().size() * lanes;
  if (!perRow)
    return;
  // A tile's load and store must be rare; a block must stay in the second
  // cache.
  constexpr int64_t longest = 32, cacheFloats = 40 << 10;
  timeBlock = longest;
  while (timeBlock > 1 && timeBlock * perRow > cacheFloats)
    timeBlock /= 2;
}

void RecurrencePlan::chooseGroup() {
  constexpr int64_t least = 4, most = 32;
  if (!body.isStep || body.axes.outer.empty())
    return;
  int64_t extent;
  std::tie(groupLabel, extent) = body.axes.outer.back();
  for (int64_t count = std::min(extent, most); count >= least; --count)
    if (extent % count == 0) {
      group = count;
      return;
    }
}

/// Whether a hoisted value is a scalar that every position of a group has and
/// that only scalars of the same position go into.
bool RecurrencePlan::differsByGroup(Value value) const {
  if (group == 1 || !extentsOf(value).empty() || body.usesLanes(value) ||
      !body.usesTime(value))
    return false;
  ssm::RecurrenceOp recurrence = body.op;
  std::function<bool(Value)> follows = [&](Value at) {
    if (isa<RankedTensorType>(at.getType()))
      return false;
    if (Operation *maker = at.getDefiningOp())
      return llvm::all_of(maker->getOperands(), follows);
    if (body.getStateNumber(at))
      return false;
    // The lanes of a load are one whole axis.
    return llvm::all_of(
        recurrence.getInputLabels(cast<BlockArgument>(at).getArgNumber()),
        [&](const auto &parts) {
          return parts.size() == 1 || !llvm::is_contained(parts, groupLabel);
        });
  };
  return follows(value);
}

Slot RecurrencePlan::allocate(ArrayRef<int64_t> extents, int64_t rows,
                              int64_t lanes) {
  Slot slot;
  slot.offset = scratchFloats;
  slot.extents.assign(extents.begin(), extents.end());
  int64_t elements = product(extents);
  slot.rowStride = rows == 0 ? 0 : lanes > 1 ? elements : rowStrideOf(extents);
  slot.lanes = lanes > 0;
  int64_t floats =
      (rows ? rows * slot.rowStride : elements) * std::max<int64_t>(lanes, 1);
  scratchFloats += llvm::alignTo(floats, lineFloats);
  return slot;
}

void RecurrencePlan::allocateAll() {
  int64_t block = body.axes.block;
  for (Value value : body.getHoisted()) {
    if (differsByGroup(value)) {
      slots[value] = allocate({}, 0, group);
      slots[value].lanes = false;
      slots[value].group = true;
      continue;
    }
    bool lanesDiffer = body.usesLanes(value);
    slots[value] =
        allocate(extentsOf(value), body.usesTime(value) ? timeBlock : 0,
                 lanesDiffer ? block : 0);
    slots[value].allChannels = lanesDiffer;
  }
  for (Value value : body.getCarried())
    slots[value] = allocate(extentsOf(value), timeBlock, lanes);
  for (Value value : body.getTileSums())
    slots[value] = allocate({}, timeBlock, lanes);
  for (const Nest &nest : body.getNests())
    for (const NestRoot &root : nest.roots)
      if ((root.kind == NestRoot::sum && !extentsOf(root.value).empty()) ||
          root.kind == NestRoot::elements)
        if (!slots.contains(root.value))
          slots[root.value] = allocate(extentsOf(root.value), 0, lanes);
  for (unsigned i = 0; i < body.op.getFinal().size(); ++i) {
    SmallVector<int64_t> extents = extentsOf(body.getStateArgument(i));
    Slot &present = states.emplace_back();
    if (!body.isStep) {
      present = allocate(extents, 0, block);
      present.allChannels = true;
    }
    nextStates.emplace_back();
    if (body.getStatePhase(i) != Phase::tiles && !inRegisters(i) &&
        !body.canUpdateInPlace(i))
      nextStates.back() = allocate(extents, 0, lanes);
  }
}
