//===- TensorEmitter.cpp - tensors of a block in memory -------------------===//

#include "compiler/Conversion/CpuKernels/TensorEmitter.h"
#include "compiler/Conversion/CpuKernels/RecurrenceBody.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace ssmc;

//===----------------------------------------------------------------------===//
// Scratch memory
//===----------------------------------------------------------------------===//

/// Floats of a cache line: what allocations are aligned to.
static constexpr int64_t lineFloats = 16;

int64_t ScratchMap::allocate(int64_t elements) {
  elements = llvm::alignTo(std::max<int64_t>(elements, 1), lineFloats);
  for (auto &[first, size] : gaps) {
    if (size < elements)
      continue;
    int64_t taken = first;
    first += elements;
    size -= elements;
    return taken;
  }
  int64_t taken = end;
  end += elements;
  peak = std::max(peak, end);
  return taken;
}

void ScratchMap::release(int64_t first, int64_t elements) {
  elements = llvm::alignTo(std::max<int64_t>(elements, 1), lineFloats);
  gaps.push_back({first, elements});
  llvm::sort(gaps);
  SmallVector<std::pair<int64_t, int64_t>> merged;
  for (auto [begin, size] : gaps) {
    if (size == 0)
      continue;
    if (!merged.empty() && merged.back().first + merged.back().second == begin)
      merged.back().second += size;
    else
      merged.push_back({begin, size});
  }
  gaps = merged;
  if (!gaps.empty() && gaps.back().first + gaps.back().second == end) {
    end = gaps.back().first;
    gaps.pop_back();
  }
}

static int64_t countElements(ArrayRef<int64_t> shape) {
  int64_t elements = 1;
  for (int64_t extent : shape)
    elements *= extent;
  return elements;
}

Place TensorEmitter::rowMajor(Value buffer, Value offset,
                              ArrayRef<int64_t> shape) {
  Place place;
  place.buffer = buffer;
  place.offset = offset;
  place.shape.assign(shape.begin(), shape.end());
  place.strides.resize(shape.size());
  int64_t elements = 1;
  for (size_t axis = shape.size(); axis-- > 0;) {
    place.strides[axis] = e.index(elements);
    elements *= shape[axis];
  }
  return place;
}

bool TensorEmitter::isRowMajor(const Place &place, size_t from) {
  int64_t elements = 1;
  for (size_t axis = place.shape.size(); axis-- > from;) {
    if (place.panels || getConstantIntValue(place.strides[axis]) != elements)
      return false;
    elements *= place.shape[axis];
  }
  return true;
}

Place TensorEmitter::allocate(ArrayRef<int64_t> shape) {
  int64_t first = scratch.allocate(countElements(shape));
  return rowMajor(e.scratch, e.index(first), shape);
}

