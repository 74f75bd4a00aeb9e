#include "compiler/Transforms/Entries.h"
#include "compiler/Transforms/Passes.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace ssmc {
#define GEN_PASS_DEF_VERIFYNORMALIZED
#include "compiler/Transforms/Passes.h.inc"

/// Of 4 bytes each, 2^48 bytes.
static constexpr int64_t mostElements = int64_t(1) << 46;

/// Whether fixed extents alone make more elements than that.
static bool isTooLarge(RankedTensorType tensor) {
  int64_t elements = 1;
  for (int64_t extent : tensor.getShape())
    if (!ShapedType::isDynamic(extent) &&
        (llvm::MulOverflow(elements, extent, elements) ||
         elements > mostElements))
      return true;
  return false;
}

LogicalResult verifyExtents(Operation *op) {
  auto verify = [&](TypeRange types) -> LogicalResult {
    for (Type type : types) {
      auto tensor = dyn_cast<RankedTensorType>(type);
      if (tensor && llvm::is_contained(tensor.getShape(), 0))
        return op->emitOpError("expected positive extents, got ") << type;
      if (tensor && isTooLarge(tensor))
        return op->emitOpError("expected at most 2^46 elements, got ") << type;
    }
    return success();
  };
  return success(succeeded(verify(op->getOperandTypes())) &&
                 succeeded(verify(op->getResultTypes())));
}

/// Fails where `type` has more axes than the runtime takes, SSMC_MAX_RANK.
static LogicalResult verifyRank(Operation *op, Type type) {
  constexpr int64_t mostAxes = 8;
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || tensor.getRank() <= mostAxes)
    return success();
  return op->emitOpError("expected tensors of at most ")
         << mostAxes << " axes outside of recurrences, got " << type;
}

/// Whether only axes 0 (batch) and 1 (length) of a tensor are unknown.
static bool hasKnownShape(Type type) {
  if (!isa<TensorType>(type))
    return true;
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && llvm::none_of(tensor.getShape().drop_front(
                                     std::min<size_t>(2, tensor.getRank())),
                                 ShapedType::isDynamic);
}

static LogicalResult verifySignature(func::FuncOp forward) {
  if (!llvm::hasSingleElement(forward.getBody()))
    return forward.emitOpError("expected '@forward' to have one block");
  if (forward.getNumArguments() == 0)
    return forward.emitOpError("expected '@forward' to have an input");
  if (forward.getNumResults() == 0)
    return forward.emitOpError("expected '@forward' to have a result");
  for (auto [i, type] : llvm::enumerate(forward.getArgumentTypes())) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || !(tensor.getElementType().isSignlessInteger(64) ||
                     tensor.getElementType().isF32()))
      return forward.emitOpError("expected input ")
             << i << " of '@forward' to be a tensor of i64 or f32, got "
             << type;
    if (!hasKnownShape(type))
      return forward.emitOpError("expected unknown extents only on axes 0 and "
                                 "1 of input ")
             << i << ", got " << type;
    if (failed(verifyRank(forward, type)))
      return failure();
  }
  return success();
}

static LogicalResult verifyStored(ssm::StoredOperandInterface op) {
  bool inLoop = !isa<func::FuncOp>(op->getParentOp());
  Value operand = op.getStoredOperand().get();
  if (inLoop ||
      isa_and_nonnull<ssm::WeightOp, ssm::ParameterOp>(operand.getDefiningOp()))
    return success();
  return op->emitOpError("expected '")
         << op.getStoredName() << "' to be a weight or a parameter, got "
         << (isa<BlockArgument>(operand) ? "an input" : "a computed value");
}

/// Checks that nothing but what is in range can select rows: the runtime checks
/// inputs, and what a table holds is known.
static LogicalResult verifyIndices(ssm::IndexOpInterface op) {
  Value indices = op.getIndexOperand().get();
  auto argument = dyn_cast<BlockArgument>(indices);
  if (argument && isa<func::FuncOp>(argument.getOwner()->getParentOp()))
    return success();
  auto parameter = indices.getDefiningOp<ssm::ParameterOp>();
  Operation *maker = parameter ? parameter.getBody()
                                     .front()
                                     .getTerminator()
                                     ->getOperand(0)
                                     .getDefiningOp()
                               : nullptr;
  auto table = dyn_cast_or_null<ssm::TableOpInterface>(maker);
  if (!table)
    return op->emitOpError("expected indices to be an input of '@forward' or a "
                           "table, got a computed value");
  if (table.getIndexBound() > op.getIndexedRows())
    return op->emitOpError("expected indices below ")
           << op.getIndexedRows() << ", got a table of indices below "
           << table.getIndexBound();
  return success();
}

