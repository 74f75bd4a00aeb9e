#ifndef SSMC_COMPILER_CONVERSION_CPUKERNELS_FLOATS_H
#define SSMC_COMPILER_CONVERSION_CPUKERNELS_FLOATS_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace ssmc {

/// Short names for arithmetic on f32 or lanes of it.
struct Floats {
  mlir::OpBuilder &b;
  mlir::Location loc;

  mlir::Value mul(mlir::Value x, mlir::Value y) {
    return mlir::arith::MulFOp::create(b, loc, x, y);
  }
  mlir::Value add(mlir::Value x, mlir::Value y) {
    return mlir::arith::AddFOp::create(b, loc, x, y);
  }
  mlir::Value sub(mlir::Value x, mlir::Value y) {
    return mlir::arith::SubFOp::create(b, loc, x, y);
  }
  mlir::Value maximum(mlir::Value x, mlir::Value y) {
    return mlir::arith::MaximumFOp::create(b, loc, x, y);
  }
  mlir::Value negate(mlir::Value x) {
    return mlir::arith::NegFOp::create(b, loc, x);
  }
  mlir::Value absolute(mlir::Value x) {
    return mlir::math::AbsFOp::create(b, loc, x);
  }
  mlir::Value number(double value) {
    return mlir::arith::ConstantOp::create(b, loc, b.getF32FloatAttr(value));
  }
  mlir::Value fma(mlir::Value x, mlir::Value y, mlir::Value z) {
    return mlir::math::FmaOp::create(b, loc, x, y, z);
  }
  mlir::Value isZero(mlir::Value x) {
    mlir::Value zero =
        mlir::arith::ConstantOp::create(b, loc, b.getZeroAttr(x.getType()));
    return mlir::arith::CmpFOp::create(b, loc, mlir::arith::CmpFPredicate::OEQ,
                                       x, zero);
  }
  mlir::Value select(mlir::Value test, mlir::Value x, mlir::Value y) {
    return mlir::arith::SelectOp::create(b, loc, test, x, y);
  }
  mlir::Value broadcast(mlir::Value scalar, mlir::Value like) {
    auto type = llvm::dyn_cast<mlir::VectorType>(like.getType());
    return type ? mlir::vector::BroadcastOp::create(b, loc, type, scalar)
                      .getResult()
                : scalar;
  }
  mlir::Value broadcastTest(mlir::Value test, int64_t lanes) {
    return mlir::vector::BroadcastOp::create(
        b, loc, mlir::VectorType::get(lanes, b.getI1Type()), test);
  }
  /// Whether `change` is more than `tolerance` of 1 + `size`, or either is NaN.
  mlir::Value exceeds(mlir::Value change, mlir::Value size, double tolerance) {
    mlir::Value one = broadcast(number(1.0), size);
    mlir::Value limit = mul(broadcast(number(tolerance), size), add(one, size));
    return mlir::arith::CmpFOp::create(b, loc, mlir::arith::CmpFPredicate::UGT,
                                       change, limit);
  }
};

} // namespace ssmc

#endif // SSMC_COMPILER_CONVERSION_CPUKERNELS_FLOATS_H
