//===- BodyReader.cpp - a recurrence's body as affine forms ---------------===//

#include "compiler/Analysis/BodyReader.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/SmallPtrSet.h"

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
  std::optional<AffineForm> made = readOp(value);
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

std::optional<AffineForm> BodyReader::readOp(Value value) {
  Operation *maker = value.getDefiningOp();
  if (auto symbol = symbols.find(value); symbol != symbols.end())
    return formOfState(symbol->second, /*after=*/true, value.getType());
  if (isa<BlockArgument>(value)) {
    if (readsStates(value))
      return formOfState(llvm::countr_zero(dependences.of(value).states),
                         /*after=*/false, value.getType());
    return formOfValue(value);
  }
  if (!readsStates(value) && !joinsAxes(value, dependences))
    return formOfValue(value);

  ArrayRef<int64_t> shape = shapeOf(value.getType());
  static constexpr StringRef alphabet = "abcdefghijklmnopqrstuvwxyz";
  StringRef letters = alphabet.take_front(shape.size());
  auto multiply = [&](Value a, Value b) -> std::optional<AffineForm> {
    const AffineForm *left = read(a), *right = left ? read(b) : nullptr;
    if (!right)
      return std::nullopt;
    if (std::optional<AffineForm> product =
            einsum({left, right}, {letters, letters}, letters, shape))
      return product;
    if (a == b)
      return fail(maker, describe(a) + " is squared");
    return fail(maker, describe(a) + " is multiplied by " +
                           (dependences.of(a).states == dependences.of(b).states
                                ? "what depends on it"
                                : describe(b)));
  };
  auto sum = [&](Value a, Value b, double scale) -> std::optional<AffineForm> {
    const AffineForm *left = read(a);
    if (!left)
      return std::nullopt;
    const AffineForm *right = read(b);
    if (!right)
      return std::nullopt;
    AffineForm result = *left;
    result.add(*right, scale);
    return result;
  };

  if (isa<arith::AddFOp>(maker))
    return sum(maker->getOperand(0), maker->getOperand(1), 1);
  if (isa<arith::SubFOp>(maker))
    return sum(maker->getOperand(0), maker->getOperand(1), -1);
  if (isa<arith::MulFOp>(maker))
    return multiply(maker->getOperand(0), maker->getOperand(1));
  if (auto fma = dyn_cast<math::FmaOp>(maker)) {
    std::optional<AffineForm> product = multiply(fma.getA(), fma.getB());
    const AffineForm *addend = product ? read(fma.getC()) : nullptr;
    if (!addend)
      return std::nullopt;
    product->add(*addend);
    return product;
  }
  if (isa<arith::NegFOp>(maker)) {
    const AffineForm *form = read(maker->getOperand(0));
    if (!form)
      return std::nullopt;
    AffineForm negative;
    negative.shape = form->shape;
    negative.add(*form, -1);
    return negative;
  }
  if (auto divide = dyn_cast<arith::DivFOp>(maker)) {
    if (readsStates(divide.getRhs()))
      return fail(maker, describe(divide.getRhs()) + " is a divisor");
    const AffineForm *form = read(divide.getLhs());
    if (!form)
      return std::nullopt;
    AffineForm quotient = *form;
    auto axes = llvm::seq<Index>(0, shape.size());
    quotient.multiply(
        {Factor::reciprocal, divide.getRhs(), {axes.begin(), axes.end()}, 0});
    return quotient;
  }
  if (auto select = dyn_cast<arith::SelectOp>(maker)) {
    Value condition = select.getCondition();
    if (readsStates(condition))
      return fail(maker, describe(condition) + " is part of a condition");
    const AffineForm *yes = read(select.getTrueValue());
    const AffineForm *no = yes ? read(select.getFalseValue()) : nullptr;
    if (!no)
      return std::nullopt;
    AffineForm result = *yes, other = *no;
    auto axes = llvm::seq<Index>(0, shapeOf(condition.getType()).size());
    SmallVector<Index, 2> indices(axes.begin(), axes.end());
    result.multiply({Factor::where, condition, indices, 0});
    other.multiply({Factor::whereNot, condition, indices, 0});
    result.add(other);
    return result;
  }
  if (isa<ssm::ComplexMulOp>(maker)) {
    // (a + ib)(c + id): ac - bd and ad + bc.
    bool imaginary = cast<OpResult>(value).getResultNumber() == 1;
    auto part = [&](unsigned left, unsigned right) {
      return multiply(maker->getOperand(left), maker->getOperand(right));
    };
    std::optional<AffineForm> first = part(0, imaginary ? 3 : 2);
    std::optional<AffineForm> second =
        first ? part(1, imaginary ? 2 : 3) : std::nullopt;
    if (!second)
      return std::nullopt;
    first->add(*second, imaginary ? 1 : -1);
    return first;
  }
  if (auto contract = dyn_cast<ssm::ContractOp>(maker)) {
    SmallVector<const AffineForm *> inputs;
    for (Value input : contract.getInputs()) {
      inputs.push_back(read(input));
      if (!inputs.back())
        return std::nullopt;
    }
    if (std::optional<AffineForm> product = einsum(
            inputs, contract.getInputAxes(), contract.getResultAxes(), shape))
      return product;
    bool several = llvm::popcount(dependences.of(value).states & states) > 1;
    return fail(maker,
                describe(value) +
                    (several ? " are contracted with one another"
                             : " is contracted with what depends on it"));
  }
  if (auto broadcast = dyn_cast<ssm::BroadcastOp>(maker)) {
    const AffineForm *form = read(broadcast.getInput());
    if (!form)
      return std::nullopt;
    std::string group;
    for (int64_t axis : broadcast.getAxes())
      group += letters[axis];
    return einsum({form}, {group}, letters, shape);
  }
  if (auto splat = dyn_cast<tensor::SplatOp>(maker)) {
    const AffineForm *form = read(splat.getInput());
    if (!form)
      return std::nullopt;
    return einsum({form}, {StringRef()}, letters, shape);
  }
  if (auto extract = dyn_cast<tensor::ExtractOp>(maker)) {
    const AffineForm *form = read(extract.getTensor());
    if (!form)
      return std::nullopt;
    AffineForm picked = *form;
    for (auto [axis, position] : llvm::enumerate(extract.getIndices())) {
      APInt constant;
      if (!matchPattern(position, m_ConstantInt(&constant)))
        return fail(maker, describe(value) + " is read at a variable position");
      picked.multiply({Factor::unit,
                       Value(),
                       {static_cast<Index>(axis)},
                       constant.getSExtValue()});
    }
    StringRef all = alphabet.take_front(picked.rank());
    return einsum({&picked}, {all}, "", {});
  }
  if (auto elements = dyn_cast<tensor::FromElementsOp>(maker)) {
    AffineForm result;
    result.shape.assign(shape.begin(), shape.end());
    SmallVector<int64_t> position(shape.size(), 0);
    for (Value element : elements.getElements()) {
      const AffineForm *form = read(element);
      if (!form)
        return std::nullopt;
      AffineForm placed = *einsum({form}, {StringRef()}, letters, shape);
      for (auto [axis, i] : llvm::enumerate(position))
        placed.multiply({Factor::unit, Value(), {static_cast<Index>(axis)}, i});
      result.add(placed);
      for (size_t axis = shape.size();
           axis-- > 0 && ++position[axis] == shape[axis];)
        position[axis] = 0;
    }
    return result;
  }
  return fail(maker, "'" + maker->getName().getStringRef().str() +
                         "' is applied to " + describe(value));
}

} // namespace ssmc
