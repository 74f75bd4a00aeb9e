//===- SsmOps.cpp - verifiers and inferred types --------------------------===//
//
// Verifiers carry the label of the constraint they check, as in the op's
// description and in the test of its error.
//
//===----------------------------------------------------------------------===//

#include "dialects/Ssm/SsmDialect.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace ssmc::ssm;

#define GET_OP_CLASSES
#include "dialects/Ssm/SsmOps.cpp.inc"

/// `type` with its last extent replaced, in float32.
static RankedTensorType withLastExtent(RankedTensorType type, int64_t extent) {
  SmallVector<int64_t> shape(type.getShape());
  shape.back() = extent;
  return RankedTensorType::get(shape, Float32Type::get(type.getContext()));
}

/// Whether `value` is absent or a vector of `size` elements.
static bool isVectorOf(Value value, int64_t size) {
  if (!value)
    return true;
  auto type = cast<RankedTensorType>(value.getType());
  return type.getRank() == 1 && type.getDimSize(0) == size;
}

template <typename Op>
static LogicalResult verifyNormWeight(Op op, Value weight, StringRef name) {
  RankedTensorType input = op.getInput().getType();
  if (input.getRank() == 0 || input.isDynamicDim(input.getRank() - 1)) // (C2)
    return op.emitOpError("expected 'input' to have a last axis of fixed "
                          "extent, got ")
           << input;
  int64_t width = input.getShape().back();
  if (!isVectorOf(weight, width)) // (C1)
    return op.emitOpError("expected '")
           << name << "' to have " << width
           << " elements, one per element of the last axis of 'input', got "
           << weight.getType();
  return success();
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

LogicalResult WeightOp::verify() {
  if (!getResult().getType().hasStaticShape()) // (C1)
    return emitOpError("expected a fixed shape, got ") << getResult().getType();
  return success();
}

LogicalResult ParameterOp::verifyRegions() {
  Block &body = getBody().front();
  if (body.getNumArguments() != 0) // (C1)
    return emitOpError("expected the body to take nothing, got ")
           << body.getNumArguments() << " arguments";
  auto yield = dyn_cast<YieldOp>(body.back());
  if (!yield || yield.getNumOperands() != 1 ||
      yield.getOperand(0).getType() != getResult().getType()) // (C1)
    return emitOpError("expected the body to yield one value of type ")
           << getResult().getType();
  return success();
}

//===----------------------------------------------------------------------===//
// Layers without a sequence axis
//===----------------------------------------------------------------------===//

LogicalResult EmbeddingOp::inferReturnTypes(MLIRContext *context,
                                            std::optional<Location> location,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &inferred) {
  auto ids = cast<RankedTensorType>(adaptor.getIds().getType());
  auto table = cast<RankedTensorType>(adaptor.getTable().getType());
  if (table.getRank() != 2) // (C1)
    return emitOptionalError(location, "expected 'table' to be a matrix, got ",
                             table);
  SmallVector<int64_t> shape(ids.getShape());
  shape.push_back(table.getDimSize(1));
  inferred.push_back(RankedTensorType::get(shape, Float32Type::get(context)));
  return success();
}

OpOperand &EmbeddingOp::getIndexOperand() { return getIdsMutable(); }
int64_t EmbeddingOp::getIndexedRows() {
  return cast<RankedTensorType>(getTable().getType()).getDimSize(0);
}

LogicalResult LinearOp::inferReturnTypes(MLIRContext *,
                                         std::optional<Location> location,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &inferred) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  auto weight = cast<RankedTensorType>(adaptor.getWeight().getType());
  if (weight.getRank() != 2 || input.getRank() == 0 ||
      weight.getDimSize(1) != input.getShape().back()) // (C1)
    return emitOptionalError(
        location,
        "expected 'weight' to be a matrix with as many columns as "
        "the last axis of 'input', ",
        input, ", got ", weight);
  if (!isVectorOf(adaptor.getBias(), weight.getDimSize(0))) // (C2)
    return emitOptionalError(location, "expected 'bias' to have ",
                             weight.getDimSize(0),
                             " elements, one per row of 'weight', got ",
                             adaptor.getBias().getType());
  inferred.push_back(withLastExtent(input, weight.getDimSize(0)));
  return success();
}

LogicalResult RmsNormOp::verify() {
  return verifyNormWeight(*this, getWeight(), "weight");
}

