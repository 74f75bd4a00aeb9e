//===- ChunkRegion.cpp - a body for all steps of a chunk ------------------===//

#include "compiler/Transforms/Forms/ChunkRegion.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace ssmc {

ChunkRegion::ChunkRegion(const RecurrenceStructure &structure, int64_t steps,
                         ArrayRef<StringRef> tileLabels)
    : structure(structure), steps(steps), builder(structure.op->getContext()),
      arithmetic(builder, structure.op->getLoc()), op(structure.op) {
  for (StringRef label : tileLabels)
    tile.push_back(label.str());
  Block &block = op.addChunk(steps, tileLabels);
  builder.setInsertionPointToStart(&block);
  Block &body = op.getBody().front();
  unsigned inputs = op.getInputs().size();
  for (unsigned i = 0; i < inputs; ++i)
    tensors[body.getArgument(i)] =
        argument(block.getArgument(i), op.getInputLabels(i));
  for (unsigned i = 0; i < op.getFinal().size(); ++i)
    initials.push_back(
        argument(block.getArgument(inputs + i), op.getStateLabels(i)));
}

/// The axes that a chunk region sees of a value with these labels.
static SmallVector<Dim, 4>
dimsOf(ssm::RecurrenceOp op, ArrayRef<std::string> tile,
       ArrayRef<ssm::RecurrenceOp::AxisLabels> labels) {
  SmallVector<Dim, 4> dims;
  Dim axis = 0;
  for (const auto &list : labels)
    for (StringRef label : list) {
      if (label == op.getSequence())
        dims.insert(dims.begin(), timeDim);
      else if (op.isStepLabel(label))
        dims.push_back(axis++);
      else if (auto found = llvm::find(tile, label); found != tile.end())
        dims.push_back(tileDim(found - tile.begin()));
    }
  return dims;
}

ChunkTensor
ChunkRegion::argument(Value value,
                      ArrayRef<ssm::RecurrenceOp::AxisLabels> labels) {
  return {value, dimsOf(op, tile, labels)};
}

Dims ChunkRegion::stateDims(unsigned state, bool time) const {
  Dims dims = ChunkArithmetic::allDims(initials[state]);
  if (time)
    dims.insert(dims.begin(), {timeDim, steps});
  return dims;
}

std::nullopt_t ChunkRegion::fail(const Twine &text) {
  if (reason.empty())
    reason = text.str();
  return std::nullopt;
}

void ChunkRegion::add(std::unique_ptr<StateSolver> solver) {
  solvers.push_back(std::move(solver));
}

void ChunkRegion::assume(Value value, ChunkTensor tensor) {
  tensors[value] = std::move(tensor);
}

void ChunkRegion::forget(ArrayRef<Value> values) {
  for (Value value : values)
    tensors.erase(value);
}

/// The solver of the last component among `states`.
StateSolver *ChunkRegion::solverOf(uint64_t states) {
  StateSolver *last = nullptr;
  for (auto [component, solver] : llvm::zip(structure.components, solvers))
    if (component.bits() & states)
      last = solver.get();
  return last;
}

//===----------------------------------------------------------------------===//
// Values of the body
//===----------------------------------------------------------------------===//

std::optional<ChunkTensor> ChunkRegion::batch(Value value) {
  if (auto known = tensors.find(value); known != tensors.end())
    return known->second;
  std::optional<ChunkTensor> tensor = batchOp(value);
  if (tensor)
    tensors[value] = *tensor;
  return tensor;
}

