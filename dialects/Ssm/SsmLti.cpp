//===- SsmLti.cpp - what linear time-invariant systems mean ---------------===//
//
// Labels: b batch, l time, d channel, n and m state.
//
//===----------------------------------------------------------------------===//

#include "dialects/Ssm/SsmExpansions.h"
#include "dialects/Ssm/SsmNamedOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace ssmc::ssm;

namespace {
/// A tensor of numbers that are complex if they have imaginary parts.
struct Pair {
  Value re, im;
};

/// Arithmetic on such tensors.
struct PairArithmetic : Arithmetic {
  using Arithmetic::constant;

  PairArithmetic(OpBuilder &builder, Location loc) : Arithmetic{builder, loc} {}

  Pair load(ValueRange values) {
    if (values.empty())
      return {};
    return {widen(values[0]), values.size() == 2 ? widen(values[1]) : Value()};
  }
  Value constant(double value, Pair like) {
    return constant(like.re.getType(), value);
  }
  Pair add(Pair a, Pair b) {
    return {Arithmetic::add(a.re, b.re),
            a.im ? Arithmetic::add(a.im, b.im) : Value()};
  }
  Pair sub(Pair a, Pair b) {
    return {Arithmetic::sub(a.re, b.re),
            a.im ? Arithmetic::sub(a.im, b.im) : Value()};
  }
  Pair mul(Pair a, Pair b) {
    if (!a.im)
      return {Arithmetic::mul(a.re, b.re), Value()};
    auto op = ComplexMulOp::create(builder, loc, a.re, a.im, b.re, b.im);
    return {op.getRe(), op.getIm()};
  }
  Pair div(Pair a, Pair b) {
    auto op = ComplexDivOp::create(builder, loc, a.re, a.im, b.re, b.im);
    return {op.getRe(), op.getIm()};
  }
  Pair conjugate(Pair a) { return {a.re, neg(a.im)}; }
  /// Each part times a real tensor.
  Pair times(Value real, Pair a) {
    return {Arithmetic::mul(real, a.re),
            a.im ? Arithmetic::mul(real, a.im) : Value()};
  }
  /// `value` repeated to the shape of `like`; its axes are the first.
  Value spread(Value value, Value like) {
    if (value.getType() == like.getType())
      return value;
    SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(
        0, cast<RankedTensorType>(value.getType()).getRank()));
    return BroadcastOp::create(builder, loc, like.getType(), value, like,
                               builder.getDenseI64ArrayAttr(axes));
  }
};

/// The system in discrete time: h' = A h - F Re(W . h) + B u + previous u[t-1].
struct Discrete {
  Pair A, B, previous;
  Pair F, W; // of low rank
};
} // namespace

/// Bilinear step of diag(a) - P P*. With d = 1 / (2/dt - a) and E the bilinear
/// step of a alone, Woodbury's formula for the implicit half gives
///
///   h' = E h - F s + 2 d B u,  F = d P,
///   s = 2 Re(W . h) + g u,  W = P* (1 + E) / r,  g = 4 Re(P* . d B) / r,
///   r = 1 + 2 Re(P* . d P).
static Discrete discretizeLowRank(PairArithmetic &p, Pair a, Pair B, Pair P,
                                  Value dt) {
  Value two = p.constant(2.0, a), zero = p.constant(0.0, a);
  Pair rate = {p.Arithmetic::div(two, dt), zero};
  Pair one = {p.constant(1.0, a), zero};
  Pair d = p.div(one, p.sub(rate, a));
  Pair E = p.mul(p.add(rate, a), d), F = p.mul(d, P), dB = p.mul(d, B);
  auto type = cast<RankedTensorType>(a.re.getType());
  auto perChannel = type.clone(type.getShape().take_front(1));
  // 2 Re(P* . x) of each channel, repeated over its states.
  auto project = [&](Pair x) {
    Value re = p.mul(p.conjugate(P), x).re;
    Value sum = p.contract("dn->d", {re}, perChannel);
    return p.Arithmetic::mul(two, p.spread(sum, re));
  };
  Value r = p.Arithmetic::add(one.re, project(F));
  Value inverse = p.Arithmetic::div(one.re, r);
  Pair W = p.times(p.Arithmetic::mul(two, inverse),
                   p.mul(p.conjugate(P), p.add(one, E)));
  Value g = p.Arithmetic::mul(two, p.Arithmetic::mul(project(dB), inverse));
  return {E, p.sub(p.times(two, dB), p.times(g, F)), {}, F, W};
}