void TensorEmitter::release(const Place &place) {
  scratch.release(*getConstantIntValue(place.offset),
                  countElements(place.shape));
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

Value TensorEmitter::zero(const Position &at) {
  if (at.laneAxis)
    return e.constant(0.0, at.lanes);
  return arith::ConstantOp::create(b, loc, b.getF32FloatAttr(0.0f));
}

/// `value` in float32.
static Value widen(OpBuilder &b, Location loc, Value value) {
  if (getElementTypeOrSelf(value.getType()).isF32())
    return value;
  Type type = b.getF32Type();
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    type = vector.clone(type);
  return arith::ExtFOp::create(b, loc, type, value);
}

Value TensorEmitter::load(const Place &place, const Position &at) {
  Type element = cast<MemRefType>(place.buffer.getType()).getElementType();
  Value offset = place.offset, stride = e.index(1);
  if (place.panels) {
    Value panel = e.div(at.indices[0], e.index(panelWidth));
    Value lane = e.rem(at.indices[0], e.index(panelWidth));
    Value column = e.add(e.mul(panel, e.index(place.shape[1])), at.indices[1]);
    offset = e.add(offset, e.add(e.mul(column, e.index(panelWidth)), lane));
    if (at.laneAxis == 1u)
      stride = e.index(panelWidth);
  } else {
    for (auto [index, each] : llvm::zip_equal(at.indices, place.strides))
      offset = e.add(offset, e.mul(index, each));
    if (at.laneAxis)
      stride = place.strides[*at.laneAxis];
  }
  if (!at.laneAxis)
    return widen(b, loc, memref::LoadOp::create(b, loc, place.buffer, offset));
  auto type = VectorType::get(at.lanes, element);
  if (getConstantIntValue(stride) == 1)
    return widen(b, loc,
                 vector::LoadOp::create(b, loc, type, place.buffer, offset));
  SmallVector<Value> lanes;
  for (int64_t lane = 0; lane < at.lanes; ++lane)
    lanes.push_back(memref::LoadOp::create(
        b, loc, place.buffer, e.add(offset, e.mul(stride, e.index(lane)))));
  return widen(b, loc, vector::FromElementsOp::create(b, loc, type, lanes));
}

void TensorEmitter::store(const Place &place, const Position &at, Value value) {
  Value offset = place.offset;
  for (auto [index, stride] : llvm::zip_equal(at.indices, place.strides))
    offset = e.add(offset, e.mul(index, stride));
  if (!at.laneAxis) {
    memref::StoreOp::create(b, loc, value, place.buffer, offset);
    return;
  }
  Value stride = place.strides[*at.laneAxis];
  if (getConstantIntValue(stride) == 1) {
    vector::StoreOp::create(b, loc, value, place.buffer, offset);
    return;
  }
  for (int64_t lane = 0; lane < at.lanes; ++lane)
    memref::StoreOp::create(
        b, loc, vector::ExtractOp::create(b, loc, value, lane), place.buffer,
        e.add(offset, e.mul(stride, e.index(lane))));
}

Place TensorEmitter::step(const Place &place, Value i) {
  Place result = place;
  result.offset = e.add(place.offset, e.mul(i, place.strides[0]));
  result.strides.erase(result.strides.begin());
  result.shape.erase(result.shape.begin());
  return result;
}

Position ssmc::prepend(Value first, const Position &at) {
  Position result = at;
  result.indices.insert(result.indices.begin(), first);
  if (at.laneAxis)
    result.laneAxis = *at.laneAxis + 1;
  return result;
}

void TensorEmitter::forSpace(ArrayRef<int64_t> shape,
                             function_ref<void(const Position &)> fn) {
  Position at;
  auto visit = [&]() {
    known.clear();
    fn(at);
    known.clear();
  };
  if (shape.empty())
    return visit();
  std::function<void()> nest = [&]() {
    size_t axis = at.indices.size();
    if (axis + 1 < shape.size()) {
      e.forLoop(e.index(0), e.index(shape[axis]), e.index(1), [&](Value i) {
        at.indices.push_back(i);
        nest();
        at.indices.pop_back();
      });
      return;
    }
    at.laneAxis = axis;
    e.forLanes(e.index(0), shape[axis], [&](Value first, int64_t lanes) {
      at.lanes = lanes;
      at.indices.push_back(first);
      visit();
      at.indices.pop_back();
    });
  };
  nest();
}

void TensorEmitter::fill(const Place &target, Value value) {
  forSpace(target.shape,
           [&](const Position &at) { store(target, at, evaluate(value, at)); });
}

void TensorEmitter::copy(const Place &target, const Place &source) {
  forSpace(target.shape,
           [&](const Position &at) { store(target, at, load(source, at)); });
}

//===----------------------------------------------------------------------===//
// What is in memory, and until when
//===----------------------------------------------------------------------===//

/// A constant with different elements.
static bool isTable(Operation *op) {
  auto constant = dyn_cast<arith::ConstantOp>(op);
  auto dense =
      constant ? dyn_cast<DenseElementsAttr>(constant.getValue()) : nullptr;
  return dense && !dense.isSplat();
}

/// Ops that name elements which exist already.
static bool isFree(Operation *op) {
  return !isTable(op) && isa<arith::ConstantOp, tensor::SplatOp,
                             tensor::ExtractSliceOp, ssm::BroadcastOp>(op);
}

/// Ops whose results are other shapes of the same memory.
static bool isReshape(Operation *op) {
  return isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(op);
}

static bool isProduct(Operation *op) {
  auto contract = dyn_cast<ssm::ContractOp>(op);
  return contract && !hasSum(contract);
}

static bool isPointwise(Operation *op) {
  return isa<ssm::DecomposeInterface>(op) ||
         op->hasTrait<OpTrait::Elementwise>();
}

/// Ops that walk over their operands in memory.
static bool walksOperands(Operation *op) {
  if (isReshape(op))
    return true;
  if (isa<ssm::YieldOp, tensor::ExtractOp, tensor::FromElementsOp>(op) ||
      isTable(op))
    return false;
  return !isFree(op) && !isProduct(op) && !isPointwise(op);
}

/// Whether `op` may read an element of `operand` more than once.
static bool spreads(Operation *op, Value operand) {
  auto rank = [](Value value) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    return type ? type.getRank() : 0;
  };
  return (isa<ssm::BroadcastOp>(op) || isProduct(op)) &&
         rank(op->getResult(0)) > rank(operand);
}

