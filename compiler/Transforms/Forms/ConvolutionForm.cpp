//===- ConvolutionForm.cpp - a recurrence as convolutions -----------------===//
//
// A recurrence that is linear in its states and inputs, with coefficients that
// do not change, is a sum of convolutions of its inputs with its responses to
// an impulse in each. The responses come from the same body, so nothing here
// knows how the states are connected.
//
//===----------------------------------------------------------------------===//

#include "compiler/Transforms/Forms/Forms.h"

#include "dialects/Ssm/SsmConvolutions.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace ssmc {

using AxisLabels = ssm::RecurrenceOp::AxisLabels;

/// The labels of axes after the first two, one after another.
static SmallVector<StringRef> channelLabels(ArrayRef<AxisLabels> axes) {
  SmallVector<StringRef> labels;
  for (const AxisLabels &axis : axes.drop_front(2))
    llvm::append_range(labels, axis);
  return labels;
}

/// Whether `labels` are some of `all`, in their order.
static bool isPartOf(ArrayRef<StringRef> labels, ArrayRef<StringRef> all) {
  for (StringRef label : all)
    if (!labels.empty() && labels.front() == label)
      labels = labels.drop_front();
  return labels.empty();
}

/// Whether axes are batch, time and further ones of known extents, of float32.
static bool isSequence(ssm::RecurrenceOp op, Value value,
                       ArrayRef<AxisLabels> axes, StringRef batch) {
  auto type = cast<RankedTensorType>(value.getType());
  return type.getElementType().isF32() && axes.size() >= 2 &&
         axes[0] == AxisLabels{batch} &&
         axes[1] == AxisLabels{op.getSequence()} &&
         llvm::none_of(type.getShape().drop_front(2), ShapedType::isDynamic);
}

FailureOr<SmallVector<unsigned>> findConvolvedInputs(ssm::RecurrenceOp op,
                                                     std::string &reason) {
  auto fail = [&](const Twine &text) {
    reason = text.str();
    return failure();
  };
  if (op.getOutputs().empty())
    return fail("it has no outputs");

  // What changes with time.
  SmallVector<AxisLabels> outputAxes = op.getOutputLabels(0);
  StringRef batch = outputAxes[0].front();
  if (!op.isParallelLabel(batch))
    return fail("its outputs have no batch");
  SmallVector<unsigned> varying;
  for (unsigned i = 0; i < op.getInputs().size(); ++i)
    if (llvm::any_of(op.getInputLabels(i), [&](const AxisLabels &axis) {
          return llvm::is_contained(axis, op.getSequence()) ||
                 llvm::is_contained(axis, batch);
        }))
      varying.push_back(i);

  BodyDependences dependences(op, varying);
  BodyReader reader(op, dependences, ~uint64_t(0), /*after=*/false);
  for (Value value : op.getBody().front().getTerminator()->getOperands()) {
    const AffineForm *form = reader.read(value);
    if (!form)
      return fail(reader.failure(value).reason);
    if (llvm::any_of(form->terms, [](const Term &term) { return !term.state; }))
      return fail("it adds what is neither state nor input");
  }

  // What it must look like.
  for (unsigned i = 0; i < op.getOutputs().size(); ++i) {
    if (!isSequence(op, op.getOutputs()[i], op.getOutputLabels(i), batch))
      return fail("an output is not [batch, time, channels]");
    if (channelLabels(op.getOutputLabels(i)) != channelLabels(outputAxes))
      return fail("its outputs have different channels");
  }
  SmallVector<StringRef> channels = channelLabels(outputAxes);
  for (unsigned i : varying) {
    SmallVector<AxisLabels> axes = op.getInputLabels(i);
    if (!isSequence(op, op.getInputs()[i], axes, batch) ||
        !isPartOf(channelLabels(axes), channels))
      return fail("input " + Twine(i) +
                  " is not [batch, time, channels] with "
                  "some of the outputs' channels in their order");
  }
  auto isStep = [&](StringRef label) { return op.isStepLabel(label); };
  if (llvm::any_of(channels, isStep))
    return fail("its inputs are vectors, of which all elements meet");

  RecurrenceStructure structure(op);
  if (llvm::all_of(structure.components, [](const Component &component) {
        return component.transition == Transition::none ||
               component.transition == Transition::shift;
      }))
    return fail("it is a convolution with a window of inputs as it stands");
  return varying;
}

