//===- PlanEntries.cpp - every buffer in its place ------------------------===//
//
// Turns entry functions on tensors into `plan.entry`: weights and states become
// symbols, results become outputs or states in place, and what is left gets a
// place in the arena.
//
//===----------------------------------------------------------------------===//

#include "compiler/Transforms/Passes.h"

#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;

namespace ssmc {
#define GEN_PASS_DEF_PLANENTRIES
#include "compiler/Transforms/Passes.h.inc"

namespace {

/// Buffers start at cache lines; the runtime's vectors do not straddle two.
constexpr int64_t bufferAlignment = 64;

//===----------------------------------------------------------------------===//
// The arena
//===----------------------------------------------------------------------===//

struct Buffer {
  plan::ArenaRegion region;
  int64_t size = 0; // bytes in the region's unit
  int64_t start = 0, end = 0;
  int64_t offset = 0;
};

/// Region and size of a tensor. Axis 1 unknown: one row per batch row and time
/// step; only axis 0 unknown: one per batch row.
Buffer sizeOf(RankedTensorType type) {
  int64_t rank = type.getRank();
  int64_t bytes = llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  for (int64_t extent : type.getShape())
    bytes *= ShapedType::isDynamic(extent) ? 1 : extent;
  plan::ArenaRegion region = plan::ArenaRegion::fixed;
  if (rank > 1 && type.isDynamicDim(1))
    region = plan::ArenaRegion::row;
  else if (rank > 0 && type.isDynamicDim(0))
    region = plan::ArenaRegion::batch;
  return {region, static_cast<int64_t>(llvm::alignTo(bytes, bufferAlignment)),
          0, 0, 0};
}

/// Places buffers of one region: largest first, each at the lowest offset where
/// it meets no buffer that lives at the same time. Returns the region's size.
int64_t place(MutableArrayRef<Buffer *> buffers) {
  llvm::sort(buffers, [](const Buffer *a, const Buffer *b) {
    return std::tuple(-a->size, a->start, a->end) <
           std::tuple(-b->size, b->start, b->end);
  });
  int64_t total = 0;
  for (auto [i, buffer] : llvm::enumerate(buffers)) {
    SmallVector<Buffer *> meets;
    for (Buffer *other : buffers.take_front(i))
      if (other->start <= buffer->end && buffer->start <= other->end)
        meets.push_back(other);
    llvm::sort(meets, [](const Buffer *a, const Buffer *b) {
      return a->offset < b->offset;
    });
    for (Buffer *other : meets)
      if (buffer->offset + buffer->size > other->offset)
        buffer->offset = std::max(buffer->offset, other->offset + other->size);
    total = std::max(total, buffer->offset + buffer->size);
  }
  return total;
}

//===----------------------------------------------------------------------===//
// Entries
//===----------------------------------------------------------------------===//

class Planner {
public:
  Planner(ModuleOp module, int64_t block)
      : module(module), symbols(module), builder(module.getContext()),
        block(block) {}

  LogicalResult run(func::FuncOp function);

private:
  /// The symbol of the weight or parameter `maker` stored in `layout`.
  FlatSymbolRefAttr weight(Operation *maker, plan::LayoutAttr layout);
  /// Numbers of valid values of the function's integer inputs.
  SmallVector<int64_t> bounds(func::FuncOp function,
                              ArrayRef<BlockArgument> inputs);
  void placeBuffers(func::FuncOp function);
  plan::ArenaAttr arenaAttr(const Buffer &buffer) {
    return plan::ArenaAttr::get(builder.getContext(), buffer.region,
                                buffer.offset, buffer.size, buffer.start,
                                buffer.end);
  }

  ModuleOp module;
  SymbolTable symbols;
  OpBuilder builder;
  int64_t block;
  llvm::StringMap<FlatSymbolRefAttr> weights; // by printed text and layout
  Operation *lastWeight = nullptr;            // in the order of first use

