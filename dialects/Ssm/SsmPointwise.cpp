//===- SsmPointwise.cpp - definitions of the pointwise ops ----------------===//
//
// What each pointwise op of the dialect means in `arith` and `math`.
//
//===----------------------------------------------------------------------===//

#include "dialects/Ssm/SsmExpansions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace ssmc::ssm;

#define GET_OP_CLASSES
#include "dialects/Ssm/SsmPointwise.cpp.inc"

namespace {
/// Arithmetic on values of one type.
struct Formula : Arithmetic {
  Type type;

  Formula(OpBuilder &builder, Location loc, Type type)
      : Arithmetic{builder, loc}, type(type) {}
  Value constant(double value) { return Arithmetic::constant(type, value); }
  Value select(arith::CmpFPredicate predicate, Value a, Value b, Value yes,
               Value no) {
    Value test = arith::CmpFOp::create(builder, loc, predicate, a, b);
    return arith::SelectOp::create(builder, loc, test, yes, no);
  }
};
} // namespace

SmallVector<Value> SigmoidOp::decompose(OpBuilder &builder,
                                        ValueRange operands) {
  Value x = operands[0];
  Formula p(builder, getLoc(), x.getType());
  Value one = p.constant(1.0);
  return {p.div(one, p.add(one, p.exp(p.neg(x))))};
}

SmallVector<Value> SiluOp::decompose(OpBuilder &builder, ValueRange operands) {
  Value x = operands[0];
  Formula p(builder, getLoc(), x.getType());
  return {p.div(x, p.add(p.constant(1.0), p.exp(p.neg(x))))};
}

SmallVector<Value> GeluOp::decompose(OpBuilder &builder, ValueRange operands) {
  Value x = operands[0];
  Formula p(builder, getLoc(), x.getType());
  Value scaled = p.mul(x, p.constant(0.70710678118654752));
  Value erf = math::ErfOp::create(builder, getLoc(), scaled);
  return {p.mul(p.mul(p.constant(0.5), x), p.add(p.constant(1.0), erf))};
}

SmallVector<Value> ReluOp::decompose(OpBuilder &builder, ValueRange operands) {
  Value x = operands[0];
  Formula p(builder, getLoc(), x.getType());
  return {p.maximum(x, p.constant(0.0))};
}

SmallVector<Value> SoftplusOp::decompose(OpBuilder &builder,
                                         ValueRange operands) {
  Value x = operands[0];
  Formula p(builder, getLoc(), x.getType());
  Value soft = math::Log1pOp::create(builder, getLoc(), p.exp(x));
  return {p.select(arith::CmpFPredicate::OGT, x, p.constant(20.0), x, soft)};
}

//===----------------------------------------------------------------------===//
// Complex numbers
//===----------------------------------------------------------------------===//

namespace {
/// A real number, or a complex one if it has an imaginary part.
struct Number {
  Value re, im;
};

/// Arithmetic on numbers of one kind or mixed. Definitions for complex numbers
/// are definitions for real ones as well.
struct Field : Formula {
  using Formula::Formula;