bool TensorEmitter::supports(Operation *op) {
  auto isStep = [](Type type) {
    Type element = getElementTypeOrSelf(type);
    auto tensor = dyn_cast<RankedTensorType>(type);
    return (element.isF32() || element.isInteger(1)) &&
           (!tensor || tensor.hasStaticShape());
  };
  if (auto extract = dyn_cast<tensor::ExtractOp>(op))
    return llvm::all_of(extract.getIndices(), [](Value index) {
      return getConstantIntValue(index).has_value();
    });
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    if (constant.getType().isIndex())
      return true;
  if (auto slice = dyn_cast<tensor::ExtractSliceOp>(op))
    if (slice.getType().hasStaticShape())
      return llvm::none_of(slice.getStaticOffsets(), ShapedType::isDynamic) &&
             llvm::none_of(slice.getStaticStrides(), ShapedType::isDynamic);
  bool inside = true;
  for (Region &region : op->getRegions())
    for (Operation &inner : region.front())
      inside = inside && supports(&inner);
  if (!inside || !llvm::all_of(op->getResultTypes(), isStep))
    return false;
  return isFree(op) || isTable(op) || isReshape(op) || isPointwise(op) ||
         isa<ssm::YieldOp, ssm::ContractOp, tensor::FromElementsOp,
             ssm::CumulativeProductOp, ssm::DecayedScoresOp,
             ssm::CausalProductOp, ssm::TriangularSolveOp, ssm::SolveOp,
             ssm::DelayOp, ssm::AssociativeScanOp, ssm::FixedPointOp>(op);
}

bool TensorEmitter::needsMemory(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !type.getElementType().isF32())
    return false;
  Operation *maker = value.getDefiningOp();
  bool computed = !maker || !isFree(maker);
  if (maker && (walksOperands(maker) || isTable(maker) ||
                isa<tensor::FromElementsOp>(maker)))
    return true;
  if (computed && !value.use_empty() && !value.hasOneUse())
    return true;
  return llvm::any_of(value.getUsers(), [&](Operation *user) {
    return walksOperands(user) ||
           (computed && (spreads(user, value) ||
                         user->getBlock() != value.getParentBlock()));
  });
}

bool TensorEmitter::isInline(Operation *op) {
  return (isFree(op) || isPointwise(op) || isProduct(op)) &&
         llvm::none_of(op->getResults(),
                       [&](Value result) { return needsMemory(result); });
}

void TensorEmitter::begin(Block &block) {
  ending.clear();
  lastUse.clear();
  // From the end: users are known before what they use.
  auto latest = [&](Operation *a, Operation *b) {
    return !a || (b && a->isBeforeInBlock(b)) ? b : a;
  };
  auto note = [&](Value value) {
    Operation *last = nullptr;
    for (Operation *user : value.getUsers()) {
      Operation *inBlock = block.findAncestorOpInBlock(*user);
      last = latest(last, inBlock);
      if (inBlock != user)
        continue;
      // A result without memory of its own is computed where it is used.
      bool isLazy = isFree(user) || isPointwise(user) || isProduct(user);
      for (Value other : user->getResults())
        if (isReshape(user) || (isLazy && !needsMemory(other)))
          last = latest(last, lastUse.lookup(other));
    }
    lastUse[value] = last;
  };
  for (Operation &op : llvm::reverse(block))
    llvm::for_each(op.getResults(), note);
  llvm::for_each(block.getArguments(), note);
}

