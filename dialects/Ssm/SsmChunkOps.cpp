//===- SsmChunkOps.cpp - ops of chunk regions -----------------------------===//

#include "dialects/Ssm/SsmChunkOps.h"

using namespace mlir;
using namespace ssmc::ssm;

#define GET_OP_CLASSES
#include "dialects/Ssm/SsmChunkOps.cpp.inc"

Type ssmc::ssm::getStepType(RankedTensorType type) {
  ArrayRef<int64_t> shape = type.getShape().drop_front();
  if (shape.empty())
    return type.getElementType();
  return RankedTensorType::get(shape, type.getElementType());
}

LogicalResult DecayedScoresOp::inferReturnTypes(
    MLIRContext *context, std::optional<Location> location, Adaptor adaptor,
    SmallVectorImpl<Type> &inferred) {
  auto queries = cast<RankedTensorType>(adaptor.getQueries().getType());
  int64_t size = queries.getDimSize(0);
  if (Value decay = adaptor.getDecay()) {
    auto type = cast<RankedTensorType>(decay.getType());
    if (type != queries && type.getShape() != ArrayRef(size)) // (C1)
      return emitOptionalError(location,
                               "expected 'decay' to have the type of "
                               "'queries', ",
                               queries, ", or their first axis, got ", type);
  }
  inferred.push_back(
      RankedTensorType::get({size, size}, queries.getElementType()));
  return success();
}

LogicalResult CausalProductOp::verify() {
  int64_t steps = getValues().getType().getDimSize(0);
  if (getScores().getType().getShape() !=
      ArrayRef<int64_t>({steps, steps})) // (C1)
    return emitOpError("expected 'scores' to have a row and a column per step "
                       "of 'values', ")
           << getValues().getType() << ", got " << getScores().getType();
  return success();
}

LogicalResult TriangularSolveOp::verify() {
  ArrayRef<int64_t> matrix = getMatrix().getType().getShape();
  ArrayRef<int64_t> input = getInput().getType().getShape();
  size_t axes = matrix.size() / 2;
  if ((matrix.size() != 2 && matrix.size() != 4) ||
      matrix.take_front(axes) != matrix.drop_front(axes)) // (C1)
    return emitOpError("expected 'matrix' to be [Q, Q] or [Q, K, Q, K], got ")
           << getMatrix().getType();
  if (input.take_front(axes) != matrix.take_front(axes)) // (C1)
    return emitOpError("expected 'input' to begin with the first ")
           << axes << " extents of 'matrix', " << getMatrix().getType()
           << ", got " << getInput().getType();
  return success();
}

LogicalResult SolveOp::verify() {
  ArrayRef<int64_t> matrix = getMatrix().getType().getShape();
  ArrayRef<int64_t> input = getInput().getType().getShape();
  size_t leading = matrix.size() - std::min<size_t>(matrix.size(), 2);
  if (matrix.size() < 2 || matrix.back() != matrix[leading]) // (C1)
    return emitOpError("expected the last two axes of 'matrix' to be equal, "
                       "got ")
           << getMatrix().getType();
  if ((input.size() != leading + 1 && input.size() != leading + 2) ||
      input.take_front(leading + 1) != matrix.take_front(leading + 1)) // (C2)
    return emitOpError("expected 'input' to have the axes of 'matrix', ")
           << getMatrix().getType()
           << ", but the last, and at most one more, got "
           << getInput().getType();
  return success();
}

LogicalResult DelayOp::verify() {
  Type step = getStepType(getInput().getType());
  if (getFirst().getType() != step) // (C1)
    return emitOpError("expected 'first' to be one step of 'input', ")
           << step << ", got " << getFirst().getType();
  return success();
}

//===----------------------------------------------------------------------===//
// Ops with regions
//===----------------------------------------------------------------------===//

