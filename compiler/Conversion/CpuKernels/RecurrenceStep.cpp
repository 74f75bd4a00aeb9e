//===- RecurrenceStep.cpp - one time step of a recurrence ----------------===//

#include "compiler/Conversion/CpuKernels/RecurrenceEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace ssmc;

//===----------------------------------------------------------------------===//
// Hoisted values
//===----------------------------------------------------------------------===//

void RecurrenceEmitter::emitHoisted(bool usesLanes, bool usesTime) {
  for (Value value : body.getHoisted()) {
    if (body.usesLanes(value) != usesLanes ||
        body.usesTime(value) != usesTime || plan.slots.at(value).group)
      continue;
    known.clear();
    if (usesLanes) {
      emitHoistedValue(value);
    } else if (plan.alongAxis(value)) {
      auto emitRow = [&](Value at) {
        startRow(at);
        emitAlongAxis(value);
      };
      if (!usesTime)
        emitAlongAxis(value);
      else
        e.forLoop(e.index(0), rows, e.index(1), emitRow);
    } else if (!usesTime || body.isStep) {
      emitAlongTime(value, e.index(0), 1);
    } else {
      Value whole = e.mul(e.div(rows, e.index(laneCount)), e.index(laneCount));
      e.forLoop(e.index(0), whole, e.index(laneCount),
                [&](Value at) { emitAlongTime(value, at, laneCount); });
      e.forLoop(whole, rows, e.index(1),
                [&](Value at) { emitAlongTime(value, at, 1); });
    }
    inMemory.insert(value);
  }
}

/// Lanes are `count` time steps.
void RecurrenceEmitter::emitAlongTime(Value value, Value at, int64_t count) {
  laneMode = LaneMode::time;
  lanes = count;
  known.clear();
  if (body.usesTime(value))
    startRow(at);
  emitHoistedValue(value);
}

/// Lanes are elements along the last axis.
void RecurrenceEmitter::emitAlongAxis(Value value) {
  const Slot &slot = plan.slots.at(value);
  laneMode = LaneMode::axis;
  SmallVector<Value> none;
  forSpace(ArrayRef(slot.extents).drop_back(), none,
           [&](Indices outer, Values &) {
             size_t outerKnown = known.size();
             // A value of its own: by it lanes are told from other indices,
             // which may be the emitter's 0.
             Value zero = arith::ConstantIndexOp::create(b, e.loc, 0);
             forLanes(zero, slot.extents.back(), laneCount,
                      [&](Value first, int64_t count) {
                        known.truncate(outerKnown);
                        axisLane = first;
                        lanes = count;
                        SmallVector<Value> at(outer);
                        at.push_back(first);
                        storeSlot(slot, at, evaluate(value, at));
                      });
             known.truncate(outerKnown);
           });
}

void RecurrenceEmitter::emitHoistedValue(Value value) {
  const Slot &slot = plan.slots.at(value);
  if (isSum(value)) {
    emitSum(value);
    return;
  }
  SmallVector<Value> none;
  DenseFPElementsAttr dense;
  auto elements = value.getDefiningOp<tensor::FromElementsOp>();
  if (!elements && !matchPattern(value, m_Constant(&dense))) {
    forSpace(slot.extents, none, [&](Indices at, Values &) {
      storeSlot(slot, at, evaluate(value, at));
    });
    return;
  }
  // Each element has an expression of its own.
  int64_t count = product(slot.extents);
  for (int64_t i = 0; i < count; ++i) {
    SmallVector<Value> at(slot.extents.size());
    int64_t rest = i;
    for (size_t axis = at.size(); axis-- > 0; rest /= slot.extents[axis])
      at[axis] = e.index(rest % slot.extents[axis]);
    Value element =
        elements ? evaluate(elements.getElements()[i], {})
                 : e.constant(dense.getValues<APFloat>()[i].convertToDouble(),
                              lanes);
    storeSlot(slot, at, element);
  }
}