TensorEmitter::Reads TensorEmitter::findReads(Value value, Value argument) {
  if (value == argument)
    return Reads::same;
  Operation *maker = value.getDefiningOp();
  if (!maker || places.contains(value) || scalars.contains(value))
    return Reads::none;
  Reads reads = Reads::none;
  bool elementwise = isPointwise(maker);
  for (Value operand : maker->getOperands()) {
    Reads inner = findReads(operand, argument);
    if (inner == Reads::none)
      continue;
    if (inner == Reads::others || !elementwise)
      return Reads::others;
    reads = inner;
  }
  return reads;
}

Place &TensorEmitter::define(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  if (auto target = targets.find(value); target != targets.end()) {
    auto [present, place] = target->second;
    Operation *maker = value.getDefiningOp(), *last = lastUse.lookup(present);
    bool inPlace =
        isPointwise(maker) &&
        llvm::all_of(maker->getOperands(),
                     [&, argument = present](Value operand) {
                       return findReads(operand, argument) != Reads::others;
                     });
    if (!last || last->isBeforeInBlock(maker) || (last == maker && inPlace))
      return places[value] = place;
  }
  if (keeps)
    return places[value] = allocate(type.getShape());
  if (Operation *last = lastUse.lookup(value))
    ending[last].push_back(value);
  return places[value] = allocate(type.getShape());
}

void TensorEmitter::releaseAfter(Operation *op) {
  for (Value value : ending[op])
    release(places[value]);
  ending.erase(op);
}

void TensorEmitter::end(Block &block) {
  releaseAfter(block.getTerminator());
  targets.clear();
}

