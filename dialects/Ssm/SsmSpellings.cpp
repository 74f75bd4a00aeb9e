#include "dialects/Ssm/SsmSpellings.h"
#include "dialects/Ssm/SsmExpansions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <numeric>

using namespace mlir;
using namespace ssmc::ssm;

#define GET_OP_CLASSES
#include "dialects/Ssm/SsmSpellings.cpp.inc"

//===----------------------------------------------------------------------===//
// ssm.weights
//===----------------------------------------------------------------------===//

LogicalResult WeightsOp::verify() {
  if (getNames().size() != getWeights().size()) // (C1)
    return emitOpError("expected as many results as names, ")
           << getNames().size() << ", got " << getWeights().size();
  for (Type type : getWeights().getTypes())
    if (!cast<RankedTensorType>(type).hasStaticShape()) // (C2)
      return emitOpError("expected fixed shapes, got ") << type;
  return success();
}

SmallVector<Value> WeightsOp::expand(OpBuilder &builder) {
  SmallVector<Value> weights;
  for (auto [name, type] : llvm::zip_equal(getNames().getAsRange<StringAttr>(),
                                           getWeights().getTypes()))
    weights.push_back(
        WeightOp::create(builder, getLoc(), type, name, FloatAttr()));
  return weights;
}

//===----------------------------------------------------------------------===//
// ssm.neg_exp
//===----------------------------------------------------------------------===//

SmallVector<Value> NegExpOp::expand(OpBuilder &builder) {
  Arithmetic make{builder, getLoc()};
  return {make.neg(make.exp(getInput()))};
}

//===----------------------------------------------------------------------===//
// Arithmetic with broadcast operands
//===----------------------------------------------------------------------===//

/// Checks that `value`, which may be absent, has the last axes of `like`.
static LogicalResult verifyLastAxes(Operation *op, Value value, StringRef name,
                                    Value like, StringRef likeName) {
  if (!value)
    return success();
  ArrayRef<int64_t> shape = cast<RankedTensorType>(value.getType()).getShape();
  ArrayRef<int64_t> whole = cast<RankedTensorType>(like.getType()).getShape();
  if (shape.size() <= whole.size() && shape == whole.take_back(shape.size()))
    return success();
  return op->emitOpError("expected '")
         << name << "' to have the extents of the last axes of '" << likeName
         << "', " << like.getType() << ", got " << value.getType();
}

/// `value`, which has the last axes of `like`, repeated along the others.
static Value broadcast(OpBuilder &builder, Location loc, Value value,
                       Value like) {
  if (value.getType() == like.getType())
    return value;
  int64_t rank = cast<RankedTensorType>(value.getType()).getRank();
  SmallVector<int64_t> axes(rank);
  std::iota(axes.begin(), axes.end(),
            cast<RankedTensorType>(like.getType()).getRank() - rank);
  return BroadcastOp::create(builder, loc, like.getType(), value, like, axes);
}

LogicalResult AffineOp::verify() {
  if (!getScale() && !getShift()) // (C2)
    return emitOpError("expected 'scale' or 'shift', got neither");
  if (failed(verifyLastAxes(*this, getScale(), "scale", getInput(),
                            "input"))) // (C1)
    return failure();
  return verifyLastAxes(*this, getShift(), "shift", getInput(),
                        "input"); // (C1)
}

SmallVector<Value> AffineOp::expand(OpBuilder &builder) {
  Value input = getInput(), scale, shift;
  if (getScale())
    scale = broadcast(builder, getLoc(), getScale(), input);
  if (getShift())
    shift = broadcast(builder, getLoc(), getShift(), input);
  if (!scale)
    return {arith::AddFOp::create(builder, getLoc(), input, shift)};
  if (!shift)
    return {arith::MulFOp::create(builder, getLoc(), input, scale)};
  return {math::FmaOp::create(builder, getLoc(), input, scale, shift)};
}

LogicalResult LerpOp::inferReturnTypes(MLIRContext *, std::optional<Location>,
                                       Adaptor adaptor,
                                       SmallVectorImpl<Type> &inferred) {
  inferred.assign(adaptor.getWeights().size(), adaptor.getFrom().getType());
  return success();
}

LogicalResult LerpOp::verify() {
  if (getWeights().empty()) // (C1)
    return emitOpError("expected one weight or more, got none");
  for (Value weight : getWeights())
    if (failed(verifyLastAxes(*this, weight, "weights", getFrom(),
                              "from"))) // (C1)
      return failure();
  return success();
}