std::optional<ChunkTensor> ChunkRegion::batchOp(Value value) {
  uint64_t states = structure.dependences.of(value).states;
  unsigned inputs = op.getInputs().size();
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    return solverOf(states)->before(argument.getArgNumber() - inputs);
  }
  if (StateSolver *solver = solverOf(states)) {
    for (auto [component, own] : llvm::zip(structure.components, solvers))
      if (own.get() == solver)
        for (const StateStructure &state : component.states)
          if (structure.nextValue(state.state) == value &&
              (component.bits() & states))
            return solver->after(state.state);
    if (solver->reads(value))
      return solver->read(value);
  }

  Operation *maker = value.getDefiningOp();
  if (auto contract = dyn_cast<ssm::ContractOp>(maker))
    return batchContract(contract);
  if (isa<tensor::ExtractOp, tensor::ExtractSliceOp>(maker))
    return batchPart(maker);
  SmallVector<ChunkTensor> operands;
  for (Value operand : maker->getOperands()) {
    if (isa<ssm::BroadcastOp>(maker) && !operands.empty())
      break; // only the type of the other matters
    std::optional<ChunkTensor> tensor = batch(operand);
    if (!tensor)
      return std::nullopt;
    operands.push_back(std::move(*tensor));
  }
  if (auto broadcast = dyn_cast<ssm::BroadcastOp>(maker)) {
    ChunkTensor result = operands[0];
    for (Dim &dim : result.dims)
      if (dim >= 0)
        dim = broadcast.getAxes()[dim];
    return result;
  }
  if (isa<tensor::SplatOp>(maker))
    return operands[0];
  bool varies = llvm::any_of(operands, [](const ChunkTensor &operand) {
    return llvm::any_of(operand.dims, [](Dim dim) { return dim < 0; });
  });
  if (!varies &&
      llvm::all_of(llvm::zip(maker->getOperands(), operands), [](auto pair) {
        return std::get<0>(pair).getType() == std::get<1>(pair).value.getType();
      })) {
    IRMapping mapping;
    for (auto [operand, tensor] : llvm::zip(maker->getOperands(), operands))
      mapping.map(operand, tensor.value);
    Operation *clone = builder.clone(*maker, mapping);
    for (auto [result, cloned] :
         llvm::zip(maker->getResults(), clone->getResults())) {
      auto axes = llvm::seq<Dim>(0, shapeOf(result.getType()).size());
      tensors[result] = {cloned, {axes.begin(), axes.end()}};
    }
    return tensors[value];
  }
  if (auto solve = dyn_cast<ssm::SolveOp>(maker))
    return arithmetic.solve(operands[0], operands[1], solve);
  if (!maker->hasTrait<OpTrait::Elementwise>() &&
      !maker->hasTrait<ssm::Pointwise>() &&
      !isa<ssm::DecomposeInterface>(maker))
    return fail("'" + maker->getName().getStringRef() +
                "' has no form over a chunk");
  for (auto [result, tensor] : llvm::zip(
           maker->getResults(), arithmetic.elementwiseAll(maker, operands)))
    tensors[result] = tensor;
  return tensors[value];
}

/// What an op takes of a tensor at fixed positions of some axes, all of others.
std::optional<ChunkTensor> ChunkRegion::batchPart(Operation *maker) {
  SmallVector<std::optional<int64_t>> positions; // one per axis; none: all
  if (auto extract = dyn_cast<tensor::ExtractOp>(maker)) {
    for (Value index : extract.getIndices())
      positions.push_back(getConstantIntValue(index));
    if (llvm::is_contained(positions, std::nullopt))
      return fail("'tensor.extract' is at a position that is not constant");
  } else {
    auto slice = cast<tensor::ExtractSliceOp>(maker);
    llvm::SmallBitVector dropped = slice.getDroppedDims();
    for (auto [axis, extent] :
         llvm::enumerate(slice.getSourceType().getShape())) {
      std::optional<int64_t> offset =
          getConstantIntValue(slice.getMixedOffsets()[axis]);
      bool whole = slice.getStaticSizes()[axis] == extent;
      if (!offset || !(whole || dropped[axis]))
        return fail("'tensor.extract_slice' takes a range of an axis");
      positions.push_back(dropped[axis] ? offset : std::nullopt);
    }
  }
  std::optional<ChunkTensor> tensor = batch(maker->getOperand(0));
  if (!tensor)
    return std::nullopt;
  for (auto [axis, position] : llvm::enumerate(positions))
    if (position && tensor->has(axis))
      tensor = arithmetic.slice(*tensor, axis, *position);
  SmallVector<Dim> kept; // the number of each axis without those before it
  Dim left = 0;
  for (const auto &position : positions)
    kept.push_back(position ? -1 : left++);
  for (Dim &dim : tensor->dims)
    if (dim >= 0)
      dim = kept[dim];
  return tensor;
}

