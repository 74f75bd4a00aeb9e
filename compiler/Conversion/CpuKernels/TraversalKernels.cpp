//===- TraversalKernels.cpp - time steps in another order -----------------===//
//
// Copies of rows: indices are in range, the runtime has checked them.
//
//===----------------------------------------------------------------------===//

#include "compiler/Conversion/CpuKernels/CpuKernelModels.h"

#include "dialects/Ssm/SsmTraversals.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace ssmc;

namespace {

/// Writes the row `to` of the kernel's results, of which `result` is `value`
/// of the part at hand.
void writeRow(KernelEmitter &e, Value result, Value b, Value to,
              function_ref<Value(const RowPart &)> value) {
  forRow(e, result, [&](const RowPart &part) {
    DenseMap<Value, Value> known = {{result, value(part)}};
    e.storeResults(part.at(b, to), known);
  });
}

struct TraverseModel
    : CpuKernelInterface::ExternalModel<TraverseModel, ssm::TraverseOp> {
  plan::GridAttr getKernelGrid(Operation *op) const {
    // Scattered rows may lie anywhere in the batch row.
    if (cast<ssm::TraverseOp>(op).getInverse())
      return plan::GridAttr::get(op->getContext(), 1, true, 0);
    return getRowGrid(op->getResult(0));
  }
  int64_t getFlopsPerRow(Operation *) const { return 0; }
  LogicalResult emitKernel(Operation *op, KernelEmitter &e) const {
    auto traverse = cast<ssm::TraverseOp>(op);
    Value input = traverse.getInput(), result = traverse.getResult();
    if (!traverse.getInverse()) {
      forRows(e, result, [&](Value b, Value t) {
        Value from = indexAt(traverse, e, b, t);
        writeRow(e, result, b, t, [&](const RowPart &part) {
          return e.load(input, part.at(b, from));
        });
      });
      return success();
    }
    Value length = e.index(traverse.getIndexedRows());
    e.forLoop(e.begin, e.end, e.index(1), [&](Value b) {
      // Indices of an input may leave steps out.
      e.forLoop(e.index(0), length, e.index(1), [&](Value t) {
        writeRow(e, result, b, t,
                 [&](const RowPart &part) { return zero(e, part); });
      });
      e.forLoop(e.index(0), length, e.index(1), [&](Value t) {
        writeRow(
            e, result, b, indexAt(traverse, e, b, t),
            [&](const RowPart &part) { return e.load(input, part.at(b, t)); });
      });
    });
    return success();
  }

private:
  static Value indexAt(ssm::TraverseOp op, KernelEmitter &e, Value b, Value t) {
    Position position{{t}, std::nullopt, 1};
    if (cast<RankedTensorType>(op.getIndices().getType()).getRank() == 2)
      position.indices = {b, t};
    return arith::IndexCastOp::create(e.builder, e.loc,
                                      e.builder.getIndexType(),
                                      e.load(op.getIndices(), position));
  }
  static Value zero(KernelEmitter &e, const RowPart &part) {
    if (part.lanes)
      return e.constant(0.0, part.lanes);
    return arith::ConstantOp::create(e.builder, e.loc,
                                     e.builder.getF32FloatAttr(0.0));
  }
};

struct FlipModel : CpuKernelInterface::ExternalModel<FlipModel, ssm::FlipOp> {
  plan::GridAttr getKernelGrid(Operation *op) const {
    return getRowGrid(op->getResult(0));
  }
  int64_t getFlopsPerRow(Operation *) const { return 0; }
  LogicalResult emitKernel(Operation *op, KernelEmitter &e) const {
    auto flip = cast<ssm::FlipOp>(op);
    RankedTensorType type = flip.getInput().getType();
    Value length =
        type.isDynamicDim(1) ? e.length : e.index(type.getDimSize(1));
    forRows(e, flip.getResult(), [&](Value b, Value t) {
      Value from = e.sub(e.sub(length, e.index(1)), t);
      writeRow(e, flip.getResult(), b, t, [&](const RowPart &part) {
        return e.load(flip.getInput(), part.at(b, from));
      });
    });
    return success();
  }
};

} // namespace

void ssmc::registerCpuTraversalModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, ssm::SsmDialect *) {
    ssm::TraverseOp::attachInterface<TraverseModel>(*context);
    ssm::FlipOp::attachInterface<FlipModel>(*context);
  });
}
