#include "tools/ssmc-import/model_builder.h"
#include "compiler/Weights/Convert.h"
#include "compiler/Weights/JsonCursor.h"
#include "dialects/Ssm/SsmChannelScans.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace ssmc::ssm;
using ssmc::weights::quote;

namespace ssmc::importer {

/// A location whose name the printer gives to the value: the last two parts of
/// `name`, which tell the weights of a layer apart.
static Location nameLoc(MLIRContext *context, StringRef name) {
  size_t dot = name.rfind('.', name.rfind('.'));
  return NameLoc::get(StringAttr::get(
      context, dot == StringRef::npos ? name : name.drop_front(dot + 1)));
}

ModelBuilder::ModelBuilder(MLIRContext *context,
                           const weights::Checkpoint &checkpoint,
                           Reporter &reporter)
    : checkpoint(checkpoint), report(reporter),
      builder(UnknownLoc::get(context), context),
      root(ModuleOp::create(builder.getLoc())) {
  context->loadDialect<arith::ArithDialect, func::FuncDialect,
                       math::MathDialect, SsmDialect>();
}

Value ModelBuilder::beginForward() {
  auto ids = RankedTensorType::get({ShapedType::kDynamic, ShapedType::kDynamic},
                                   builder.getI64Type());
  builder.setInsertionPointToEnd(root->getBody());
  forward = func::FuncOp::create(builder, "forward",
                                 builder.getFunctionType(ids, {}));
  builder.setInsertionPointToStart(forward.addEntryBlock());
  forward.getArgument(0).setLoc(nameLoc(builder.getContext(), "ids"));
  return forward.getArgument(0);
}

void ModelBuilder::endForward(Value logits) {
  func::ReturnOp::create(builder, logits);
  forward.setFunctionType(builder.getFunctionType(
      forward.getFunctionType().getInputs(), logits.getType()));
}

bool ModelBuilder::hasWeight(StringRef name) const {
  return checkpoint.find(std::string_view(name)) != nullptr;
}

std::optional<Type> ModelBuilder::elementType(weights::DType dtype) {
  switch (dtype) {
  case weights::DType::BF16:
    return builder.getBF16Type();
  case weights::DType::F16:
    return builder.getF16Type();
  case weights::DType::F32:
    return builder.getF32Type();
  default:
    return std::nullopt;
  }
}

/// Checks the tensor and returns its type, float32 after a mistake.
RankedTensorType ModelBuilder::check(StringRef name, ArrayRef<int64_t> shape,
                                     NonFinitePolicy policy) {
  used.insert(name);
  report.progress("checking weights", used.size(), checkpoint.tensors().size());
  auto fallback = RankedTensorType::get(shape, builder.getF32Type());
  std::vector<uint64_t> wanted(shape.begin(), shape.end());
  const weights::TensorView *view = checkpoint.find(std::string_view(name));
  std::string where = "tensor " + quote(std::string_view(name)) + ": ";
  if (!view) {
    report.error(where + "expected shape " + weights::shapeText(wanted) +
                 ", got no tensor of that name");
    return fallback;
  }
  if (view->shape != wanted) {
    report.error(where + "expected shape " + weights::shapeText(wanted) +
                 ", got " + weights::shapeText(view->shape));
    return fallback;
  }
  std::optional<Type> element = elementType(view->dtype);
  if (!element) {
    report.error(where + "expected dtype F32, BF16 or F16, got " +
                 StringRef(weights::spelling(view->dtype)));
    return fallback;
  }
  weights::NonFinite count = weights::countNonFinite(*view);
  if (count.any()) {
    std::string message = where + "expected finite values, got " +
                          std::to_string(count.nan) + " NaN and " +
                          std::to_string(count.infinite) + " infinite of " +
                          std::to_string(view->elements());
    if (policy == NonFinitePolicy::refuse)
      report.error(message);
    else
      report.warning(message);
  }
  return RankedTensorType::get(shape, *element);
}

Value ModelBuilder::weightOp(StringRef name, ArrayRef<int64_t> shape,
                             NonFinitePolicy policy) {
  return WeightOp::create(
      static_cast<OpBuilder &>(builder), nameLoc(builder.getContext(), name),
      check(name, shape, policy), builder.getStringAttr(name), FloatAttr());
}

Value ModelBuilder::weight(const Twine &name, ArrayRef<int64_t> shape) {
  return weightOp(name.str(), shape, NonFinitePolicy::warn);
}

Value ModelBuilder::decayWeight(const Twine &name, ArrayRef<int64_t> shape) {
  return weightOp(name.str(), shape, NonFinitePolicy::refuse);
}

Value ModelBuilder::negativeExp(const Twine &name, ArrayRef<int64_t> shape) {
  auto type = RankedTensorType::get(shape, builder.getF32Type());
  std::string weightName = name.str();
  StringRef parameterName = weightName;
  parameterName.consume_back("_log");
  auto parameter = ParameterOp::create(
      static_cast<OpBuilder &>(builder),
      nameLoc(builder.getContext(), parameterName), type, parameterName);
  OpBuilder::InsertionGuard guard(builder);
  builder.createBlock(&parameter.getBody());
  Value log = weightOp(weightName, shape, NonFinitePolicy::refuse);
  if (log.getType() != type)
    log = arith::ExtFOp::create(builder, type, log);
  Value exp = math::ExpOp::create(builder, log);
  YieldOp::create(builder, Value(arith::NegFOp::create(builder, exp)));
  return parameter;
}

Value ModelBuilder::embedding(Value ids, Value table) {
  return EmbeddingOp::create(builder, ids, table);
}

Value ModelBuilder::linear(Value input, Value weight, Value bias) {
  return LinearOp::create(builder, input, weight, bias);
}

Value ModelBuilder::rmsNorm(Value input, double eps, Value weight) {
  return RmsNormOp::create(builder, input.getType(), input, weight,
                           builder.getF64FloatAttr(eps));
}

Value ModelBuilder::add(Value lhs, Value rhs) {
  return arith::AddFOp::create(builder, lhs, rhs);
}

ResultRange ModelBuilder::split(Value input, ArrayRef<int64_t> sizes) {
  return SplitOp::create(builder, input, sizes).getParts();
}

Value ModelBuilder::reshape(Value input, ArrayRef<int64_t> shape) {
  auto type = cast<RankedTensorType>(input.getType());
  SmallVector<int64_t> whole(type.getShape().take_front(2));
  llvm::append_range(whole, shape);
  return ReshapeOp::create(builder, type.clone(whole), input);
}

Value ModelBuilder::shortConvSilu(Value input, Value weight, Value bias) {
  return ShortConvOp::create(builder, input, weight, bias, /*init=*/Value(),
                             /*reset=*/Value(), ConvActivation::silu)
      .getResult();
}

/// A new private function; `arguments` says which parameters there are.
func::FuncOp ModelBuilder::define(StringRef name, FunctionType inputs,
                                  ArrayRef<Value> arguments,
                                  function_ref<Value(ArrayRef<Value>)> body) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(root->getBody());
  std::string symbol = name.str();
  for (unsigned i = 1; root->lookupSymbol(symbol); ++i)
    symbol = (name + "_" + Twine(i)).str();
  auto function = func::FuncOp::create(builder, symbol, inputs);
  function.setPrivate();
  builder.setInsertionPointToStart(function.addEntryBlock());
  SmallVector<Value> parameters;
  unsigned next = 0;
  for (Value argument : arguments) {
    parameters.push_back(argument ? function.getArgument(next++) : Value());
    // Names carry over from the first call.
    if (argument)
      parameters.back().setLoc(argument.getLoc());
  }
  Value result = body(parameters);
  func::ReturnOp::create(builder, result);
  function.setFunctionType(
      builder.getFunctionType(inputs.getInputs(), result.getType()));
  return function;
}

Value ModelBuilder::call(StringRef name, ArrayRef<Value> arguments,
                         function_ref<Value(ArrayRef<Value>)> body) {
  SmallVector<Value> operands;
  for (Value argument : arguments)
    if (argument)
      operands.push_back(argument);
  // Which arguments are absent is part of what the function is.
  std::string key = name.str();
  for (Value argument : arguments)
    key += argument ? '1' : '0';
  FunctionType inputs =
      builder.getFunctionType(ValueRange(operands).getTypes(), {});
  func::FuncOp &function = shared[{builder.getStringAttr(key), inputs}];
  if (!function)
    function = define(name, inputs, arguments, body);
  return func::CallOp::create(builder, function, operands).getResult(0);
}

void ModelBuilder::warnUnused() {
  constexpr size_t limit = 10;
  size_t count = 0;
  std::string names;
  for (auto &[name, view] : checkpoint.tensors()) {
    if (used.contains(name))
      continue;
    if (++count <= limit)
      names += (count == 1 ? "" : ", ") + quote(name);
  }
  if (count == 0)
    return;
  if (count > limit)
    names += " and " + std::to_string(count - limit) + " more";
  report.warning("the model uses none of these tensors: " + names);
}

} // namespace ssmc::importer
