//===- FourierTables.cpp - the factors of Fourier transforms --------------===//
//
// Powers of exp(-2 pi i / m), computed in float64 for every length that occurs.
//
//===----------------------------------------------------------------------===//

#include "compiler/Conversion/CpuKernels/FourierTransform.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <cmath>

using namespace mlir;
using namespace ssmc;

namespace {
/// Four lanes of float64.
struct Wide {
  LoopEmitter &e;
  VectorType type = VectorType::get(4, e.builder.getF64Type());

  Value constant(double value) {
    return arith::ConstantOp::create(e.builder, e.loc,
                                     DenseElementsAttr::get(type, value));
  }
  Value add(Value a, Value b) {
    return arith::AddFOp::create(e.builder, e.loc, a, b);
  }
  Value mul(Value a, Value b) {
    return arith::MulFOp::create(e.builder, e.loc, a, b);
  }
  /// sum_i coefficients[i] x^i.
  Value polynomial(Value x, ArrayRef<double> coefficients) {
    Value sum = constant(coefficients.back());
    for (double c : llvm::reverse(coefficients.drop_back()))
      sum = math::FmaOp::create(e.builder, e.loc, sum, x, constant(c));
    return sum;
  }
  Value negatedIf(Value condition, Value x) {
    return arith::SelectOp::create(e.builder, e.loc, condition,
                                   arith::NegFOp::create(e.builder, e.loc, x),
                                   x);
  }
};
} // namespace

/// cos and sin of 2 pi `turns`, to about 1e-14.
static std::pair<Value, Value> cosSin(LoopEmitter &e, Value turns) {
  Wide w{e};
  Value quarters = w.mul(turns, w.constant(4));
  Value nearest = math::RoundEvenOp::create(e.builder, e.loc, quarters);
  Value rest = arith::SubFOp::create(e.builder, e.loc, quarters, nearest);
  Value angle = w.mul(rest, w.constant(M_PI / 2)); // at most pi/4
  Value square = w.mul(angle, angle);
  // The Taylor series, good to 1e-14 up to pi/4.
  Value sine =
      w.mul(angle, w.polynomial(square, {1.0, -1.0 / 6, 1.0 / 120, -1.0 / 5040,
                                         1.0 / 362880, -1.0 / 39916800,
                                         1.0 / 6227020800.0}));
  Value cosine = w.polynomial(
      square, {1.0, -1.0 / 2, 1.0 / 24, -1.0 / 720, 1.0 / 40320, -1.0 / 3628800,
               1.0 / 479001600.0, -1.0 / 87178291200.0});
  // Turn by the whole quarters, 0 to 4.
  auto is = [&](std::initializer_list<double> values) {
    Value any;
    for (double value : values) {
      Value equal =
          arith::CmpFOp::create(e.builder, e.loc, arith::CmpFPredicate::OEQ,
                                nearest, w.constant(value));
      any = any ? arith::OrIOp::create(e.builder, e.loc, any, equal).getResult()
                : equal;
    }
    return any;
  };
  Value swap = is({1, 3});
  Value c = arith::SelectOp::create(e.builder, e.loc, swap, sine, cosine);
  Value s = arith::SelectOp::create(e.builder, e.loc, swap, cosine, sine);
  return {w.negatedIf(is({1, 2}), c), w.negatedIf(is({2, 3}), s)};
}

void FourierTransform::emitTables() {
  auto narrow = VectorType::get(4, e.builder.getF32Type());
  e.forLoop(e.index(0), steps, e.index(1), [&](Value step) {
    Value m = shiftRight(length, e.mul(step, e.index(2)));
    Value quarter = shiftRight(m, e.index(2));
    Value begin = table(m);
    Wide w{e};
    auto widen = [&](Value number) -> Value {
      Value integer = arith::IndexCastOp::create(
          e.builder, e.loc, e.builder.getI64Type(), number);
      Value real = arith::SIToFPOp::create(e.builder, e.loc,
                                           e.builder.getF64Type(), integer);
      return vector::BroadcastOp::create(e.builder, e.loc, w.type, real);
    };
    // A power of two: products with its inverse are exact.
    Value inverse =
        arith::DivFOp::create(e.builder, e.loc, w.constant(1), widen(m));
    Value lanes = arith::ConstantOp::create(
        e.builder, e.loc,
        DenseElementsAttr::get(w.type, ArrayRef<double>{0, 1, 2, 3}));
    e.forLoop(e.index(0), quarter, e.index(4), [&](Value j) {
      Value numbers = w.add(widen(j), lanes);
      for (int64_t k = 0; k < 3; ++k) {
        Value turns = w.mul(w.mul(numbers, w.constant(k + 1)), inverse);
        auto [c, s] = cosSin(e, turns);
        Value minus = arith::NegFOp::create(e.builder, e.loc, s);
        for (auto [part, value] : llvm::enumerate(ValueRange{c, minus})) {
          Value at =
              e.add(e.add(begin, e.mul(quarter, e.index(2 * k + part))), j);
          vector::StoreOp::create(
              e.builder, e.loc,
              arith::TruncFOp::create(e.builder, e.loc, narrow, value), scratch,
              at);
        }
      }
    });
  });
}
