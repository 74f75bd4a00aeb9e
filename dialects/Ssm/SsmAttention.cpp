//===- SsmAttention.cpp - what recurrences with matrix states mean --------===//
//
// Labels: b batch, l time, h head, p channel of the head, v value, k key,
// n state, j micro-step. Where heads share groups, a head is `g r`: the group
// and the head in it.
//
// The rows of a state, one per channel or value, are independent, so they are a
// parallel axis and the body sees one row.
//
//===----------------------------------------------------------------------===//

#include "dialects/Ssm/SsmExpansions.h"
#include "dialects/Ssm/SsmNamedOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace ssmc::ssm;

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}
static int64_t rankOf(Value value) { return typeOf(value).getRank(); }

namespace {
/// The label of the axis of heads of each operand.
struct HeadLabels {
  int64_t heads;
  bool grouped = false;

  /// `extents`: of the axes of heads of the operands that may have groups.
  HeadLabels(int64_t heads, ArrayRef<int64_t> extents) : heads(heads) {
    for (int64_t extent : extents)
      grouped |= extent != heads;
  }
  StringRef all() const { return grouped ? "g r" : "h"; }
  /// Of an axis with this extent.
  StringRef of(int64_t extent) const { return extent == heads ? all() : "g"; }
};
} // namespace

/// The extent of the axis of heads, the last but one.
static int64_t headsOf(Value value) {
  return typeOf(value).getDimSize(rankOf(value) - 2);
}

//===----------------------------------------------------------------------===//
// ssm.ssd
//===----------------------------------------------------------------------===//

SmallVector<Value> SsdOp::expand(OpBuilder &builder) {
  int64_t count = typeOf(getX()).getDimSize(2);
  auto groups = [&](Value value) {
    return rankOf(value) == 4 ? headsOf(value) : count;
  };
  HeadLabels heads(count, {groups(getB()), groups(getC())});
  auto labels = [&](Value value) -> SmallVector<StringRef> {
    if (rankOf(value) == 3)
      return {"b", "l", "n"};
    return {"b", "l", heads.of(headsOf(value)), "n"};
  };
  SmallVector<StringRef> sequence = {"b", "l", heads.all(), "p"};
  SmallVector<StringRef> perHead = {heads.all()};

  RecurrenceBuilder r(builder, getLoc(), {"n"}, getReverse());
  unsigned x = r.input(getX(), sequence);
  unsigned dt = r.input(getDt(), {"b", "l", heads.all()});
  unsigned a = r.input(getA(), perHead);
  unsigned b = r.input(getB(), labels(getB()));
  unsigned c = r.input(getC(), labels(getC()));
  SmallVector<StringRef> perChannel = {heads.all(), "p"};
  std::optional<unsigned> d =
      r.optional(getD(), getD() && rankOf(getD()) == 2 ? perChannel : perHead);
  std::optional<unsigned> z = r.optional(getZ(), sequence);
  std::optional<unsigned> bias = r.optional(getDtBias(), perHead);
  r.reset(getReset());
  r.output(getY().getType(), sequence);
  r.state(getFinal().getType(), {"b", heads.all(), "p", "n"}, "recurrent",
          getInit());
  return r.build([&](ArrayRef<Value> in, ArrayRef<Value> states) {
    Type scalar = builder.getF32Type();
    Value step = in[dt];
    if (bias)
      step = r.add(step, in[*bias]);
    if (getSoftplus())
      step = SoftplusOp::create(builder, getLoc(), scalar, step);
    if (getDtMin())
      step = r.maximum(step, r.constant(scalar, getDtMin()->convertToDouble()));
    if (getDtMax())
      step = r.minimum(step, r.constant(scalar, getDtMax()->convertToDouble()));
    Value kept = r.scale(r.exp(r.mul(step, in[a])), states[0]);
    Value next = r.add(kept, r.scale(r.mul(step, in[x]), in[b]));
    Value y = r.dot(in[c], next);
    if (d)
      y = r.add(y, r.mul(in[*d], in[x]));
    if (z)
      y = r.mul(y, SiluOp::create(builder, getLoc(), scalar, in[*z]));
    return SmallVector<Value>{y, next};
  });
}

SmallVector<StringRef> SsdOp::getStateRoles() { return {"recurrent"}; }

//===----------------------------------------------------------------------===//
// Decays
//===----------------------------------------------------------------------===//

namespace {
/// The decay of a state's rows as an input of the recurrence.
struct Decay {
  std::optional<unsigned> number;
  /// The exponential is still to be taken.
  bool log = false;

  /// A constant is exponentiated here, outside the recurrence.
  static Decay add(RecurrenceBuilder &r, Value decay, bool log,
                   StringRef heads) {
    if (!decay)
      return {};
    switch (rankOf(decay)) {
    case 1:
    case 2: {
      Value constant = log ? r.exp(r.widen(decay)) : decay;
      SmallVector<StringRef> labels = {heads, "k"};
      return {r.input(constant, ArrayRef(labels).take_front(rankOf(decay))),
              false};
    }
    case 3:
      return {r.input(decay, {"b", "l", heads}), log};
    default:
      return {r.input(decay, {"b", "l", heads, "k"}), log};
    }
  }
  /// A row of the state after the decay.
  Value apply(RecurrenceBuilder &r, ArrayRef<Value> in, Value row) const {
    if (!number)
      return row;
    Value factor = log ? r.exp(in[*number]) : in[*number];
    return isa<RankedTensorType>(factor.getType()) ? r.mul(factor, row)
                                                   : r.scale(factor, row);
  }
};
} // namespace

