//===- SsmExpansions.cpp - what named recurrences mean --------------------===//
//
// Each named recurrence as an `ssm.recurrence`. Labels: b batch, l time,
// d channel (or g p: group, channel of the group), n state, k tap.
//
//===----------------------------------------------------------------------===//

#include "dialects/Ssm/SsmDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace ssmc::ssm;

namespace {
/// Collects operands with their labels, then builds the recurrence and its
/// body.
struct RecurrenceBuilder {
  OpBuilder &builder;
  Location loc;
  SmallVector<StringRef> step;
  bool reverse = false;

  SmallVector<Value> inputs;
  SmallVector<Type> slices;
  SmallVector<Attribute> inputAxes;

  RecurrenceBuilder(OpBuilder &builder, Location loc,
                    ArrayRef<StringRef> step = {})
      : builder(builder), loc(loc), step(step) {}

  ArrayAttr axes(ArrayRef<StringRef> labels) {
    return builder.getStrArrayAttr(labels);
  }
  Type slice(RankedTensorType type, ArrayRef<StringRef> labels) {
    SmallVector<int64_t> shape;
    for (auto [label, extent] : llvm::zip(labels, type.getShape()))
      if (llvm::is_contained(step, label))
        shape.push_back(extent);
    if (shape.empty())
      return builder.getF32Type();
    return RankedTensorType::get(shape, builder.getF32Type());
  }
  /// Adds an input; returns its position among the body's arguments.
  unsigned input(Value value, ArrayRef<StringRef> labels) {
    inputs.push_back(value);
    inputAxes.push_back(axes(labels));
    slices.push_back(slice(cast<RankedTensorType>(value.getType()), labels));
    return inputs.size() - 1;
  }
  /// Builds the op with one output and one state; `body` returns the values to
  /// yield.
  SmallVector<Value>
  build(RankedTensorType output, ArrayRef<StringRef> outputLabels,
        RankedTensorType state, ArrayRef<StringRef> stateLabels, StringRef role,
        Value init,
        function_ref<SmallVector<Value>(ArrayRef<BlockArgument>)> body) {
    SmallVector<Value> initial;
    if (init)
      initial.push_back(init);
    auto op = RecurrenceOp::create(
        builder, loc, TypeRange{output}, TypeRange{state}, inputs, initial,
        builder.getStringAttr("l"), builder.getStrArrayAttr(step),
        builder.getArrayAttr(inputAxes),
        builder.getArrayAttr({axes(outputLabels)}),
        builder.getArrayAttr({axes(stateLabels)}),
        builder.getStrArrayAttr({role}),
        reverse ? builder.getUnitAttr() : UnitAttr());
    OpBuilder::InsertionGuard guard(builder);
    Block *block = builder.createBlock(&op.getBody());
    for (Type type : slices)
      block->addArgument(type, loc);
    block->addArgument(slice(state, stateLabels), loc);
    SmallVector<Value> yields = body(block->getArguments());
    YieldOp::create(builder, loc, yields);
    return op.getResults();
  }

