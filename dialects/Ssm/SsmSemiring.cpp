//===- SsmSemiring.cpp - what scans over semirings mean -------------------===//
//
// Labels: b batch, l time, i state before, j state after.
//
//===----------------------------------------------------------------------===//

#include "dialects/Ssm/SsmExpansions.h"
#include "dialects/Ssm/SsmNamedOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include <limits>

using namespace mlir;
using namespace ssmc::ssm;

/// What every state before contributes to every state after: old[i] +
/// transition[i, j], one vector over j for each i.
static SmallVector<Value> contributions(RecurrenceBuilder &r, Value transition,
                                        Value old) {
  OpBuilder &b = r.builder;
  auto type = cast<RankedTensorType>(old.getType());
  int64_t size = type.getDimSize(0);
  SmallVector<OpFoldResult> sizes = {b.getIndexAttr(1), b.getIndexAttr(size)};
  SmallVector<OpFoldResult> strides(2, b.getIndexAttr(1));
  SmallVector<Value> all;
  for (int64_t i = 0; i < size; ++i) {
    SmallVector<OpFoldResult> offsets = {b.getIndexAttr(i), b.getIndexAttr(0)};
    Value row = tensor::ExtractSliceOp::create(b, r.loc, type, transition,
                                               offsets, sizes, strides);
    Value at = arith::ConstantIndexOp::create(b, r.loc, i);
    Value before = tensor::ExtractOp::create(b, r.loc, old, ValueRange(at));
    all.push_back(r.add(row, tensor::SplatOp::create(b, r.loc, type, before)));
  }
  return all;
}

/// log sum exp of `terms`, of which `largest` is the maximum.
static Value logSumExp(RecurrenceBuilder &r, ArrayRef<Value> terms,
                       Value largest) {
  Type type = largest.getType();
  // Where all are minus infinity the difference to it would not be a number.
  Value nothing = r.constant(type, -std::numeric_limits<double>::infinity());
  Value isNothing = arith::CmpFOp::create(
      r.builder, r.loc, arith::CmpFPredicate::OEQ, largest, nothing);
  Value reference = arith::SelectOp::create(r.builder, r.loc, isNothing,
                                            r.constant(type, 0.0), largest);
  Value sum;
  for (Value term : terms) {
    Value part = r.exp(r.sub(term, reference));
    sum = sum ? r.add(sum, part) : part;
  }
  Value log = math::LogOp::create(r.builder, r.loc, sum);
  return r.add(reference, log);
}

SmallVector<Value> SemiringScanOp::expand(OpBuilder &builder) {
  RecurrenceBuilder r(builder, getLoc(), {"i", "j"}, getReverse());
  bool constant =
      cast<RankedTensorType>(getTransition().getType()).getRank() == 2;
  SmallVector<StringRef> labels = {"b", "l", "i", "j"};
  unsigned transition =
      r.input(getTransition(), ArrayRef(labels).drop_front(constant ? 2 : 0));
  unsigned input = r.input(getInput(), {"b", "l", "j"});
  unsigned prior = r.input(getPrior(), {"j"});
  r.reset(getReset());
  r.output(getY().getType(), {"b", "l", "j"});
  SmallVector<StringRef> roles = getStateRoles();
  SmallVector<StringRef> state = {"b", "j"};
  for (auto [i, final] : llvm::enumerate(getFinal()))
    r.state(final.getType(), ArrayRef(state).take_front(i == 0 ? 2 : 1),
            roles[i], getInit().empty() ? Value() : getInit()[i]);
  return r.build([&](ArrayRef<Value> in, ArrayRef<Value> states) {
    SmallVector<Value> terms = contributions(r, in[transition], states[0]);
    Value moved = terms[0];
    for (Value term : ArrayRef(terms).drop_front())
      moved = r.maximum(moved, term);
    if (getSemiring() == Semiring::log_sum_exp)
      moved = logSumExp(r, terms, moved);
    Type scalar = builder.getF32Type();
    Value fresh =
        arith::CmpFOp::create(builder, getLoc(), arith::CmpFPredicate::OEQ,
                              states[1], r.constant(scalar, 0.0));
    Value before =
        arith::SelectOp::create(builder, getLoc(), fresh, in[prior], moved);
    Value next = r.add(in[input], before);
    return SmallVector<Value>{next, next, r.constant(scalar, 1.0)};
  });
}

SmallVector<StringRef> SemiringScanOp::getStateRoles() {
  return {"recurrent", "begun"};
}