std::optional<ChunkTensor>
ChunkRegion::batchContract(ssm::ContractOp contract) {
  // Letters of the result are its axes; the others come after them.
  std::string letters = contract.getResultAxes().str();
  SmallVector<ChunkTensor> operands;
  for (auto [group, input] :
       llvm::zip(contract.getInputAxes(), contract.getInputs())) {
    std::optional<ChunkTensor> operand = batch(input);
    if (!operand)
      return std::nullopt;
    for (Dim &dim : operand->dims)
      if (dim >= 0) {
        if (!StringRef(letters).contains(group[dim]))
          letters += group[dim];
        dim = letters.find(group[dim]);
      }
    operands.push_back(std::move(*operand));
  }
  Dim rank = contract.getResultAxes().size();
  SmallVector<Dim> keep;
  int64_t repeats = 1; // of sums over axes that no operand changes along
  SmallVector<bool> present(letters.size(), false);
  for (auto [dim, extent] : ChunkArithmetic::allDims(operands)) {
    if (dim < rank)
      keep.push_back(dim);
    if (dim >= 0)
      present[dim] = true;
  }
  for (auto [group, input] :
       llvm::zip(contract.getInputAxes(), contract.getInputs()))
    for (auto [axis, letter] : llvm::enumerate(group)) {
      size_t index = letters.find(letter);
      if (index == std::string::npos) {
        letters += letter;
        present.push_back(false);
        index = letters.size() - 1;
      }
      if (static_cast<Dim>(index) >= rank && !present[index]) {
        repeats *= shapeOf(input.getType())[axis];
        present[index] = true;
      }
    }
  ChunkTensor result =
      operands.size() == 2
          ? arithmetic.contract(operands[0], operands[1], keep)
          : arithmetic.contract(operands[0], arithmetic.constant(1), keep);
  if (repeats != 1)
    result = arithmetic.multiply(result, arithmetic.constant(repeats));
  return result;
}

//===----------------------------------------------------------------------===//
// Factors
//===----------------------------------------------------------------------===//

/// The factors, with pairs that share an index that is summed over in front.
/// Conditions stop what stands before them, so factors with some keep their
/// order.
static SmallVector<Factor> sumsFirst(ArrayRef<Factor> factors,
                                     ArrayRef<Dim> keep) {
  SmallVector<Factor> front, rest(factors);
  if (llvm::any_of(factors, [](const Factor &factor) {
        return factor.kind != Factor::value && factor.kind != Factor::unit;
      }))
    return rest;
  auto sharesSum = [&](const Factor &a, const Factor &b) {
    return llvm::any_of(a.indices, [&](Index index) {
      return !llvm::is_contained(keep, static_cast<Dim>(index)) &&
             llvm::is_contained(b.indices, index);
    });
  };
  for (size_t i = 0; i < rest.size(); ++i)
    for (size_t j = i + 1; j < rest.size(); ++j)
      if (sharesSum(rest[i], rest[j])) {
        front = {rest[i], rest[j]};
        rest.erase(rest.begin() + j);
        rest.erase(rest.begin() + i);
        llvm::append_range(front, rest);
        return front;
      }
  return rest;
}

