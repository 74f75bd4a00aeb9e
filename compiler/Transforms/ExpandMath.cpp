// Elementary functions on float32 as straight-line arithmetic. Every function
// is one sequence of operations that are exact or correctly rounded, so scalars
// and vectors of any width give the same bits on every target. Edges are met by
// clamps and selects: there are no branches and no calls.
//
// The polynomials come from scripts/minimax.py, which prints them with their
// errors; expand_math_test.cpp measures the bounds that Passes.td states.
#include "compiler/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include <limits>

using namespace mlir;

namespace ssmc {
#define GEN_PASS_DEF_EXPANDMATH
#include "compiler/Transforms/Passes.h.inc"

namespace {
constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float log2e = 0x1.715476p+0f;
// ln2High + ln2Low is log(2) to 48 bits. A product with an integer is exact
// inside a fused multiply-add, so the high part needs no trailing zeros.
constexpr float ln2High = 0x1.62e430p-1f;
constexpr float ln2Low = -0x1.05c610p-29f;
// t = x + roundingBias is x rounded to an integer in the low bits of t.
constexpr float roundingBias = 0x1.8p23f;
constexpr int32_t one = 0x3f800000;
constexpr int32_t sqrtHalf = 0x3f3504f3;
constexpr int mantissaBits = 23;

/// Builds operations on values of one float32 scalar or vector type; sine and
/// cosine also on its float64 counterpart.
class Emitter {
public:
  Emitter(OpBuilder &builder, Location loc, Type type)
      : b(loc, builder), floatType(type),
        intType(withElement(type, b.getI32Type())) {}

  Value exp(Value x);
  Value exp2(Value x);
  Value expm1(Value x);
  Value log(Value x);
  Value log1p(Value x);
  Value tanh(Value x);
  Value rsqrt(Value x);
  Value erf(Value x);
  Value sin(Value x);
  Value cos(Value x);

private:
  using Predicate = arith::CmpFPredicate;

  static Type withElement(Type type, Type element) {
    if (auto vector = dyn_cast<VectorType>(type))
      return vector.clone(element);
    return element;
  }
  TypedAttr splat(Type type, TypedAttr value) {
    if (auto vector = dyn_cast<VectorType>(type))
      return DenseElementsAttr::get(vector, ArrayRef<Attribute>(value));
    return value;
  }
  Value constant(Type type, double value) {
    return arith::ConstantOp::create(
        b, splat(type, FloatAttr::get(getElementTypeOrSelf(type), value)));
  }
  Value constant(float value) { return constant(floatType, value); }
  Value integer(int32_t value) {
    return arith::ConstantOp::create(
        b, splat(intType, b.getI32IntegerAttr(value)));
  }

  Value add(Value x, Value y) { return arith::AddFOp::create(b, x, y); }
  Value add(Value x, double y) { return add(x, constant(x.getType(), y)); }
  Value sub(Value x, Value y) { return arith::SubFOp::create(b, x, y); }
  Value mul(Value x, Value y) { return arith::MulFOp::create(b, x, y); }
  Value mul(Value x, double y) { return mul(x, constant(x.getType(), y)); }
  Value div(Value x, Value y) { return arith::DivFOp::create(b, x, y); }
  /// x * y + z, rounded once.
  Value fma(Value x, Value y, Value z) {
    return math::FmaOp::create(b, x, y, z);
  }
  Value fma(Value x, float y, Value z) { return fma(x, constant(y), z); }
  Value fma(Value x, Value y, float z) { return fma(x, y, constant(z)); }
  Value abs(Value x) { return math::AbsFOp::create(b, x); }
  Value negate(Value x) { return arith::NegFOp::create(b, x); }
  Value round(Value x) { return math::RoundEvenOp::create(b, x); }