static Discrete discretize(LtiOp op, PairArithmetic &p) {
  Pair a = p.load(op.getA()), B = p.load(op.getB());
  if (!B.re && !op.getMimo()) {
    // One state vector per channel, whatever the form of A.
    Pair C = p.load(op.getC());
    B = {p.constant(1.0, C), C.im ? p.constant(0.0, C) : Value()};
  }
  if (op.getCompanion()) {
    // Ones below the diagonal, and a as last column.
    auto type = cast<RankedTensorType>(a.re.getType());
    int64_t size = type.getDimSize(1);
    SmallVector<float> shift(size * size), last(size);
    for (int64_t i = 1; i < size; ++i)
      shift[i * size + i - 1] = 1.0f;
    last.back() = 1.0f;
    auto constant = [&](ArrayRef<int64_t> shape, ArrayRef<float> values) {
      return arith::ConstantOp::create(
          p.builder, p.loc, DenseElementsAttr::get(type.clone(shape), values));
    };
    auto matrix = type.clone({type.getDimSize(0), size, size});
    Value column =
        p.contract("dn,m->dnm", {a.re, constant({size}, last)}, matrix);
    Value ones = BroadcastOp::create(p.builder, p.loc, matrix,
                                     constant({size, size}, shift), column,
                                     p.builder.getDenseI64ArrayAttr({1, 2}));
    return {{p.Arithmetic::add(ones, column), Value()}, B, {}, {}, {}};
  }
  if (!op.getMethod())
    return {a, B, {}, {}, {}};
  Value dt = p.spread(p.widen(op.getDt()), a.re);
  if (!op.getLowRank().empty())
    return discretizeLowRank(p, a, B, p.load(op.getLowRank()), dt);
  auto step =
      DiscretizeOp::create(p.builder, p.loc, *op.getMethod(), dt, a.re, a.im,
                           /*elapsed=*/Value(), op.getAlphaAttr(),
                           /*length=*/IntegerAttr(), /*eps=*/FloatAttr());
  unsigned parts = step->getNumResults() / (a.im ? 2 : 1);
  auto result = [&](unsigned part) -> Pair {
    return {step->getResult(part),
            a.im ? step->getResult(parts + part) : Value()};
  };
  Discrete system = {result(0), {}, {}, {}, {}};
  auto enter = [&](Pair gain) {
    return p.mul(
        {p.spread(gain.re, B.re), gain.im ? p.spread(gain.im, B.re) : Value()},
        B);
  };
  system.B = enter(result(1));
  if (op.getMethod() == Discretization::foh)
    system.previous = enter(result(2));
  return system;
}

/// The parts that are there, as a list.
static SmallVector<Value> partsOf(Pair pair) {
  SmallVector<Value> parts;
  for (Value part : {pair.re, pair.im})
    if (part)
      parts.push_back(part);
  return parts;
}

static SmallVector<Value> at(ArrayRef<Value> values,
                             ArrayRef<unsigned> positions) {
  return llvm::map_to_vector(
      positions, [&](unsigned position) { return values[position]; });
}

/// A h within a body, for a diagonal or dense A of as many parts as h has.
static SmallVector<Value> transition(Arithmetic &p, ArrayRef<Value> A,
                                     ArrayRef<Value> h) {
  if (A.size() == 2)
    return {p.sub(p.mul(A[0], h[0]), p.mul(A[1], h[1])),
            p.add(p.mul(A[1], h[0]), p.mul(A[0], h[1]))};
  if (A[0].getType() != h[0].getType())
    return {p.contract("nm,m->n", {A[0], h[0]}, h[0].getType())};
  return {p.mul(A[0], h[0])};
}