  Number number(double value) { return {constant(value), Value()}; }
  Number add(Number a, Number b) {
    return {Formula::add(a.re, b.re), a.im && b.im ? Formula::add(a.im, b.im)
                                      : a.im       ? a.im
                                                   : b.im};
  }
  Number neg(Number a) {
    return {Formula::neg(a.re), a.im ? Formula::neg(a.im) : Value()};
  }
  Number sub(Number a, Number b) {
    if (!b.im)
      return {Formula::sub(a.re, b.re), a.im};
    return {Formula::sub(a.re, b.re),
            a.im ? Formula::sub(a.im, b.im) : Formula::neg(b.im)};
  }
  Number conjugate(Number a) {
    return {a.re, a.im ? Formula::neg(a.im) : Value()};
  }
  Number mul(Number a, Number b) {
    if (!a.im)
      std::swap(a, b);
    if (!b.im)
      return {Formula::mul(a.re, b.re),
              a.im ? Formula::mul(a.im, b.re) : Value()};
    return {Formula::sub(Formula::mul(a.re, b.re), Formula::mul(a.im, b.im)),
            Formula::add(Formula::mul(a.re, b.im), Formula::mul(a.im, b.re))};
  }
  Number div(Number a, Number b) {
    if (!b.im)
      return {Formula::div(a.re, b.re),
              a.im ? Formula::div(a.im, b.re) : Value()};
    // b relative to its larger part: then |b|^2 is in [1, 2].
    Value size = maximum(abs(b.re), abs(b.im));
    Value re = Formula::div(b.re, size), im = Formula::div(b.im, size);
    Value square = Formula::add(Formula::mul(re, re), Formula::mul(im, im));
    Value factor = Formula::mul(square, size);
    Number product = mul(a, {re, Formula::neg(im)});
    return {Formula::div(product.re, factor), Formula::div(product.im, factor)};
  }
  Number exp(Number a) {
    Value size = Formula::exp(a.re);
    if (!a.im)
      return {size, Value()};
    return {Formula::mul(size, math::CosOp::create(builder, loc, a.im)),
            Formula::mul(size, math::SinOp::create(builder, loc, a.im))};
  }
  /// exp(a) - 1 without cancellation.
  Number expm1(Number a) {
    Value real = math::ExpM1Op::create(builder, loc, a.re);
    if (!a.im)
      return {real, Value()};
    Value half =
        math::SinOp::create(builder, loc, Formula::mul(a.im, constant(0.5)));
    Value cos = math::CosOp::create(builder, loc, a.im);
    Value versine = Formula::mul(constant(2.0), Formula::mul(half, half));
    return {Formula::sub(Formula::mul(real, cos), versine), exp(a).im};
  }
  /// `yes` where |a| <= bound, elsewhere `no`.
  Number selectSmall(Number a, double bound, Number yes, Number no) {
    Value size = abs(a.re);
    if (a.im)
      size = maximum(size, abs(a.im));
    auto part = [&](Value yes, Value no) {
      return select(arith::CmpFPredicate::OLE, size, constant(bound),
                    yes ? yes : constant(0.0), no);
    };
    return {part(yes.re, no.re), no.im ? part(yes.im, no.im) : Value()};
  }
  /// sum_k coefficients[k] a^k.
  Number polynomial(Number a, ArrayRef<double> coefficients) {
    Number sum = number(coefficients.back());
    for (double c : llvm::reverse(coefficients.drop_back()))
      sum = add(mul(sum, a), number(c));
    return sum;
  }
};
} // namespace

SmallVector<Value> ComplexMulOp::decompose(OpBuilder &builder,
                                           ValueRange operands) {
  Field p(builder, getLoc(), operands[0].getType());
  Number product =
      p.mul({operands[0], operands[1]}, {operands[2], operands[3]});
  return {product.re, product.im};
}

SmallVector<Value> ComplexDivOp::decompose(OpBuilder &builder,
                                           ValueRange operands) {
  Field p(builder, getLoc(), operands[0].getType());
  Number quotient =
      p.div({operands[0], operands[1]}, {operands[2], operands[3]});
  return {quotient.re, quotient.im};
}

SmallVector<Value> ComplexExpOp::decompose(OpBuilder &builder,
                                           ValueRange operands) {
  Field p(builder, getLoc(), operands[0].getType());
  Number result = p.exp({operands[0], operands[1]});
  return {result.re, result.im};
}

//===----------------------------------------------------------------------===//
// ssm.discretize
//===----------------------------------------------------------------------===//

LogicalResult DiscretizeOp::inferReturnTypes(MLIRContext *,
                                             std::optional<Location>,
                                             Adaptor adaptor,
                                             SmallVectorImpl<Type> &inferred) {
  size_t parts = adaptor.getMethod() == Discretization::foh ? 3 : 2;
  if (adaptor.getImag())
    parts *= 2;
  inferred.assign(parts, adaptor.getA().getType());
  return success();
}

LogicalResult DiscretizeOp::verify() {
  Type dt = getDt().getType(), a = getA().getType();
  if (dt != a && !dt.isF32()) // (C1)
    return emitOpError("expected 'dt' to be 'f32' or to have the type of 'a', ")
           << a << ", got " << dt;
  if (getImag() && getImag().getType() != a) // (C3)
    return emitOpError("expected 'imag' to have the type of 'a', ")
           << a << ", got " << getImag().getType();
  bool isGbt = getMethod() == Discretization::gbt;
  if (isGbt != getAlpha().has_value()) // (C2)
    return emitOpError(isGbt
                           ? "expected 'alpha' for method gbt"
                           : "expected no 'alpha' for a method other than gbt");
  if (isGbt) {
    double alpha = getAlpha()->convertToDouble();
    if (!(alpha >= 0.0 && alpha <= 1.0)) // (C2)
      return emitOpError("expected 'alpha' in [0, 1], got ") << alpha;
  }
  bool isAsync = getMethod() == Discretization::async;
  if (isAsync != (getElapsed() != nullptr)) // (C4)
    return emitOpError(
        isAsync ? "expected 'elapsed' for method async"
                : "expected no 'elapsed' for a method other than async");
  if (isAsync && getElapsed().getType() != a &&
      !getElapsed().getType().isF32()) // (C4)
    return emitOpError("expected 'elapsed' to be 'f32' or to have the type of "
                       "'a', ")
           << a << ", got " << getElapsed().getType();
  bool isDss = getMethod() == Discretization::dss;
  if (isDss ? getLength().value_or(0) < 1 : getLength().has_value()) // (C5)
    return emitOpError(isDss ? "expected a positive 'length' for method dss"
                             : "expected no 'length' for a method other than "
                               "dss");
  if (getEps() && !isDss) // (C5)
    return emitOpError("expected no 'eps' for a method other than dss");
  if (getEps() && !(getEps()->convertToDouble() >= 0.0)) // (C5)
    return emitOpError("expected 'eps' not to be negative, got ")
           << getEps()->convertToDouble();
  return success();
}

