//===- KernelEmitter.cpp - element access in CPU kernels ------------------===//

#include "compiler/Conversion/CpuKernels/KernelEmitter.h"

#include "dialects/Ssm/SsmConvolutions.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace ssmc;

//===----------------------------------------------------------------------===//
// The function and its buffers
//===----------------------------------------------------------------------===//

/// Buffers of `kernel`: operands, results, and what its work items share.
static unsigned countBuffers(func::FuncOp kernel) {
  return kernel.getNumArguments() + kernel.getNumResults() +
         kernel->hasAttr(plan::sharedAttrName);
}

/// The function on flat buffers that `kernel` becomes.
static func::FuncOp createFunction(func::FuncOp kernel) {
  OpBuilder builder(kernel);
  SmallVector<Type> buffers;
  auto addBuffer = [&](Type type) {
    buffers.push_back(MemRefType::get(
        {ShapedType::kDynamic}, cast<RankedTensorType>(type).getElementType()));
  };
  llvm::for_each(kernel.getArgumentTypes(), addBuffer);
  llvm::for_each(kernel.getResultTypes(), addBuffer);
  Type floats = MemRefType::get({ShapedType::kDynamic}, builder.getF32Type());
  buffers.resize(countBuffers(kernel), floats);
  SmallVector<Type> types = buffers;
  Type index = builder.getIndexType();
  types.append(buffers.size(), index); // batch strides
  types.append({index, index});
  types.push_back(floats);
  types.append({index, index});

  auto function =
      func::FuncOp::create(builder, kernel.getLoc(), kernel.getSymName(),
                           builder.getFunctionType(types, {}));
  function->setAttr(plan::kernelAttrName, builder.getUnitAttr());
  function.addEntryBlock();
  return function;
}

KernelEmitter::KernelEmitter(func::FuncOp kernel, StringRef level)
    : LoopEmitter(createFunction(kernel)), level(level),
      tiles(*getCpuTileShapes(level)), kernel(kernel) {
  unsigned count = countBuffers(kernel);
  auto tail = getFunction().getArguments().drop_front(2 * count);
  // What no batch row has of its own is computed once.
  bool isShared = llvm::all_of(kernel.getResultTypes(), [](Type type) {
    auto tensor = cast<RankedTensorType>(type);
    return tensor.getRank() > 1 && tensor.isDynamicDim(1) &&
           tensor.getDimSize(0) == 1;
  });
  batch = isShared ? this->index(1) : tail[0];
  length = tail[1];
  scratch = tail[2];
  if (kernel->hasAttr(plan::sharedAttrName))
    shared = getFunction().getArgument(count - 1);
  begin = tail[3];
  end = tail[4];

  for (BlockArgument argument : kernel.getArguments()) {
    unsigned i = argument.getArgNumber();
    arguments[argument] = makeBuffer(
        i, cast<RankedTensorType>(argument.getType()),
        kernel.getArgAttrOfType<plan::LayoutAttr>(i, plan::layoutAttrName),
        kernel.getArgAttr(i, plan::weightAttrName) != nullptr);
  }
  for (auto [i, type] : llvm::enumerate(kernel.getResultTypes()))
    results.push_back(makeBuffer(
        kernel.getNumArguments() + i, cast<RankedTensorType>(type),
        kernel.getResultAttrOfType<plan::LayoutAttr>(i, plan::layoutAttrName),
        false));
}

KernelEmitter::Buffer KernelEmitter::makeBuffer(unsigned operand,
                                                RankedTensorType type,
                                                plan::LayoutAttr layout,
                                                bool weight) {
  func::FuncOp function = getFunction();
  return {function.getArgument(operand),
          function.getArgument(countBuffers(kernel) + operand), type, layout,
          !weight};
}

std::pair<Value, Value> KernelEmitter::splitRow(Value row) {
  return {div(row, length), rem(row, length)};
}

ValueRange KernelEmitter::getResults() {
  return kernel.getBody().front().getTerminator()->getOperands();
}

//===----------------------------------------------------------------------===//
// Addresses
//===----------------------------------------------------------------------===//

SmallVector<Value> KernelEmitter::strides(const Buffer &buffer) {
  int64_t rank = buffer.type.getRank();
  // Memory order of the axes; a state's layout leaves out the batch.
  SmallVector<int64_t> order = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  if (buffer.layout && !buffer.layout.isRowMajor()) {
    int64_t first = buffer.hasBatch ? 1 : 0;
    for (auto [i, axis] : llvm::enumerate(buffer.layout.getPermutation()))
      order[first + i] = first + axis;
  }
  SmallVector<Value> strides(rank);
  Value stride = index(1);
  for (int64_t axis : llvm::reverse(order)) {
    strides[axis] = stride;
    // The extent of a dynamic axis 1 is the time steps between batch rows.
    Value extent = buffer.type.isDynamicDim(axis)
                       ? buffer.batchStride
                       : index(buffer.type.getDimSize(axis));
    stride = mul(stride, extent);
  }
  return strides;
}

