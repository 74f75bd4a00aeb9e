//===- SsmExpansions.cpp - how definitions of named ops are written -------===//
//
// Arithmetic on step values, and the builder of `ssm.recurrence` that every
// named recurrence expands with.
//
//===----------------------------------------------------------------------===//

#include "dialects/Ssm/SsmExpansions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace ssmc::ssm;

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

Value Arithmetic::constant(Type type, double value) {
  FloatAttr scalar = builder.getFloatAttr(getElementTypeOrSelf(type), value);
  if (auto shaped = dyn_cast<ShapedType>(type))
    return arith::ConstantOp::create(
        builder, loc, DenseElementsAttr::get(shaped, scalar.getValue()));
  return arith::ConstantOp::create(builder, loc, scalar);
}
Value Arithmetic::add(Value a, Value b) {
  return arith::AddFOp::create(builder, loc, a, b);
}
Value Arithmetic::sub(Value a, Value b) {
  return arith::SubFOp::create(builder, loc, a, b);
}
Value Arithmetic::mul(Value a, Value b) {
  return arith::MulFOp::create(builder, loc, a, b);
}
Value Arithmetic::div(Value a, Value b) {
  return arith::DivFOp::create(builder, loc, a, b);
}
Value Arithmetic::neg(Value a) {
  return arith::NegFOp::create(builder, loc, a);
}
Value Arithmetic::exp(Value a) { return math::ExpOp::create(builder, loc, a); }
Value Arithmetic::abs(Value a) { return math::AbsFOp::create(builder, loc, a); }
Value Arithmetic::maximum(Value a, Value b) {
  return arith::MaximumFOp::create(builder, loc, a, b);
}
Value Arithmetic::minimum(Value a, Value b) {
  return arith::MinimumFOp::create(builder, loc, a, b);
}
Value Arithmetic::widen(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getElementType().isF32())
    return value;
  return arith::ExtFOp::create(builder, loc, type.clone(builder.getF32Type()),
                               value);
}
Value Arithmetic::contract(StringRef axes, ValueRange values, Type type) {
  return ContractOp::create(builder, loc, type, builder.getStringAttr(axes),
                            values);
}
Value Arithmetic::dot(Value a, Value b) {
  return contract("n,n->", {a, b}, builder.getF32Type());
}
Value Arithmetic::scale(Value scalar, Value tensor) {
  StringRef letters = "nmkj";
  letters =
      letters.take_front(cast<RankedTensorType>(tensor.getType()).getRank());
  return contract(("," + letters + "->" + letters).str(), {scalar, tensor},
                  tensor.getType());
}

//===----------------------------------------------------------------------===//
// RecurrenceBuilder
//===----------------------------------------------------------------------===//

Type RecurrenceBuilder::slice(Type type, Labels labels) {
  SmallVector<int64_t> shape;
  for (auto [label, extent] :
       llvm::zip_equal(labels, cast<RankedTensorType>(type).getShape()))
    if (llvm::is_contained(step, label))
      shape.push_back(extent);
  if (shape.empty())
    return builder.getF32Type();
  return RankedTensorType::get(shape, builder.getF32Type());
}

unsigned RecurrenceBuilder::input(Value value, Labels labels) {
  inputs.push_back(value);
  inputAxes.push_back(builder.getStrArrayAttr(labels));
  slices.push_back(slice(value.getType(), labels));
  return inputs.size() - 1;
}

std::optional<unsigned> RecurrenceBuilder::optional(Value value,
                                                    Labels labels) {
  return value ? std::optional<unsigned>(input(value, labels)) : std::nullopt;
}

void RecurrenceBuilder::output(Type type, Labels labels) {
  outputTypes.push_back(type);
  outputAxes.push_back(builder.getStrArrayAttr(labels));
}

void RecurrenceBuilder::state(Type type, Labels labels, StringRef role,
                              Value init) {
  stateTypes.push_back(type);
  stateAxes.push_back(builder.getStrArrayAttr(labels));
  stateSlices.push_back(slice(type, labels));
  roles.push_back(builder.getStringAttr(role));
  if (init)
    initial.push_back(init);
}

void RecurrenceBuilder::reset(Value reset) {
  resetInput = optional(reset, {"b", "l"});
}

SmallVector<Value> RecurrenceBuilder::build(Body body) {
  auto op = RecurrenceOp::create(
      builder, loc, outputTypes, stateTypes, inputs, initial,
      builder.getStringAttr("l"), builder.getStrArrayAttr(step),
      builder.getArrayAttr(inputAxes), builder.getArrayAttr(outputAxes),
      builder.getArrayAttr(stateAxes), builder.getArrayAttr(roles),
      reverse ? builder.getUnitAttr() : UnitAttr());
  OpBuilder::InsertionGuard guard(builder);
  Block *block = builder.createBlock(&op.getBody());
  SmallVector<Value> inputSlices, states;
  for (Type type : slices)
    inputSlices.push_back(block->addArgument(type, loc));
  for (Type type : stateSlices)
    states.push_back(block->addArgument(type, loc));
  if (resetInput) {
    Value test = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::UNE,
                                       inputSlices[*resetInput],
                                       constant(builder.getF32Type(), 0.0));
    for (Value &state : states)
      state = arith::SelectOp::create(builder, loc, test,
                                      constant(state.getType(), 0.0), state);
  }
  YieldOp::create(builder, loc, body(inputSlices, states));
  return op.getResults();
}
