//===- MonoidForm.cpp - scans of declared monoids -------------------------===//
//
// A step of an `ssm.combine` is its elements, or, where a start condition
// holds, states of its own. Both together are what is scanned:
//
//   without `merge`:  (value, started), where the value is the elements or the
//     states, which have one type
//   with `merge`:     (elements, states, started)
//
// Later steps win where they have started. The state before the chunk acts in
// the first step, which has started then, so that every prefix is a state.
//
//===----------------------------------------------------------------------===//

#include "compiler/Analysis/DeclaredMonoid.h"
#include "compiler/Transforms/Forms/Forms.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace ssmc {

namespace {
class MonoidScan {
public:
  MonoidScan(ChunkRegion &region, const DeclaredMonoid &monoid)
      : region(region), arithmetic(region.arithmetic), monoid(monoid),
        count(monoid.states.size()) {}

  /// The states after each step, in the order of the combination's results.
  std::optional<SmallVector<ChunkTensor>> run();

private:
  bool readSteps();
  /// Lets the state before the chunk act in the first step.
  void enter();
  ssm::AssociativeScanOp scan();
  SmallVector<Value> combine(ValueRange earlier, ValueRange later);

  ChunkTensor aligned(const ChunkTensor &tensor, Type step);
  Value select(Value condition, Value a, Value b) {
    return arith::SelectOp::create(region.builder, arithmetic.loc, condition, a,
                                   b);
  }
  SmallVector<Value> inlined(Region &body, ValueRange arguments) {
    return ssm::CombineOp::inlineRegion(region.builder, body, arguments);
  }

  ChunkRegion &region;
  ChunkArithmetic &arithmetic;
  const DeclaredMonoid &monoid;
  unsigned count; // of states
  // All with time first: elements, states where started, and one there.
  SmallVector<ChunkTensor> elements, fresh;
  ChunkTensor started;
};
} // namespace

/// `tensor` with time and all axes of a value of the body.
ChunkTensor MonoidScan::aligned(const ChunkTensor &tensor, Type step) {
  Dims dims = {{timeDim, region.steps}};
  for (auto [axis, extent] : llvm::enumerate(shapeOf(step)))
    dims.push_back({static_cast<Dim>(axis), extent});
  return arithmetic.align(tensor, dims);
}

bool MonoidScan::readSteps() {
  ssm::CombineOp combine = monoid.combine;
  for (Value element : combine.getElements()) {
    std::optional<ChunkTensor> tensor = region.batch(element);
    if (!tensor)
      return false;
    elements.push_back(aligned(*tensor, element.getType()));
  }
  ChunkTensor zero = arithmetic.constant(0), one = arithmetic.constant(1);
  started = zero;
  fresh.assign(count, zero);
  // The outermost condition is asked first, so it comes last.
  for (const DeclaredMonoid::Start &start : llvm::reverse(monoid.starts)) {
    std::optional<ChunkTensor> condition = region.batch(start.condition);
    if (!condition)
      return false;
    auto where = [&](const ChunkTensor &a, const ChunkTensor &b) {
      return arithmetic.select(*condition, start.holds ? a : b,
                               start.holds ? b : a);
    };
    started = where(one, started);
    for (auto [own, value] : llvm::zip(fresh, start.fresh)) {
      std::optional<ChunkTensor> tensor = region.batch(value);
      if (!tensor)
        return false;
      own = where(*tensor, own);
    }
  }
  started = aligned(started, region.builder.getF32Type());
  for (auto [own, state] : llvm::zip(fresh, combine.getStates()))
    own = aligned(own, state.getType());
  return true;
}

void MonoidScan::enter() {
  ssm::CombineOp combine = monoid.combine;
  auto first = [&](const ChunkTensor &tensor) {
    return arithmetic.slice(tensor, timeDim, 0).value;
  };
  SmallVector<Value> arguments;
  for (unsigned state : monoid.states)
    arguments.push_back(region.initial(state).value);
  for (const ChunkTensor &element : elements)
    arguments.push_back(first(element));
  Value isStarted =
      arithmetic.equals({first(started), {}}, arithmetic.constant(1)).value;
  ChunkTensor where = arithmetic.equals(started, arithmetic.constant(1));
  for (auto [i, acted] :
       llvm::enumerate(inlined(combine.getAct(), arguments))) {
    SmallVector<Dim, 4> step(ArrayRef(fresh[i].dims).drop_front());
    ChunkTensor entered = {select(isStarted, first(fresh[i]), acted), step};
    ChunkTensor value = combine.hasMerge()
                            ? fresh[i]
                            : arithmetic.select(where, fresh[i], elements[i]);
    fresh[i] = withFirst(region, value, entered);
  }
  started = withFirst(region, started, arithmetic.constant(1));
  if (!combine.hasMerge())
    elements.clear(); // they are in `fresh`
}