std::optional<std::string> carriesState(ssm::RecurrenceOp op) {
  if (!op.getInit().empty())
    return "it starts from a state";
  if (llvm::any_of(op.getFinal(),
                   [](Value state) { return !state.use_empty(); }))
    return "its last state is used";
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// The rewrite
//===----------------------------------------------------------------------===//

/// `value` with all axes after the first two as one, or those of `type`.
static Value reshape(OpBuilder &builder, Location loc, Value value,
                     RankedTensorType type) {
  if (value.getType() == type)
    return value;
  return ssm::ReshapeOp::create(builder, loc, type, value);
}

static RankedTensorType withOneChannelAxis(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  int64_t channels = 1;
  for (int64_t extent : type.getShape().drop_front(2))
    channels *= extent;
  return type.clone({type.getDimSize(0), type.getDimSize(1), channels});
}

/// Input `number` as [batch, time, channels of the outputs]: repeated along the
/// channels that it lacks.
static Value makeSignal(OpBuilder &builder, ssm::RecurrenceOp op,
                        unsigned number) {
  Value input = op.getInputs()[number];
  SmallVector<StringRef> own = channelLabels(op.getInputLabels(number));
  SmallVector<StringRef> all = channelLabels(op.getOutputLabels(0));
  if (own.size() == all.size())
    return reshape(builder, op.getLoc(), input, withOneChannelAxis(input));
  auto type = cast<RankedTensorType>(input.getType());
  auto shapeOf = [&](ArrayRef<StringRef> labels) {
    SmallVector<int64_t> shape(type.getShape().take_front(2));
    for (StringRef label : labels)
      shape.push_back(op.getExtents().lookup(label));
    return shape;
  };
  SmallVector<int64_t> axes = {0, 1};
  for (auto [axis, label] : llvm::enumerate(all))
    if (llvm::is_contained(own, label))
      axes.push_back(axis + 2);
  input = reshape(builder, op.getLoc(), input, type.clone(shapeOf(own)));
  input = ssm::BroadcastOp::create(
      builder, op.getLoc(), type.clone(shapeOf(all)), input, /*like=*/Value(),
      builder.getDenseI64ArrayAttr(axes));
  return reshape(builder, op.getLoc(), input, withOneChannelAxis(input));
}

/// `type` for one batch row, if axis 0 has the label `batch`.
static RankedTensorType forOneRow(Type type, ArrayRef<AxisLabels> labels,
                                  StringRef batch) {
  auto tensor = cast<RankedTensorType>(type);
  SmallVector<int64_t> shape(tensor.getShape());
  for (auto [extent, axis] : llvm::zip_equal(shape, labels))
    if (axis[0] == batch)
      extent = 1;
  return tensor.clone(shape);
}

/// The responses of `op` to a one at the first time step of `input`, zeros
/// being at the others and in the other `varying` inputs.
static ssm::RecurrenceOp makeResponse(OpBuilder &builder, ssm::RecurrenceOp op,
                                      unsigned input,
                                      ArrayRef<unsigned> varying) {
  Location loc = op.getLoc();
  std::string batch = op.getOutputLabels(0)[0][0].str();
  auto response = cast<ssm::RecurrenceOp>(builder.clone(*op));
  response.removeReverseAttr();
  for (auto [i, output] : llvm::enumerate(response.getOutputs()))
    output.setType(forOneRow(output.getType(), op.getOutputLabels(i), batch));
  for (auto [i, state] : llvm::enumerate(response.getFinal()))
    state.setType(forOneRow(state.getType(), op.getStateLabels(i), batch));

  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(response);
  Value replaced = op.getInputs()[input];
  RankedTensorType flat = withOneChannelAxis(replaced);
  Value positions = ssm::PositionsOp::create(
      builder, loc, flat.clone({1, flat.getDimSize(1), flat.getDimSize(2)}),
      replaced);
  response.getInputsMutable()[input].set(
      reshape(builder, loc, positions,
              forOneRow(replaced.getType(), op.getInputLabels(input), batch)));

  Block &body = response.getBody().front();
  builder.setInsertionPointToStart(&body);
  auto constant = [&](double value) -> Value {
    return arith::ConstantOp::create(builder, loc,
                                     builder.getF32FloatAttr(value));
  };
  Value zero = constant(0), one = constant(1);
  BlockArgument time = body.getArgument(input);
  auto isFirst = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OEQ,
                                       time, zero);
  Value impulse = arith::SelectOp::create(builder, loc, isFirst, one, zero);
  time.replaceAllUsesExcept(impulse, isFirst);
  SmallVector<Attribute> axes(response.getInputAxes().getValue());
  for (unsigned other : llvm::reverse(varying)) {
    if (other == input)
      continue;
    body.getArgument(other).replaceAllUsesWith(zero);
    body.eraseArgument(other);
    response.getInputsMutable().erase(other);
    axes.erase(axes.begin() + other);
  }
  response.setInputAxesAttr(builder.getArrayAttr(axes));
  return response;
}

SmallVector<ssm::RecurrenceOp> convolve(ssm::RecurrenceOp op,
                                        ArrayRef<unsigned> inputs) {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  SmallVector<ssm::RecurrenceOp> responses;
  SmallVector<Value> sums(op.getOutputs().size());
  for (unsigned input : inputs) {
    ssm::RecurrenceOp response = makeResponse(builder, op, input, inputs);
    responses.push_back(response);
    Value signal = makeSignal(builder, op, input);
    for (auto [i, output] : llvm::enumerate(op.getOutputs())) {
      if (output.use_empty())
        continue;
      Value kernel = response.getOutputs()[i];
      kernel = reshape(builder, loc, kernel, withOneChannelAxis(kernel));
      Value part = ssm::LongConvOp::create(
                       builder, loc, signal.getType(), Type(), signal, kernel,
                       Value(), Value(), Value(), DenseI64ArrayAttr(),
                       UnitAttr(), op.getReverseAttr(), UnitAttr(), UnitAttr())
                       .getResult();
      sums[i] =
          sums[i] ? arith::AddFOp::create(builder, loc, sums[i], part) : part;
    }
  }
  for (auto [output, sum] : llvm::zip_equal(op.getOutputs(), sums))
    if (sum)
      output.replaceAllUsesWith(
          reshape(builder, loc, sum, cast<RankedTensorType>(output.getType())));
  op.erase();
  return responses;
}

} // namespace ssmc
