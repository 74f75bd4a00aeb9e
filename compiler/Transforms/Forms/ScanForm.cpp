//===- ScanForm.cpp - associative scans over a chunk ----------------------===//
//
// A step of a linear recurrence is the pair (transition, input). Two steps
// after one another are such a pair again, so all prefixes of a chunk come from
// an associative scan.
//
// The state before the chunk is part of the first step's input. The transitions
// of a whole chunk may multiply past float32's range, where the states that
// they act on one after the other do not: a zero stays zero. Taken in order, a
// scan computes no such product.
//
//===----------------------------------------------------------------------===//

#include "compiler/Transforms/Forms/Forms.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace ssmc {

//===----------------------------------------------------------------------===//
// The scan
//===----------------------------------------------------------------------===//

SmallVector<ChunkTensor> scan(ChunkArithmetic &arithmetic,
                              ArrayRef<ChunkTensor> elements, Combine combine) {
  OpBuilder &builder = arithmetic.builder;
  SmallVector<Value> values;
  SmallVector<Type> types, steps;
  for (const ChunkTensor &element : elements) {
    auto type = cast<RankedTensorType>(element.value.getType());
    values.push_back(element.value);
    types.push_back(type);
    steps.push_back(type.getRank() == 1
                        ? type.getElementType()
                        : RankedTensorType::get(type.getShape().drop_front(),
                                                type.getElementType()));
  }
  auto op =
      ssm::AssociativeScanOp::create(builder, arithmetic.loc, types, values);
  OpBuilder::InsertionGuard guard(builder);
  Block *block = builder.createBlock(&op.getCombine());
  SmallVector<ChunkTensor> sides[2], results;
  for (auto &side : sides)
    for (auto [element, step] : llvm::zip(elements, steps))
      side.push_back({block->addArgument(step, arithmetic.loc),
                      llvm::to_vector<4>(ArrayRef(element.dims).drop_front())});
  SmallVector<Value> yields;
  for (auto [own, like] : llvm::zip(combine(sides[0], sides[1]), sides[0])) {
    Dims dims;
    for (Dim dim : like.dims)
      dims.push_back({dim, like.extent(dim)});
    yields.push_back(arithmetic.align(own, dims).value);
  }
  ssm::YieldOp::create(builder, arithmetic.loc, yields);
  for (auto [element, result] : llvm::zip(elements, op.getResults()))
    results.push_back({result, element.dims});
  return results;
}

ChunkTensor withTime(ChunkRegion &region, const ChunkTensor &tensor) {
  Dims dims = ChunkArithmetic::allDims(tensor);
  if (!tensor.has(timeDim))
    dims.insert(dims.begin(), {timeDim, region.steps});
  return region.arithmetic.align(tensor, dims);
}

ChunkTensor withFirst(ChunkRegion &region, const ChunkTensor &tensor,
                      const ChunkTensor &first) {
  ChunkArithmetic &arithmetic = region.arithmetic;
  Dims dims;
  for (Dim dim : tensor.dims)
    dims.push_back({dim, tensor.extent(dim)});
  ChunkTensor isFirst = arithmetic.equals(
      arithmetic.align(arithmetic.unit(timeDim, region.steps, 0), dims),
      arithmetic.constant(1));
  return arithmetic.align(arithmetic.select(isFirst, first, tensor), dims);
}

/// Whether a condition makes coefficients of the state before zero. They stop
/// NaN too.
static bool hasResets(const StateStructure &state) {
  return llvm::any_of(state.next.terms, [](const Term &term) {
    return term.state && term.isConditional();
  });
}