Value KernelEmitter::offset(const Buffer &buffer, ArrayRef<Value> indices) {
  if (buffer.layout && buffer.layout.getPanels16()) {
    Value panel = div(indices[0], index(panelWidth));
    Value lane = rem(indices[0], index(panelWidth));
    Value column =
        add(mul(panel, index(buffer.type.getDimSize(1))), indices[1]);
    return add(mul(column, index(panelWidth)), lane);
  }
  Value sum = index(0);
  for (auto [i, stride] : llvm::zip(indices, strides(buffer)))
    sum = add(sum, mul(i, stride));
  return sum;
}

Value KernelEmitter::widen(Value value) {
  Type element = getElementTypeOrSelf(value.getType());
  if (!isa<FloatType>(element) || element.isF32())
    return value;
  Type type = builder.getF32Type();
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    type = vector.clone(type);
  return arith::ExtFOp::create(builder, loc, type, value);
}

Value KernelEmitter::loadBuffer(const Buffer &buffer,
                                const Position &position) {
  Value first = offset(buffer, position.indices);
  if (position.lanes == 1 && !position.laneAxis)
    return widen(memref::LoadOp::create(builder, loc, buffer.memref, first));
  auto type = VectorType::get(position.lanes, buffer.type.getElementType());
  bool panels = buffer.layout && buffer.layout.getPanels16();
  Value stride =
      panels ? index(panelWidth) : strides(buffer)[*position.laneAxis];
  if (getConstantIntValue(stride) == 1)
    return widen(
        vector::LoadOp::create(builder, loc, type, buffer.memref, first));
  // Lanes that are not neighbours: one by one.
  SmallVector<Value> lanes;
  for (int64_t lane = 0; lane < position.lanes; ++lane)
    lanes.push_back(memref::LoadOp::create(
        builder, loc, buffer.memref, add(first, mul(stride, index(lane)))));
  return widen(vector::FromElementsOp::create(builder, loc, type, lanes));
}

std::optional<KernelEmitter::Rows> KernelEmitter::getRows(Value tensor) {
  int64_t skipped = 0;
  while (true) {
    if (auto reshape = tensor.getDefiningOp<ssm::ReshapeOp>()) {
      tensor = reshape.getInput();
      continue;
    }
    auto split = tensor.getDefiningOp<ssm::SplitOp>();
    if (!split)
      break;
    // A part of one axis of several is not in one piece.
    if (split.getInput().getType().getRank() > 3)
      return std::nullopt;
    unsigned part = cast<OpResult>(tensor).getResultNumber();
    for (int64_t size : split.getSizes().take_front(part))
      skipped += size;
    tensor = split.getInput();
  }
  auto argument = arguments.find(tensor);
  if (argument == arguments.end() || argument->second.type.getRank() < 2)
    return std::nullopt;
  Buffer buffer = argument->second;
  return Rows{buffer.memref, [this, buffer, skipped](Value b, Value t) {
                SmallVector<Value> indices(buffer.type.getRank(), index(0));
                indices[0] = b;
                indices[1] = t;
                return add(offset(buffer, indices), index(skipped));
              }};
}