/// `value` times an attribute that may be absent.
static Value scaled(Arithmetic &a, std::optional<APFloat> factor, Value value) {
  if (!factor)
    return value;
  return a.mul(value, a.constant(value.getType(), factor->convertToDouble()));
}

//===----------------------------------------------------------------------===//
// ssm.linear_attention
//===----------------------------------------------------------------------===//

namespace {
/// What mLSTM computes of its gates at every step, [batch, length, heads], and
/// the stabilizer after the last.
struct Stabilized {
  Value decay, gate, floor, final;
};
} // namespace

static Stabilized stabilize(LinearAttentionOp op, OpBuilder &builder) {
  RecurrenceBuilder r(builder, op.getLoc(), {}, op.getReverse());
  SmallVector<StringRef> sequence = {"b", "l", "h"};
  Value gate = op.getInputGate();
  unsigned i = r.input(gate, sequence);
  std::optional<unsigned> decay;
  if (Value log = op.getDecay())
    decay = rankOf(log) == 1 ? r.input(log, {"h"}) : r.input(log, sequence);
  r.reset(op.getReset());
  for (int output = 0; output < 3; ++output)
    r.output(gate.getType(), sequence);
  r.state(op.getFinal()[2].getType(), {"b", "h"}, "stabilizer",
          op.getInit().empty() ? Value() : op.getInit()[2]);
  SmallVector<Value> results =
      r.build([&](ArrayRef<Value> in, ArrayRef<Value> states) {
        Value kept = decay ? r.add(in[*decay], states[0]) : states[0];
        Value next = r.maximum(kept, in[i]);
        return SmallVector<Value>{r.exp(r.sub(kept, next)),
                                  r.exp(r.sub(in[i], next)), r.exp(r.neg(next)),
                                  next};
      });
  return {results[0], results[1], results[2], results[3]};
}

/// The recurrence of the state S or, without `values`, of the normalizer, whose
/// output is then the finished divisor.
static SmallVector<Value> attend(LinearAttentionOp op, OpBuilder &builder,
                                 const Stabilized &stabilized, bool values) {
  HeadLabels heads(headsOf(op.getV()),
                   {headsOf(op.getQ()), headsOf(op.getK())});
  StringRef h = heads.all();
  RecurrenceBuilder r(builder, op.getLoc(), {"k"}, op.getReverse());
  unsigned q =
      r.input(op.getQ(), {"b", "l", heads.of(headsOf(op.getQ())), "k"});
  unsigned k =
      r.input(op.getK(), {"b", "l", heads.of(headsOf(op.getK())), "k"});
  std::optional<unsigned> v, gate, floor;
  if (values)
    v = r.input(op.getV(), {"b", "l", h, "v"});
  Decay decay = stabilized.decay
                    ? Decay::add(r, stabilized.decay, /*log=*/false, h)
                    : Decay::add(r, op.getDecay(), op.getLog(), h);
  std::optional<unsigned> bonus = r.optional(op.getBonus(), {h, "k"});
  gate = r.optional(stabilized.gate, {"b", "l", h});
  if (!values)
    floor = r.optional(stabilized.floor, {"b", "l", h});
  r.reset(op.getReset());
  unsigned number = values ? 0 : 1;
  SmallVector<StringRef> output = {"b", "l", h}, state = {"b", h};
  auto outputType = cast<RankedTensorType>(op.getY().getType());
  if (values) {
    output.push_back("v");
    state.push_back("v");
  } else {
    outputType = RankedTensorType::get(outputType.getShape().drop_back(),
                                       outputType.getElementType());
  }
  state.push_back("k");
  r.output(outputType, output);
  r.state(op.getFinal()[number].getType(), state,
          values ? "recurrent" : "normalizer",
          op.getInit().empty() ? Value() : op.getInit()[number]);
  return r.build([&](ArrayRef<Value> in, ArrayRef<Value> states) {
    // What enters at the key: the value, gated; of the normalizer, one.
    std::optional<Value> weight;
    if (v)
      weight = gate ? r.mul(in[*gate], in[*v]) : in[*v];
    else if (gate)
      weight = in[*gate];
    Value write = weight ? r.scale(*weight, in[k]) : in[k];
    Value next = r.add(decay.apply(r, in, states[0]), write);
    Value y = r.dot(in[q], bonus ? states[0] : next);
    if (bonus) {
      Value own = r.dot(in[q], r.mul(in[*bonus], in[k]));
      y = r.add(y, weight ? r.mul(own, *weight) : own);
    }
    y = scaled(r, op.getScale(), y);
    if (values)
      return SmallVector<Value>{y, next};
    if (op.getNormalizer() == Normalizer::max)
      y = r.maximum(r.abs(y),
                    floor ? in[*floor] : r.constant(y.getType(), 1.0));
    if (op.getEps())
      y = r.add(y, r.constant(y.getType(), op.getEps()->convertToDouble()));
    return SmallVector<Value>{y, next};
  });
}

