//===- NewtonForm.cpp - all steps of a nonlinear recurrence at once -------===//
//
// The states h of a chunk solve h[t] = f(h[t-1]). From a guess, Newton's method
// solves the linear recurrence
//
//   h[t] = f(g[t]) + f'(g[t]) (h[t-1] - g[t]),  g[t] the guess before step t,
//
// by a scan, until h is the guess. After k iterations at least the first k
// steps are exact, so as many iterations as steps always do. Steps settle from
// the first on, so that none depends on later ones.
//
//===----------------------------------------------------------------------===//

#include "compiler/Transforms/Forms/Derivatives.h"
#include "compiler/Transforms/Forms/Forms.h"

using namespace mlir;

namespace ssmc {

/// The ops between the component's states and their next values, in order.
static SmallVector<Operation *> pathOf(const RecurrenceStructure &structure,
                                       const Component &component) {
  llvm::SmallDenseSet<Operation *> needed;
  SmallVector<Value> work;
  for (const StateStructure &state : component.states)
    work.push_back(structure.nextValue(state.state));
  while (!work.empty()) {
    Value value = work.pop_back_val();
    Operation *maker = value.getDefiningOp();
    if (maker && (structure.dependences.of(value).states & component.bits()) &&
        needed.insert(maker).second)
      llvm::append_range(work, maker->getOperands());
  }
  SmallVector<Operation *> path;
  ssm::RecurrenceOp op = structure.op;
  for (Operation &inner : op.getBody().front())
    if (needed.contains(&inner))
      path.push_back(&inner);
  return path;
}

std::unique_ptr<StateSolver> solveByNewton(ChunkRegion &region,
                                           const Component &component) {
  const RecurrenceStructure &structure = region.structure;
  ChunkArithmetic &arithmetic = region.arithmetic;
  OpBuilder &builder = region.builder;
  unsigned size = component.states.size();
  if (!component.elementwise) {
    region.fail(component.reason->reason + ", and its Jacobian is no small "
                                           "block for each element");
    return nullptr;
  }
  SmallVector<Operation *> path = pathOf(structure, component);
  for (Operation *op : path) {
    if (!isDifferentiable(op)) {
      region.fail("no derivative of '" + op->getName().getStringRef() +
                  "' is known");
      return nullptr;
    }
    // What does not depend on the states is computed before the iteration.
    for (Value operand : op->getOperands())
      if (!(structure.dependences.of(operand).states & component.bits()) &&
          !region.batch(operand))
        return nullptr;
  }

  SmallVector<Value> guesses;
  SmallVector<Type> types;
  SmallVector<Dims> dims;
  for (const StateStructure &state : component.states) {
    dims.push_back(region.stateDims(state.state, /*time=*/true));
    guesses.push_back(
        arithmetic.align(region.initial(state.state), dims.back()).value);
    types.push_back(guesses.back().getType());
  }
  auto iteration = ssm::FixedPointOp::create(
      builder, arithmetic.loc, types, guesses,
      builder.getI64IntegerAttr(region.steps), builder.getF64FloatAttr(1e-6),
      /*causal=*/builder.getUnitAttr());
  {
    OpBuilder::InsertionGuard guard(builder);
    Block *block = builder.createBlock(&iteration.getBody());
    llvm::DenseMap<Value, SmallVector<std::optional<ChunkTensor>>> tangents;
    SmallVector<ChunkTensor> before;
    SmallVector<Value> assumed;
    for (auto [i, state] : llvm::enumerate(component.states)) {
      ChunkTensor guess = {block->addArgument(types[i], arithmetic.loc), {}};
      for (auto [dim, extent] : dims[i])
        guess.dims.push_back(dim);
      before.push_back(delay(arithmetic, guess, region.initial(state.state)));
      Value argument = structure.stateArgument(state.state);
      region.assume(argument, before.back());
      assumed.push_back(argument);
      tangents[argument].resize(size);
      tangents[argument][i] = arithmetic.constant(1);
    }
    for (Operation *op : path) {
      Differential at{op, {}, {}, {}};
      for (Value operand : op->getOperands())
        at.operands.push_back(*region.batch(operand));
      std::optional<ChunkTensor> result = region.batch(op->getResult(0));
      if (!result)
        return nullptr;
      at.result = *result;
      assumed.push_back(op->getResult(0));
      SmallVector<std::optional<ChunkTensor>> own;
      for (unsigned i = 0; i < size; ++i) {
        at.tangents.clear();
        for (Value operand : op->getOperands()) {
          auto known = tangents.find(operand);
          at.tangents.push_back(known == tangents.end() ? std::nullopt
                                                        : known->second[i]);
        }
        own.push_back(differentiate(arithmetic, at));
      }
      tangents[op->getResult(0)] = std::move(own);
    }
    Coefficients jacobian;
    SmallVector<ChunkTensor> input;
    for (const StateStructure &state : component.states) {
      Value next = structure.nextValue(state.state);
      ChunkTensor rest = *region.batch(next);
      auto known = tangents.find(next);
      jacobian.push_back(known == tangents.end()
                             ? SmallVector<std::optional<ChunkTensor>>(size)
                             : known->second);
      for (auto [i, tangent] : llvm::enumerate(jacobian.back()))
        if (tangent)
          rest = arithmetic.subtract(rest,
                                     arithmetic.multiply(*tangent, before[i]));
      input.push_back(rest);
    }
    SmallVector<Value> yields;
    for (auto [i, tensor] :
         llvm::enumerate(scanLinear(region, component, jacobian, input)))
      yields.push_back(arithmetic.align(tensor, dims[i]).value);
    ssm::YieldOp::create(builder, arithmetic.loc, yields);
    region.forget(assumed);
  }
  SmallVector<ChunkTensor> after;
  for (auto [result, own] : llvm::zip(iteration.getResults(), dims)) {
    after.push_back({result, {}});
    for (auto [dim, extent] : own)
      after.back().dims.push_back(dim);
  }
  return solved(region, component, std::move(after));
}

} // namespace ssmc