  /// "x predicate bound" ? ifTrue : ifFalse; ifFalse where x is NaN.
  Value select(Value x, Predicate predicate, Value bound, Value ifTrue,
               Value ifFalse) {
    Value condition = arith::CmpFOp::create(b, predicate, x, bound);
    return arith::SelectOp::create(b, condition, ifTrue, ifFalse);
  }
  Value select(Value x, Predicate predicate, float bound, Value ifTrue,
               Value ifFalse) {
    return select(x, predicate, constant(bound), ifTrue, ifFalse);
  }
  /// These keep a NaN in `x`, and are one instruction each on x86.
  Value atLeast(Value x, float low) {
    Value bound = constant(low);
    return select(x, Predicate::OLT, bound, bound, x);
  }
  Value atMost(Value x, float high) {
    Value bound = constant(high);
    return select(x, Predicate::OGT, bound, bound, x);
  }

  Value bits(Value x) { return arith::BitcastOp::create(b, intType, x); }
  Value fromBits(Value x) { return arith::BitcastOp::create(b, floatType, x); }
  Value subInt(Value x, Value y) { return arith::SubIOp::create(b, x, y); }
  Value shiftLeft(Value x, int bits) {
    return arith::ShLIOp::create(b, x, integer(bits));
  }

  /// coefficients[0] + coefficients[1] * x + ...
  Value polynomial(Value x, ArrayRef<float> coefficients) {
    Value result = constant(coefficients.back());
    for (float c : llvm::reverse(coefficients.drop_back()))
      result = fma(result, x, c);
    return result;
  }

  struct Reduced {
    Value rest;  // x - n * log(2)
    Value scale; // 2^(n + shift)
  };
  Reduced reduceByLn2(Value x, int multiple, int shift);
  Value expOfClamped(Value x);
  Value expm1OfRest(Value r);
  Value log1pOfRest(Value f, Value exponent);
  struct Quarter {
    Value rest;  // x - n * pi / 2, at most pi / 4
    Value count; // n modulo 4 in its low bits
  };
  Quarter reduceByQuarterTurn(Value x);
  Value sinOrCos(Quarter quarter);