SmallVector<Value> MonoidScan::combine(ValueRange earlier, ValueRange later) {
  ssm::CombineOp combine = monoid.combine;
  SmallVector<Value> merged, arguments;
  unsigned merges = elements.size();
  if (combine.hasMerge()) {
    llvm::append_range(arguments, earlier.take_front(merges));
    llvm::append_range(arguments, later.take_front(merges));
    merged = inlined(combine.getMerge(), arguments);
  }
  ValueRange before = earlier.drop_front(merges).take_front(count);
  ValueRange after = later.drop_front(merges).take_front(count);
  arguments.assign(before.begin(), before.end());
  llvm::append_range(arguments,
                     combine.hasMerge() ? later.take_front(merges) : after);
  Value one = arithmetic.constant(1).value;
  Value isStarted =
      arith::CmpFOp::create(region.builder, arithmetic.loc,
                            arith::CmpFPredicate::OEQ, later.back(), one);
  for (auto [acted, own] :
       llvm::zip(inlined(combine.getAct(), arguments), after))
    merged.push_back(select(isStarted, own, acted));
  merged.push_back(select(isStarted, one, earlier.back()));
  return merged;
}

ssm::AssociativeScanOp MonoidScan::scan() {
  OpBuilder &builder = region.builder;
  SmallVector<Value> values;
  SmallVector<Type> types, steps;
  for (ArrayRef<ChunkTensor> tensors :
       {ArrayRef(elements), ArrayRef(fresh), ArrayRef(started)})
    for (const ChunkTensor &tensor : tensors) {
      auto type = cast<RankedTensorType>(tensor.value.getType());
      values.push_back(tensor.value);
      types.push_back(type);
      steps.push_back(ssm::getStepType(type));
    }
  auto op =
      ssm::AssociativeScanOp::create(builder, arithmetic.loc, types, values);
  OpBuilder::InsertionGuard guard(builder);
  SmallVector<Type> twice = steps;
  llvm::append_range(twice, steps);
  SmallVector<Location> places(twice.size(), arithmetic.loc);
  Block *block = builder.createBlock(&op.getCombine(), {}, twice, places);
  ValueRange arguments = block->getArguments();
  ssm::YieldOp::create(builder, arithmetic.loc,
                       combine(arguments.take_front(steps.size()),
                               arguments.drop_front(steps.size())));
  return op;
}

std::optional<SmallVector<ChunkTensor>> MonoidScan::run() {
  if (!readSteps())
    return std::nullopt;
  enter();
  ResultRange results = scan().getResults().drop_front(elements.size());
  for (auto [own, result] : llvm::zip(fresh, results))
    own.value = result;
  return fresh;
}

std::unique_ptr<StateSolver> solveByMonoid(ChunkRegion &region,
                                           const Component &component) {
  std::optional<DeclaredMonoid> monoid =
      findDeclaredMonoid(region.structure, component);
  assert(monoid && "expected the component to be of this class");
  auto elementsOf = [](TypeRange types) {
    int64_t sum = 0;
    for (Type type : types)
      sum += ShapedType::getNumElements(shapeOf(type));
    return sum;
  };
  // A product of matrices costs as many times a step as they have rows.
  constexpr int64_t largest = 20;
  int64_t steps = elementsOf(monoid->combine.getElements().getTypes());
  int64_t states = elementsOf(monoid->combine.getStates().getTypes());
  if (steps > largest * states) {
    region.fail("a combination of " + Twine(steps) + " numbers of a step for " +
                Twine(states) + " of the state costs more than the steps");
    return nullptr;
  }
  std::optional<SmallVector<ChunkTensor>> after =
      MonoidScan(region, *monoid).run();
  if (!after)
    return nullptr;
  SmallVector<ChunkTensor> ordered;
  for (const StateStructure &state : component.states)
    ordered.push_back((*after)[llvm::find(monoid->states, state.state) -
                               monoid->states.begin()]);
  return solved(region, component, std::move(ordered));
}

} // namespace ssmc
