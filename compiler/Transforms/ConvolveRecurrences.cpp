//===- ConvolveRecurrences.cpp - time-invariant recurrences by kernel -----===//
//
// A recurrence that is linear in its states and in one input, with coefficients
// that do not change, is a convolution with its own response to an impulse. The
// response comes from the same body, so nothing here knows how the states are
// connected.
//
//===----------------------------------------------------------------------===//

#include "compiler/Transforms/Passes.h"

#include "dialects/Ssm/SsmConvolutions.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace ssmc {
#define GEN_PASS_DEF_CONVOLVERECURRENCES
#include "compiler/Transforms/Passes.h.inc"

//===----------------------------------------------------------------------===//
// Linear bodies
//===----------------------------------------------------------------------===//

namespace {
/// What the values of a body are in the states and the varying input.
class LinearValues {
public:
  LinearValues(ssm::RecurrenceOp op, unsigned varying) {
    Block &body = op.getBody().front();
    for (auto [i, argument] : llvm::enumerate(body.getArguments()))
      if (i == varying || i >= op.getInputs().size())
        linear.insert(argument);
    for (Operation &each : body.without_terminator())
      if (llvm::any_of(each.getOperands(), isVarying()))
        (isLinearOp(&each) ? linear : other)
            .insert(each.result_begin(), each.result_end());
  }

  /// Whether `value` is a sum of them with constant coefficients and nothing
  /// else.
  bool isLinear(Value value) const {
    return linear.contains(value) || matchPattern(value, m_AnyZeroFloat());
  }

private:
  std::function<bool(Value)> isVarying() const {
    return [this](Value value) {
      return linear.contains(value) || other.contains(value);
    };
  }
  bool isConstant(Value value) const { return !isVarying()(value); }

  bool isLinearOp(Operation *op) const {
    auto linearAt = [&](unsigned i) { return isLinear(op->getOperand(i)); };
    auto constantAt = [&](unsigned i) { return isConstant(op->getOperand(i)); };
    auto isProduct = [&](unsigned a, unsigned b) {
      return (linearAt(a) && constantAt(b)) || (constantAt(a) && linearAt(b));
    };
    if (isa<arith::AddFOp, arith::SubFOp, arith::NegFOp,
            tensor::FromElementsOp>(op))
      return llvm::all_of(op->getOperands(),
                          [&](Value value) { return isLinear(value); });
    if (isa<arith::MulFOp>(op))
      return isProduct(0, 1);
    if (isa<arith::DivFOp>(op))
      return linearAt(0) && constantAt(1);
    if (isa<math::FmaOp>(op))
      return isProduct(0, 1) && linearAt(2);
    if (isa<arith::SelectOp>(op))
      return constantAt(0) && linearAt(1) && linearAt(2);
    if (isa<ssm::ContractOp>(op))
      return op->getNumOperands() == 1 ? linearAt(0) : isProduct(0, 1);
    // These move elements.
    return isa<tensor::ExtractOp, tensor::ExtractSliceOp, tensor::ExpandShapeOp,
               tensor::CollapseShapeOp, tensor::CastOp>(op) &&
           linearAt(0);
  }

  llvm::DenseSet<Value> linear, other;
};
} // namespace

//===----------------------------------------------------------------------===//
// The rewrite
//===----------------------------------------------------------------------===//

/// The input that changes with time. Fails with the reason why `op` is no
/// convolution of it.
static FailureOr<unsigned> findVaryingInput(ssm::RecurrenceOp op,
                                            std::string &reason) {
  auto fail = [&](std::string text) {
    reason = std::move(text);
    return failure();
  };
  if (!op.getChunk().empty())
    return fail("it already runs in chunks");
  if (!op.getInit().empty())
    return fail("it has an initial state");
  if (llvm::any_of(op.getFinal(),
                   [](Value state) { return !state.use_empty(); }))
    return fail("its final state is used");
  if (op.getOutputs().size() != 1)
    return fail("it has " + std::to_string(op.getOutputs().size()) +
                " outputs");
  auto output = cast<RankedTensorType>(op.getOutputs()[0].getType());
  auto labels = op.getOutputLabels(0);
  bool isSequence =
      output.getRank() == 3 && labels[0].size() == 1 &&
      op.isParallelLabel(labels[0][0]) &&
      labels[1] == ssm::RecurrenceOp::AxisLabels{op.getSequence()} &&
      llvm::none_of(labels[2],
                    [&](StringRef label) { return op.isStepLabel(label); });
  if (!isSequence)
    return fail("its output is not [batch, time, channels] with one number per "
                "channel");
  std::optional<unsigned> varying;
  for (unsigned i = 0; i < op.getInputs().size(); ++i) {
    auto axes = op.getInputLabels(i);
    bool varies = llvm::any_of(axes, [&](const auto &axis) {
      return llvm::is_contained(axis, op.getSequence()) ||
             llvm::is_contained(axis, labels[0][0]);
    });
    if (!varies)
      continue;
    if (varying || axes != labels)
      return fail("more than one input per channel changes with time or batch");
    varying = i;
  }
  LinearValues values(op, *varying);
  for (Value value : op.getBody().front().getTerminator()->getOperands())
    if (!values.isLinear(value))
      return fail("its body is not linear in its states and input");
  return *varying;
}