SmallVector<Value> LinearAttentionOp::expand(OpBuilder &builder) {
  Stabilized stabilized;
  if (getInputGate())
    stabilized = stabilize(*this, builder);
  SmallVector<Value> results = attend(*this, builder, stabilized, true);
  if (!getNormalizer())
    return results;
  SmallVector<Value> divisor = attend(*this, builder, stabilized, false);
  Value repeated =
      BroadcastOp::create(builder, getLoc(), results[0].getType(), divisor[0],
                          results[0], builder.getDenseI64ArrayAttr({0, 1, 2}));
  results[0] = arith::DivFOp::create(builder, getLoc(), results[0], repeated);
  results.push_back(divisor[1]);
  if (getInputGate())
    results.push_back(stabilized.final);
  return results;
}

SmallVector<StringRef> LinearAttentionOp::getStateRoles() {
  SmallVector<StringRef> roles = {"recurrent", "normalizer", "stabilizer"};
  roles.resize(getFinal().size());
  return roles;
}

//===----------------------------------------------------------------------===//
// ssm.delta_rule
//===----------------------------------------------------------------------===//

/// Row `index` of a value of the body whose first axis is micro-steps.
static Value rowOf(OpBuilder &builder, Location loc, Value value,
                   int64_t index) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getRank() == 1)
    return tensor::ExtractOp::create(
        builder, loc, value,
        ValueRange(arith::ConstantIndexOp::create(builder, loc, index)));
  int64_t size = type.getDimSize(1);
  SmallVector<OpFoldResult> offsets = {builder.getIndexAttr(index),
                                       builder.getIndexAttr(0)};
  SmallVector<OpFoldResult> sizes = {builder.getIndexAttr(1),
                                     builder.getIndexAttr(size)};
  SmallVector<OpFoldResult> strides(2, builder.getIndexAttr(1));
  return tensor::ExtractSliceOp::create(
      builder, loc, RankedTensorType::get({size}, type.getElementType()), value,
      offsets, sizes, strides);
}

SmallVector<Value> DeltaRuleOp::expand(OpBuilder &builder) {
  SmallVector<int64_t> extents = {headsOf(getQ()), headsOf(getK())};
  for (Value vector : getRankOne())
    extents.push_back(headsOf(vector));
  HeadLabels heads(headsOf(getV()), extents);
  StringRef h = heads.all();
  bool micro = rankOf(getV()) == 5;
  auto labels = [&](Value value, StringRef last) {
    SmallVector<StringRef> list = {"b", "l"};
    if (rankOf(value) == 5)
      list.push_back("j");
    list.push_back(heads.of(headsOf(value)));
    list.push_back(last);
    return list;
  };
  SmallVector<StringRef> step = {"k"};
  if (micro)
    step.insert(step.begin(), "j");
  RecurrenceBuilder r(builder, getLoc(), step, getReverse());
  unsigned q = r.input(getQ(), labels(getQ(), "k"));
  unsigned k = r.input(getK(), labels(getK(), "k"));
  unsigned v = r.input(getV(), labels(getV(), "v"));
  SmallVector<StringRef> perHead = {"b", "l", h}, perMicro = {"b", "l", "j", h};
  std::optional<unsigned> beta =
      r.optional(getBeta(), micro ? perMicro : perHead);
  SmallVector<unsigned> rankOne;
  for (Value vector : getRankOne())
    rankOne.push_back(r.input(vector, labels(vector, "k")));
  Decay decay = Decay::add(r, getDecay(), getLog(), h);
  r.reset(getReset());
  r.output(getY().getType(), {"b", "l", h, "v"});
  r.state(getFinal().getType(), {"b", h, "v", "k"}, "recurrent", getInit());
  return r.build([&](ArrayRef<Value> in, ArrayRef<Value> states) {
    Value row = decay.apply(r, in, states[0]);
    if (!rankOne.empty()) {
      Value read = r.dot(in[rankOne[0]], states[0]);
      row = r.add(row, r.scale(read, in[rankOne[1]]));
      row = r.add(row, r.scale(in[v], in[k]));
    } else {
      int64_t count = micro ? typeOf(getV()).getDimSize(2) : 1;
      for (int64_t j = 0; j < count; ++j) {
        auto part = [&](unsigned number) {
          return micro ? rowOf(builder, getLoc(), in[number], j) : in[number];
        };
        Value key = part(k);
        Value error = r.sub(part(v), r.dot(key, row));
        if (beta)
          error = r.mul(part(*beta), error);
        row = r.add(row, r.scale(error, key));
      }
    }
    Value y = scaled(r, getScale(), r.dot(in[q], row));
    return SmallVector<Value>{y, row};
  });
}

SmallVector<StringRef> DeltaRuleOp::getStateRoles() { return {"recurrent"}; }