const Place &TensorEmitter::placeOf(Value operand) {
  auto it = places.find(operand);
  assert(it != places.end() && "expected operands of walks in memory");
  return it->second;
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

LogicalResult TensorEmitter::emit(Block &block,
                                  function_ref<bool(Operation *)> chosen,
                                  bool keep) {
  // Regions of an op are blocks within a block: what they keep is their own.
  llvm::SaveAndRestore<bool> kept(keeps, keep);
  for (Operation &op : block.without_terminator()) {
    if (!chosen(&op))
      continue;
    if (failed(emitOp(&op)))
      return failure();
    releaseAfter(&op);
  }
  return success();
}

LogicalResult TensorEmitter::emitOp(Operation *op) {
  if (isReshape(op)) {
    Value source = op->getOperand(0);
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    Place flat = placeOf(source);
    if (!isRowMajor(flat)) {
      Place own = define(op->getResult(0));
      copy(rowMajor(own.buffer, own.offset, flat.shape), flat);
      return success();
    }
    places[op->getResult(0)] =
        rowMajor(flat.buffer, flat.offset, type.getShape());
    return success();
  }
  if (isFree(op) || isPointwise(op) || isProduct(op)) {
    SmallVector<Value> stored;
    for (Value result : op->getResults()) {
      if (needsMemory(result)) {
        define(result);
        stored.push_back(result);
      } else if (result.getType().isF32() || result.getType().isInteger(1)) {
        known.clear();
        scalars[result] = compute(result, {});
        known.clear();
      }
    }
    if (stored.empty())
      return success();
    forSpace(cast<RankedTensorType>(stored[0].getType()).getShape(),
             [&](const Position &at) {
               // All first: a result may lie where an operand does.
               SmallVector<Value> values;
               for (Value result : stored)
                 values.push_back(compute(result, at));
               for (auto [result, value] : llvm::zip_equal(stored, values))
                 store(places[result], at, value);
             });
    return success();
  }
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](tensor::ExtractOp extract) {
        Position at;
        for (Value i : extract.getIndices())
          at.indices.push_back(e.index(*getConstantIntValue(i)));
        known.clear();
        scalars[extract.getResult()] = evaluate(extract.getTensor(), at);
        known.clear();
        return success();
      })
      .Case([&](arith::ConstantOp table) {
        Place flat = define(table.getResult());
        auto values = llvm::to_vector(
            cast<DenseElementsAttr>(table.getValue()).getValues<Attribute>());
        for (size_t i = 0; i < values.size(); i += laneCount) {
          ArrayRef part = ArrayRef(values).slice(i).take_front(laneCount);
          auto type = cast<VectorType>(e.laneType(part.size()));
          vector::StoreOp::create(
              b, loc,
              arith::ConstantOp::create(b, loc,
                                        DenseElementsAttr::get(type, part)),
              flat.buffer, e.add(flat.offset, e.index(i)));
        }
        return success();
      })
      .Case([&](tensor::FromElementsOp elements) {
        Place flat = define(elements.getResult());
        int64_t first = *getConstantIntValue(flat.offset);
        for (auto [i, element] : llvm::enumerate(elements.getElements()))
          memref::StoreOp::create(b, loc, scalars.lookup(element), flat.buffer,
                                  e.index(first + i));
        return success();
      })
      .Case([&](ssm::ContractOp contract) {
        emitContract(contract);
        return success();
      })
      .Case([&](ssm::CumulativeProductOp op) {
        emitProducts(op);
        return success();
      })
      .Case([&](ssm::DecayedScoresOp op) {
        emitScores(op);
        return success();
      })
      .Case([&](ssm::CausalProductOp op) {
        emitCausal(op);
        return success();
      })
      .Case([&](ssm::TriangularSolveOp op) {
        emitSolve(op);
        return success();
      })
      .Case([&](ssm::SolveOp op) {
        Place matrix = placeOf(op.getMatrix()), input = placeOf(op.getInput());
        emitSystems(matrix, input, define(op.getResult()));
        return success();
      })
      .Case([&](ssm::DelayOp op) {
        emitDelay(op);
        return success();
      })
      .Case([&](ssm::AssociativeScanOp op) { return emitScan(op); })
      .Case([&](ssm::FixedPointOp op) { return emitFixedPoint(op); })
      .Default([&](Operation *other) {
        return other->emitOpError(
            "is not supported in a recurrence on tensors of a CPU kernel");
      });
}

//===----------------------------------------------------------------------===//
// Values where they are read
//===----------------------------------------------------------------------===//

Value TensorEmitter::evaluate(Value value, const Position &at) {
  if (auto scalar = scalars.find(value); scalar != scalars.end())
    return scalar->second;
  for (const Known &entry : known)
    if (entry.value == value && entry.at.laneAxis == at.laneAxis &&
        entry.at.indices == at.indices && entry.at.lanes == at.lanes)
      return entry.computed;
  Value computed;
  if (auto place = places.find(value); place != places.end())
    computed = load(place->second, at);
  else if (auto reader = readers.find(value); reader != readers.end())
    computed = reader->second(at);
  else
    computed = compute(value, at);
  known.push_back({value, at, computed});
  return computed;
}

/// `operand` for a pointwise op at `at`: scalars are the same everywhere.
Value TensorEmitter::operandAt(Value operand, const Position &at) {
  Value value = evaluate(
      operand, isa<RankedTensorType>(operand.getType()) ? at : Position());
  if (!at.laneAxis || isa<VectorType>(value.getType()))
    return value;
  return vector::BroadcastOp::create(
      b, loc, VectorType::get(at.lanes, value.getType()), value);
}

/// Position `at` of a value seen from an operand whose axis i is the value's
/// axis `axes[i]`.
static Position project(const Position &at, ArrayRef<int64_t> axes) {
  Position inner;
  for (auto [i, axis] : llvm::enumerate(axes)) {
    inner.indices.push_back(at.indices[axis]);
    if (at.laneAxis && static_cast<int64_t>(*at.laneAxis) == axis) {
      inner.laneAxis = i;
      inner.lanes = at.lanes;
    }
  }
  return inner;
}

