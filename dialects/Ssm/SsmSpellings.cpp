#include "dialects/Ssm/SsmSpellings.h"

using namespace mlir;
using namespace ssmc::ssm;

#define GET_OP_CLASSES
#include "dialects/Ssm/SsmSpellings.cpp.inc"

//===----------------------------------------------------------------------===//
// ssm.weights
//===----------------------------------------------------------------------===//

LogicalResult WeightsOp::verify() {
  if (getNames().size() != getWeights().size()) // (C1)
    return emitOpError("expected as many results as names, ")
           << getNames().size() << ", got " << getWeights().size();
  for (Type type : getWeights().getTypes())
    if (!cast<RankedTensorType>(type).hasStaticShape()) // (C2)
      return emitOpError("expected fixed shapes, got ") << type;
  return success();
}

SmallVector<Value> WeightsOp::expand(OpBuilder &builder) {
  SmallVector<Value> weights;
  for (auto [name, type] : llvm::zip_equal(getNames().getAsRange<StringAttr>(),
                                           getWeights().getTypes()))
    weights.push_back(
        WeightOp::create(builder, getLoc(), type, name, FloatAttr()));
  return weights;
}