/// `type` for one batch row, if axis 0 has the label `batch`.
static Type forOneRow(Type type, ArrayRef<ssm::RecurrenceOp::AxisLabels> labels,
                      StringRef batch) {
  auto tensor = cast<RankedTensorType>(type);
  SmallVector<int64_t> shape(tensor.getShape());
  for (auto [extent, axis] : llvm::zip_equal(shape, labels))
    if (axis[0] == batch)
      extent = 1;
  return tensor.clone(shape);
}

/// The response of `op` to a one at the first time step, [1, time, channels].
static Value makeKernel(OpBuilder &builder, ssm::RecurrenceOp op,
                        unsigned varying) {
  Location loc = op.getLoc();
  std::string batch = op.getOutputLabels(0)[0][0].str();
  auto kernel = cast<ssm::RecurrenceOp>(builder.clone(*op));
  kernel.removeReverseAttr();
  kernel.getOutputs()[0].setType(forOneRow(kernel.getOutputs()[0].getType(),
                                           op.getOutputLabels(0), batch));
  for (auto [i, state] : llvm::enumerate(kernel.getFinal()))
    state.setType(forOneRow(state.getType(), op.getStateLabels(i), batch));

  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(kernel);
  Value input = op.getInputs()[varying];
  auto positions = ssm::PositionsOp::create(
      builder, loc, kernel.getOutputs()[0].getType(), input);
  kernel.getInputsMutable()[varying].set(positions);

  Block &body = kernel.getBody().front();
  builder.setInsertionPointToStart(&body);
  auto constant = [&](double value) -> Value {
    return arith::ConstantOp::create(builder, loc,
                                     builder.getF32FloatAttr(value));
  };
  BlockArgument time = body.getArgument(varying);
  Value zero = constant(0), one = constant(1);
  auto isFirst = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OEQ,
                                       time, zero);
  Value impulse = arith::SelectOp::create(builder, loc, isFirst, one, zero);
  time.replaceAllUsesExcept(impulse, isFirst);
  return kernel.getOutputs()[0];
}

namespace {
struct ConvolveRecurrences
    : impl::ConvolveRecurrencesBase<ConvolveRecurrences> {
  void runOnOperation() override {
    SmallVector<ssm::RecurrenceOp> recurrences;
    getOperation().walk([&](ssm::RecurrenceOp op) {
      if (isa<func::FuncOp>(op->getParentOp()))
        recurrences.push_back(op);
    });
    for (ssm::RecurrenceOp op : recurrences) {
      std::string reason;
      FailureOr<unsigned> varying = findVaryingInput(op, reason);
      if (failed(varying)) {
        op.emitRemark("kept as a recurrence: ") << reason;
        continue;
      }
      OpBuilder builder(op);
      Value kernel = makeKernel(builder, op, *varying);
      auto convolution = ssm::LongConvOp::create(
          builder, op.getLoc(), op.getOutputs()[0].getType(), Type(),
          op.getInputs()[*varying], kernel, Value(), Value(), Value(),
          DenseI64ArrayAttr(), UnitAttr(), op.getReverseAttr(), UnitAttr(),
          UnitAttr());
      op.getOutputs()[0].replaceAllUsesWith(convolution.getResult());
      op.erase();
      ++numConvolved;
    }
  }
};
} // namespace
} // namespace ssmc