static SmallVector<Value> expandChannels(LtiOp op, OpBuilder &builder,
                                         PairArithmetic &p) {
  Discrete system = discretize(op, p);
  bool dense = cast<RankedTensorType>(system.A.re.getType()).getRank() == 3;
  SmallVector<StringRef> step = {"n"};
  if (dense)
    step.push_back("m");
  RecurrenceBuilder r(builder, op.getLoc(), step, op.getReverse());
  SmallVector<StringRef> sequence = {"b", "l", "d"};
  auto inputs = [&](Pair pair, RecurrenceBuilder::Labels labels) {
    return llvm::map_to_vector(
        partsOf(pair), [&](Value part) { return r.input(part, labels); });
  };
  SmallVector<StringRef> perState = {"d", "n"}, matrix = {"d", "n", "m"};
  unsigned u = r.input(op.getU(), sequence);
  SmallVector<unsigned> A = inputs(system.A, dense ? matrix : perState);
  SmallVector<unsigned> B = inputs(system.B, perState);
  SmallVector<unsigned> F = inputs(system.F, perState);
  SmallVector<unsigned> W = inputs(system.W, perState);
  SmallVector<unsigned> before = inputs(system.previous, perState);
  Pair readOut = p.load(op.getC());
  if (op.getConjugate())
    readOut = p.add(readOut, readOut);
  SmallVector<unsigned> C = inputs(readOut, perState);
  std::optional<unsigned> D = r.optional(op.getD(), {"d"});
  r.reset(op.getReset());
  r.output(op.getY().getType(), sequence);
  SmallVector<StringRef> roles = op.getStateRoles();
  SmallVector<StringRef> state = {"b", "d", "n"}, lastInput = {"b", "d"};
  for (auto [i, final] : llvm::enumerate(op.getFinal()))
    r.state(final.getType(),
            cast<RankedTensorType>(final.getType()).getRank() == 3 ? state
                                                                   : lastInput,
            roles[i], op.getInit().empty() ? Value() : op.getInit()[i]);
  return r.build([&](ArrayRef<Value> in, ArrayRef<Value> states) {
    SmallVector<Value> next = transition(r, at(in, A), states);
    std::optional<Value> projection;
    if (!W.empty())
      projection =
          r.sub(r.dot(in[W[0]], states[0]), r.dot(in[W[1]], states[1]));
    for (auto [part, value] : llvm::enumerate(next)) {
      if (projection)
        value = r.sub(value, r.scale(*projection, in[F[part]]));
      value = r.add(value, r.scale(in[u], in[B[part]]));
      if (!before.empty())
        value = r.add(value, r.scale(states.back(), in[before[part]]));
    }
    Value y = r.dot(in[C[0]], next[0]);
    if (C.size() == 2)
      y = r.sub(y, r.dot(in[C[1]], next[1]));
    if (D)
      y = r.add(y, r.mul(in[*D], in[u]));
    SmallVector<Value> yields = {y};
    llvm::append_range(yields, next);
    if (!before.empty())
      yields.push_back(in[u]);
    return yields;
  });
}

static SmallVector<Value> expandMimo(LtiOp op, OpBuilder &builder,
                                     PairArithmetic &p) {
  Discrete system = discretize(op, p);
  auto project = [&](Value x, Value weight) -> Value {
    return LinearOp::create(builder, op.getLoc(), x, weight, Value());
  };
  bool dense = cast<RankedTensorType>(system.A.re.getType()).getRank() == 2;
  SmallVector<StringRef> step;
  if (dense)
    step = {"n", "m"};
  RecurrenceBuilder r(builder, op.getLoc(), step, op.getReverse());
  SmallVector<StringRef> labels = {"n", "m"};
  SmallVector<unsigned> A, entered;
  for (Value part : partsOf(system.A))
    A.push_back(r.input(part, ArrayRef(labels).take_front(dense ? 2 : 1)));
  SmallVector<StringRef> sequence = {"b", "l", "n"};
  SmallVector<Value> inputs;
  for (Value part : partsOf(system.B))
    inputs.push_back(project(op.getU(), part));
  for (Value input : inputs)
    entered.push_back(r.input(input, sequence));
  r.reset(op.getReset());
  SmallVector<StringRef> roles = op.getStateRoles();
  for (auto [i, final] : llvm::enumerate(op.getFinal())) {
    r.output(inputs[i].getType(), sequence);
    r.state(final.getType(), {"b", "n"}, roles[i],
            op.getInit().empty() ? Value() : op.getInit()[i]);
  }
  SmallVector<Value> results =
      r.build([&](ArrayRef<Value> in, ArrayRef<Value> states) {
        SmallVector<Value> next = transition(r, at(in, A), states);
        for (auto [part, value] : llvm::enumerate(next))
          value = r.add(value, in[entered[part]]);
        SmallVector<Value> yields(next);
        llvm::append_range(yields, next);
        return yields;
      });
  Pair readOut = p.load(op.getC());
  if (op.getConjugate())
    readOut = p.add(readOut, readOut);
  Value y = project(results[0], readOut.re);
  if (readOut.im)
    y = p.Arithmetic::sub(y, project(results[1], readOut.im));
  if (op.getD()) {
    Value skip = BroadcastOp::create(builder, op.getLoc(), op.getU().getType(),
                                     op.getD(), op.getU(),
                                     builder.getDenseI64ArrayAttr({2}));
    y = p.Arithmetic::add(y, p.Arithmetic::mul(skip, op.getU()));
  }
  SmallVector<Value> all = {y};
  llvm::append_range(all, ArrayRef(results).drop_front(op.getFinal().size()));
  return all;
}

SmallVector<Value> LtiOp::expand(OpBuilder &builder) {
  PairArithmetic p(builder, getLoc());
  return getMimo() ? expandMimo(*this, builder, p)
                   : expandChannels(*this, builder, p);
}

SmallVector<StringRef> LtiOp::getStateRoles() {
  SmallVector<StringRef> roles = {"recurrent"};
  if (getA().size() == 2)
    roles.push_back("recurrent_imag");
  if (getMethod() == Discretization::foh)
    roles.push_back("last_input");
  return roles;
}