std::optional<KernelEmitter::Memory> KernelEmitter::getMemory(Value tensor) {
  Value skipped = index(0);
  while (Operation *maker = tensor.getDefiningOp()) {
    if (isa<arith::ExtFOp>(maker)) {
      tensor = maker->getOperand(0);
      continue;
    }
    auto split = dyn_cast<ssm::SplitOp>(maker);
    if (!split)
      return std::nullopt;
    unsigned part = cast<OpResult>(tensor).getResultNumber();
    for (int64_t size : split.getSizes().take_front(part))
      skipped = add(skipped, index(size));
    tensor = split.getInput();
  }
  auto argument = arguments.find(tensor);
  if (argument == arguments.end())
    return std::nullopt;
  const Buffer &buffer = argument->second;
  if (buffer.layout && buffer.layout.getPanels16())
    return Memory{buffer.memref, index(0), {}, true};
  SmallVector<Value> each = strides(buffer);
  if (!each.empty())
    skipped = mul(skipped, each.back());
  return Memory{buffer.memref, skipped, each, false};
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

/// `result` of its op on values of type `type` instead of tensors.
static Value cloneOn(OpBuilder &builder, OpResult result, ValueRange operands,
                     Type type) {
  Operation *op = result.getOwner();
  if (auto decompose = dyn_cast<ssm::DecomposeInterface>(op))
    return decompose.decompose(builder, operands)[result.getResultNumber()];
  OperationState state(op->getLoc(), op->getName().getIdentifier(), operands,
                       TypeRange{type}, op->getAttrs());
  return builder.create(state)->getResult(0);
}

Position KernelEmitter::throughView(ssm::SplitOp split, Value part,
                                    const Position &position) {
  Position whole = position;
  int64_t skipped = 0;
  unsigned number = cast<OpResult>(part).getResultNumber();
  for (int64_t size : split.getSizes().take_front(number))
    skipped += size;
  whole.indices.back() = add(whole.indices.back(), index(skipped));
  return whole;
}

Position KernelEmitter::throughView(ssm::BroadcastOp broadcast,
                                    const Position &position) {
  Position narrow;
  for (auto [i, axis] : llvm::enumerate(broadcast.getAxes())) {
    narrow.indices.push_back(position.indices[axis]);
    if (position.laneAxis && *position.laneAxis == axis) {
      narrow.laneAxis = i;
      narrow.lanes = position.lanes;
    }
  }
  return narrow;
}

Value KernelEmitter::load(Value tensor, const Position &position,
                          DenseMap<Value, Value> *known) {
  if (known)
    if (Value value = known->lookup(tensor))
      return value;
  auto remember = [&](Value value) {
    if (known)
      (*known)[tensor] = value;
    return value;
  };
  if (auto argument = arguments.find(tensor); argument != arguments.end())
    return remember(loadBuffer(argument->second, position));

  Operation *op = tensor.getDefiningOp();
  int64_t lanes = position.laneAxis ? position.lanes : 0;
  if (auto split = dyn_cast<ssm::SplitOp>(op))
    return remember(
        load(split.getInput(), throughView(split, tensor, position)));
  if (auto reshape = dyn_cast<ssm::ReshapeOp>(op))
    return remember(loadReshaped(reshape, position));
  if (auto broadcast = dyn_cast<ssm::BroadcastOp>(op)) {
    Position narrow = throughView(broadcast, position);
    Value value = load(broadcast.getInput(), narrow);
    if (lanes && !narrow.laneAxis)
      value = vector::BroadcastOp::create(builder, loc, laneType(lanes), value);
    return remember(value);
  }
  if (isa<ssm::PositionsOp>(op)) {
    Value number = arith::IndexCastOp::create(
        builder, loc, builder.getI64Type(), position.indices[1]);
    Value time =
        arith::SIToFPOp::create(builder, loc, builder.getF32Type(), number);
    if (lanes)
      time = vector::BroadcastOp::create(builder, loc, laneType(lanes), time);
    if (lanes && *position.laneAxis == 1) { // one time step after another
      auto ahead = llvm::map_to_vector(llvm::seq<int64_t>(0, lanes),
                                       [](int64_t i) -> float { return i; });
      auto type = cast<VectorType>(laneType(lanes));
      Value steps = arith::ConstantOp::create(
          builder, loc, DenseElementsAttr::get(type, ArrayRef(ahead)));
      time = arith::AddFOp::create(builder, loc, time, steps);
    }
    return remember(time);
  }
  DenseElementsAttr constant;
  if (matchPattern(op, m_Constant(&constant))) {
    Attribute element = constant.getSplatValue<Attribute>();
    if (!lanes)
      return remember(
          arith::ConstantOp::create(builder, loc, cast<TypedAttr>(element)));
    auto type = VectorType::get(lanes, constant.getElementType());
    return remember(arith::ConstantOp::create(
        builder, loc, DenseElementsAttr::get(type, element)));
  }
  SmallVector<Value> operands;
  for (Value operand : op->getOperands())
    operands.push_back(load(operand, position, known));
  Type element = getElementTypeOrSelf(tensor.getType());
  // Narrow weights are widened where they are loaded.
  if (isa<arith::ExtFOp>(op))
    return remember(operands[0]);
  Type type = lanes ? Type(VectorType::get(lanes, element)) : element;
  return remember(cloneOn(builder, cast<OpResult>(tensor), operands, type));
}

Value KernelEmitter::loadReshaped(ssm::ReshapeOp reshape,
                                  const Position &position) {
  ArrayRef<int64_t> from = reshape.getInput().getType().getShape();
  ArrayRef<int64_t> to = reshape.getType().getShape();
  // Lanes along the last axis are neighbours if that is part of the input's
  // last axis, and in memory always.
  auto memory = arguments.find(reshape.getInput());
  bool inMemory =
      memory != arguments.end() &&
      (!memory->second.layout || memory->second.layout.isRowMajor());
  bool neighbours = position.laneAxis && *position.laneAxis + 1 == to.size() &&
                    (inMemory || from.back() % to.back() == 0);
  auto place = [&](int64_t lane, int64_t lanes) {
    Value number = index(0);
    for (unsigned axis = 2; axis < to.size(); ++axis) {
      Value at = position.indices[axis];
      if (position.laneAxis && axis == *position.laneAxis)
        at = add(at, index(lane));
      number = add(mul(number, index(to[axis])), at);
    }
    Position there;
    there.indices.assign(from.size(), Value());
    for (unsigned axis = from.size(); axis-- > 2;) {
      bool outermost = axis == 2;
      there.indices[axis] = outermost ? number : rem(number, index(from[axis]));
      number = outermost ? number : div(number, index(from[axis]));
    }
    there.indices[0] = position.indices[0];
    there.indices[1] = position.indices[1];
    if (lanes) {
      there.laneAxis = from.size() - 1;
      there.lanes = lanes;
    }
    return there;
  };
  if (!position.laneAxis)
    return load(reshape.getInput(), place(0, 0));
  if (*position.laneAxis < 2) { // not an axis that is reshaped
    Position there = place(0, 0);
    there.laneAxis = position.laneAxis;
    there.lanes = position.lanes;
    return load(reshape.getInput(), there);
  }
  if (neighbours)
    return load(reshape.getInput(), place(0, position.lanes));
  SmallVector<Value> lanes;
  for (int64_t lane = 0; lane < position.lanes; ++lane)
    lanes.push_back(load(reshape.getInput(), place(lane, 0)));
  return vector::FromElementsOp::create(
      builder, loc, cast<VectorType>(laneType(position.lanes)), lanes);
}

void KernelEmitter::prefetch(Value tensor, const Position &position,
                             bool beginsLine) {
  if (auto argument = arguments.find(tensor); argument != arguments.end()) {
    if (argument->second.hasBatch)
      prefetchBuffer(argument->second, position, /*isWrite=*/false, beginsLine);
    return;
  }
  Operation *op = tensor.getDefiningOp();
  if (auto split = dyn_cast<ssm::SplitOp>(op))
    return prefetch(split.getInput(), throughView(split, tensor, position),
                    beginsLine);
  if (auto broadcast = dyn_cast<ssm::BroadcastOp>(op))
    return prefetch(broadcast.getInput(), throughView(broadcast, position),
                    beginsLine);
  // What this kernel computes, and reshaped tensors, have other positions.
  if (!op->hasTrait<OpTrait::Elementwise>() && !op->hasTrait<ssm::Pointwise>())
    return;
  for (Value operand : op->getOperands())
    prefetch(operand, position, beginsLine);
}

void KernelEmitter::prefetchResult(unsigned number, const Position &position) {
  prefetchBuffer(results[number], position, /*isWrite=*/true,
                 /*beginsLine=*/false);
  prefetch(getResults()[number], position);
}

void KernelEmitter::prefetchBuffer(const Buffer &buffer,
                                   const Position &position, bool isWrite,
                                   bool beginsLine) {
  constexpr int64_t lineBytes = 64;
  Value first = offset(buffer, position.indices);
  int64_t elements = 1;
  if (position.laneAxis &&
      getConstantIntValue(strides(buffer)[*position.laneAxis]) == 1)
    elements = position.lanes;
  int64_t perLine = lineBytes * 8 / buffer.type.getElementTypeBitWidth();
  auto fetch = [&](int64_t element) {
    memref::PrefetchOp::create(builder, loc, buffer.memref,
                               add(first, index(element)), isWrite,
                               /*localityHint=*/3, /*isDataCache=*/true);
  };
  for (int64_t at = 0; at < elements; at += perLine)
    fetch(at);
  if (elements > 1 && !beginsLine)
    fetch(elements - 1);
}

void KernelEmitter::store(unsigned number, const Position &position,
                          Value value) {
  const Buffer &buffer = results[number];
  Value first = offset(buffer, position.indices);
  if (!position.laneAxis) {
    memref::StoreOp::create(builder, loc, value, buffer.memref, first);
    return;
  }
  Value stride = strides(buffer)[*position.laneAxis];
  if (getConstantIntValue(stride) == 1) {
    vector::StoreOp::create(builder, loc, value, buffer.memref, first);
    return;
  }
  for (int64_t lane = 0; lane < position.lanes; ++lane)
    memref::StoreOp::create(
        builder, loc, vector::ExtractOp::create(builder, loc, value, lane),
        buffer.memref, add(first, mul(stride, index(lane))));
}

void KernelEmitter::storeResults(const Position &position,
                                 DenseMap<Value, Value> &known) {
  for (auto [i, result] : llvm::enumerate(getResults()))
    store(i, position, load(result, position, &known));
}
