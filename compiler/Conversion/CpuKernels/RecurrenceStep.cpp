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
// Nests
//===----------------------------------------------------------------------===//

void RecurrenceEmitter::emitNest(const Nest &nest) {
  // Scalars are the same at every position: once, before the loops.
  llvm::SmallPtrSet<Operation *, 16> seen;
  for (const NestRoot &root : nest.roots) {
    if (root.kind != NestRoot::sum)
      evaluateScalars(root.value, nest.stage, seen);
    else
      for (Value input : root.value.getDefiningOp()->getOperands())
        evaluateScalars(input, nest.stage, seen);
  }

  SmallVector<Value> sums;
  for (const NestRoot &root : nest.roots) {
    if (root.kind != NestRoot::sum)
      continue;
    auto type = dyn_cast<RankedTensorType>(root.value.getType());
    if (!type) {
      sums.push_back(zero());
      continue;
    }
    Value memory = allocate(type.getNumElements());
    sumMemory[root.value] = memory;
    SmallVector<Value> none;
    forSpace(type.getShape(), none, [&](Indices at, auto &) {
      vector::StoreOp::create(b, e.loc, zero(), memory,
                              flatten(type.getShape(), at));
    });
  }
  size_t outerKnown = known.size();
  forSpace(nest.extents, sums,
           [&](Indices at, SmallVectorImpl<Value> &carried) {
             emitPosition(nest, at, carried);
             // What an unrolled position computed serves the next ones too.
             if (product(nest.extents) > unrollLimit)
               known.truncate(outerKnown);
           });
  unsigned scalar = 0;
  for (const NestRoot &root : nest.roots)
    if (root.kind == NestRoot::sum &&
        !isa<RankedTensorType>(root.value.getType()))
      known.push_back({root.value, {}, sums[scalar++]});
}

void RecurrenceEmitter::emitPosition(const Nest &nest, Indices indices,
                                     SmallVectorImpl<Value> &sums) {
  // All values first, then all writes: a state written in place is still the
  // present one for the other roots.
  SmallVector<Value> values;
  unsigned scalar = 0;
  for (const NestRoot &root : nest.roots) {
    if (root.kind != NestRoot::sum) {
      values.push_back(evaluate(root.value, indices));
      continue;
    }
    auto contract = root.value.getDefiningOp<ssm::ContractOp>();
    auto letters = getLetters(contract);
    auto indexOf = [&](char letter) {
      auto it = llvm::find_if(
          letters, [&](auto &entry) { return entry.first == letter; });
      return indices[it - letters.begin()];
    };
    auto type = dyn_cast<RankedTensorType>(root.value.getType());
    if (!type) {
      sums[scalar] = multiply(contract, indexOf, sums[scalar]);
      values.push_back(sums[scalar++]);
      continue;
    }
    SmallVector<Value> at;
    for (char letter : contract.getResultAxes())
      at.push_back(indexOf(letter));
    Value memory = sumMemory[root.value];
    Value offset = flatten(type.getShape(), at);
    Value sum = vector::LoadOp::create(
        b, e.loc, cast<VectorType>(e.laneType(lanes)), memory, offset);
    sum = multiply(contract, indexOf, sum);
    vector::StoreOp::create(b, e.loc, sum, memory, offset);
    values.push_back(sum);
  }
  for (auto [root, value] : llvm::zip(nest.roots, values)) {
    if (root.kind == NestRoot::state)
      writeState(root.number, indices, value);
    else if (root.kind == NestRoot::output && indices.empty())
      outputs[op.getOutputs()[root.number]] = value;
    else if (root.kind == NestRoot::output)
      storeStepOutput(root.number, indices, value);
  }
}