SmallVector<ChunkTensor> scanLinear(ChunkRegion &region,
                                    const Component &component,
                                    const Coefficients &coefficients,
                                    ArrayRef<ChunkTensor> input) {
  ChunkArithmetic &arithmetic = region.arithmetic;
  unsigned size = input.size();
  // Elements: the matrix by rows, then the inputs.
  SmallVector<ChunkTensor> elements;
  for (const auto &row : coefficients)
    for (const std::optional<ChunkTensor> &coefficient : row)
      elements.push_back(withTime(
          region, coefficient ? *coefficient : arithmetic.constant(0)));
  // A product of matrices has the axes of all of them.
  Dims common = ChunkArithmetic::allDims(elements);
  if (size > 1)
    for (ChunkTensor &element : elements)
      element = arithmetic.align(element, common);
  bool resets = llvm::any_of(component.states, hasResets);
  auto dot = [&](ArrayRef<ChunkTensor> matrix, unsigned row,
                 function_ref<ChunkTensor(unsigned)> vector) {
    ChunkTensor sum = arithmetic.scale(matrix[row * size], vector(0), resets);
    for (unsigned i = 1; i < size; ++i)
      sum = arithmetic.add(
          sum, arithmetic.scale(matrix[row * size + i], vector(i), resets));
    return sum;
  };
  SmallVector<ChunkTensor> first, inputs;
  for (const ChunkTensor &element : elements)
    first.push_back(arithmetic.slice(element, timeDim, 0));
  for (unsigned row = 0; row < size; ++row) {
    ChunkTensor wide = arithmetic.align(
        input[row],
        region.stateDims(component.states[row].state, /*time=*/true));
    ChunkTensor entered = dot(first, row, [&](unsigned i) {
      return region.initial(component.states[i].state);
    });
    inputs.push_back(
        withFirst(region, wide,
                  arithmetic.add(entered, arithmetic.slice(wide, timeDim, 0))));
  }
  llvm::append_range(elements, inputs);
  SmallVector<ChunkTensor> prefixes =
      scan(arithmetic, elements,
           [&](ArrayRef<ChunkTensor> earlier, ArrayRef<ChunkTensor> later) {
             SmallVector<ChunkTensor> result;
             for (unsigned row = 0; row < size; ++row)
               for (unsigned column = 0; column < size; ++column)
                 result.push_back(dot(later, row, [&](unsigned i) {
                   return earlier[i * size + column];
                 }));
             for (unsigned row = 0; row < size; ++row)
               result.push_back(arithmetic.add(
                   dot(later, row,
                       [&](unsigned i) { return earlier[size * size + i]; }),
                   later[size * size + row]));
             return result;
           });
  return llvm::to_vector(ArrayRef(prefixes).drop_front(size * size));
}

//===----------------------------------------------------------------------===//
// Linear transitions
//===----------------------------------------------------------------------===//

static SmallVector<Dim> axesOf(const StateStructure &state) {
  auto axes = llvm::seq<Dim>(0, state.next.rank());
  return {axes.begin(), axes.end()};
}

/// The sum of `terms`, zero without any.
static std::optional<ChunkTensor>
sumOf(ChunkRegion &region, ArrayRef<Term> terms, ArrayRef<Dim> keep) {
  std::optional<ChunkTensor> sum;
  for (const Term &term : terms) {
    std::optional<ChunkTensor> part =
        region.product(term.factors, term.scale, keep, term.extents);
    if (!part)
      return std::nullopt;
    sum = sum ? region.arithmetic.add(*sum, *part) : *part;
  }
  return sum ? sum : region.arithmetic.constant(0);
}

static std::unique_ptr<StateSolver> scanInPlace(ChunkRegion &region,
                                                const Component &component) {
  Coefficients coefficients;
  SmallVector<ChunkTensor> input;
  for (const StateStructure &state : component.states) {
    SmallVector<std::optional<ChunkTensor>> row;
    for (const StateStructure &from : component.states) {
      SmallVector<Term, 2> terms;
      llvm::copy_if(state.next.terms, std::back_inserter(terms),
                    [&](const Term &term) {
                      return term.state && term.state->state == from.state;
                    });
      row.push_back(sumOf(region, terms, axesOf(state)));
      if (!row.back())
        return nullptr;
    }
    coefficients.push_back(std::move(row));
    std::optional<ChunkTensor> rest =
        sumOf(region, state.inputs, axesOf(state));
    if (!rest)
      return nullptr;
    input.push_back(*rest);
  }
  return solved(region, component,
                scanLinear(region, component, coefficients, input));
}

/// A sum over time needs no transitions.
static std::unique_ptr<StateSolver> scanSum(ChunkRegion &region,
                                            const Component &component) {
  ChunkArithmetic &arithmetic = region.arithmetic;
  const StateStructure &state = component.states[0];
  std::optional<ChunkTensor> input = sumOf(region, state.inputs, axesOf(state));
  if (!input)
    return nullptr;
  ChunkTensor element =
      arithmetic.align(*input, region.stateDims(state.state, /*time=*/true));
  SmallVector<ChunkTensor> sums = scan(
      arithmetic, element,
      [&](ArrayRef<ChunkTensor> earlier, ArrayRef<ChunkTensor> later) {
        return SmallVector<ChunkTensor>{arithmetic.add(earlier[0], later[0])};
      });
  return solved(region, component,
                {arithmetic.add(sums[0], region.initial(state.state))});
}