LogicalResult LayerNormOp::verify() {
  if (failed(verifyNormWeight(*this, getWeight(), "weight")))
    return failure();
  return verifyNormWeight(*this, getBias(), "bias");
}

LogicalResult SplitOp::inferReturnTypes(MLIRContext *,
                                        std::optional<Location> location,
                                        Adaptor adaptor,
                                        SmallVectorImpl<Type> &inferred) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  int64_t sum = 0;
  bool positive = true;
  for (int64_t size : adaptor.getSizes()) {
    positive &= size > 0;
    sum += size;
  }
  if (!positive || input.getRank() == 0 ||
      sum != input.getShape().back()) // (C1)
    return emitOptionalError(location,
                             "expected positive sizes that add up to the last "
                             "axis of 'input', ",
                             input, ", got [", adaptor.getSizes(), "]");
  for (int64_t size : adaptor.getSizes())
    inferred.push_back(withLastExtent(input, size));
  return success();
}

LogicalResult ReshapeOp::verify() {
  RankedTensorType input = getInput().getType(), result = getResult().getType();
  auto inner = [](RankedTensorType type) {
    return type.getShape().drop_front(2);
  };
  bool valid =
      input.getRank() >= 2 && result.getRank() >= 2 &&
      input.getShape().take_front(2) == result.getShape().take_front(2) &&
      !ShapedType::isDynamicShape(inner(input)) &&
      !ShapedType::isDynamicShape(inner(result));
  if (!valid || ShapedType::getNumElements(inner(input)) !=
                    ShapedType::getNumElements(inner(result))) // (C1)
    return emitOpError("expected 'result' to have the first two axes of "
                       "'input' and as many elements after them, ")
           << input << ", got " << result;
  return success();
}

LogicalResult BroadcastOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  RankedTensorType like = getLike().getType();
  ArrayRef<int64_t> axes = getAxes();
  bool valid = static_cast<int64_t>(axes.size()) == input.getRank();
  for (auto [i, axis] : llvm::enumerate(axes)) {
    valid = valid && axis >= 0 && axis < like.getRank() &&
            (i == 0 || axes[i - 1] < axis) &&
            input.getDimSize(i) == like.getDimSize(axis);
  }
  if (!valid) // (C1)
    return emitOpError("expected increasing axes of 'like', ")
           << like << ", with the extents of 'input', " << input << ", got ["
           << axes << "]";
  return success();
}

//===----------------------------------------------------------------------===//
// Contractions and discretization
//===----------------------------------------------------------------------===//

SmallVector<StringRef> ContractOp::getInputAxes() {
  SmallVector<StringRef> groups;
  getAxes().split("->").first.split(groups, ',');
  return groups;
}

StringRef ContractOp::getResultAxes() { return getAxes().split("->").second; }

/// An extent as types print it.
static std::string extentText(int64_t extent) {
  return ShapedType::isDynamic(extent) ? "?" : std::to_string(extent);
}

LogicalResult ContractOp::verify() {
  SmallVector<StringRef> groups = getInputAxes();
  if (!getAxes().contains("->") || groups.size() != getInputs().size() ||
      groups.size() > 2) // (C1)
    return emitOpError("expected 'axes' to have one group of letters per "
                       "operand, one or two of them, then '->', got \"")
           << getAxes() << "\" for " << getInputs().size() << " operands";

  llvm::SmallDenseMap<char, int64_t> extents;
  auto check = [&](StringRef letters, Type type) -> LogicalResult {
    ArrayRef<int64_t> shape;
    if (auto tensor = dyn_cast<RankedTensorType>(type))
      shape = tensor.getShape();
    if (letters.size() != shape.size()) // (C1)
      return emitOpError("expected as many axes as the letters \"")
             << letters << "\", got " << type;
    for (auto [letter, extent] : llvm::zip(letters, shape)) {
      if (letters.count(letter) != 1 || !llvm::isAlpha(letter)) // (C2)
        return emitOpError("expected different letters in a group, got \"")
               << letters << "\"";
      auto [known, inserted] = extents.try_emplace(letter, extent);
      if (!inserted && known->second != extent) // (C1)
        return emitOpError("expected axis '")
               << letter << "' to have extent " << extentText(known->second)
               << ", got " << extentText(extent) << " in " << type;
    }
    return success();
  };
  for (auto [letters, input] : llvm::zip(groups, getInputs()))
    if (failed(check(letters, input.getType())))
      return failure();
  for (char letter : getResultAxes())
    if (!extents.contains(letter)) // (C2)
      return emitOpError("expected every letter of the result in an operand, "
                         "got '")
             << letter << "' in \"" << getAxes() << "\"";
  return check(getResultAxes(), getResult().getType());
}