/// Evaluates the scalars that `value` needs and that this stage can compute.
void RecurrenceEmitter::evaluateScalars(
    Value value, unsigned stage, llvm::SmallPtrSetImpl<Operation *> &seen) {
  Operation *maker = value.getDefiningOp();
  if (!value.getType().isF32()) {
    if (maker && seen.insert(maker).second &&
        !(isa<ssm::ContractOp>(maker) && hasSum(cast<ssm::ContractOp>(maker))))
      for (Value operand : maker->getOperands())
        evaluateScalars(operand, stage, seen);
    return;
  }
  if (body.getStage(value) <= stage)
    evaluate(value, {});
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

/// Whether two lists of indices are the same, as values or as constants.
static bool sameIndices(ArrayRef<Value> a, ArrayRef<Value> b) {
  return a.size() == b.size() && llvm::all_of(llvm::zip(a, b), [](auto pair) {
           auto [x, y] = pair;
           std::optional<int64_t> constant = getConstantIntValue(x);
           return x == y || (constant && constant == getConstantIntValue(y));
         });
}

Value RecurrenceEmitter::evaluate(Value value, Indices indices) {
  for (const Known &entry : known)
    if (entry.value == value && sameIndices(entry.indices, indices))
      return entry.computed;
  Value computed = compute(value, indices);
  known.push_back({value, SmallVector<Value>(indices), computed});
  return computed;
}

Value RecurrenceEmitter::multiply(ssm::ContractOp contract,
                                  function_ref<Value(char)> indexOf,
                                  Value sum) {
  SmallVector<Value> factors;
  for (auto [group, input] :
       llvm::zip(contract.getInputAxes(), contract.getInputs())) {
    SmallVector<Value> at;
    for (char letter : group)
      at.push_back(indexOf(letter));
    factors.push_back(evaluate(input, at));
  }
  if (factors.size() == 1)
    return sum ? arith::AddFOp::create(b, e.loc, sum, factors[0]).getResult()
               : factors[0];
  if (sum)
    return math::FmaOp::create(b, e.loc, factors[0], factors[1], sum);
  return arith::MulFOp::create(b, e.loc, factors[0], factors[1]);
}

Value RecurrenceEmitter::compute(Value value, Indices indices) {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    unsigned number = argument.getArgNumber();
    unsigned inputs = op.getInputs().size();
    if (number >= inputs)
      return readState(number - inputs, indices);
    if (auto it = invariants.find(number); it != invariants.end()) {
      const InvariantInput &input = it->second;
      if (!input.memory)
        return input.registers[flattenConstant(input.extents, indices)];
      return vector::LoadOp::create(
          b, e.loc, cast<VectorType>(e.laneType(lanes)), input.memory,
          flatten(input.extents, indices));
    }
    return loadLanes(op.getInputs()[number],
                     positionOf(op.getInputLabels(number), indices));
  }
  Operation *maker = value.getDefiningOp();
  if (auto contract = dyn_cast<ssm::ContractOp>(maker)) {
    if (hasSum(contract)) {
      auto type = cast<RankedTensorType>(value.getType());
      return vector::LoadOp::create(
          b, e.loc, cast<VectorType>(e.laneType(lanes)), sumMemory[value],
          flatten(type.getShape(), indices));
    }
    StringRef result = contract.getResultAxes();
    return multiply(
        contract, [&](char letter) { return indices[result.find(letter)]; },
        Value());
  }
  if (auto extract = dyn_cast<tensor::ExtractOp>(maker)) {
    SmallVector<Value> at;
    for (Value i : extract.getIndices())
      at.push_back(e.index(*getConstantIntValue(i)));
    return evaluate(extract.getTensor(), at);
  }
  if (auto elements = dyn_cast<tensor::FromElementsOp>(maker))
    return evaluate(elements.getElements()[flattenConstant(
                        elements.getType().getShape(), indices)],
                    {});
  if (auto splat = dyn_cast<tensor::SplatOp>(maker))
    return evaluate(splat.getInput(), {});
  FloatAttr scalar;
  if (matchPattern(maker, m_Constant(&scalar)))
    return e.constant(scalar.getValueAsDouble(), lanes);
  DenseFPElementsAttr dense;
  if (matchPattern(maker, m_Constant(&dense))) {
    auto values = dense.getValues<APFloat>();
    int64_t at = dense.isSplat()
                     ? 0
                     : flattenConstant(dense.getType().getShape(), indices);
    return e.constant(values[at].convertToDouble(), lanes);
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
      known.push_back({result, SmallVector<Value>(indices), lane});
    return computed[cast<OpResult>(value).getResultNumber()];
  }
  Type element = getElementTypeOrSelf(value.getType());
  OperationState state(maker->getLoc(), maker->getName().getIdentifier(),
                       operands, TypeRange{VectorType::get(lanes, element)},
                       maker->getAttrs());
  return b.create(state)->getResult(0);
}
