//===- SsmTraversals.cpp - reorderings of the length axis -----------------===//

#include "dialects/Ssm/SsmTraversals.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace ssmc::ssm;

#define GET_OP_CLASSES
#include "dialects/Ssm/SsmTraversals.cpp.inc"

/// [batch, time, fixed extents...].
static bool isSequence(RankedTensorType type) {
  return type.getRank() >= 2 &&
         llvm::none_of(type.getShape().drop_front(2), ShapedType::isDynamic);
}

//===----------------------------------------------------------------------===//
// ssm.traversal
//===----------------------------------------------------------------------===//

// A table of 64 MiB, the most that a parameter may have.
static constexpr uint64_t maxCells = uint64_t{1} << 23;
static constexpr size_t maxAxes = 6;

/// Whether `axes` are different axes of `rank`.
static bool areDifferentAxes(ArrayRef<int64_t> axes, int64_t rank) {
  llvm::SmallDenseSet<int64_t> seen;
  return llvm::all_of(axes, [&](int64_t axis) {
    return axis >= 0 && axis < rank && seen.insert(axis).second;
  });
}

LogicalResult TraversalOp::inferReturnTypes(MLIRContext *context,
                                            std::optional<Location> location,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &inferred) {
  ArrayRef<int64_t> shape = adaptor.getShape();
  int64_t rank = shape.size();
  uint64_t cells = 1;
  for (int64_t extent : shape)
    cells =
        llvm::SaturatingMultiply<uint64_t>(cells, std::max(extent, int64_t{0}));
  if (shape.empty() || shape.size() > maxAxes || cells == 0 ||
      cells > maxCells) // (C1)
    return emitOptionalError(location, "expected 'shape' to have one to ",
                             maxAxes, " positive extents of at most ", maxCells,
                             " cells, got [", shape, "]");
  std::optional<ArrayRef<int64_t>> axes = adaptor.getAxes();
  if (axes && (static_cast<int64_t>(axes->size()) != rank ||
               !areDifferentAxes(*axes, rank))) // (C2)
    return emitOptionalError(location,
                             "expected 'axes' to be a permutation of "
                             "the ",
                             rank, " axes, got [", *axes, "]");
  std::optional<ArrayRef<int64_t>> mirror = adaptor.getMirror();
  if (mirror && !areDifferentAxes(*mirror, rank)) // (C2)
    return emitOptionalError(location,
                             "expected 'mirror' to name different "
                             "ones of the ",
                             rank, " axes, got [", *mirror, "]");
  TraversalOrder order = adaptor.getOrder();
  StringRef name = stringifyTraversalOrder(order);
  bool sized =
      order == TraversalOrder::atrous || order == TraversalOrder::window;
  std::optional<int64_t> size = adaptor.getSize();
  if (sized != size.has_value() || (sized && *size <= 0)) // (C3)
    return emitOptionalError(location,
                             sized ? "expected a positive 'size' for order '"
                                   : "expected no 'size' for order '",
                             name, "'");
  bool diagonal =
      order == TraversalOrder::diagonal || order == TraversalOrder::zigzag;
  if (diagonal && rank != 2) // (C4)
    return emitOptionalError(location,
                             "expected a grid of two axes for order "
                             "'",
                             name, "', got ", rank);
  bool bitwise =
      order == TraversalOrder::z_order || order == TraversalOrder::hilbert;
  int64_t bits =
      rank * llvm::Log2_64_Ceil(*std::max_element(shape.begin(), shape.end()));
  if (bitwise && bits > 63) // (C5)
    return emitOptionalError(location,
                             "expected coordinates of at most 63 "
                             "bits together for order '",
                             name, "', got ", bits);
  inferred.push_back(RankedTensorType::get({static_cast<int64_t>(cells)},
                                           IntegerType::get(context, 64)));
  return success();
}

int64_t TraversalOp::getIndexBound() {
  return cast<RankedTensorType>(getType()).getDimSize(0);
}

//===----------------------------------------------------------------------===//
// ssm.traverse, ssm.flip
//===----------------------------------------------------------------------===//

LogicalResult TraverseOp::inferReturnTypes(MLIRContext *,
                                           std::optional<Location> location,
                                           Adaptor adaptor,
                                           SmallVectorImpl<Type> &inferred) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  auto indices = cast<RankedTensorType>(adaptor.getIndices().getType());
  if (!isSequence(input) || input.isDynamicDim(1)) // (C1)
    return emitOptionalError(location,
                             "expected 'input' to have a batch axis, a length "
                             "and later axes of fixed extents, got ",
                             input);
  bool known =
      indices.getRank() == 1 ||
      (indices.getRank() == 2 && indices.getDimSize(0) == input.getDimSize(0));
  if (!known || ShapedType::isDynamic(indices.getShape().back())) // (C2)
    return emitOptionalError(location,
                             "expected 'indices' to be [length] or [batch, "
                             "length] of fixed length, the batch that of "
                             "'input', ",
                             input, ", got ", indices);
  int64_t length = indices.getShape().back();
  if (adaptor.getInverse() && length != input.getDimSize(1)) // (C2)
    return emitOptionalError(location, "expected an inverse traversal of ",
                             input.getDimSize(1), " indices, got ", length);
  SmallVector<int64_t> shape(input.getShape());
  shape[1] = length;
  inferred.push_back(input.clone(shape));
  return success();
}

