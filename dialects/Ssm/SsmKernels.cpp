//===- SsmKernels.cpp - kernels as long as a sequence ---------------------===//
//
// What a system answers to an impulse, with the system written as ssm.lti. For
// as many taps as a sequence has time steps, one after another.
//
//===----------------------------------------------------------------------===//

#include "dialects/Ssm/SsmConvolutions.h"
#include "dialects/Ssm/SsmExpansions.h"
#include "dialects/Ssm/SsmNamedOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace ssmc::ssm;

namespace {
class Response : Arithmetic {
public:
  Response(KernelOp op, OpBuilder &builder)
      : Arithmetic{builder, op.getLoc()}, op(op), systems(op.getSystems()),
        positions(PositionsOp::create(builder, loc, op.getResult().getType(),
                                      op.getLike())) {}

  Value make() {
    switch (op.getMethod()) {
    case KernelMethod::krylov:
    case KernelMethod::companion:
      return answer({{operand(0)},
                     {operand(1)},
                     {operand(2)},
                     op.getMethod() == KernelMethod::companion});
    case KernelMethod::transfer_function:
      return transferFunction();
    case KernelMethod::dplr: {
      System system = {operands(1), operands(5), operands(7)};
      for (Value part : operands(3))
        system.lowRank.push_back(withoutRank(part));
      system.dt = operand(0);
      return answer(system);
    }
    case KernelMethod::vandermonde:
    case KernelMethod::low_pass:
      break;
    }
    llvm_unreachable("these are no recurrences");
  }

private:
  using Values = SmallVector<Value, 2>;
  struct System {
    Values A, B, C;
    bool companion = false;
    Values lowRank = {}; // with it, continuous, and bilinear in steps of dt
    Value dt = {};
  };

  /// A parameter with one row per system.
  Value operand(unsigned i) {
    Value value = widen(op.getParameters()[i]);
    auto type = cast<RankedTensorType>(value.getType());
    int64_t rows = type.getDimSize(0), rank = type.getRank();
    if (rows == systems)
      return value;
    // Consecutive systems share one: [k, ...] to [k, r, ...].
    SmallVector<int64_t> shape(type.getShape());
    shape.insert(shape.begin() + 1, systems / rows);
    auto ones = constant(type.clone({systems / rows}), 1.0);
    StringRef inner = StringRef("nm").take_front(rank - 1);
    Value repeated = contract(("k" + inner + ",r->kr" + inner).str(),
                              {value, ones}, type.clone(shape));
    SmallVector<ReassociationIndices> groups = {{0, 1}};
    for (int64_t axis = 2; axis <= rank; ++axis)
      groups.push_back({axis});
    return tensor::CollapseShapeOp::create(builder, loc, repeated, groups);
  }
  /// A real part and the imaginary part after it.
  Values operands(unsigned re) { return {operand(re), operand(re + 1)}; }
  /// [systems, 1, N] as [systems, N].
  Value withoutRank(Value value) {
    SmallVector<ReassociationIndices> groups = {{0, 1}, {2}};
    return tensor::CollapseShapeOp::create(builder, loc, value, groups);
  }

  /// `number` at every time step of every system, or one for each system.
  Value everywhere(Value number) {
    return BroadcastOp::create(builder, loc, positions.getType(), number,
                               positions, builder.getDenseI64ArrayAttr({2}));
  }
  Value everywhere(double number) {
    auto type = cast<RankedTensorType>(positions.getType());
    return everywhere(constant(type.clone({systems}), number));
  }
  /// One at time step `when`, zero at the others.
  Value impulse(double when) {
    Value distance = abs(sub(positions, everywhere(when)));
    return maximum(sub(everywhere(1.0), distance), everywhere(0.0));
  }
  Value answer(const System &system, double when = 0) {
    DiscretizationAttr method;
    if (system.dt)
      method = DiscretizationAttr::get(builder.getContext(),
                                       Discretization::bilinear);
    auto flag = [&](bool set) {
      return set ? builder.getUnitAttr() : UnitAttr();
    };
    return LtiOp::create(builder, loc, impulse(when), system.A, system.lowRank,
                         system.B, system.C, /*D=*/Value(), system.dt,
                         /*init=*/ValueRange(), /*reset=*/Value(), method,
                         /*alpha=*/FloatAttr(), flag(system.companion),
                         /*conjugate=*/flag(system.A.size() == 2),
                         /*mimo=*/UnitAttr(), /*reverse=*/UnitAttr())
        .getY();
  }

  /// sum_i b[i] z^-i / (1 + sum_i a[i] z^-(i+1)): w[t] = s[0] of
  /// s[i][t] = s[i+1][t-1] - a[i] s[0][t-1] + b[i] u[t], which is a companion
  /// system once the states are counted from the end.
  Value transferFunction() {
    Value a = operand(0), b = operand(1), h0 = operand(2);
    auto type = cast<RankedTensorType>(a.getType());
    int64_t states = type.getDimSize(1);
    SmallVector<float> flip(states * states), last(systems * states);
    for (int64_t i = 0; i < states; ++i)
      flip[i * states + states - 1 - i] = 1.0f;
    for (int64_t i = 1; i <= systems; ++i)
      last[i * states - 1] = 1.0f;
    auto table = [&](ArrayRef<int64_t> shape, ArrayRef<float> values) -> Value {
      return arith::ConstantOp::create(
          builder, loc, DenseElementsAttr::get(type.clone(shape), values));
    };
    Value backwards = table({states, states}, flip);
    auto reversed = [&](Value value) {
      return contract("kn,nm->km", {value, backwards}, type);
    };
    Value readOut = table({systems, states}, last);
    // b[i] stands at z^-i with `direct`, else at z^-(i+1).
    Value quotient =
        answer({{neg(reversed(a))}, {reversed(b)}, {readOut}, true},
               op.getDirect() ? 0 : 1);
    return add(quotient, mul(everywhere(h0), impulse(0)));
  }

  KernelOp op;
  int64_t systems;
  Value positions;
};
} // namespace

bool KernelOp::expands() {
  if (!getLike() || getNodes())
    return false;
  switch (getMethod()) {
  case KernelMethod::krylov:
  case KernelMethod::companion:
  case KernelMethod::transfer_function:
    return true;
  case KernelMethod::dplr: // of rank one, as ssm.lti has it
    return cast<RankedTensorType>(getParameters()[3].getType()).getDimSize(1) ==
           1;
  case KernelMethod::vandermonde: // a sum of powers needs no recurrence
  case KernelMethod::low_pass:
    return false;
  }
  llvm_unreachable("every method is known");
}

SmallVector<Value> KernelOp::expand(OpBuilder &builder) {
  return {Response(*this, builder).make()};
}