LogicalResult DiscretizeOp::inferReturnTypes(MLIRContext *,
                                             std::optional<Location>,
                                             Adaptor adaptor,
                                             SmallVectorImpl<Type> &inferred) {
  size_t parts = adaptor.getMethod() == Discretization::foh ? 3 : 2;
  if (adaptor.getImag())
    parts *= 2;
  inferred.assign(parts, adaptor.getA().getType());
  return success();
}

LogicalResult DiscretizeOp::verify() {
  Type dt = getDt().getType(), a = getA().getType();
  if (dt != a && !dt.isF32()) // (C1)
    return emitOpError("expected 'dt' to be 'f32' or to have the type of 'a', ")
           << a << ", got " << dt;
  if (getImag() && getImag().getType() != a) // (C3)
    return emitOpError("expected 'imag' to have the type of 'a', ")
           << a << ", got " << getImag().getType();
  bool isGbt = getMethod() == Discretization::gbt;
  if (isGbt != getAlpha().has_value()) // (C2)
    return emitOpError(isGbt
                           ? "expected 'alpha' for method gbt"
                           : "expected no 'alpha' for a method other than gbt");
  if (isGbt) {
    double alpha = getAlpha()->convertToDouble();
    if (!(alpha >= 0.0 && alpha <= 1.0)) // (C2)
      return emitOpError("expected 'alpha' in [0, 1], got ") << alpha;
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Named recurrences
//===----------------------------------------------------------------------===//

/// Infers the final state of a named recurrence and checks `init` against it.
static LogicalResult inferState(std::optional<Location> location, Value init,
                                ArrayRef<int64_t> shape, MLIRContext *context,
                                SmallVectorImpl<Type> &inferred) {
  auto state = RankedTensorType::get(shape, Float32Type::get(context));
  if (init && init.getType() != state)
    return emitOptionalError(location, "expected 'init' to be ", state,
                             ", got ", init.getType());
  inferred.push_back(state);
  return success();
}

/// Checks `reset` against the type of a sequence.
static LogicalResult checkReset(std::optional<Location> location, Value reset,
                                RankedTensorType sequence) {
  if (!reset)
    return success();
  auto type = RankedTensorType::get(sequence.getShape().take_front(2),
                                    Float32Type::get(reset.getContext()));
  if (reset.getType() == type)
    return success();
  return emitOptionalError(location, "expected 'reset' to be ", type, ", got ",
                           reset.getType());
}

/// Checks that `type` is [batch, time, channels] with fixed channels.
static LogicalResult checkSequence(std::optional<Location> location,
                                   StringRef name, RankedTensorType type) {
  if (type.getRank() == 3 && !type.isDynamicDim(2))
    return success();
  return emitOptionalError(location, "expected '", name,
                           "' to have a batch axis, a time axis and a channel "
                           "axis of fixed extent, got ",
                           type);
}

LogicalResult LinearScanOp::inferReturnTypes(MLIRContext *context,
                                             std::optional<Location> location,
                                             Adaptor adaptor,
                                             SmallVectorImpl<Type> &inferred) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  if (failed(checkSequence(location, "input", input))) // (C1)
    return failure();
  auto decay = cast<RankedTensorType>(adaptor.getDecay().getType());
  if (decay != input &&
      !isVectorOf(adaptor.getDecay(), input.getDimSize(2))) // (C2)
    return emitOptionalError(
        location, "expected 'decay' to have the type of 'input', ", input,
        ", or one element per channel, got ", decay);
  if (failed(checkReset(location, adaptor.getReset(), input))) // (C4)
    return failure();
  inferred.push_back(input);
  return inferState(location, adaptor.getInit(), // (C3)
                    {input.getDimSize(0), input.getDimSize(2)}, context,
                    inferred);
}

LogicalResult ShortConvOp::inferReturnTypes(MLIRContext *context,
                                            std::optional<Location> location,
                                            Adaptor adaptor,
                                            SmallVectorImpl<Type> &inferred) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  if (failed(checkSequence(location, "input", input))) // (C1)
    return failure();
  auto weight = cast<RankedTensorType>(adaptor.getWeight().getType());
  int64_t channels = input.getDimSize(2);
  ArrayRef<int64_t> shape = weight.getShape();
  bool valid = (shape.size() == 2 || (shape.size() == 3 && shape[1] == 1)) &&
               shape[0] == channels && shape.back() >= 2;
  if (!valid) // (C2)
    return emitOptionalError(location, "expected 'weight' to be [", channels,
                             ", W] or [", channels, ", 1, W] with W >= 2, got ",
                             weight);
  if (!isVectorOf(adaptor.getBias(), channels)) // (C3)
    return emitOptionalError(location, "expected 'bias' to have ", channels,
                             " elements, got ", adaptor.getBias().getType());
  if (failed(checkReset(location, adaptor.getReset(), input))) // (C5)
    return failure();
  inferred.push_back(input);
  return inferState(location, adaptor.getInit(), // (C4)
                    {input.getDimSize(0), channels, shape.back() - 1}, context,
                    inferred);
}

