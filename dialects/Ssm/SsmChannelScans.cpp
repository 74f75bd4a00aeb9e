//===- SsmChannelScans.cpp - recurrences that work channel by channel -----===//
//------------===//
//
// Checks carry the label of the constraint. Labels of axes: b batch, l time,
// d channel (or g p: group, channel of the group), n state, k tap.
//
//===----------------------------------------------------------------------===//

#include "dialects/Ssm/SsmChannelScans.h"
#include "dialects/Ssm/SsmExpansions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace ssmc::ssm;

#define GET_OP_CLASSES
#include "dialects/Ssm/SsmChannelScans.cpp.inc"

/// Whether `value` is absent or has one element per channel.
static bool isPerChannel(Value value, int64_t channels) {
  return !value || cast<RankedTensorType>(value.getType()).getShape() ==
                       ArrayRef(channels);
}

/// Infers the final state of a named recurrence and checks `init` against it.
static LogicalResult inferState(std::optional<Location> location, Value init,
                                ArrayRef<int64_t> shape, MLIRContext *context,
                                SmallVectorImpl<Type> &inferred) {
  auto state = RankedTensorType::get(shape, Float32Type::get(context));
  if (init && init.getType() != state)
    return emitOptionalError(location, "expected 'init' to be ", state,
                             ", got ", init.getType());
  inferred.push_back(state);
  return success();
}

/// Checks `reset` against the type of a sequence.
static LogicalResult checkReset(std::optional<Location> location, Value reset,
                                RankedTensorType sequence) {
  if (!reset)
    return success();
  auto type = RankedTensorType::get(sequence.getShape().take_front(2),
                                    Float32Type::get(reset.getContext()));
  if (reset.getType() == type)
    return success();
  return emitOptionalError(location, "expected 'reset' to be ", type, ", got ",
                           reset.getType());
}

/// Checks that `type` is [batch, time, channels] with fixed channels.
static LogicalResult checkSequence(std::optional<Location> location,
                                   StringRef name, RankedTensorType type) {
  if (type.getRank() == 3 && !type.isDynamicDim(2))
    return success();
  return emitOptionalError(location, "expected '", name,
                           "' to have a batch axis, a time axis and a channel "
                           "axis of fixed extent, got ",
                           type);
}

//===----------------------------------------------------------------------===//
// ssm.linear_scan
//===----------------------------------------------------------------------===//

LogicalResult LinearScanOp::inferReturnTypes(MLIRContext *context,
                                             std::optional<Location> location,
                                             Adaptor adaptor,
                                             SmallVectorImpl<Type> &inferred) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  if (failed(checkSequence(location, "input", input))) // (C1)
    return failure();
  auto decay = cast<RankedTensorType>(adaptor.getDecay().getType());
  if (decay != input &&
      !isPerChannel(adaptor.getDecay(), input.getDimSize(2))) // (C2)
    return emitOptionalError(
        location, "expected 'decay' to have the type of 'input', ", input,
        ", or one element per channel, got ", decay);
  if (failed(checkReset(location, adaptor.getReset(), input))) // (C4)
    return failure();
  inferred.push_back(input);
  return inferState(location, adaptor.getInit(), // (C3)
                    {input.getDimSize(0), input.getDimSize(2)}, context,
                    inferred);
}

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

LogicalResult ShortConvOp::inferReturnTypes(MLIRContext *context,
                                            std::optional<Location> location,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &inferred) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  if (failed(checkSequence(location, "input", input))) // (C1)
    return failure();
  auto weight = cast<RankedTensorType>(adaptor.getWeight().getType());
  int64_t channels = input.getDimSize(2);
  ArrayRef<int64_t> shape = weight.getShape();
  bool valid = (shape.size() == 2 || (shape.size() == 3 && shape[1] == 1)) &&
               shape[0] == channels && shape.back() >= 2 && shape.back() <= 256;
  if (!valid) // (C2)
    return emitOptionalError(location, "expected 'weight' to be [", channels,
                             ", W] or [", channels,
                             ", 1, W] with W from 2 to 256, got ", weight);
  if (!isPerChannel(adaptor.getBias(), channels)) // (C3)
    return emitOptionalError(location, "expected 'bias' to have ", channels,
                             " elements, got ", adaptor.getBias().getType());
  if (failed(checkReset(location, adaptor.getReset(), input))) // (C5)
    return failure();
  inferred.push_back(input);
  return inferState(location, adaptor.getInit(), // (C4)
                    {input.getDimSize(0), channels, shape.back() - 1}, context,
                    inferred);
}

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

