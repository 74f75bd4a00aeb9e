//===- SsmExpansions.cpp - what named recurrences mean --------------------===//
//
// Each named recurrence as an `ssm.recurrence`. Labels: b batch, l time,
// d channel (or g p: group, channel of the group), n state, k tap.
//
//===----------------------------------------------------------------------===//

#include "dialects/Ssm/SsmExpansions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
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

//===----------------------------------------------------------------------===//
// ssm.linear_scan
//===----------------------------------------------------------------------===//

SmallVector<Value> LinearScanOp::expand(OpBuilder &builder) {
  RecurrenceBuilder r(builder, getLoc(), {}, getReverse());
  SmallVector<StringRef> sequence = {"b", "l", "d"}, channel = {"d"};
  bool constant = getDecay().getType().getRank() == 1;
  r.input(getDecay(), constant ? channel : sequence);
  r.input(getInput(), sequence);
  r.reset(getReset());
  r.output(getResult().getType(), sequence);
  r.state(getFinal().getType(), {"b", "d"}, "recurrent", getInit());
  return r.build([&](ArrayRef<Value> in, ArrayRef<Value> states) {
    Value next = r.add(r.mul(in[0], states[0]), in[1]);
    return SmallVector<Value>{next, next};
  });
}

bool LinearScanOp::isCausal() { return !getReverse(); }
std::string LinearScanOp::getNonCausalReason() {
  return "runs from the last time step to the first";
}
SmallVector<StringRef> LinearScanOp::getStateRoles() { return {"recurrent"}; }
ResultRange LinearScanOp::getFinalStates() {
  return getOperation()->getResults().drop_front();
}
MutableOperandRange LinearScanOp::getInitialStatesMutable() {
  return getInitMutable();
}

//===----------------------------------------------------------------------===//
// ssm.short_conv
//===----------------------------------------------------------------------===//

SmallVector<Value> ShortConvOp::expand(OpBuilder &builder) {
  auto weightType = cast<RankedTensorType>(getWeight().getType());
  int64_t taps = weightType.getShape().back();
  // Checkpoints store [channels, 1, W]; the slice keeps the unit axis.
  bool unitAxis = weightType.getRank() == 3;
  SmallVector<StringRef> step = {"k", "w"};
  SmallVector<StringRef> weightLabels = {"d", "k"};
  if (unitAxis) {
    step = {"one", "k", "w"};
    weightLabels = {"d", "one", "k"};
  }
  RecurrenceBuilder r(builder, getLoc(), step);
  SmallVector<StringRef> sequence = {"b", "l", "d"};
  unsigned x = r.input(getInput(), sequence);
  unsigned w = r.input(getWeight(), weightLabels);
  std::optional<unsigned> bias = r.optional(getBias(), {"d"});
  r.reset(getReset());
  r.output(getResult().getType(), sequence);
  r.state(getFinal().getType(), {"b", "d", "w"}, "conv_window", getInit());
  return r.build([&](ArrayRef<Value> in, ArrayRef<Value> states) {
    Location loc = getLoc();
    Value window = states[0];
    auto at = [&](Value tensor, ArrayRef<int64_t> position) -> Value {
      SmallVector<Value> indices;
      for (int64_t i : position)
        indices.push_back(arith::ConstantIndexOp::create(builder, loc, i));
      return tensor::ExtractOp::create(builder, loc, tensor, indices);
    };
    SmallVector<Value> values; // oldest first, the present input last
    for (int64_t k = 0; k + 1 < taps; ++k)
      values.push_back(at(window, {k}));
    values.push_back(in[x]);
    Value sum;
    for (int64_t k = 0; k < taps; ++k) {
      Value tap = unitAxis ? at(in[w], {0, k}) : at(in[w], {k});
      Value term = r.mul(tap, values[k]);
      sum = sum ? r.add(sum, term) : term;
    }
    if (bias)
      sum = r.add(sum, in[*bias]);
    if (getActivation() == ConvActivation::silu)
      sum = SiluOp::create(builder, loc, sum.getType(), sum);
    Value next = tensor::FromElementsOp::create(builder, loc, window.getType(),
                                                ArrayRef(values).drop_front());
    return SmallVector<Value>{sum, next};
  });
}