/// A sum of a nest of its own: each result is one chain in a register.
void RecurrenceEmitter::emitSum(Value value) {
  auto contract = value.getDefiningOp<ssm::ContractOp>();
  const Slot &slot = plan.slots.at(value);
  auto letters = getLetters(contract);
  StringRef kept = contract.getResultAxes();
  SmallVector<int64_t> summed;
  for (auto [letter, extent] : letters)
    if (!kept.contains(letter))
      summed.push_back(extent);
  // Several chains side by side hide the latency of each.
  forGroups(slot.extents, [&](ArrayRef<SmallVector<Value>> results) {
    SmallVector<Value> sums(results.size(), zero());
    forSpace(summed, sums, [&](Indices inner, Values &carried) {
      for (auto [result, sum] : llvm::zip(results, carried)) {
        SmallVector<Value> at;
        Indices rest = inner;
        for (auto [letter, extent] : letters) {
          size_t axis = kept.find(letter);
          at.push_back(axis == StringRef::npos ? rest.front() : result[axis]);
          if (axis == StringRef::npos)
            rest = rest.drop_front();
        }
        sum = accumulate(contract, at, sum);
      }
    });
    for (auto [result, sum] : llvm::zip(results, sums))
      storeSlot(slot, result, sum);
  });
}

/// Small values that time does not change stay in registers.
void RecurrenceEmitter::loadSmallInvariants() {
  for (Value value : body.getHoisted()) {
    if (!body.usesLanes(value) || product(extentsOf(value)) > unrollLimit)
      continue;
    SmallVector<Value> none;
    forSpace(extentsOf(value), none, [&](Indices at, Values &) {
      remember(value, at, loadSlot(plan.slots.at(value), at));
    });
  }
}

//===----------------------------------------------------------------------===//
// Nests
//===----------------------------------------------------------------------===//

void RecurrenceEmitter::emitNest(const Nest &nest) {
  bool isTile = nest.phase == Phase::tiles;
  if (nest.roots.size() == 1 && nest.roots[0].kind == NestRoot::sum &&
      !extentsOf(nest.roots[0].value).empty()) {
    emitSum(nest.roots[0].value);
    inMemory.insert(nest.roots[0].value);
    return;
  }
  // Scalars are the same at every position: once, before the loops.
  llvm::SmallPtrSet<Operation *, 16> seen;
  for (const NestRoot &root : nest.roots)
    for (Value value : body.getOperands(root))
      evaluateScalars(value, nest.stage, seen);

  SmallVector<Value> sums;
  unsigned chains = 1; // more only of a sum alone
  for (const NestRoot &root : nest.roots) {
    if (root.kind != NestRoot::sum)
      continue;
    SmallVector<int64_t> extents = extentsOf(root.value);
    if (extents.empty()) {
      chains = body.chainsOf(root.value);
      sums.push_back(isTile ? loadSlot(plan.slots.at(root.value), {}) : zero());
      continue;
    }
    SmallVector<Value> none;
    forSpace(extents, none, [&](Indices at, Values &) {
      storeSlot(plan.slots.at(root.value), at, zero());
    });
  }
  if (isTile) {
    for (Value at : tileIndices)
      emitPosition(nest, at, sums);
  } else if (chains > 1) {
    emitChains(nest, sums[0], chains);
  } else {
    forSpace(nest.extents, sums, [&](Indices at, Values &carried) {
      emitPosition(nest, at, carried);
    });
  }
  unsigned scalar = 0;
  for (const NestRoot &root : nest.roots) {
    if (root.kind == NestRoot::elements)
      inMemory.insert(root.value);
    if (root.kind != NestRoot::sum)
      continue;
    if (!extentsOf(root.value).empty())
      inMemory.insert(root.value);
    else if (isTile)
      storeSlot(plan.slots.at(root.value), {}, sums[scalar++]);
    else
      remember(root.value, {}, sums[scalar++]);
  }
}

/// The one sum of `nest`, of `count` chains.
void RecurrenceEmitter::emitChains(const Nest &nest, Value &sum,
                                   unsigned count) {
  SmallVector<Value> chains(count, sum);
  unsigned position = 0;
  forSpace(nest.extents, chains, [&](Indices at, Values &carried) {
    Value &chain = carried[position++ % count];
    SmallVector<Value> own{chain};
    emitPosition(nest, at, own);
    chain = own[0];
  });
  sum = chains[0];
  for (Value chain : ArrayRef(chains).drop_front())
    sum = arith::AddFOp::create(b, e.loc, sum, chain);
}

