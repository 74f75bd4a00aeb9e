//===- TensorValues.cpp - values where they are read ----------------------===//

#include "compiler/Conversion/CpuKernels/TensorEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace ssmc;

Value TensorEmitter::evaluate(Value value, const Position &at) {
  if (auto scalar = scalars.find(value); scalar != scalars.end())
    return scalar->second;
  for (const Known &entry : known)
    if (entry.value == value && entry.at.laneAxis == at.laneAxis &&
        entry.at.indices == at.indices && entry.at.lanes == at.lanes)
      return entry.computed;
  Value computed;
  if (auto place = places.find(value); place != places.end())
    computed = loadValue(value, place->second, at);
  else if (auto reader = readers.find(value); reader != readers.end())
    computed = reader->second(at);
  else
    computed = compute(value, at);
  known.push_back({value, at, computed});
  return computed;
}

/// An element of `value`, which lies at `place`; truth values lie there as 0
/// and 1.
Value TensorEmitter::loadValue(Value value, const Place &place,
                               const Position &at) {
  Value number = load(place, at);
  if (!getElementTypeOrSelf(value.getType()).isInteger(1))
    return number;
  Value zero = arith::ConstantOp::create(b, loc, number.getType(),
                                         b.getZeroAttr(number.getType()));
  return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNE, number, zero);
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