LogicalResult SelectiveScanOp::inferReturnTypes(
    MLIRContext *context, std::optional<Location> location, Adaptor adaptor,
    SmallVectorImpl<Type> &inferred) {
  auto u = cast<RankedTensorType>(adaptor.getU().getType());
  if (failed(checkSequence(location, "u", u))) // (C1)
    return failure();
  int64_t channels = u.getDimSize(2);
  for (auto [name, value] :
       {std::pair("delta", adaptor.getDelta()), std::pair("z", adaptor.getZ())})
    if (value && value.getType() != u) // (C1)
      return emitOptionalError(location, "expected '", name,
                               "' to have the type of 'u', ", u, ", got ",
                               value.getType());
  auto a = cast<RankedTensorType>(adaptor.getA().getType());
  if (a.getRank() != 2 || a.getDimSize(0) != channels ||
      a.isDynamicDim(1)) // (C2)
    return emitOptionalError(location, "expected 'A' to be [", channels,
                             ", N] with fixed N, got ", a);
  int64_t states = a.getDimSize(1);
  int64_t groups = 0;
  for (auto [name, value] :
       {std::pair("B", adaptor.getB()), std::pair("C", adaptor.getC())}) {
    auto type = cast<RankedTensorType>(value.getType());
    ArrayRef<int64_t> shape = type.getShape();
    bool valid = !shape.empty() && shape.back() == states;
    if (shape.size() == 2)
      valid &= shape[0] == channels;
    else if (shape.size() == 3 || shape.size() == 4)
      valid &= shape[0] == u.getDimSize(0) && shape[1] == u.getDimSize(1);
    else
      valid = false;
    if (valid && shape.size() == 4) {
      valid &= shape[2] > 0 && channels % shape[2] == 0 &&
               (groups == 0 || groups == shape[2]);
      groups = shape[2];
    }
    if (!valid) // (C3)
      return emitOptionalError(
          location, "expected '", name, "' to be [", channels, ", ", states,
          "], [batch, length, ", states, "] or [batch, length, groups, ",
          states, "] with groups that divide ", channels, ", got ", type);
  }
  for (auto [name, value] : {std::pair("D", adaptor.getD()),
                             std::pair("dt_bias", adaptor.getDtBias())})
    if (!isPerChannel(value, channels)) // (C4)
      return emitOptionalError(location, "expected '", name, "' to have ",
                               channels, " elements, got ", value.getType());
  if (failed(checkReset(location, adaptor.getReset(), u))) // (C6)
    return failure();
  ValueRange imag = adaptor.getImag();
  if (!imag.empty() && imag.size() != 3) // (C7)
    return emitOptionalError(location, "expected three values in 'imag', got ",
                             imag.size());
  SmallVector<Value> real = {adaptor.getA(), adaptor.getB(), adaptor.getC()};
  for (auto [value, part] : llvm::zip(real, imag))
    if (value.getType() != part.getType()) // (C7)
      return emitOptionalError(location,
                               "expected 'imag' to have the types of "
                               "'A', 'B' and 'C', got ",
                               part.getType(), " for ", value.getType());
  inferred.push_back(u);
  ValueRange init = adaptor.getInit();
  size_t parts = imag.empty() ? 1 : 2;
  if (!init.empty() && init.size() != parts) // (C5)
    return emitOptionalError(location, "expected 'init' to give ", parts,
                             " states, got ", init.size());
  for (size_t part = 0; part < parts; ++part)
    if (failed(inferState(location, init.empty() ? Value() : init[part], // (C5)
                          {u.getDimSize(0), channels, states}, context,
                          inferred)))
      return failure();
  return success();
}

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
                             /*elapsed=*/Value(), /*alpha=*/FloatAttr(),
                             /*length=*/IntegerAttr(), /*eps=*/FloatAttr());
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
