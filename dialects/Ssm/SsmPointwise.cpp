//===- SsmPointwise.cpp - definitions of the pointwise ops ----------------===//
//
// What each pointwise op of the dialect means in `arith` and `math`.
//
//===----------------------------------------------------------------------===//

#include "dialects/Ssm/SsmDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace ssmc::ssm;

namespace {
/// Builds arithmetic on values of one type: float, or vector or tensor of float
/// with fixed extents.
struct Arithmetic {
  OpBuilder &builder;
  Location loc;
  Type type;

  Value constant(double value) {
    FloatAttr scalar = builder.getFloatAttr(getElementTypeOrSelf(type), value);
    if (auto shaped = dyn_cast<ShapedType>(type))
      return arith::ConstantOp::create(
          builder, loc, DenseElementsAttr::get(shaped, scalar.getValue()));
    return arith::ConstantOp::create(builder, loc, scalar);
  }
  Value add(Value a, Value b) {
    return arith::AddFOp::create(builder, loc, a, b);
  }
  Value sub(Value a, Value b) {
    return arith::SubFOp::create(builder, loc, a, b);
  }
  Value mul(Value a, Value b) {
    return arith::MulFOp::create(builder, loc, a, b);
  }
  Value div(Value a, Value b) {
    return arith::DivFOp::create(builder, loc, a, b);
  }
  Value neg(Value a) { return arith::NegFOp::create(builder, loc, a); }
  Value exp(Value a) { return math::ExpOp::create(builder, loc, a); }
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
  Arithmetic p{builder, getLoc(), x.getType()};
  Value one = p.constant(1.0);
  return {p.div(one, p.add(one, p.exp(p.neg(x))))};
}

SmallVector<Value> SiluOp::decompose(OpBuilder &builder, ValueRange operands) {
  Value x = operands[0];
  Arithmetic p{builder, getLoc(), x.getType()};
  return {p.div(x, p.add(p.constant(1.0), p.exp(p.neg(x))))};
}

SmallVector<Value> GeluOp::decompose(OpBuilder &builder, ValueRange operands) {
  Value x = operands[0];
  Arithmetic p{builder, getLoc(), x.getType()};
  Value scaled = p.mul(x, p.constant(0.70710678118654752));
  Value erf = math::ErfOp::create(builder, getLoc(), scaled);
  return {p.mul(p.mul(p.constant(0.5), x), p.add(p.constant(1.0), erf))};
}

SmallVector<Value> SoftplusOp::decompose(OpBuilder &builder,
                                         ValueRange operands) {
  Value x = operands[0];
  Arithmetic p{builder, getLoc(), x.getType()};
  Value soft = math::Log1pOp::create(builder, getLoc(), p.exp(x));
  return {p.select(arith::CmpFPredicate::OGT, x, p.constant(20.0), x, soft)};
}

SmallVector<Value> DiscretizeOp::decompose(OpBuilder &builder,
                                           ValueRange operands) {
  Value dt = operands[0], a = operands[1];
  Arithmetic p{builder, getLoc(), a.getType()};
  Value z = p.mul(dt, a);
  Value one = p.constant(1.0);

  // gbt and its special cases: (1 + (1-alpha) z) / (1 - alpha z).
  auto generalized = [&](double alpha) -> SmallVector<Value> {
    Value denominator = p.sub(one, p.mul(p.constant(alpha), z));
    Value numerator = p.add(one, p.mul(p.constant(1.0 - alpha), z));
    return {p.div(numerator, denominator), p.div(dt, denominator)};
  };
  switch (getMethod()) {
  case Discretization::zoh: {
    Value gain = p.div(math::ExpM1Op::create(builder, getLoc(), z), a);
    Value zero = p.constant(0.0);
    return {p.exp(z), p.select(arith::CmpFPredicate::OEQ, a, zero, dt, gain)};
  }
  case Discretization::euler:
    return {p.add(one, z), dt};
  case Discretization::bilinear:
    return generalized(0.5);
  case Discretization::backward_euler:
    return generalized(1.0);
  case Discretization::gbt:
    return generalized(getAlpha()->convertToDouble());
  case Discretization::dirac:
    return {p.exp(z), one};
  case Discretization::exp_euler:
    return {p.exp(z), dt};
  }
  llvm_unreachable("every discretization is handled");
}
