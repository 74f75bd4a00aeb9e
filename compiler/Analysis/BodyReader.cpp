//===- BodyReader.cpp - a recurrence's body as affine forms ---------------===//

#include "compiler/Analysis/BodyReader.h"

#include "mlir/IR/Matchers.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace ssmc {

//===----------------------------------------------------------------------===//
// Dependences
//===----------------------------------------------------------------------===//

BodyDependences::BodyDependences(ssm::RecurrenceOp op,
                                 ArrayRef<unsigned> asStates) {
  uint64_t all = 0;
  for (auto [label, extent] : op.getExtents()) {
    uint64_t bit = uint64_t(1) << labels.size();
    labels.push_back(label);
    if (label == op.getSequence())
      sequence = bit;
    if (!op.isStepLabel(label))
      all |= bit;
  }
  Block &body = op.getBody().front();
  unsigned inputs = op.getInputs().size();
  for (BlockArgument argument : body.getArguments()) {
    Dependence &dependence = values[argument];
    unsigned number = argument.getArgNumber();
    if (number >= inputs) {
      dependence = {uint64_t(1) << (number - inputs), all};
      continue;
    }
    if (const unsigned *place = llvm::find(asStates, number);
        place != asStates.end())
      dependence.states =
          uint64_t(1) << (op.getFinal().size() + (place - asStates.begin()));
    for (const auto &axis : op.getInputLabels(number))
      for (StringRef label : axis)
        if (!op.isStepLabel(label))
          dependence.labels |= uint64_t(1)
                               << (llvm::find(labels, label) - labels.begin());
  }
  for (Operation &inner : body) {
    Dependence dependence;
    for (Value operand : inner.getOperands()) {
      dependence.states |= of(operand).states;
      dependence.labels |= of(operand).labels;
    }
    for (Value result : inner.getResults())
      values[result] = dependence;
  }
}

//===----------------------------------------------------------------------===//
// Products hidden in values without states
//===----------------------------------------------------------------------===//