bool ShortConvOp::isCausal() { return true; }
std::string ShortConvOp::getNonCausalReason() { return ""; }
SmallVector<StringRef> ShortConvOp::getStateRoles() { return {"conv_window"}; }
ResultRange ShortConvOp::getFinalStates() {
  return getOperation()->getResults().drop_front();
}
MutableOperandRange ShortConvOp::getInitialStatesMutable() {
  return getInitMutable();
}

//===----------------------------------------------------------------------===//
// ssm.selective_scan
//===----------------------------------------------------------------------===//

SmallVector<Value> SelectiveScanOp::expand(OpBuilder &builder) {
  RecurrenceBuilder r(builder, getLoc(), {"n"}, getReverse());
  auto rank = [](Value value) {
    return cast<RankedTensorType>(value.getType()).getRank();
  };
  bool grouped = rank(getB()) == 4 || rank(getC()) == 4;
  StringRef channel = grouped ? "g p" : "d";
  SmallVector<StringRef> sequence = {"b", "l", channel};
  auto labels = [&](Value value) -> SmallVector<StringRef> {
    switch (rank(value)) {
    case 2:
      return {channel, "n"};
    case 3:
      return {"b", "l", "n"};
    default:
      return {"b", "l", "g", "n"};
    }
  };
  unsigned u = r.input(getU(), sequence);
  unsigned delta = r.input(getDelta(), sequence);
  unsigned a = r.input(getA(), {channel, "n"});
  unsigned b = r.input(getB(), labels(getB()));
  unsigned c = r.input(getC(), labels(getC()));
  SmallVector<unsigned> imag; // of A, B and C
  if (!getImag().empty()) {
    imag.push_back(r.input(getImag()[0], {channel, "n"}));
    for (Value part : getImag().drop_front())
      imag.push_back(r.input(part, labels(part)));
  }
  std::optional<unsigned> d = r.optional(getD(), {channel});
  std::optional<unsigned> z = r.optional(getZ(), sequence);
  std::optional<unsigned> bias = r.optional(getDtBias(), {channel});
  r.reset(getReset());
  r.output(getY().getType(), sequence);
  SmallVector<StringRef> roles = getStateRoles();
  for (auto [i, final] : llvm::enumerate(getFinal()))
    r.state(final.getType(), {"b", channel, "n"}, roles[i],
            getInit().empty() ? Value() : getInit()[i]);
  return r.build([&](ArrayRef<Value> in, ArrayRef<Value> states) {
    Location loc = getLoc();
    Value h = states[0];
    Value dt = in[delta];
    if (bias)
      dt = r.add(dt, in[*bias]);
    if (getSoftplus())
      dt = SoftplusOp::create(builder, loc, dt.getType(), dt);
    auto decay =
        DiscretizeOp::create(builder, loc, Discretization::exp_euler, dt, in[a],
                             imag.empty() ? Value() : in[imag[0]],
                             /*alpha=*/FloatAttr());
    Value gain = r.mul(dt, in[u]);
    Value input = r.scale(gain, in[b]);
    Value next = r.add(r.mul(decay.getDecay(), h), input);
    SmallVector<Value> yields = {Value(), next};
    Value y = r.dot(next, in[c]);
    if (!imag.empty()) {
      Value re = decay.getDecay(), im = decay.getRest()[0], hi = states[1];
      next = r.sub(next, r.mul(im, hi));
      Value nextImag =
          r.add(r.add(r.mul(re, hi), r.mul(im, h)), r.scale(gain, in[imag[1]]));
      y = r.sub(r.dot(next, in[c]), r.dot(nextImag, in[imag[2]]));
      y = r.mul(y, r.constant(y.getType(), 2.0));
      yields = {Value(), next, nextImag};
    }
    if (d)
      y = r.add(y, r.mul(in[*d], in[u]));
    if (z)
      y = r.mul(y, SiluOp::create(builder, loc, y.getType(), in[*z]));
    yields[0] = y;
    return yields;
  });
}

bool SelectiveScanOp::isCausal() { return !getReverse(); }
std::string SelectiveScanOp::getNonCausalReason() {
  return "runs from the last time step to the first";
}
SmallVector<StringRef> SelectiveScanOp::getStateRoles() {
  SmallVector<StringRef> roles = {"recurrent", "recurrent_imag"};
  roles.resize(getFinal().size());
  return roles;
}
ResultRange SelectiveScanOp::getFinalStates() {
  return getOperation()->getResults().drop_front();
}
MutableOperandRange SelectiveScanOp::getInitialStatesMutable() {
  return getInitMutable();
}