std::optional<ChunkTensor>
ChunkRegion::product(ArrayRef<Factor> factors, double scale, ArrayRef<Dim> keep,
                     ArrayRef<int64_t> extents,
                     std::optional<ChunkTensor> start) {
  std::optional<ChunkTensor> result = std::move(start);
  ChunkTensor one = arithmetic.constant(1), zero = arithmetic.constant(0);
  // A dot product comes first: (u . w) is a number where u w is a matrix.
  SmallVector<Factor> ordered = sumsFirst(factors, keep);
  factors = ordered;
  for (size_t i = 0; i < factors.size(); ++i) {
    const Factor &factor = factors[i];
    ChunkTensor operand;
    if (factor.kind == Factor::unit) {
      Index index = factor.indices[0];
      operand = arithmetic.unit(index, extents[index], factor.position);
    } else {
      std::optional<ChunkTensor> value = batch(factor.operand);
      if (!value)
        return std::nullopt;
      operand = std::move(*value);
      for (Dim &dim : operand.dims)
        if (dim >= 0)
          dim = factor.indices[dim];
    }
    // Sum over what no later factor has.
    auto isKept = [&](Dim dim) {
      return dim < 0 || llvm::is_contained(keep, dim) ||
             llvm::any_of(
                 factors.drop_front(i + 1),
                 [&](const Factor &other) {
                   return llvm::is_contained(other.indices,
                                             static_cast<Index>(dim));
                 });
    };
    ChunkTensor left = result ? *result : one;
    switch (factor.kind) {
    case Factor::value:
    case Factor::unit: {
      SmallVector<Dim> kept;
      Dims all = ChunkArithmetic::allDims({left, operand});
      for (auto [dim, extent] : all)
        if (isKept(dim))
          kept.push_back(dim);
      if (kept.size() < all.size())
        result = arithmetic.contract(left, operand, kept);
      else
        result = result ? arithmetic.multiply(left, operand) : operand;
      continue;
    }
    case Factor::reciprocal:
      result = arithmetic.divide(left, operand);
      break;
    case Factor::where:
      result = arithmetic.select(operand, left, zero);
      break;
    case Factor::whereNot:
      result = arithmetic.select(operand, zero, left);
      break;
    }
    SmallVector<Dim> kept;
    llvm::copy_if(result->dims, std::back_inserter(kept), isKept);
    if (kept.size() < result->dims.size())
      result = arithmetic.contract(*result, one, kept);
  }
  if (!result)
    return arithmetic.constant(scale);
  SmallVector<Dim> kept;
  llvm::copy_if(result->dims, std::back_inserter(kept), [&](Dim dim) {
    return dim < 0 || llvm::is_contained(keep, dim);
  });
  if (kept.size() < result->dims.size())
    result = arithmetic.contract(*result, one, kept);
  if (scale != 1)
    result = arithmetic.multiply(*result, arithmetic.constant(scale));
  return result;
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

std::optional<Value>
ChunkRegion::yielded(std::optional<ChunkTensor> tensor,
                     ArrayRef<ssm::RecurrenceOp::AxisLabels> labels,
                     Type type) {
  if (!tensor)
    return std::nullopt;
  Dims dims;
  for (auto [dim, extent] : llvm::zip(dimsOf(op, tile, labels), shapeOf(type)))
    dims.push_back({dim, extent});
  return arithmetic.align(*tensor, dims).value;
}

LogicalResult ChunkRegion::finish() {
  SmallVector<Value> values;
  SmallVector<StringRef> labels(tile.begin(), tile.end());
  SmallVector<Type> types = op.getChunkYieldTypes(steps, labels);
  OperandRange yields = op.getBody().front().getTerminator()->getOperands();
  unsigned outputs = op.getOutputs().size();
  for (unsigned i = 0; i < types.size(); ++i) {
    std::optional<Value> value;
    if (i < outputs) {
      value = yielded(batch(yields[i]), op.getOutputLabels(i), types[i]);
    } else {
      StateSolver *solver = solverOf(uint64_t(1) << (i - outputs));
      value = yielded(solver->last(i - outputs), op.getStateLabels(i - outputs),
                      types[i]);
    }
    if (!value)
      return failure();
    values.push_back(*value);
  }
  ssm::YieldOp::create(builder, op.getLoc(), values);
  return success();
}

void dropChunk(ssm::RecurrenceOp op) {
  Region &chunk = op.getChunk();
  chunk.dropAllReferences();
  chunk.getBlocks().clear();
  op.removeChunkSizeAttr();
  op.removeTileAttr();
}

std::string ChunkRegion::drop() {
  dropChunk(op);
  return reason;
}

} // namespace ssmc