void RecurrenceEmitter::emitPosition(const Nest &nest, Indices indices,
                                     Values &sums) {
  // All values first, then all writes: a state written in place is still the
  // present one for the other roots.
  SmallVector<Value> values;
  unsigned scalar = 0;
  for (const NestRoot &root : nest.roots) {
    switch (root.kind) {
    case NestRoot::sum: {
      auto contract = root.value.getDefiningOp<ssm::ContractOp>();
      if (extentsOf(root.value).empty()) {
        sums[scalar] = accumulate(contract, indices, sums[scalar]);
        ++scalar;
        break;
      }
      const Slot &slot = plan.slots.at(root.value);
      SmallVector<Value> at;
      auto letters = getLetters(contract);
      for (char letter : contract.getResultAxes())
        at.push_back(indices[llvm::find_if(letters,
                                           [&](auto &entry) {
                                             return entry.first == letter;
                                           }) -
                             letters.begin()]);
      storeSlot(slot, at, accumulate(contract, indices, loadSlot(slot, at)));
      break;
    }
    case NestRoot::elements:
      emitHoistedValue(root.value);
      break;
    case NestRoot::state:
      prefetchState(root.number, indices);
      values.push_back(evaluate(root.value, indices));
      break;
    case NestRoot::result:
      for (Value value : body.getOperands(root))
        evaluate(value, indices);
      break;
    }
  }
  ArrayRef<Value> next = values;
  for (const NestRoot &root : nest.roots) {
    if (root.kind == NestRoot::state) {
      writeState(root.number, indices, next.front());
      next = next.drop_front();
    } else if (root.kind == NestRoot::result) {
      emitResult(root, indices);
    }
  }
}

/// Writes a result of the kernel: an output, or what is computed from outputs.
void RecurrenceEmitter::emitResult(const NestRoot &root, Indices indices) {
  Position at = positionOf(op.getOutputLabels(root.outputs[0]), indices);
  DenseMap<Value, Value> values;
  for (auto [output, value] : llvm::zip(root.outputs, body.getOperands(root))) {
    Value computed = evaluate(value, indices);
    if (!at.laneAxis)
      computed = vector::ExtractOp::create(b, e.loc, computed, 0);
    values[op.getOutputs()[output]] = computed;
  }
  Value result = e.getResults()[root.number];
  e.store(root.number, at, e.load(result, at, &values));
}