SmallVector<Value> LerpOp::expand(OpBuilder &builder) {
  Value change = arith::SubFOp::create(builder, getLoc(), getTo(), getFrom());
  return llvm::map_to_vector(getWeights(), [&](Value weight) -> Value {
    Value share = broadcast(builder, getLoc(), weight, getFrom());
    return math::FmaOp::create(builder, getLoc(), change, share, getFrom());
  });
}

//===----------------------------------------------------------------------===//
// ssm.glu
//===----------------------------------------------------------------------===//

LogicalResult GluOp::inferReturnTypes(MLIRContext *,
                                      std::optional<Location> location,
                                      Adaptor adaptor,
                                      SmallVectorImpl<Type> &inferred) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  SmallVector<int64_t> shape(input.getShape());
  // An open extent is negative.
  if (shape.empty() || shape.back() <= 0 || shape.back() % 2 != 0) // (C1)
    return emitOptionalError(location,
                             "expected 'input' to have a last axis of even "
                             "extent, not zero, got ",
                             input);
  shape.back() /= 2;
  inferred.push_back(RankedTensorType::get(shape, input.getElementType()));
  return success();
}

SmallVector<Value> GluOp::expand(OpBuilder &builder) {
  int64_t half = getType().getShape().back();
  auto parts = SplitOp::create(builder, getLoc(), getInput(),
                               ArrayRef<int64_t>{half, half})
                   .getParts();
  Value gate = SigmoidOp::create(builder, getLoc(), parts[1]);
  return {arith::MulFOp::create(builder, getLoc(), parts[0], gate)};
}

//===----------------------------------------------------------------------===//
// ssm.l2_norm
//===----------------------------------------------------------------------===//

LogicalResult L2NormOp::verify() {
  ArrayRef<int64_t> shape = getInput().getType().getShape();
  if (shape.empty() || ShapedType::isDynamic(shape.back()) ||
      shape.back() == 0) // (C1)
    return emitOpError("expected 'input' to have a last axis of fixed extent, "
                       "not zero, got ")
           << getInput().getType();
  return success();
}

SmallVector<Value> L2NormOp::expand(OpBuilder &builder) {
  // The root of a sum is that of the mean times the root of how many there are,
  // which is no float: left to be computed.
  int64_t width = getInput().getType().getShape().back();
  auto type = RankedTensorType::get({width}, builder.getF32Type());
  Arithmetic make{builder, getLoc()};
  Value root =
      math::SqrtOp::create(builder, getLoc(), make.constant(type, width));
  Value weight = make.div(make.constant(type, 1.0), root);
  double eps = getEps().convertToDouble() / width;
  return {RmsNormOp::create(builder, getLoc(), getType(), getInput(), weight,
                            builder.getF64FloatAttr(eps))};
}

//===----------------------------------------------------------------------===//
// ssm.low_rank
//===----------------------------------------------------------------------===//

LogicalResult LowRankOp::inferReturnTypes(MLIRContext *context,
                                          std::optional<Location> location,
                                          Adaptor adaptor,
                                          SmallVectorImpl<Type> &inferred) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  auto down = cast<RankedTensorType>(adaptor.getDown().getType());
  auto up = cast<RankedTensorType>(adaptor.getUp().getType());
  if (down.getRank() != 2 || input.getRank() == 0 ||
      down.getDimSize(1) != input.getShape().back()) // (C1)
    return emitOptionalError(
        location,
        "expected 'down' to be a matrix with as many columns as the last axis "
        "of 'input', ",
        input, ", got ", down);
  if (up.getRank() != 2 || up.getDimSize(1) != down.getDimSize(0)) // (C2)
    return emitOptionalError(
        location,
        "expected 'up' to be a matrix with as many columns as 'down', ", down,
        ", has rows, got ", up);
  if (Value bias = adaptor.getBias())
    if (cast<RankedTensorType>(bias.getType()).getShape() !=
        up.getShape().take_front()) // (C3)
      return emitOptionalError(
          location, "expected 'bias' to have ", up.getDimSize(0),
          " elements, one per row of 'up', got ", bias.getType());
  SmallVector<int64_t> shape(input.getShape());
  shape.back() = up.getDimSize(0);
  inferred.push_back(RankedTensorType::get(shape, Float32Type::get(context)));
  return success();
}

SmallVector<Value> LowRankOp::expand(OpBuilder &builder) {
  Location loc = getLoc();
  Value low =
      LinearOp::create(builder, loc, getInput(), getDown(), /*bias=*/Value());
  switch (getActivation()) {
  case LowRankActivation::none:
    break;
  case LowRankActivation::tanh:
    low = math::TanhOp::create(builder, loc, low);
    break;
  case LowRankActivation::sigmoid:
    low = SigmoidOp::create(builder, loc, low);
    break;
  }
  return {LinearOp::create(builder, loc, low, getUp(), getBias())};
}
