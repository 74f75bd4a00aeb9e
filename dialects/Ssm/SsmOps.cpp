//===- SsmOps.cpp - verifiers and inferred types --------------------------===//
//
// Verifiers carry the label of the constraint they check, as in the op's
// description and in the test of its error.
//
//===----------------------------------------------------------------------===//

#include "dialects/Ssm/SsmDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/StringExtras.h"

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
  return !value ||
         cast<RankedTensorType>(value.getType()).getShape() == ArrayRef(size);
}

template <typename Op>
static LogicalResult verifyNormWeight(Op op, Value weight, StringRef name) {
  RankedTensorType input = op.getInput().getType();
  if (input.getRank() == 0 || input.isDynamicDim(input.getRank() - 1)) // (C2)
    return op.emitOpError("expected 'input' to have a last axis of fixed "
                          "extent, got ")
           << input;
  if (!weight)
    return success();
  ArrayRef<int64_t> shape = cast<RankedTensorType>(weight.getType()).getShape();
  size_t most = std::max<int64_t>(input.getRank() - 2, 1);
  if (shape.empty() || shape.size() > most ||
      shape != input.getShape().take_back(shape.size())) // (C1)
    return op.emitOpError("expected '")
           << name
           << "' to have the extents of last axes of 'input', batch and length "
              "apart, "
           << input << ", got " << weight.getType();
  return success();
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

LogicalResult WeightOp::verify() {
  if (!getResult().getType().hasStaticShape()) // (C1)
    return emitOpError("expected a fixed shape, got ") << getResult().getType();
  constexpr size_t longest = 255;
  size_t size = getName().size();
  if (size == 0 || size > longest || getName().contains('\0')) // (C2)
    return emitOpError("expected a name of 1 to ")
           << longest << " bytes, none of them zero, got " << size << " bytes";
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

OpOperand &EmbeddingOp::getStoredOperand() { return getTableMutable(); }
StringRef EmbeddingOp::getStoredName() { return "table"; }

OpOperand &LinearOp::getStoredOperand() { return getWeightMutable(); }
StringRef LinearOp::getStoredName() { return "weight"; }

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
  RankedTensorType result = getType();
  ArrayRef<int64_t> axes = getAxes();
  bool valid = static_cast<int64_t>(axes.size()) == input.getRank();
  for (auto [i, axis] : llvm::enumerate(axes)) {
    valid = valid && axis >= 0 && axis < result.getRank() &&
            (i == 0 || axes[i - 1] < axis) &&
            input.getDimSize(i) == result.getDimSize(axis);
  }
  if (!valid) // (C1)
    return emitOpError("expected increasing axes of 'result', ")
           << result << ", with the extents of 'input', " << input << ", got ["
           << axes << "]";
  for (int64_t axis = 0; axis < result.getRank(); ++axis)
    if (!getLike() && result.isDynamicDim(axis) &&
        !llvm::is_contained(axes, axis)) // (C2)
      return emitOpError("expected 'like' for the extent of axis ")
             << axis << " of 'result', " << result;
  return success();
}

SmallVector<ContractOp::Term> ContractOp::getTerms() {
  SmallVector<Term> terms;
  StringRef rest = getAxes().split("->").first;
  bool subtracted = false;
  for (bool more = true; more;) {
    size_t end = rest.find_first_of("+-");
    Term &term = terms.emplace_back(Term{subtracted, {}});
    rest.take_front(end).split(term.groups, ',');
    for (StringRef &group : term.groups)
      group = group.trim(' ');
    more = end != StringRef::npos;
    if (more) {
      subtracted = rest[end] == '-';
      rest = rest.drop_front(end + 1);
    }
  }
  return terms;
}

SmallVector<StringRef> ContractOp::getInputAxes() {
  SmallVector<StringRef> groups;
  for (const Term &term : getTerms())
    llvm::append_range(groups, term.groups);
  return groups;
}

StringRef ContractOp::getResultAxes() {
  return getAxes().split("->").second.trim(' ');
}

/// An extent as types print it.
static std::string extentText(int64_t extent) {
  return ShapedType::isDynamic(extent) ? "?" : std::to_string(extent);
}

LogicalResult ContractOp::verify() {
  SmallVector<StringRef> groups = getInputAxes();
  if (!getAxes().contains("->") || groups.size() != getInputs().size()) // (C1)
    return emitOpError("expected 'axes' to have one group of letters per "
                       "operand, then '->', got \"")
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
  for (const Term &term : getTerms())
    for (char letter : getResultAxes())
      if (!llvm::any_of(term.groups, [&](StringRef group) {
            return group.contains(letter);
          })) // (C2)
        return emitOpError("expected every letter of the result in every "
                           "term, got '")
               << letter << "' in \"" << getAxes() << "\"";
  return check(getResultAxes(), getResult().getType());
}

bool ContractOp::expands() {
  return getInputs().size() > 2 || getTerms().size() > 1;
}

SmallVector<Value> ContractOp::expand(OpBuilder &builder) {
  llvm::SmallDenseMap<char, int64_t> extents;
  for (auto [letters, input] : llvm::zip_equal(getInputAxes(), getInputs()))
    if (auto tensor = dyn_cast<RankedTensorType>(input.getType()))
      for (auto [letter, extent] : llvm::zip_equal(letters, tensor.getShape()))
        extents[letter] = extent;

  // Contracts to the axes `kept`.
  auto contract = [&](const Twine &axes, StringRef kept, ValueRange values) {
    auto shape =
        llvm::map_to_vector(kept, [&](char letter) { return extents[letter]; });
    Type type = builder.getF32Type();
    if (!kept.empty())
      type = RankedTensorType::get(shape, type);
    return ContractOp::create(builder, getLoc(), type,
                              builder.getStringAttr(axes + "->" + kept),
                              values);
  };
  StringRef result = getResultAxes();
  auto multiply = [&](ArrayRef<StringRef> groups, ValueRange values) -> Value {
    Value product = values.front();
    std::string axes = groups.front().str();
    for (size_t i = 1; i < groups.size(); ++i) {
      // Axes of the result or of an operand to come.
      std::string kept, later = result.str();
      for (StringRef group : groups.drop_front(i + 1))
        later += group;
      for (char letter : axes + groups[i].str())
        if (StringRef(later).contains(letter) &&
            !StringRef(kept).contains(letter))
          kept += letter;
      if (i + 1 == groups.size())
        kept = result.str();
      product = contract(axes + "," + groups[i], kept, {product, values[i]});
      axes = kept;
    }
    return axes == result ? product : contract(axes, result, product);
  };

  Value sum;
  auto values = getInputs();
  for (const Term &term : getTerms()) {
    Value product =
        multiply(term.groups, values.take_front(term.groups.size()));
    values = values.drop_front(term.groups.size());
    if (!sum)
      sum = product;
    else if (term.subtracted)
      sum = arith::SubFOp::create(builder, getLoc(), sum, product);
    else
      sum = arith::AddFOp::create(builder, getLoc(), sum, product);
  }
  return {sum};
}