/// What lies in memory between kernels.
static bool isElementOfBuffers(Type type) {
  return isa<Float32Type, BFloat16Type, Float16Type>(type) ||
         type.isInteger(64);
}

/// Checks a tensor outside of recurrences. Truth values lie in no memory: they
/// are made where an element is computed from them.
static LogicalResult verifyTensor(Operation *op, Type type) {
  if (failed(verifyRank(op, type)))
    return failure();
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || isElementOfBuffers(tensor.getElementType()))
    return success();
  if (!tensor.getElementType().isInteger(1))
    return op->emitOpError("expected tensors outside of recurrences to be of "
                           "f32, bf16, f16, i64 or i1, got ")
           << type;
  DenseElementsAttr constant;
  if (matchPattern(op, m_Constant(&constant)) && !constant.isSplat())
    return op->emitOpError("expected truth values outside of recurrences to be "
                           "computed, or all the same, got a table of them");
  for (Operation *user : op->getUsers())
    if (!user->hasTrait<OpTrait::Elementwise>())
      return op->emitOpError("expected truth values outside of recurrences to "
                             "be read element by element, got a use by '")
             << user->getName() << "'";
  return success();
}

static LogicalResult verifyOp(Operation *op) {
  if (auto spelling = dyn_cast<ssm::ExpandInterface>(op);
      spelling && spelling.expands())
    return op->emitOpError("expected short spellings to be expanded");
  if (auto call = dyn_cast<func::CallOp>(op))
    return op->emitOpError("expected calls to be inlined, got one of '@")
           << call.getCallee() << "', which is recursive or has no body";
  if (failed(verifyExtents(op)))
    return failure();
  for (Type type : op->getResultTypes())
    if (!hasKnownShape(type))
      return op->emitOpError("expected unknown extents only on axes 0 and 1, "
                             "got ")
             << type;
  if (isa<func::FuncOp>(op->getParentOp()))
    for (Type type : op->getResultTypes())
      if (failed(verifyTensor(op, type)))
        return failure();
  if (auto index = dyn_cast<ssm::IndexOpInterface>(op))
    if (failed(verifyIndices(index)))
      return failure();
  if (auto stored = dyn_cast<ssm::StoredOperandInterface>(op))
    if (failed(verifyStored(stored)))
      return failure();
  if (isa<ssm::WeightOp>(op) &&
      !isa<func::FuncOp, ssm::ParameterOp>(op->getParentOp()))
    return op->emitOpError("expected weights outside of '")
           << op->getParentOp()->getName() << "'";
  return success();
}

namespace {
struct VerifyNormalized : impl::VerifyNormalizedBase<VerifyNormalized> {
  void runOnOperation() override {
    if (failed(check()))
      signalPassFailure();
  }

private:
  LogicalResult check() {
    func::FuncOp forward;
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (function.isPublic() && function.getName() == "forward" &&
          !function.isExternal())
        forward = function;
    if (!forward)
      return getOperation().emitError(
          "expected a public function '@forward' with a body");
    if (failed(verifySignature(forward)))
      return failure();

    llvm::StringMap<ssm::WeightOp> weights;
    WalkResult walked = forward.getBody().walk([&](Operation *op) {
      auto weight = dyn_cast<ssm::WeightOp>(op);
      if (failed(verifyOp(op)) ||
          (weight && failed(checkWeight(weight, weights))))
        return WalkResult::interrupt();
      return WalkResult::advance();
    });
    if (walked.wasInterrupted())
      return failure();
    // After the calls: a function that is still called is the smaller mistake.
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (function != forward)
        return function.emitOpError("expected no function but '@forward', got ")
               << (function.isPublic() ? "public" : "private") << " '@"
               << function.getName() << "'";
    return success();
  }

  static LogicalResult checkWeight(ssm::WeightOp weight,
                                   llvm::StringMap<ssm::WeightOp> &weights) {
    ssm::WeightOp first =
        weights.try_emplace(weight.getName(), weight).first->second;
    bool sameType = first.getType() == weight.getType();
    if (sameType && first.getSplatAttr() == weight.getSplatAttr())
      return success();
    InFlightDiagnostic error = weight.emitOpError("expected weight '")
                               << weight.getName() << "' ";
    if (sameType)
      error << "with one splat or none throughout";
    else
      error << "to be " << first.getType() << " as before, got "
            << weight.getType();
    error.attachNote(first.getLoc()) << "first used here";
    return error;
  }
};
} // namespace
} // namespace ssmc