  ImplicitLocOpBuilder b;
  Type floatType, intType;
};

/// n is the nearest multiple of `multiple` times an integer h; scale is
/// 2^(h + shift), which must be a normal number.
Emitter::Reduced Emitter::reduceByLn2(Value x, int multiple, int shift) {
  // The low bits of t hold h + shift + 127: the exponent field of the scale.
  float bias = roundingBias + float(127 + shift);
  Value t = fma(x, log2e / multiple, constant(bias));
  Value h = add(t, -bias);
  Value r = fma(h, -multiple * ln2High, x);
  r = fma(h, -multiple * ln2Low, r);
  return {r, fromBits(shiftLeft(bits(t), mantissaBits))};
}

/// exp(x) for -104 <= x <= 89, or NaN.
Value Emitter::expOfClamped(Value x) {
  // An even n makes 2^n a product of two equal normal numbers, so that results
  // beyond the normal range are rounded once, by the last multiplication.
  auto [r, scale] = reduceByLn2(x, 2, 0);
  // 1 + r + r^2 q(r) on |r| <= log(2), relative error 0.25 * 2^-24.
  Value q = polynomial(r, {0x1.00000cp-1f, 0x1.555510p-3f, 0x1.5549fcp-5f,
                           0x1.112826p-7f, 0x1.71bbcep-10f, 0x1.9b4a56p-13f});
  Value p = fma(fma(q, r, 1.0f), r, 1.0f);
  return mul(mul(p, scale), scale);
}

Value Emitter::exp(Value x) {
  // exp(-104) rounds to 0 and exp(89) to infinity.
  return expOfClamped(atMost(atLeast(x, -104.0f), 89.0f));
}

Value Emitter::exp2(Value x) {
  // As exp, with x = 2 h + r and |r| <= 1; the reduction is exact.
  x = atMost(atLeast(x, -151.0f), 129.0f);
  float bias = roundingBias + 127;
  Value t = fma(x, 0.5f, constant(bias));
  Value r = fma(add(t, -bias), -2.0f, x);
  Value scale = fromBits(shiftLeft(bits(t), mantissaBits));
  // 1 + r q(r) on |r| <= 1, relative error 0.42 * 2^-24.
  Value q = polynomial(r, {0x1.62e430p-1f, 0x1.ebfbfcp-3f, 0x1.c6aff2p-5f,
                           0x1.3b1ee0p-7f, 0x1.5dafe6p-10f, 0x1.4847e4p-13f,
                           0x1.f857bcp-17f});
  return mul(mul(fma(q, r, 1.0f), scale), scale);
}

/// exp(r) - 1 for |r| <= log(2) / 2.
Value Emitter::expm1OfRest(Value r) {
  // r + r^2 q(r), relative error 0.24 * 2^-24.
  Value q = polynomial(r, {0x1.fffffep-2f, 0x1.5554b0p-3f, 0x1.5556c4p-5f,
                           0x1.122862p-7f, 0x1.6becb4p-10f});
  return fma(mul(r, r), q, r);
}

Value Emitter::expm1(Value x) {
  // expm1(-20) rounds to -1 and expm1(89) to infinity.
  auto [r, half] = reduceByLn2(atMost(atLeast(x, -20.0f), 89.0f), 1, -1);
  // 2^n expm1(r) + (2^n - 1), halved: 2^128 has no representation.
  Value y = fma(half, expm1OfRest(r), add(half, -0.5f));
  // Half of a denormal may be none, and 0 must keep its sign.
  return select(abs(x), Predicate::OLT, 0x1p-64f, x, add(y, y));
}

/// exponent * log(2) + log1p(f) for sqrt(1/2) <= 1 + f <= sqrt(2).
Value Emitter::log1pOfRest(Value f, Value exponent) {
  // f + f^2 q(f), relative error 0.07 * 2^-24.
  Value q = polynomial(f, {-0x1.fffff8p-2f, 0x1.555550p-2f, -0x1.000428p-2f,
                           0x1.99a3fap-3f, -0x1.542774p-3f, 0x1.2271a0p-3f,
                           -0x1.0f3796p-3f, 0x1.0848e6p-3f, -0x1.38309ep-4f});
  Value p = fma(mul(f, f), q, f);
  return fma(exponent, ln2High, fma(exponent, ln2Low, p));
}

Value Emitter::log(Value x) {
  // Denormals enter as normal numbers.
  constexpr float minNormal = std::numeric_limits<float>::min();
  Value normal = select(x, Predicate::OLT, minNormal, mul(x, 0x1p23f), x);
  Value adjust =
      select(x, Predicate::OLT, minNormal, constant(-23.0f), constant(0.0f));
  // normal = 2^e (1 + f)
  Value e = arith::ShRSIOp::create(b, subInt(bits(normal), integer(sqrtHalf)),
                                   integer(mantissaBits));
  Value f =
      add(fromBits(subInt(bits(normal), shiftLeft(e, mantissaBits))), -1.0f);
  Value exponent = add(arith::SIToFPOp::create(b, floatType, e), adjust);
  Value y = log1pOfRest(f, exponent);
  y = select(x, Predicate::OLT, infinity, y, x); // infinity and NaN
  y = select(x, Predicate::OLT, 0.0f, constant(nan), y);
  return select(x, Predicate::OEQ, 0.0f, constant(-infinity), y);
}

Value Emitter::log1p(Value x) {
  // 1 + x = 2^e (1 + f) with f = 2^-e x + (2^-e - 1), which rounds only once.
  // The power is four times as large: 2^-128 would not be a normal number.
  Value e = arith::AndIOp::create(
      b, subInt(bits(add(x, 1.0f)), integer(sqrtHalf)), integer(0xff800000));
  Value power = fromBits(subInt(integer(one + (2 << mantissaBits)), e));
  Value f = fma(mul(x, 0.25f), power, fma(power, 0.25f, constant(-1.0f)));
  Value exponent = mul(arith::SIToFPOp::create(b, floatType, e), 0x1p-23f);
  Value y = log1pOfRest(f, exponent);
  // A quarter of a denormal may be none, and 0 must keep its sign.
  y = select(abs(x), Predicate::OLT, 0x1p-64f, x, y);
  y = select(x, Predicate::OLT, infinity, y, x); // infinity and NaN
  y = select(x, Predicate::OLT, -1.0f, constant(nan), y);
  return select(x, Predicate::OEQ, -1.0f, constant(-infinity), y);
}

Value Emitter::tanh(Value x) {
  // tanh(a) = t / (t + 2) with t = expm1(2 a); it rounds to 1 beyond 9.02.
  Value a = atMost(abs(x), 9.02f);
  auto [r, scale] = reduceByLn2(add(a, a), 1, 0);
  Value t = fma(scale, expm1OfRest(r), add(scale, -1.0f));
  return math::CopySignOp::create(b, div(t, add(t, 2.0f)), x);
}

Value Emitter::rsqrt(Value x) {
  return div(constant(1.0f), math::SqrtOp::create(b, x));
}

Value Emitter::erf(Value x) {
  // erf(4) rounds to 1.
  Value a = atMost(abs(x), 4.0f);
  // a + a q(a^2) below 0.85, relative error 0.19 * 2^-24.
  Value q = polynomial(mul(a, a),
                       {0x1.06eba8p-3f, -0x1.81271ap-2f, 0x1.ce23dap-4f,
                        -0x1.b72206p-6f, 0x1.4b0748p-8f, -0x1.4b182ap-11f});
  Value small = fma(a, q, a);
  // 1 - exp(a q(a)) above, relative error 0.03 * 2^-24.
  q = polynomial(a, {-0x1.20e8b8p+0f, -0x1.456aecp-1f, -0x1.aff950p-4f,
                     0x1.796204p-6f, -0x1.abfbc0p-9f, 0x1.cf30e0p-13f});
  Value large = sub(constant(1.0f), expOfClamped(mul(a, q)));
  Value y = select(a, Predicate::OLT, 0.85f, small, large);
  return math::CopySignOp::create(b, y, x);
}

/// In float64, exact enough for any x: the rest has 25 good bits even where x
/// comes closest to a multiple of pi / 2 (2^-29).
Emitter::Quarter Emitter::reduceByQuarterTurn(Value x) {
  Type wide = withElement(floatType, b.getF64Type());
  // x * 2 / pi = scaled * (high + low), up to multiples of 4: a large x is
  // scaled down by 2^s and 2 / pi up. All bits of such an x weigh at least
  // 2^-7, so multiples of 2^9 in the constant contribute only multiples of 4.
  struct Level {
    double from, scale, high, low;
  };
  constexpr Level levels[] = {
      {0x1p48, 0x1p-32, 0x1.6e4e441529fc2p+8, 0x1.d5f47d4d37703p-46},
      {0x1p80, 0x1p-64, 0x1.29fc2757d1f53p+8, 0x1.377036d8a5665p-46},
      {0x1p112, 0x1p-96, 0x1.d1f534ddc0db6p+8, 0x1.4acc9e21c8210p-47}};
  Value full = arith::ExtFOp::create(b, wide, x);
  Value size = abs(full);
  Value scale = constant(wide, 1);
  Value high = constant(wide, 0x1.45f306dc9c883p-1);
  Value low = constant(wide, -0x1.6b01ec5417056p-55);
  for (const Level &level : levels) {
    Value reached = arith::CmpFOp::create(b, Predicate::OGE, size,
                                          constant(wide, level.from));
    auto choose = [&](double value, Value otherwise) -> Value {
      return arith::SelectOp::create(b, reached, constant(wide, value),
                                     otherwise);
    };
    scale = choose(level.scale, scale);
    high = choose(level.high, high);
    low = choose(level.low, low);
  }
  Value scaled = mul(full, scale);

  // Both products lose their integers before they are added; those of the first
  // reach 2^57 and are taken modulo 4.
  Value n1 = round(mul(scaled, high));
  Value f1 = fma(scaled, high, negate(n1)); // exact
  Value n2 = round(mul(scaled, low));
  Value f2 = fma(scaled, low, negate(n2));
  Value n3 = round(add(f1, f2));
  Value f = add(sub(f1, n3), f2);
  Value n1Modulo4 = fma(round(mul(n1, 0.25)), constant(wide, -4), n1);
  Value n = add(add(n1Modulo4, n2), n3);

  Value rest =
      arith::TruncFOp::create(b, floatType, mul(f, 0x1.921fb54442d18p+0));
  Value low64 = arith::BitcastOp::create(
      b, withElement(floatType, b.getI64Type()), add(n, 0x1.8p52));
  return {rest, arith::TruncIOp::create(b, intType, low64)};
}

/// sin(rest + count * pi / 2).
Value Emitter::sinOrCos(Quarter quarter) {
  auto [r, count] = quarter;
  Value s = mul(r, r);
  // r + r s q(s), relative error 0.08 * 2^-24.
  Value q = polynomial(s, {-0x1.555546p-3f, 0x1.110758p-7f, -0x1.99432ep-13f});
  Value sine = fma(mul(r, s), q, r);
  // 1 + s q(s), relative error 0.01 * 2^-24.
  q = polynomial(
      s, {-0x1.000000p-1f, 0x1.555540p-5f, -0x1.6c080ap-10f, 0x1.991710p-16f});
  Value cosine = fma(q, s, 1.0f);
  Value odd = arith::CmpIOp::create(b, arith::CmpIPredicate::ne,
                                    arith::AndIOp::create(b, count, integer(1)),
                                    integer(0));
  Value y = arith::SelectOp::create(b, odd, cosine, sine);
  // Bit 1 of the count is the sign.
  Value sign = shiftLeft(arith::AndIOp::create(b, count, integer(2)), 30);
  return fromBits(arith::XOrIOp::create(b, bits(y), sign));
}

Value Emitter::sin(Value x) {
  // The reduction drops the sign of 0.
  return select(x, Predicate::OEQ, 0.0f, x, sinOrCos(reduceByQuarterTurn(x)));
}

Value Emitter::cos(Value x) {
  auto [rest, count] = reduceByQuarterTurn(x);
  return sinOrCos({rest, arith::AddIOp::create(b, count, integer(1))});
}

template <typename Op> struct Expand : OpRewritePattern<Op> {
  using Function = Value (Emitter::*)(Value);
  Expand(MLIRContext *context, Function function)
      : OpRewritePattern<Op>(context), function(function) {}

  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    Type type = op.getType();
    auto vector = dyn_cast<VectorType>(type);
    if (!(vector ? vector.getElementType() : type).isF32())
      return rewriter.notifyMatchFailure(op, "no f32 or vector of f32");
    Emitter emitter(rewriter, op.getLoc(), type);
    rewriter.replaceOp(op, (emitter.*function)(op.getOperand()));
    return success();
  }

  Function function;
};

struct ExpandMath : impl::ExpandMathBase<ExpandMath> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateExpandMathPatterns(patterns);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};
} // namespace

void populateExpandMathPatterns(RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  patterns.add<Expand<math::ExpOp>>(context, &Emitter::exp);
  patterns.add<Expand<math::Exp2Op>>(context, &Emitter::exp2);
  patterns.add<Expand<math::ExpM1Op>>(context, &Emitter::expm1);
  patterns.add<Expand<math::LogOp>>(context, &Emitter::log);
  patterns.add<Expand<math::Log1pOp>>(context, &Emitter::log1p);
  patterns.add<Expand<math::TanhOp>>(context, &Emitter::tanh);
  patterns.add<Expand<math::RsqrtOp>>(context, &Emitter::rsqrt);
  patterns.add<Expand<math::ErfOp>>(context, &Emitter::erf);
  patterns.add<Expand<math::SinOp>>(context, &Emitter::sin);
  patterns.add<Expand<math::CosOp>>(context, &Emitter::cos);
}

} // namespace ssmc