namespace {
/// A matrix over one axis of the states; several states are stacked along one
/// more axis.
class DenseScan {
public:
  DenseScan(ChunkRegion &region, const Component &component)
      : region(region), arithmetic(region.arithmetic), component(component),
        size(component.states.size()) {}
  std::unique_ptr<StateSolver> run();

private:
  bool findAxis();
  /// The coefficients of state `column` in the next state `row`, zero if none.
  std::optional<ChunkTensor> block(unsigned row, unsigned column);
  /// One tensor of one for each state.
  ChunkTensor stacked(ArrayRef<ChunkTensor> parts, Dim dim);
  ChunkTensor unlessReset(const ChunkTensor &matrix,
                          const ChunkTensor &product);
  ChunkTensor apply(const ChunkTensor &matrix, const ChunkTensor &vector);
  ChunkTensor multiply(const ChunkTensor &later, const ChunkTensor &earlier);

  // The axes of a matrix's columns, which are summed over, and of a sum.
  static constexpr Dim innerDim = 1000, middleDim = 1001, stackDim = 1002,
                       innerStackDim = 1003, middleStackDim = 1004;
  ChunkRegion &region;
  ChunkArithmetic &arithmetic;
  const Component &component;
  unsigned size; // states
  Dim axis = 0;
  int64_t extent = 0;
  bool resets = false;
};
} // namespace

/// The one axis that all matrices are over.
bool DenseScan::findAxis() {
  std::optional<Dim> found;
  for (const StateStructure &state : component.states) {
    std::string name =
        ("state '" + region.structure.role(state.state) + "'").str();
    for (const Term &term : state.next.terms) {
      if (!term.state)
        continue;
      for (auto [i, index] : llvm::enumerate(term.state->indices)) {
        Dim own = i;
        if (index == static_cast<Index>(own))
          continue;
        if (index < state.next.rank() || (found && *found != own)) {
          region.fail(name + " is mixed along several axes");
          return false;
        }
        found = own;
      }
    }
    resets |= hasResets(state);
  }
  axis = *found;
  for (const StateStructure &state : component.states) {
    if (state.next.shape != component.states[0].next.shape) {
      region.fail("states of several shapes are mixed by matrices");
      return false;
    }
    extent += state.next.shape[axis];
  }
  if (extent > 16) {
    std::string first =
        ("state '" + region.structure.role(component.states[0].state) + "'")
            .str();
    region.fail("a product of matrices over " + Twine(extent) +
                " elements of " + first + (size > 1 ? " and others" : "") +
                " costs more than the steps");
    return false;
  }
  return true;
}

std::optional<ChunkTensor> DenseScan::block(unsigned row, unsigned column) {
  const StateStructure &state = component.states[row];
  int64_t rows = state.next.shape[axis];
  SmallVector<Dim> keep = axesOf(state);
  keep.push_back(innerDim);
  std::optional<ChunkTensor> sum;
  for (const Term &term : state.next.terms) {
    if (!term.state || term.state->state != component.states[column].state)
      continue;
    Index index = term.state->indices[axis];
    bool isDiagonal = index == static_cast<Index>(axis);
    SmallVector<Dim> kept = keep;
    if (!isDiagonal)
      kept.back() = index;
    std::optional<ChunkTensor> part =
        region.product(term.factors, term.scale, kept, term.extents);
    if (!part)
      return std::nullopt;
    if (isDiagonal) {
      SmallVector<float> elements(rows * rows, 0);
      for (int64_t i = 0; i < rows; ++i)
        elements[i * rows + i] = 1;
      auto type =
          RankedTensorType::get({rows, rows}, region.builder.getF32Type());
      ChunkTensor one = {
          arith::ConstantOp::create(
              region.builder, arithmetic.loc,
              DenseElementsAttr::get(type, ArrayRef<float>(elements))),
          {axis, innerDim}};
      part = arithmetic.multiply(*part, one);
    } else {
      part = part->renamed(index, innerDim);
    }
    sum = sum ? arithmetic.add(*sum, *part) : *part;
  }
  return sum ? sum : arithmetic.constant(0);
}

ChunkTensor DenseScan::stacked(ArrayRef<ChunkTensor> parts, Dim dim) {
  ChunkTensor all = parts[0];
  for (unsigned i = 1; i < parts.size(); ++i)
    all = arithmetic.select(arithmetic.equals(arithmetic.unit(dim, size, i),
                                              arithmetic.constant(1)),
                            parts[i], all);
  return all;
}

/// A row whose elements are all zero makes zero, whatever it is applied to.
ChunkTensor DenseScan::unlessReset(const ChunkTensor &matrix,
                                   const ChunkTensor &product) {
  if (!resets)
    return product;
  SmallVector<Dim> outer;
  for (Dim dim : matrix.dims)
    if (dim != axis && dim != innerDim && dim != innerStackDim)
      outer.push_back(dim);
  return arithmetic.unlessZero(product, matrix, outer);
}

