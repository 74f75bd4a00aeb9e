//===- SsmRnn.cpp - what recurrent networks mean --------------------------===//
//
// Labels: b batch, l time, h head, m gates of all hidden units, n hidden unit,
// r row of the peepholes.
//
//===----------------------------------------------------------------------===//

#include "dialects/Ssm/SsmExpansions.h"
#include "dialects/Ssm/SsmNamedOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace ssmc::ssm;

namespace {
/// One time step of a cell, on vectors of hidden units.
struct Step : Arithmetic {
  int64_t hidden;

  Step(OpBuilder &builder, Location loc, int64_t hidden)
      : Arithmetic{builder, loc}, hidden(hidden) {}
  Value sigmoid(Value a) {
    return SigmoidOp::create(builder, loc, a.getType(), a);
  }
  Value tanh(Value a) { return math::TanhOp::create(builder, loc, a); }
  /// The part of `vector` that belongs to a gate.
  Value gate(Value vector, int64_t number) {
    return slice(vector, {number * hidden}, {hidden});
  }
  Value row(Value matrix, int64_t number) {
    return slice(matrix, {number, 0}, {1, hidden});
  }

  SmallVector<Value> gru(Value a, Value u, Value h) {
    Value r = sigmoid(add(gate(a, 0), gate(u, 0)));
    Value z = sigmoid(add(gate(a, 1), gate(u, 1)));
    Value n = tanh(add(gate(a, 2), mul(r, gate(u, 2))));
    Value one = constant(h.getType(), 1.0);
    return {add(mul(sub(one, z), n), mul(z, h))};
  }
  SmallVector<Value> lstm(Value gates, Value peephole, Value c) {
    auto look = [&](Value gate, int64_t number, Value cell) {
      return peephole ? add(gate, mul(row(peephole, number), cell)) : gate;
    };
    Value i = sigmoid(look(gate(gates, 0), 0, c));
    Value f = sigmoid(look(gate(gates, 1), 1, c));
    Value cell = add(mul(f, c), mul(i, tanh(gate(gates, 2))));
    Value o = sigmoid(look(gate(gates, 3), 2, cell));
    return {mul(o, tanh(cell)), cell};
  }
  SmallVector<Value> slstm(Value gates, Value c, Value n, Value m) {
    Value zero = constant(c.getType(), 0.0), one = constant(c.getType(), 1.0);
    Value i = gate(gates, 0), f = gate(gates, 1);
    Value soft = SoftplusOp::create(builder, loc, f.getType(), neg(f));
    Value kept = sub(m, soft); // logsigmoid(f) = -softplus(-f)
    Value fresh =
        arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OEQ, n, zero);
    Value largest =
        arith::SelectOp::create(builder, loc, fresh, i, maximum(kept, i));
    Value enter = minimum(exp(sub(i, largest)), one);
    Value keep = minimum(exp(sub(kept, largest)), one);
    Value cell = add(mul(keep, c), mul(enter, tanh(gate(gates, 2))));
    Value norm = add(mul(keep, n), enter);
    return {mul(sigmoid(gate(gates, 3)), div(cell, norm)), cell, norm, largest};
  }

private:
  Value slice(Value value, ArrayRef<int64_t> offsets, ArrayRef<int64_t> sizes) {
    SmallVector<int64_t> strides(offsets.size(), 1);
    auto type = RankedTensorType::get({sizes.back()}, builder.getF32Type());
    return tensor::ExtractSliceOp::create(
        builder, loc, type, value,
        getAsIndexOpFoldResult(loc.getContext(), offsets),
        getAsIndexOpFoldResult(loc.getContext(), sizes),
        getAsIndexOpFoldResult(loc.getContext(), strides));
  }
};
} // namespace

SmallVector<Value> RnnOp::expand(OpBuilder &builder) {
  Value x = getX();
  if (getInputWeight())
    x = LinearOp::create(builder, getLoc(), x, getInputWeight(),
                         getInputBias());
  auto weightType = cast<RankedTensorType>(getHiddenWeight().getType());
  bool heads = weightType.getRank() == 3;
  int64_t hidden = weightType.getShape().back();
  auto labels = [&](ArrayRef<StringRef> before, ArrayRef<StringRef> after) {
    SmallVector<StringRef> all(before);
    if (heads)
      all.push_back("h");
    all.append(after.begin(), after.end());
    return all;
  };
  SmallVector<StringRef> step = {"m", "n"};
  if (getPeephole())
    step.push_back("r");
  RecurrenceBuilder r(builder, getLoc(), step, getReverse());
  unsigned input = r.input(x, labels({"b", "l"}, {"m"}));
  unsigned weight = r.input(getHiddenWeight(), labels({}, {"m", "n"}));
  std::optional<unsigned> bias = r.optional(getHiddenBias(), labels({}, {"m"}));
  std::optional<unsigned> peephole = r.optional(getPeephole(), {"r", "n"});
  r.reset(getReset());
  r.output(getY().getType(), labels({"b", "l"}, {"n"}));
  SmallVector<StringRef> roles = getStateRoles();
  for (auto [i, final] : llvm::enumerate(getFinal()))
    r.state(final.getType(), labels({"b"}, {"n"}), roles[i],
            getInit().empty() ? Value() : getInit()[i]);
  return r.build([&](ArrayRef<Value> in, ArrayRef<Value> states) {
    Step s(builder, getLoc(), hidden);
    Value u =
        s.contract("mn,n->m", {in[weight], states[0]}, in[input].getType());
    if (bias)
      u = s.add(u, in[*bias]);
    SmallVector<Value> next;
    switch (getCell()) {
    case Cell::elman: {
      Value sum = s.add(in[input], u);
      next = {getRelu() ? s.maximum(sum, s.constant(sum.getType(), 0.0))
                        : s.tanh(sum)};
      break;
    }
    case Cell::gru:
      next = s.gru(in[input], u, states[0]);
      break;
    case Cell::lstm:
      next = s.lstm(s.add(in[input], u), peephole ? in[*peephole] : Value(),
                    states[1]);
      break;
    case Cell::slstm:
      next = s.slstm(s.add(in[input], u), states[1], states[2], states[3]);
      break;
    }
    next.insert(next.begin(), next[0]); // the output is h
    return next;
  });
}

SmallVector<StringRef> RnnOp::getStateRoles() {
  SmallVector<StringRef> roles = {"hidden", "cell", "normalizer", "stabilizer"};
  roles.resize(getFinal().size());
  return roles;
}