  // Of the present entry.
  DenseMap<Value, Attribute> operands;
  llvm::MapVector<Value, Buffer> buffers;
  llvm::MapVector<Operation *, Buffer> shared; // of a dispatch's work items
  int64_t regionSize[3];
};

FlatSymbolRefAttr Planner::weight(Operation *maker, plan::LayoutAttr layout) {
  // A copy on its own: printing in place numbers the whole entry each time.
  OwningOpRef<Operation *> copy = maker->clone();
  std::string text;
  llvm::raw_string_ostream stream(text);
  copy->print(stream, OpPrintingFlags().useLocalScope().assumeVerified());
  stream << layout;
  auto [known, inserted] = weights.try_emplace(text);
  if (!inserted)
    return known->second;

  auto type = cast<RankedTensorType>(maker->getResult(0).getType());
  StringRef source = maker->getAttrOfType<StringAttr>("name").getValue();
  builder.setInsertionPointToStart(module.getBody());
  auto op = plan::WeightOp::create(builder, maker->getLoc(), "w", source,
                                   maker->getAttrOfType<FloatAttr>("splat"),
                                   layout, type);
  if (isa<ssm::ParameterOp>(maker)) {
    OpBuilder::InsertionGuard guard(builder);
    builder.createBlock(&op.getBody());
    builder.clone(*maker);
  }
  op->remove();
  op.setSymName(source);
  Block *body = module.getBody();
  known->second = FlatSymbolRefAttr::get(symbols.insert(
      op, lastWeight ? std::next(Block::iterator(lastWeight)) : body->begin()));
  lastWeight = op;
  return known->second;
}

SmallVector<int64_t> Planner::bounds(func::FuncOp function,
                                     ArrayRef<BlockArgument> inputs) {
  SmallVector<int64_t> bounds;
  for (BlockArgument input : inputs) {
    int64_t bound = 0;
    for (OpOperand &use : input.getUses()) {
      auto dispatch = dyn_cast<plan::DispatchOp>(use.getOwner());
      if (!dispatch)
        continue;
      auto kernel = symbols.lookup<func::FuncOp>(dispatch.getKernel());
      for (OpOperand &inner :
           kernel.getArgument(use.getOperandNumber()).getUses()) {
        auto index = dyn_cast<ssm::IndexOpInterface>(inner.getOwner());
        if (!index || &index.getIndexOperand() != &inner)
          continue;
        int64_t rows = index.getIndexedRows();
        bound = bound ? std::min(bound, rows) : rows;
      }
    }
    bounds.push_back(bound);
  }
  return bounds;
}

void Planner::placeBuffers(func::FuncOp function) {
  int64_t position = -1;
  for (Operation &op : function.getBody().front()) {
    if (!isa<plan::DispatchOp>(op))
      continue;
    ++position;
    for (Value operand : op.getOperands())
      if (auto it = buffers.find(operand); it != buffers.end())
        it->second.end = position;
    for (Value result : op.getResults()) {
      if (operands.contains(result))
        continue;
      Buffer buffer = sizeOf(cast<RankedTensorType>(result.getType()));
      buffer.start = buffer.end = position;
      buffers[result] = buffer;
    }
    auto kernel =
        symbols.lookup<func::FuncOp>(cast<plan::DispatchOp>(op).getKernel());
    if (auto bytes = kernel->getAttrOfType<IntegerAttr>(plan::sharedAttrName))
      shared[&op] = {
          plan::ArenaRegion::batch,
          static_cast<int64_t>(llvm::alignTo(bytes.getInt(), bufferAlignment)),
          position, position, 0};
  }
  for (plan::ArenaRegion region :
       {plan::ArenaRegion::fixed, plan::ArenaRegion::batch,
        plan::ArenaRegion::row}) {
    SmallVector<Buffer *> members;
    for (auto &[value, buffer] : buffers)
      if (buffer.region == region)
        members.push_back(&buffer);
    for (auto &[dispatch, buffer] : shared)
      if (buffer.region == region)
        members.push_back(&buffer);
    regionSize[static_cast<int>(region)] = place(members);
  }
}

LogicalResult Planner::run(func::FuncOp function) {
  operands.clear();
  buffers.clear();
  shared.clear();
  MLIRContext *context = builder.getContext();
  Block &body = function.getBody().front();
  for (Operation &op : body.without_terminator())
    if (!isa<plan::DispatchOp, ssm::WeightOp, ssm::ParameterOp>(op))
      return op.emitOpError("cannot be planned: it is no dispatch, which the "
                            "stage schedule makes");

  // Inputs and outputs; states are neither.
  SmallVector<BlockArgument> inputs;
  SmallVector<Type> inputTypes, outputTypes;
  for (BlockArgument argument : body.getArguments()) {
    auto state = function.getArgAttrOfType<FlatSymbolRefAttr>(
        argument.getArgNumber(), plan::stateAttrName);
    if (state) {
      operands[argument] = plan::StateRefAttr::get(context, state);
      continue;
    }
    operands[argument] = plan::InputAttr::get(context, inputs.size());
    inputs.push_back(argument);
    inputTypes.push_back(argument.getType());
  }
  bool hasState = false;
  for (OpOperand &result : body.getTerminator()->getOpOperands()) {
    auto state = function.getResultAttrOfType<FlatSymbolRefAttr>(
        result.getOperandNumber(), plan::stateAttrName);
    hasState |= static_cast<bool>(state);
    if (state) {
      operands[result.get()] = plan::StateRefAttr::get(context, state);
      continue;
    }
    operands[result.get()] = plan::OutputAttr::get(context, outputTypes.size());
    outputTypes.push_back(result.get().getType());
  }
  placeBuffers(function);
  for (auto &[value, buffer] : buffers)
    operands[value] = arenaAttr(buffer);

  bool transient = function->hasAttr("ssm.transient_state");
  // A model that looks ahead sees its whole input at once.
  bool blocks = hasState || function->hasAttr("ssm.causal");
  plan::StateUse use = !hasState   ? plan::StateUse::none
                       : transient ? plan::StateUse::transient
                                   : plan::StateUse::carried;
  int64_t entryBlock = blocks ? block : 0;
  if (blocks)
    for (auto dispatch : body.getOps<plan::DispatchOp>()) {
      auto kernel = symbols.lookup<func::FuncOp>(dispatch.getKernel());
      if (auto steps = kernel->getAttrOfType<IntegerAttr>(plan::blockAttrName))
        entryBlock = std::max(entryBlock, steps.getInt());
    }
  builder.setInsertionPoint(function);
  auto entry = plan::EntryOp::create(
      builder, function.getLoc(), function.getSymName(),
      builder.getTypeArrayAttr(inputTypes),
      builder.getTypeArrayAttr(outputTypes), bounds(function, inputs), use,
      entryBlock, regionSize[0], regionSize[1], regionSize[2]);
  Block *runs = builder.createBlock(&entry.getBody());
  for (auto dispatch : body.getOps<plan::DispatchOp>()) {
    auto kernel = symbols.lookup<func::FuncOp>(dispatch.getKernel());
    SmallVector<Attribute> places;
    for (auto [i, operand] : llvm::enumerate(dispatch.getOperands())) {
      Operation *maker = operand.getDefiningOp();
      auto layout =
          kernel.getArgAttrOfType<plan::LayoutAttr>(i, plan::layoutAttrName);
      if (kernel.getArgAttr(i, plan::weightAttrName))
        places.push_back(
            plan::WeightRefAttr::get(context, weight(maker, layout)));
      else
        places.push_back(operands.lookup(operand));
    }
    for (Value result : dispatch.getResults())
      places.push_back(operands.lookup(result));
    int64_t written = dispatch.getNumResults();
    if (auto it = shared.find(dispatch); it != shared.end()) {
      places.push_back(arenaAttr(it->second));
      ++written;
    }
    builder.setInsertionPointToEnd(runs);
    plan::RunOp::create(
        builder, dispatch.getLoc(), dispatch.getKernel(),
        kernel->getAttrOfType<plan::GridAttr>(plan::gridAttrName),
        kernel->getAttrOfType<plan::CostAttr>(plan::costAttrName),
        builder.getArrayAttr(places), written);
  }
  function.erase();
  return success();
}

struct PlanEntries : impl::PlanEntriesBase<PlanEntries> {
  using PlanEntriesBase::PlanEntriesBase;
  void runOnOperation() override {
    Planner planner(getOperation(), block);
    for (auto function : llvm::to_vector(getOperation().getOps<func::FuncOp>()))
      if (function->hasAttr("ssm.entry") && failed(planner.run(function)))
        return signalPassFailure();
  }
};

} // namespace
} // namespace ssmc