  Value add(Value a, Value b) {
    return arith::AddFOp::create(builder, loc, a, b);
  }
  Value mul(Value a, Value b) {
    return arith::MulFOp::create(builder, loc, a, b);
  }
  Value contract(StringRef axes, ValueRange values, Type type) {
    return ContractOp::create(builder, loc, type, builder.getStringAttr(axes),
                              values);
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// ssm.scan
//===----------------------------------------------------------------------===//

SmallVector<Value> ScanOp::expand(OpBuilder &builder) {
  RecurrenceBuilder r(builder, getLoc());
  r.reverse = getReverse();
  SmallVector<StringRef> sequence = {"b", "l", "d"}, channel = {"d"};
  bool constant = getDecay().getType().getRank() == 1;
  r.input(getDecay(), constant ? channel : sequence);
  r.input(getInput(), sequence);
  return r.build(getResult().getType(), sequence, getFinal().getType(),
                 {"b", "d"}, "recurrent", getInit(),
                 [&](ArrayRef<BlockArgument> args) -> SmallVector<Value> {
                   Value next = r.add(r.mul(args[0], args[2]), args[1]);
                   return {next, next};
                 });
}

bool ScanOp::isCausal() { return !getReverse(); }
std::string ScanOp::getNonCausalReason() {
  return "runs from the last time step to the first";
}
SmallVector<StringRef> ScanOp::getStateRoles() { return {"recurrent"}; }
ResultRange ScanOp::getFinalStates() {
  return getOperation()->getResults().drop_front();
}
MutableOperandRange ScanOp::getInitialStatesMutable() {
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
  std::optional<unsigned> bias;
  if (getBias())
    bias = r.input(getBias(), {"d"});
  return r.build(
      getResult().getType(), sequence, getFinal().getType(), {"b", "d", "w"},
      "conv_window", getInit(),
      [&](ArrayRef<BlockArgument> args) -> SmallVector<Value> {
        Location loc = getLoc();
        Value window = args.back();
        auto at = [&](Value tensor, ArrayRef<int64_t> position) -> Value {
          SmallVector<Value> indices;
          for (int64_t i : position)
            indices.push_back(arith::ConstantIndexOp::create(builder, loc, i));
          return tensor::ExtractOp::create(builder, loc, tensor, indices);
        };
        SmallVector<Value> values; // oldest first, the present input last
        for (int64_t k = 0; k + 1 < taps; ++k)
          values.push_back(at(window, {k}));
        values.push_back(args[x]);
        Value sum;
        for (int64_t k = 0; k < taps; ++k) {
          Value tap = unitAxis ? at(args[w], {0, k}) : at(args[w], {k});
          Value term = r.mul(tap, values[k]);
          sum = sum ? r.add(sum, term) : term;
        }
        if (bias)
          sum = r.add(sum, args[*bias]);
        if (getActivation() == ConvActivation::silu)
          sum = SiluOp::create(builder, loc, sum.getType(), sum);
        Value next = tensor::FromElementsOp::create(
            builder, loc, window.getType(), ArrayRef(values).drop_front());
        return {sum, next};
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
  RecurrenceBuilder r(builder, getLoc(), {"n"});
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
  auto optionalInput = [&](Value value, ArrayRef<StringRef> axes) {
    return value ? std::optional<unsigned>(r.input(value, axes)) : std::nullopt;
  };
  std::optional<unsigned> d = optionalInput(getD(), {channel});
  std::optional<unsigned> z = optionalInput(getZ(), sequence);
  std::optional<unsigned> bias = optionalInput(getDtBias(), {channel});

  return r.build(
      getY().getType(), sequence, getFinal().getType(), {"b", channel, "n"},
      "recurrent", getInit(),
      [&](ArrayRef<BlockArgument> args) -> SmallVector<Value> {
        Location loc = getLoc();
        Value h = args.back();
        Value dt = args[delta];
        if (bias)
          dt = r.add(dt, args[*bias]);
        if (getSoftplus())
          dt = SoftplusOp::create(builder, loc, dt.getType(), dt);
        auto discretized = DiscretizeOp::create(
            builder, loc, TypeRange{h.getType(), h.getType()},
            Discretization::exp_euler, dt, args[a], FloatAttr());
        Value input =
            r.contract(",n->n", {r.mul(dt, args[u]), args[b]}, h.getType());
        Value next = r.add(r.mul(discretized.getDecay(), h), input);
        Value y = r.contract("n,n->", {next, args[c]}, dt.getType());
        if (d)
          y = r.add(y, r.mul(args[*d], args[u]));
        if (z)
          y = r.mul(y, SiluOp::create(builder, loc, y.getType(), args[*z]));
        return {y, next};
      });
}

bool SelectiveScanOp::isCausal() { return true; }
std::string SelectiveScanOp::getNonCausalReason() { return ""; }
SmallVector<StringRef> SelectiveScanOp::getStateRoles() {
  return {"recurrent"};
}
ResultRange SelectiveScanOp::getFinalStates() {
  return getOperation()->getResults().drop_front();
}
MutableOperandRange SelectiveScanOp::getInitialStatesMutable() {
  return getInitMutable();
}