LogicalResult SelectiveScanOp::inferReturnTypes(
    MLIRContext *context, std::optional<Location> location, Adaptor adaptor,
    SmallVectorImpl<Type> &inferred) {
  auto u = cast<RankedTensorType>(adaptor.getU().getType());
  if (failed(checkSequence(location, "u", u))) // (C1)
    return failure();
  int64_t channels = u.getDimSize(2);
  for (auto [name, value] :
       {std::pair("delta", adaptor.getDelta()), std::pair("z", adaptor.getZ())})
    if (value && value.getType() != u) // (C1)
      return emitOptionalError(location, "expected '", name,
                               "' to have the type of 'u', ", u, ", got ",
                               value.getType());
  auto a = cast<RankedTensorType>(adaptor.getA().getType());
  if (a.getRank() != 2 || a.getDimSize(0) != channels ||
      a.isDynamicDim(1)) // (C2)
    return emitOptionalError(location, "expected 'A' to be [", channels,
                             ", N] with fixed N, got ", a);
  int64_t states = a.getDimSize(1);
  int64_t groups = 0;
  for (auto [name, value] :
       {std::pair("B", adaptor.getB()), std::pair("C", adaptor.getC())}) {
    auto type = cast<RankedTensorType>(value.getType());
    ArrayRef<int64_t> shape = type.getShape();
    bool valid = !shape.empty() && shape.back() == states;
    if (shape.size() == 2)
      valid &= shape[0] == channels;
    else if (shape.size() == 3 || shape.size() == 4)
      valid &= shape[0] == u.getDimSize(0) && shape[1] == u.getDimSize(1);
    else
      valid = false;
    if (valid && shape.size() == 4) {
      valid &= shape[2] > 0 && channels % shape[2] == 0 &&
               (groups == 0 || groups == shape[2]);
      groups = shape[2];
    }
    if (!valid) // (C3)
      return emitOptionalError(
          location, "expected '", name, "' to be [", channels, ", ", states,
          "], [batch, length, ", states, "] or [batch, length, groups, ",
          states, "] with groups that divide ", channels, ", got ", type);
  }
  for (auto [name, value] : {std::pair("D", adaptor.getD()),
                             std::pair("dt_bias", adaptor.getDtBias())})
    if (!isVectorOf(value, channels)) // (C4)
      return emitOptionalError(location, "expected '", name, "' to have ",
                               channels, " elements, got ", value.getType());
  if (failed(checkReset(location, adaptor.getReset(), u))) // (C6)
    return failure();
  ValueRange imag = adaptor.getImag();
  if (!imag.empty() && imag.size() != 3) // (C7)
    return emitOptionalError(location, "expected three values in 'imag', got ",
                             imag.size());
  SmallVector<Value> real = {adaptor.getA(), adaptor.getB(), adaptor.getC()};
  for (auto [value, part] : llvm::zip(real, imag))
    if (value.getType() != part.getType()) // (C7)
      return emitOptionalError(location,
                               "expected 'imag' to have the types of "
                               "'A', 'B' and 'C', got ",
                               part.getType(), " for ", value.getType());
  inferred.push_back(u);
  ValueRange init = adaptor.getInit();
  size_t parts = imag.empty() ? 1 : 2;
  if (!init.empty() && init.size() != parts) // (C5)
    return emitOptionalError(location, "expected 'init' to give ", parts,
                             " states, got ", init.size());
  for (size_t part = 0; part < parts; ++part)
    if (failed(inferState(location, init.empty() ? Value() : init[part], // (C5)
                          {u.getDimSize(0), channels, states}, context,
                          inferred)))
      return failure();
  return success();
}
