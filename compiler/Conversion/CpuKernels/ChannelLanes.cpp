#include "compiler/Conversion/CpuKernels/ChannelLanes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace ssmc;

plan::GridAttr ChannelLanes::getGrid(MLIRContext *context, int64_t channels) {
  return plan::GridAttr::get(context, llvm::divideCeil(channels, laneCount),
                             false, 0);
}

void ChannelLanes::forItems(function_ref<void(Value)> body) {
  e.forLoop(e.begin, e.end, e.index(1),
            [&](Value item) { body(e.mul(item, e.index(laneCount))); });
}

void ChannelLanes::branch(Value condition, function_ref<void()> yes,
                          function_ref<void()> no) {
  auto made = scf::IfOp::create(e.builder, e.loc, condition, true);
  OpBuilder::InsertionGuard guard(e.builder);
  e.builder.setInsertionPointToStart(made.thenBlock());
  yes();
  e.builder.setInsertionPointToStart(made.elseBlock());
  no();
}

void ChannelLanes::onChannels(Value first, function_ref<void(int64_t)> body) {
  int64_t rest = channels % laneCount;
  if (rest == 0)
    return body(laneCount);
  if (channels < laneCount)
    return body(rest);
  Value isWhole =
      arith::CmpIOp::create(e.builder, e.loc, arith::CmpIPredicate::ult, first,
                            e.index(channels - rest));
  branch(isWhole, [&] { body(laneCount); }, [&] { body(rest); });
}

Value ChannelLanes::loadChannels(Value first,
                                 function_ref<Value(int64_t)> body) {
  int64_t rest = channels % laneCount;
  if (rest == 0)
    return body(laneCount);
  auto padded = [&]() -> Value {
    return vector::InsertStridedSliceOp::create(
        e.builder, e.loc, body(rest), e.constant(0.0, laneCount),
        ArrayRef<int64_t>{0}, ArrayRef<int64_t>{1});
  };
  if (channels < laneCount)
    return padded();
  Value isWhole =
      arith::CmpIOp::create(e.builder, e.loc, arith::CmpIPredicate::ult, first,
                            e.index(channels - rest));
  auto made = scf::IfOp::create(
      e.builder, e.loc, TypeRange{e.laneType(laneCount)}, isWhole, true);
  OpBuilder::InsertionGuard guard(e.builder);
  e.builder.setInsertionPointToStart(made.thenBlock());
  scf::YieldOp::create(e.builder, e.loc, body(laneCount));
  e.builder.setInsertionPointToStart(made.elseBlock());
  scf::YieldOp::create(e.builder, e.loc, padded());
  return made.getResult(0);
}

Value ChannelLanes::loadRows(Value tensor, SmallVector<Value> indices,
                             unsigned axis, Value first, bool interleaved) {
  int64_t rows = cast<RankedTensorType>(tensor.getType()).getDimSize(axis);
  if (rows == channels)
    return loadChannels(first, [&](int64_t lanes) {
      indices[axis] = first;
      return e.load(tensor, {indices, axis, lanes});
    });
  // One by one; lanes beyond the channels are not used.
  SmallVector<Value> lanes;
  for (int64_t lane = 0; lane < laneCount; ++lane) {
    Value channel = e.min(e.add(first, e.index(lane)), e.index(channels - 1));
    indices[axis] = interleaved ? e.rem(channel, e.index(rows))
                                : e.div(channel, e.index(channels / rows));
    lanes.push_back(e.load(tensor, {indices, std::nullopt, 1}));
  }
  return vector::FromElementsOp::create(
      e.builder, e.loc, cast<VectorType>(e.laneType(laneCount)), lanes);
}

Value ChannelLanes::narrow(Value vector, int64_t lanes) {
  if (lanes == laneCount)
    return vector;
  return vector::ExtractStridedSliceOp::create(
      e.builder, e.loc, vector, ArrayRef<int64_t>{0}, ArrayRef<int64_t>{lanes},
      ArrayRef<int64_t>{1});
}
