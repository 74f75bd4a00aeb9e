//===- TensorEmitter.cpp - tensors of a block in memory -------------------===//

#include "compiler/Conversion/CpuKernels/TensorEmitter.h"
#include "compiler/Conversion/CpuKernels/RecurrenceBody.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace ssmc;

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

bool TensorEmitter::isLazy(Operation *op) {
  return isFree(op) || isPointwise(op) || isProduct(op);
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
      for (Value other : user->getResults())
        if (isReshape(user) || (isLazy(user) && !needsMemory(other)))
          last = latest(last, lastUse.lookup(other));
    }
    lastUse[value] = last;
  };
  for (Operation &op : llvm::reverse(block)) {
    llvm::for_each(op.getResults(), note);
    // Where the same block has been emitted elsewhere, it is not known here.
    for (Value result : op.getResults()) {
      places.erase(result);
      scalars.erase(result);
    }
  }
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
  if (isLazy(op)) {
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
    auto computeAt = [&](const Position &at) {
      // All first: a result may lie where an operand does.
      SmallVector<Value> values;
      for (Value result : stored)
        values.push_back(compute(result, at));
      for (auto [result, value] : llvm::zip_equal(stored, values))
        store(places[result], at, value);
    };
    forNeeded(stored[0], cast<RankedTensorType>(stored[0].getType()).getShape(),
              computeAt);
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
        auto elements = cast<DenseElementsAttr>(table.getValue());
        SmallVector<Attribute> values(elements.getValues<Attribute>());
        if (elements.getElementType().isInteger(1))
          for (Attribute &value : values)
            value = b.getF32FloatAttr(cast<BoolAttr>(value).getValue());
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
        for (auto [i, element] : llvm::enumerate(elements.getElements())) {
          Value number = scalars.lookup(element);
          if (number.getType().isInteger(1))
            number = arith::UIToFPOp::create(b, loc, b.getF32Type(), number);
          memref::StoreOp::create(b, loc, number, flat.buffer,
                                  e.index(first + i));
        }
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