ChunkTensor DenseScan::apply(const ChunkTensor &matrix,
                             const ChunkTensor &vector) {
  SmallVector<Dim> result;
  for (auto [dim, extent] : ChunkArithmetic::allDims({matrix, vector}))
    if (dim != innerDim && dim != innerStackDim)
      result.push_back(dim);
  ChunkTensor columns =
      vector.renamed(axis, innerDim).renamed(stackDim, innerStackDim);
  return unlessReset(matrix, arithmetic.contract(matrix, columns, result));
}

ChunkTensor DenseScan::multiply(const ChunkTensor &later,
                                const ChunkTensor &earlier) {
  ChunkTensor left =
      later.renamed(innerDim, middleDim).renamed(innerStackDim, middleStackDim);
  ChunkTensor right =
      earlier.renamed(axis, middleDim).renamed(stackDim, middleStackDim);
  return unlessReset(later, arithmetic.contract(left, right, later.dims));
}

std::unique_ptr<StateSolver> DenseScan::run() {
  if (!findAxis())
    return nullptr;
  SmallVector<ChunkTensor> rows, rests, initials;
  for (auto [row, state] : llvm::enumerate(component.states)) {
    SmallVector<ChunkTensor> blocks;
    for (unsigned column = 0; column < size; ++column) {
      std::optional<ChunkTensor> own = block(row, column);
      if (!own)
        return nullptr;
      blocks.push_back(*own);
    }
    rows.push_back(stacked(blocks, innerStackDim));
    SmallVector<Term, 2> inputs;
    llvm::copy_if(state.next.terms, std::back_inserter(inputs),
                  [](const Term &term) { return !term.state; });
    std::optional<ChunkTensor> rest = sumOf(region, inputs, axesOf(state));
    if (!rest)
      return nullptr;
    rests.push_back(
        arithmetic.align(*rest, region.stateDims(state.state, /*time=*/true)));
    initials.push_back(region.initial(state.state));
  }
  ChunkTensor matrix = stacked(rows, stackDim);
  Dims dims = ChunkArithmetic::allDims(matrix);
  int64_t elements = component.states[0].next.shape[axis];
  for (auto [dim, own] : Dims{{axis, elements}, {innerDim, elements}})
    if (!matrix.has(dim))
      dims.push_back({dim, own});
  if (!matrix.has(timeDim))
    dims.insert(dims.begin(), {timeDim, region.steps});
  matrix = arithmetic.align(matrix, dims);
  ChunkTensor input = stacked(rests, stackDim);
  ChunkTensor entered = arithmetic.add(
      apply(arithmetic.slice(matrix, timeDim, 0), stacked(initials, stackDim)),
      arithmetic.slice(input, timeDim, 0));
  SmallVector<ChunkTensor> prefixes =
      scan(arithmetic, {matrix, withFirst(region, input, entered)},
           [&](ArrayRef<ChunkTensor> earlier, ArrayRef<ChunkTensor> later) {
             return SmallVector<ChunkTensor>{
                 multiply(later[0], earlier[0]),
                 arithmetic.add(apply(later[0], earlier[1]), later[1])};
           });
  SmallVector<ChunkTensor> after;
  for (unsigned i = 0; i < size; ++i)
    after.push_back(size > 1 ? arithmetic.slice(prefixes[1], stackDim, i)
                             : prefixes[1]);
  return solved(region, component, std::move(after));
}

//===----------------------------------------------------------------------===//
// The choice
//===----------------------------------------------------------------------===//

std::unique_ptr<StateSolver> solveByScan(ChunkRegion &region,
                                         const Component &component) {
  const StateStructure &state = component.states[0];
  switch (component.transition) {
  case Transition::none: {
    std::optional<ChunkTensor> next =
        region.batch(region.structure.nextValue(state.state));
    if (!next)
      return nullptr;
    return solved(region, component,
                  {region.arithmetic.align(
                      *next, region.stateDims(state.state, /*time=*/true))});
  }
  case Transition::identity:
    return scanSum(region, component);
  case Transition::scalar:
  case Transition::vector:
  case Transition::elementwise:
  case Transition::complex:
  case Transition::block:
    return scanInPlace(region, component);
  case Transition::rank:
  case Transition::dense:
    return DenseScan(region, component).run();
  case Transition::maxPlus:
    return solveByMaxPlus(region, component);
  case Transition::monoid:
    return solveByMonoid(region, component);
  case Transition::shift:
    region.fail("a window is moved step by step");
    return nullptr;
  case Transition::nonlinear:
    region.fail(component.reason->reason);
    return nullptr;
  }
  llvm_unreachable("every transition is handled");
}

} // namespace ssmc