/// Evaluates the scalars that `value` needs and that this stage can compute.
void RecurrenceEmitter::evaluateScalars(
    Value value, unsigned stage, llvm::SmallPtrSetImpl<Operation *> &seen) {
  Operation *maker = value.getDefiningOp();
  if (value.getType().isF32() && !body.isFusedProduct(value)) {
    if (body.getStage(value) <= stage)
      evaluate(value, {});
    return;
  }
  if (maker && seen.insert(maker).second && !isSum(value) &&
      !isLargeElements(value) && !inMemory.contains(value))
    for (Value operand : maker->getOperands())
      evaluateScalars(operand, stage, seen);
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

void RecurrenceEmitter::remember(Value value, Indices indices, Value computed) {
  known.push_back({value, SmallVector<Value>(indices), computed});
}

Value RecurrenceEmitter::evaluate(Value value, Indices indices) {
  // Indices are the same as values or as constants, unless lanes count from one
  // of them.
  auto same = [&](Value x, Value y) {
    if (x == y)
      return true;
    if (laneMode == LaneMode::axis && (x == axisLane || y == axisLane))
      return false;
    std::optional<int64_t> constant = getConstantIntValue(x);
    return constant && constant == getConstantIntValue(y);
  };
  for (const Known &entry : llvm::reverse(known))
    if (entry.value == value && entry.indices.size() == indices.size() &&
        llvm::all_of(llvm::zip(entry.indices, indices), [&](auto pair) {
          return same(std::get<0>(pair), std::get<1>(pair));
        }))
      return entry.computed;
  Value computed = inMemory.contains(value)
                       ? loadSlot(plan.slots.at(value), indices)
                       : compute(value, indices);
  remember(value, indices, computed);
  return computed;
}

SmallVector<Value>
RecurrenceEmitter::factorsOf(ssm::ContractOp contract,
                             function_ref<Value(char)> indexOf) {
  SmallVector<Value> factors;
  for (auto [group, input] :
       llvm::zip(contract.getInputAxes(), contract.getInputs())) {
    SmallVector<Value> at;
    for (char letter : group)
      at.push_back(indexOf(letter));
    factors.push_back(evaluate(input, at));
  }
  return factors;
}

/// Adds the product at `indices`, one per letter in order of appearance.
Value RecurrenceEmitter::accumulate(ssm::ContractOp contract, Indices indices,
                                    Value sum) {
  auto letters = getLetters(contract);
  SmallVector<Value> factors = factorsOf(contract, [&](char letter) {
    auto it = llvm::find_if(letters,
                            [&](auto &entry) { return entry.first == letter; });
    return indices[it - letters.begin()];
  });
  if (factors.size() == 1)
    return arith::AddFOp::create(b, e.loc, sum, factors[0]);
  return math::FmaOp::create(b, e.loc, factors[0], factors[1], sum);
}

/// The two factors of a multiplication or of a contraction without a sum.
SmallVector<Value> RecurrenceEmitter::factorsOf(Value product,
                                                Indices indices) {
  if (auto contract = product.getDefiningOp<ssm::ContractOp>()) {
    StringRef result = contract.getResultAxes();
    return factorsOf(contract,
                     [&](char letter) { return indices[result.find(letter)]; });
  }
  Operation *maker = product.getDefiningOp();
  return {evaluate(maker->getOperand(0), indices),
          evaluate(maker->getOperand(1), indices)};
}

Value RecurrenceEmitter::computeFused(Operation *maker, unsigned product,
                                      Indices indices) {
  SmallVector<Value> factors = factorsOf(maker->getOperand(product), indices);
  Value other = evaluate(maker->getOperand(1 - product), indices);
  if (isa<arith::SubFOp>(maker)) {
    Value &negative = product == 0 ? other : factors[0];
    negative = arith::NegFOp::create(b, e.loc, negative);
  }
  return math::FmaOp::create(b, e.loc, factors[0], factors[1], other);
}

Value RecurrenceEmitter::selectByIndex(Value index, int64_t count,
                                       function_ref<Value(int64_t)> element) {
  if (std::optional<int64_t> constant = getConstantIntValue(index))
    return element(*constant);
  Value selected = element(0);
  for (int64_t i = 1; i < count; ++i) {
    Value here = arith::CmpIOp::create(b, e.loc, arith::CmpIPredicate::eq,
                                       index, e.index(i));
    selected = arith::SelectOp::create(b, e.loc, here, element(i), selected);
  }
  return selected;
}

Value RecurrenceEmitter::compute(Value value, Indices indices) {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    if (std::optional<unsigned> number = body.getStateNumber(value))
      return readState(*number, indices);
    unsigned number = argument.getArgNumber();
    return loadLanes(op.getInputs()[number],
                     positionOf(op.getInputLabels(number), indices));
  }
  return computeOperation(value.getDefiningOp(), value, indices);
}

/// The index of an element of a tensor before its axes were grouped anew.
static SmallVector<Value> regroup(KernelEmitter &e, ArrayRef<int64_t> wide,
                                  ArrayRef<int64_t> narrow,
                                  ArrayRef<SmallVector<int64_t, 2>> groups,
                                  ArrayRef<Value> indices,
                                  bool indicesAreWide) {
  SmallVector<Value> result(indicesAreWide ? narrow.size() : wide.size());
  for (auto [group, axes] : llvm::enumerate(groups)) {
    if (indicesAreWide) {
      Value at = e.index(0);
      for (int64_t axis : axes)
        at = e.add(e.mul(at, e.index(wide[axis])), indices[axis]);
      result[group] = at;
      continue;
    }
    Value rest = indices[group];
    for (int64_t axis : llvm::reverse(axes)) {
      result[axis] = e.rem(rest, e.index(wide[axis]));
      rest = e.div(rest, e.index(wide[axis]));
    }
  }
  return result;
}