LogicalResult ssmc::ssm::verifyRegion(Operation *op, Region &region,
                                      StringRef name, TypeRange takes,
                                      TypeRange yields) {
  Block &block = region.front();
  if (block.getArgumentTypes() != takes)
    return op->emitOpError("expected '")
           << name << "' to take (" << takes << "), got ("
           << block.getArgumentTypes() << ")";
  auto yield = dyn_cast<YieldOp>(block.back());
  if (!yield || yield.getOperandTypes() != yields)
    return op->emitOpError("expected '")
           << name << "' to yield (" << yields << "), got ("
           << (yield ? TypeRange(yield.getOperandTypes()) : TypeRange()) << ")";
  return success();
}

LogicalResult AssociativeScanOp::inferReturnTypes(
    MLIRContext *context, std::optional<Location> location, Adaptor adaptor,
    SmallVectorImpl<Type> &inferred) {
  if (adaptor.getElements().empty()) // (C1)
    return emitOptionalError(location, "expected at least one element");
  auto first = cast<RankedTensorType>(adaptor.getElements()[0].getType());
  for (Value element : adaptor.getElements()) {
    auto type = cast<RankedTensorType>(element.getType());
    if (type.getDimSize(0) != first.getDimSize(0)) // (C1)
      return emitOptionalError(location,
                               "expected elements to have one first extent, ",
                               first.getDimSize(0), ", got ", type);
    inferred.push_back(type);
  }
  return success();
}

LogicalResult AssociativeScanOp::verifyRegions() {
  SmallVector<Type> steps;
  for (Type type : getElements().getTypes())
    steps.push_back(getStepType(cast<RankedTensorType>(type)));
  SmallVector<Type> twice = steps;
  twice.append(steps);
  return verifyRegion(*this, getCombine(), "combine", twice, steps); // (C2)
}

AssociativeScanOp::InOrder AssociativeScanOp::findNeededInOrder() {
  Block &block = getCombine().front();
  unsigned count = getElements().size();
  InOrder needed{llvm::SmallBitVector(count), {}};
  SmallVector<Value> work;
  auto need = [&](unsigned i) {
    if (!needed.results.test(i))
      work.push_back(block.getTerminator()->getOperand(i));
    needed.results.set(i);
  };
  for (unsigned i = 0; i < count; ++i)
    if (!getResult(i).use_empty())
      need(i);
  while (!work.empty()) {
    Value value = work.pop_back_val();
    if (value.getParentBlock() != &block)
      continue;
    if (auto argument = dyn_cast<BlockArgument>(value)) {
      if (argument.getArgNumber() < count)
        need(argument.getArgNumber());
    } else if (needed.ops.insert(value.getDefiningOp()).second) {
      value.getDefiningOp()->walk([&](Operation *inner) {
        llvm::append_range(work, inner->getOperands());
      });
    }
  }
  return needed;
}

LogicalResult FixedPointOp::inferReturnTypes(MLIRContext *context,
                                             std::optional<Location> location,
                                             Adaptor adaptor,
                                             SmallVectorImpl<Type> &inferred) {
  llvm::append_range(inferred, adaptor.getInit().getTypes());
  return success();
}

LogicalResult FixedPointOp::verify() {
  if (getInit().empty()) // (C1)
    return emitOpError("expected at least one initial value");
  if (static_cast<int64_t>(getMaxIterations()) < 1) // (C1)
    return emitOpError("expected 'max_iterations' to be positive, got ")
           << static_cast<int64_t>(getMaxIterations());
  APFloat tolerance = getTolerance();
  if (!tolerance.isFinite() || tolerance.isNegative()) // (C1)
    return emitOpError("expected 'tolerance' to be finite and not negative, "
                       "got ")
           << tolerance.convertToDouble();
  if (!getCausal())
    return success();
  Type first = getInit()[0].getType();
  for (Type type : getInit().getTypes()) // (C3)
    if (!isa<RankedTensorType>(type) || type != first)
      return emitOpError("expected tensors of one type with 'causal', got ")
             << getInit().getTypes();
  return success();
}

LogicalResult FixedPointOp::verifyRegions() {
  return verifyRegion(*this, getBody(), "body", getInit().getTypes(), // (C2)
                      getInit().getTypes());
}