Value TensorEmitter::compute(Value value, const Position &at) {
  Operation *maker = value.getDefiningOp();
  assert(maker && "expected arguments to be placed or read");
  auto spread = [&](Value scalar) -> Value {
    if (!at.laneAxis || isa<VectorType>(scalar.getType()))
      return scalar;
    return vector::BroadcastOp::create(
        b, loc, VectorType::get(at.lanes, scalar.getType()), scalar);
  };
  if (auto constant = dyn_cast<arith::ConstantOp>(maker)) {
    auto dense = dyn_cast<DenseElementsAttr>(constant.getValue());
    if (!dense)
      return spread(arith::ConstantOp::create(b, loc, constant.getValue()));
    if (dense.isSplat())
      return spread(arith::ConstantOp::create(
          b, loc, cast<TypedAttr>(dense.getSplatValue<Attribute>())));
    llvm_unreachable("tables are in memory");
  }
  if (auto splat = dyn_cast<tensor::SplatOp>(maker))
    return spread(evaluate(splat.getInput(), {}));
  if (auto broadcast = dyn_cast<ssm::BroadcastOp>(maker))
    return spread(
        evaluate(broadcast.getInput(), project(at, broadcast.getAxes())));
  if (auto slice = dyn_cast<tensor::ExtractSliceOp>(maker)) {
    llvm::SmallBitVector dropped = slice.getDroppedDims();
    Position inner;
    unsigned axis = 0;
    for (auto [i, first, stride] :
         llvm::enumerate(slice.getStaticOffsets(), slice.getStaticStrides())) {
      if (dropped[i]) {
        inner.indices.push_back(e.index(first));
        continue;
      }
      inner.indices.push_back(
          e.add(e.index(first), e.mul(at.indices[axis], e.index(stride))));
      if (at.laneAxis == axis) {
        inner.laneAxis = i;
        inner.lanes = at.lanes;
      }
      ++axis;
    }
    bool strided =
        inner.laneAxis && slice.getStaticStrides()[*inner.laneAxis] != 1;
    if (!strided)
      return evaluate(slice.getSource(), inner);
    unsigned laneAxis = *inner.laneAxis;
    int64_t stride = slice.getStaticStrides()[laneAxis];
    Value first = inner.indices[laneAxis];
    inner.laneAxis = std::nullopt;
    inner.lanes = 1;
    SmallVector<Value> lanes;
    for (int64_t lane = 0; lane < at.lanes; ++lane) {
      inner.indices[laneAxis] = e.add(first, e.index(lane * stride));
      lanes.push_back(evaluate(slice.getSource(), inner));
    }
    return vector::FromElementsOp::create(
        b, loc, VectorType::get(at.lanes, lanes[0].getType()), lanes);
  }
  if (auto contract = dyn_cast<ssm::ContractOp>(maker)) {
    StringRef result = contract.getResultAxes();
    Value product;
    for (auto [letters, input] :
         llvm::zip_equal(contract.getInputAxes(), contract.getInputs())) {
      SmallVector<int64_t> axes;
      for (char letter : letters)
        axes.push_back(result.find(letter));
      Value factor = spread(evaluate(input, project(at, axes)));
      product = product
                    ? arith::MulFOp::create(b, loc, product, factor).getResult()
                    : factor;
    }
    return product;
  }
  SmallVector<Value> operands;
  for (Value operand : maker->getOperands())
    operands.push_back(operandAt(operand, at));
  if (auto decompose = dyn_cast<ssm::DecomposeInterface>(maker)) {
    SmallVector<Value> computed = decompose.decompose(b, operands);
    for (auto [result, each] : llvm::zip_equal(maker->getResults(), computed))
      known.push_back({result, at, each});
    return computed[cast<OpResult>(value).getResultNumber()];
  }
  Type type = getElementTypeOrSelf(value.getType());
  if (at.laneAxis)
    type = VectorType::get(at.lanes, type);
  OperationState state(maker->getLoc(), maker->getName().getIdentifier(),
                       operands, TypeRange{type}, maker->getAttrs());
  return b.create(state)->getResult(0);
}