OpOperand &TraverseOp::getIndexOperand() { return getIndicesMutable(); }
int64_t TraverseOp::getIndexedRows() {
  return cast<RankedTensorType>(getInput().getType()).getDimSize(1);
}

bool TraverseOp::isCausal() { return false; }
std::string TraverseOp::getNonCausalReason() {
  return "takes time steps in another order";
}
SmallVector<StringRef> TraverseOp::getStateRoles() { return {}; }
ResultRange TraverseOp::getFinalStates() {
  return getOperation()->getResults().drop_front();
}
MutableOperandRange TraverseOp::getInitialStatesMutable() {
  return MutableOperandRange(getOperation(), 0, 0);
}

LogicalResult FlipOp::verify() {
  if (!isSequence(getInput().getType())) // (C1)
    return emitOpError("expected 'input' to have a batch and a time axis, then "
                       "fixed extents, got ")
           << getInput().getType();
  return success();
}

bool FlipOp::isCausal() { return false; }
std::string FlipOp::getNonCausalReason() {
  return "runs from the last time step to the first";
}
SmallVector<StringRef> FlipOp::getStateRoles() { return {}; }
ResultRange FlipOp::getFinalStates() {
  return getOperation()->getResults().drop_front();
}
MutableOperandRange FlipOp::getInitialStatesMutable() {
  return MutableOperandRange(getOperation(), 0, 0);
}

//===----------------------------------------------------------------------===//
// ssm.shift
//===----------------------------------------------------------------------===//

LogicalResult ShiftOp::inferReturnTypes(MLIRContext *,
                                        std::optional<Location> location,
                                        Adaptor adaptor,
                                        SmallVectorImpl<Type> &inferred) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  if (!isSequence(input)) // (C1)
    return emitOptionalError(location,
                             "expected 'input' to have a batch and a time "
                             "axis, then fixed extents, got ",
                             input);
  auto by = static_cast<int64_t>(adaptor.getBy());
  constexpr int64_t most = 4096;
  if (by == 0 || by < -most || by > most) // (C2)
    return emitOptionalError(location, "expected a shift by 1 to ", most,
                             " time steps, either way, got ", by);
  SmallVector<int64_t> shape(input.getShape());
  shape.erase(shape.begin() + 1);
  shape.push_back(std::abs(by));
  auto window = RankedTensorType::get(shape, input.getElementType());
  if (adaptor.getInit() && adaptor.getInit().getType() != window) // (C3)
    return emitOptionalError(location, "expected 'init' to be ", window,
                             ", got ", adaptor.getInit().getType());
  inferred.push_back(input);
  inferred.push_back(window);
  return success();
}

SmallVector<Value> ShiftOp::expand(OpBuilder &builder) {
  Location loc = getLoc();
  // b batch, l time, d0 d1... the later axes, w the window.
  SmallVector<std::string> later;
  for (int64_t i = 2; i < getInput().getType().getRank(); ++i)
    later.push_back("d" + std::to_string(i - 2));
  SmallVector<StringRef> sequence = {"b", "l"}, state = {"b"};
  llvm::append_range(sequence, later);
  llvm::append_range(state, later);
  state.push_back("w");
  auto lists = [&](ArrayRef<StringRef> labels) {
    return builder.getArrayAttr({builder.getStrArrayAttr(labels)});
  };
  auto op = RecurrenceOp::create(
      builder, loc, TypeRange{getResult().getType()},
      TypeRange{getFinal().getType()}, ValueRange{getInput()},
      getInit() ? ValueRange{getInit()} : ValueRange{},
      builder.getStringAttr("l"), builder.getStrArrayAttr({"w"}),
      lists(sequence), lists(sequence), lists(state),
      builder.getStrArrayAttr({"shift_window"}),
      isCausal() ? UnitAttr() : builder.getUnitAttr());
  OpBuilder::InsertionGuard guard(builder);
  Block *body = builder.createBlock(&op.getBody());
  int64_t size = getFinal().getType().getShape().back();
  Value input = body->addArgument(builder.getF32Type(), loc);
  Value window = body->addArgument(
      RankedTensorType::get({size}, builder.getF32Type()), loc);
  SmallVector<Value> values; // oldest first, the present input last
  for (int64_t i = 0; i < size; ++i)
    values.push_back(tensor::ExtractOp::create(
        builder, loc, window,
        ValueRange{arith::ConstantIndexOp::create(builder, loc, i)}));
  values.push_back(input);
  Value next = tensor::FromElementsOp::create(builder, loc, window.getType(),
                                              ArrayRef(values).drop_front());
  YieldOp::create(builder, loc, ValueRange{values[0], next});
  return op.getResults();
}

bool ShiftOp::isCausal() { return static_cast<int64_t>(getBy()) > 0; }
std::string ShiftOp::getNonCausalReason() {
  return "looks " + std::to_string(-static_cast<int64_t>(getBy())) +
         " time steps ahead";
}
SmallVector<StringRef> ShiftOp::getStateRoles() { return {"shift_window"}; }
ResultRange ShiftOp::getFinalStates() {
  return getOperation()->getResults().drop_front();
}
MutableOperandRange ShiftOp::getInitialStatesMutable() {
  return getInitMutable();
}