/// Whether a value without states is worth reading as a product: it has axes
/// that come from different operands, as `x[p] * b[n]` has.
static bool joinsAxes(Value value, const BodyDependences &dependences) {
  Operation *op = value.getDefiningOp();
  if (!op ||
      !isa<ssm::ContractOp, ssm::BroadcastOp, arith::MulFOp, arith::DivFOp,
           arith::NegFOp, arith::SelectOp, arith::AddFOp, arith::SubFOp>(op))
    return false;
  if (auto contract = dyn_cast<ssm::ContractOp>(op)) {
    StringRef result = contract.getResultAxes();
    bool sums = llvm::any_of(contract.getInputAxes(), [&](StringRef group) {
      return llvm::any_of(
          group, [&](char letter) { return !result.contains(letter); });
    });
    auto lacksAxes = [&](auto pair) {
      return std::get<0>(pair).size() != result.size() ||
             dependences.of(std::get<1>(pair)).labels !=
                 dependences.of(value).labels;
    };
    return !sums && contract.getInputs().size() > 1 &&
           llvm::any_of(
               llvm::zip(contract.getInputAxes(), contract.getInputs()),
               lacksAxes);
  }
  if (isa<ssm::BroadcastOp>(op))
    return true;
  auto joins = [&](Value operand) { return joinsAxes(operand, dependences); };
  // A sum of products with a value that is none is one value.
  if (isa<arith::AddFOp, arith::SubFOp>(op))
    return llvm::all_of(op->getOperands(), joins);
  if (auto select = dyn_cast<arith::SelectOp>(op))
    return joins(select.getTrueValue()) || joins(select.getFalseValue());
  if (isa<arith::DivFOp>(op))
    return joins(op->getOperand(0));
  return llvm::any_of(op->getOperands(), joins);
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

BodyReader::BodyReader(ssm::RecurrenceOp op, const BodyDependences &dependences,
                       uint64_t states, bool after)
    : op(op), dependences(dependences), states(states) {
  Block &body = op.getBody().front();
  auto next =
      body.getTerminator()->getOperands().drop_front(op.getOutputs().size());
  for (auto [i, value] : llvm::enumerate(next))
    if (after && (states >> i & 1) && readsStates(value))
      symbols.insert({value, i});
}

/// Of one value. Steps in a step double the terms each time; with more of them
/// than this no form would be faster, and reading them would take too long.
static constexpr size_t mostTerms = 1024;

const AffineForm *BodyReader::read(Value value) {
  auto known = forms.find(value);
  if (known != forms.end()) {
    if (!known->second)
      failing = failures.find(value)->second;
    return known->second.get();
  }
  std::unique_ptr<AffineForm> form;
  std::optional<AffineForm> made = readValue(value);
  if (made && made->terms.size() > mostTerms)
    made =
        fail(value.getDefiningOp(), describe(value) + " is in more than " +
                                        std::to_string(mostTerms) + " terms");
  if (made)
    form = std::make_unique<AffineForm>(std::move(*made));
  else
    failures.insert({value, *failing});
  return (forms[value] = std::move(form)).get();
}

std::optional<AffineForm> BodyReader::fail(Operation *op, std::string reason) {
  failing = NotAffine{op, std::move(reason)};
  return std::nullopt;
}

/// "state 'h'", or "states 'h' and 'c'", for the states that `value` reads, and
/// "an input" or "inputs" for inputs that count as such.
std::string BodyReader::describe(Value value) const {
  SmallVector<std::string> names;
  uint64_t read = dependences.of(value).states & states;
  ssm::RecurrenceOp recurrence = op; // whose getters are not const
  for (auto [i, role] : llvm::enumerate(recurrence.getRoles()))
    if (read >> i & 1)
      names.push_back("'" + cast<StringAttr>(role).getValue().str() + "'");
  if (!names.empty())
    names.front().insert(0, names.size() > 1 ? "states " : "state ");
  if (int inputs = llvm::popcount(read >> recurrence.getRoles().size()))
    names.push_back(inputs > 1 ? "inputs" : "an input");
  return llvm::join(names, names.size() > 2 ? ", " : " and ");
}

std::optional<AffineForm> BodyReader::readValue(Value value) {
  if (auto symbol = symbols.find(value); symbol != symbols.end())
    return formOfState(symbol->second, /*after=*/true, value.getType());
  if (isa<BlockArgument>(value) && readsStates(value))
    return formOfState(llvm::countr_zero(dependences.of(value).states),
                       /*after=*/false, value.getType());
  if (isa<BlockArgument>(value) ||
      (!readsStates(value) && !joinsAxes(value, dependences)))
    return formOfValue(value);

  using Form = std::optional<AffineForm>;
  Operation *maker = value.getDefiningOp();
  return llvm::TypeSwitch<Operation *, Form>(maker)
      .Case([&](arith::AddFOp op) { return sum(op.getLhs(), op.getRhs(), 1); })
      .Case([&](arith::SubFOp op) { return sum(op.getLhs(), op.getRhs(), -1); })
      .Case([&](arith::MulFOp op) {
        return multiply(maker, op.getLhs(), op.getRhs());
      })
      .Case([&](ssm::ComplexMulOp op) {
        return readComplexProduct(op, cast<OpResult>(value).getResultNumber());
      })
      .Case<math::FmaOp, arith::NegFOp, arith::DivFOp, arith::SelectOp,
            ssm::ContractOp, ssm::BroadcastOp, tensor::SplatOp,
            tensor::ExtractOp, tensor::FromElementsOp>(
          [&](auto op) { return readOp(op); })
      .Default([&](Operation *) -> Form {
        return fail(maker, "'" + maker->getName().getStringRef().str() +
                               "' is applied to " + describe(value));
      });
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

/// The first `count` letters, for the axes of a value.
static StringRef letters(size_t count) {
  static constexpr StringRef alphabet = "abcdefghijklmnopqrstuvwxyz";
  return alphabet.take_front(count);
}

/// The axes of a value with all of its indices.
static SmallVector<Index, 2> allIndices(Type type) {
  auto axes = llvm::seq<Index>(0, shapeOf(type).size());
  return {axes.begin(), axes.end()};
}

/// `a` and `scale` times `b`.
std::optional<AffineForm> BodyReader::sum(Value a, Value b, double scale) {
  const AffineForm *left = read(a), *right = left ? read(b) : nullptr;
  if (!right)
    return std::nullopt;
  AffineForm result = *left;
  result.add(*right, scale);
  return result;
}

std::optional<AffineForm> BodyReader::multiply(Operation *op, Value a,
                                               Value b) {
  const AffineForm *left = read(a), *right = left ? read(b) : nullptr;
  if (!right)
    return std::nullopt;
  ArrayRef<int64_t> shape = shapeOf(a.getType());
  StringRef axes = letters(shape.size());
  if (std::optional<AffineForm> product =
          einsum({left, right}, {axes, axes}, axes, shape))
    return product;
  if (a == b)
    return fail(op, describe(a) + " is squared");
  bool same = dependences.of(a).states == dependences.of(b).states;
  return fail(op, describe(a) + " is multiplied by " +
                      (same ? "what depends on it" : describe(b)));
}

/// (a + ib)(c + id): ac - bd and ad + bc.
std::optional<AffineForm> BodyReader::readComplexProduct(ssm::ComplexMulOp op,
                                                         bool imaginary) {
  auto part = [&](unsigned left, unsigned right) {
    return multiply(op, op->getOperand(left), op->getOperand(right));
  };
  std::optional<AffineForm> first = part(0, imaginary ? 3 : 2);
  std::optional<AffineForm> second =
      first ? part(1, imaginary ? 2 : 3) : std::nullopt;
  if (!second)
    return std::nullopt;
  first->add(*second, imaginary ? 1 : -1);
  return first;
}

std::optional<AffineForm> BodyReader::readOp(math::FmaOp op) {
  std::optional<AffineForm> product = multiply(op, op.getA(), op.getB());
  const AffineForm *addend = product ? read(op.getC()) : nullptr;
  if (!addend)
    return std::nullopt;
  product->add(*addend);
  return product;
}

std::optional<AffineForm> BodyReader::readOp(arith::NegFOp op) {
  const AffineForm *form = read(op.getOperand());
  if (!form)
    return std::nullopt;
  AffineForm negative;
  negative.shape = form->shape;
  negative.add(*form, -1);
  return negative;
}

std::optional<AffineForm> BodyReader::readOp(arith::DivFOp op) {
  if (readsStates(op.getRhs()))
    return fail(op, describe(op.getRhs()) + " is a divisor");
  const AffineForm *form = read(op.getLhs());
  if (!form)
    return std::nullopt;
  AffineForm quotient = *form;
  quotient.multiply(
      {Factor::reciprocal, op.getRhs(), allIndices(op.getType()), 0});
  return quotient;
}

std::optional<AffineForm> BodyReader::readOp(arith::SelectOp op) {
  Value condition = op.getCondition();
  if (readsStates(condition))
    return fail(op, describe(condition) + " is part of a condition");
  const AffineForm *yes = read(op.getTrueValue());
  const AffineForm *no = yes ? read(op.getFalseValue()) : nullptr;
  if (!no)
    return std::nullopt;
  AffineForm result = *yes, other = *no;
  SmallVector<Index, 2> indices = allIndices(condition.getType());
  result.multiply({Factor::where, condition, indices, 0});
  other.multiply({Factor::whereNot, condition, indices, 0});
  result.add(other);
  return result;
}

std::optional<AffineForm> BodyReader::readOp(ssm::ContractOp op) {
  SmallVector<const AffineForm *> inputs;
  for (Value input : op.getInputs()) {
    inputs.push_back(read(input));
    if (!inputs.back())
      return std::nullopt;
  }
  Value value = op.getResult();
  if (std::optional<AffineForm> product =
          einsum(inputs, op.getInputAxes(), op.getResultAxes(),
                 shapeOf(value.getType())))
    return product;
  bool several = llvm::popcount(dependences.of(value).states & states) > 1;
  return fail(op, describe(value) +
                      (several ? " are contracted with one another"
                               : " is contracted with what depends on it"));
}

std::optional<AffineForm> BodyReader::readOp(ssm::BroadcastOp op) {
  const AffineForm *form = read(op.getInput());
  if (!form)
    return std::nullopt;
  ArrayRef<int64_t> shape = op.getType().getShape();
  StringRef axes = letters(shape.size());
  std::string group;
  for (int64_t axis : op.getAxes())
    group += axes[axis];
  return einsum({form}, {group}, axes, shape);
}

std::optional<AffineForm> BodyReader::readOp(tensor::SplatOp op) {
  const AffineForm *form = read(op.getInput());
  if (!form)
    return std::nullopt;
  ArrayRef<int64_t> shape = op.getType().getShape();
  return einsum({form}, {StringRef()}, letters(shape.size()), shape);
}

std::optional<AffineForm> BodyReader::readOp(tensor::ExtractOp op) {
  const AffineForm *form = read(op.getTensor());
  if (!form)
    return std::nullopt;
  AffineForm picked = *form;
  for (auto [axis, position] : llvm::enumerate(op.getIndices())) {
    APInt constant;
    if (!matchPattern(position, m_ConstantInt(&constant)))
      return fail(op,
                  describe(op.getResult()) + " is read at a variable position");
    picked.multiply({Factor::unit,
                     Value(),
                     {static_cast<Index>(axis)},
                     constant.getSExtValue()});
  }
  return einsum({&picked}, {letters(picked.rank())}, "", {});
}

std::optional<AffineForm> BodyReader::readOp(tensor::FromElementsOp op) {
  ArrayRef<int64_t> shape = op.getType().getShape();
  AffineForm result;
  result.shape.assign(shape.begin(), shape.end());
  SmallVector<int64_t> position(shape.size(), 0);
  for (Value element : op.getElements()) {
    const AffineForm *form = read(element);
    if (!form)
      return std::nullopt;
    AffineForm placed =
        *einsum({form}, {StringRef()}, letters(shape.size()), shape);
    for (auto [axis, i] : llvm::enumerate(position))
      placed.multiply({Factor::unit, Value(), {static_cast<Index>(axis)}, i});
    result.add(placed);
    for (size_t axis = shape.size();
         axis-- > 0 && ++position[axis] == shape[axis];)
      position[axis] = 0;
  }
  return result;
}

} // namespace ssmc