Value RecurrenceEmitter::computeOperation(Operation *maker, Value value,
                                          Indices indices) {
  if (auto contract = dyn_cast<ssm::ContractOp>(maker)) {
    SmallVector<Value> factors = factorsOf(value, indices);
    if (factors.size() == 1)
      return factors[0];
    return arith::MulFOp::create(b, e.loc, factors[0], factors[1]);
  }
  if (std::optional<unsigned> product = body.getFusedOperand(maker))
    return computeFused(maker, *product, indices);
  SmallVector<int64_t> extents = extentsOf(value);
  if (auto extract = dyn_cast<tensor::ExtractOp>(maker)) {
    SmallVector<Value> at;
    for (Value i : extract.getIndices())
      at.push_back(e.index(*getConstantIntValue(i)));
    return evaluate(extract.getTensor(), at);
  }
  if (auto elements = dyn_cast<tensor::FromElementsOp>(maker))
    return selectByIndex(
        flatten(extents, indices), product(extents),
        [&](int64_t i) { return evaluate(elements.getElements()[i], {}); });
  if (auto splat = dyn_cast<tensor::SplatOp>(maker))
    return evaluate(splat.getInput(), {});
  if (auto slice = dyn_cast<tensor::ExtractSliceOp>(maker)) {
    SmallVector<Value> at;
    llvm::SmallBitVector dropped = slice.getDroppedDims();
    for (auto [axis, offset, stride] :
         llvm::enumerate(slice.getStaticOffsets(), slice.getStaticStrides())) {
      Value inner = e.index(0);
      if (!dropped[axis]) {
        inner = indices.front();
        indices = indices.drop_front();
      }
      at.push_back(e.add(e.index(offset), e.mul(inner, e.index(stride))));
    }
    return evaluate(slice.getSource(), at);
  }
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(maker))
    return evaluate(collapse.getSrc(),
                    regroup(e, extentsOf(collapse.getSrc()), extents,
                            collapse.getReassociationIndices(), indices,
                            /*indicesAreWide=*/false));
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(maker))
    return evaluate(expand.getSrc(),
                    regroup(e, extents, extentsOf(expand.getSrc()),
                            expand.getReassociationIndices(), indices,
                            /*indicesAreWide=*/true));
  TypedAttr constant;
  if (matchPattern(maker, m_Constant(&constant))) {
    auto type = VectorType::get(lanes, getElementTypeOrSelf(value.getType()));
    auto splat = [&](Attribute element) -> Value {
      return arith::ConstantOp::create(b, e.loc,
                                       DenseElementsAttr::get(type, element));
    };
    auto dense = dyn_cast<DenseElementsAttr>(constant);
    if (!dense)
      return splat(constant);
    if (dense.isSplat())
      return splat(dense.getSplatValue<Attribute>());
    return selectByIndex(
        flatten(extents, indices), product(extents),
        [&](int64_t i) { return splat(dense.getValues<Attribute>()[i]); });
  }
  // Pointwise: the same op on lanes. A scalar operand is the same everywhere.
  SmallVector<Value> operands;
  for (Value operand : maker->getOperands())
    operands.push_back(evaluate(
        operand,
        isa<RankedTensorType>(operand.getType()) ? indices : Indices()));
  if (auto decompose = dyn_cast<ssm::DecomposeInterface>(maker)) {
    SmallVector<Value> computed = decompose.decompose(b, operands);
    for (auto [result, lane] : llvm::zip(maker->getResults(), computed))
      remember(result, indices, lane);
    return computed[cast<OpResult>(value).getResultNumber()];
  }
  Type element = getElementTypeOrSelf(value.getType());
  OperationState state(maker->getLoc(), maker->getName().getIdentifier(),
                       operands, TypeRange{VectorType::get(lanes, element)},
                       maker->getAttrs());
  return b.create(state)->getResult(0);
}