/// The gains of foh for dt = 1: phi2 and phi1 - phi2. Near zero, where the
/// closed forms cancel, the first terms of the series: the next is below half
/// an ulp of float32.
static std::pair<Number, Number> firstOrderGains(Field &p, Number z) {
  Number square = p.mul(z, z), grown = p.expm1(z);
  Number current = p.div(p.sub(grown, z), square);
  Number before = p.div(p.sub(p.mul(z, p.exp(z)), grown), square);
  SmallVector<double> currentTerms, beforeTerms;
  double factorial = 2.0; // (k + 2)!
  for (int k = 0; k < 9; ++k) {
    currentTerms.push_back(1.0 / factorial);
    beforeTerms.push_back((k + 1) / factorial);
    factorial *= k + 3;
  }
  return {p.selectSmall(z, 0.5, p.polynomial(z, currentTerms), current),
          p.selectSmall(z, 0.5, p.polynomial(z, beforeTerms), before)};
}

SmallVector<Value> DiscretizeOp::decompose(OpBuilder &builder,
                                           ValueRange operands) {
  Field p(builder, getLoc(), operands[1].getType());
  Number dt = {operands[0], Value()};
  Number a = {operands[1], getImag() ? operands[2] : Value()};
  Number z = p.mul(dt, a), one = p.number(1.0);
  auto inOrder = [&](ArrayRef<Number> numbers) {
    SmallVector<Value> values;
    for (Number n : numbers)
      values.push_back(n.re);
    if (a.im)
      for (Number n : numbers)
        values.push_back(n.im ? n.im : p.constant(0.0));
    return values;
  };
  // gbt and its special cases: (1 + (1-alpha) z) / (1 - alpha z).
  auto generalized = [&](double alpha) {
    Number divisor = p.sub(one, p.mul(p.number(alpha), z));
    Number dividend = p.add(one, p.mul(p.number(1.0 - alpha), z));
    return inOrder({p.div(dividend, divisor), p.div(dt, divisor)});
  };
  switch (getMethod()) {
  case Discretization::zoh: {
    Number gain = p.div(p.expm1(z), a);
    return inOrder({p.exp(z), p.selectSmall(a, 0.0, dt, gain)});
  }
  case Discretization::euler:
    return inOrder({p.add(one, z), dt});
  case Discretization::bilinear:
    return generalized(0.5);
  case Discretization::backward_euler:
    return generalized(1.0);
  case Discretization::gbt:
    return generalized(getAlpha()->convertToDouble());
  case Discretization::dirac:
    return inOrder({p.exp(z), one});
  case Discretization::exp_euler:
    return inOrder({p.exp(z), dt});
  case Discretization::foh: {
    auto [current, before] = firstOrderGains(p, z);
    return inOrder({p.exp(z), p.mul(dt, current), p.mul(dt, before)});
  }
  case Discretization::async: {
    Number elapsed = {operands.back(), Value()};
    Number gain = p.div(p.expm1(z), a);
    return inOrder({p.exp(p.mul(elapsed, z)), p.selectSmall(a, 0.0, dt, gain)});
  }
  case Discretization::dss: {
    Number whole = p.expm1(p.mul(p.number(*getLength()), z));
    if (!getEps())
      return inOrder({p.exp(z), p.div(p.div(p.expm1(z), whole), a)});
    Number x = p.mul(a, whole);
    Number mirror = p.conjugate(x);
    Number square = {p.mul(x, mirror).re, Value()};
    Number gain = p.div(p.mul(p.expm1(z), mirror),
                        p.add(square, p.number(getEps()->convertToDouble())));
    return inOrder({p.exp(z), gain});
  }
  case Discretization::ema:
    return inOrder({p.sub(one, z), dt});
  }
  llvm_unreachable("every discretization is handled");
}
