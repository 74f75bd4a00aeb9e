//===- SolvedStates.cpp - states that are known after each step -----------===//

#include "compiler/Transforms/Forms/Forms.h"

using namespace mlir;

namespace ssmc {

ChunkTensor delay(ChunkArithmetic &arithmetic, const ChunkTensor &tensor,
                  const ChunkTensor &first) {
  Dims step;
  for (Dim dim : ArrayRef(tensor.dims).drop_front())
    step.push_back({dim, tensor.extent(dim)});
  return {ssm::DelayOp::create(arithmetic.builder, arithmetic.loc,
                               tensor.value.getType(), tensor.value,
                               arithmetic.align(first, step).value),
          tensor.dims};
}

ChunkTensor cumulativeProduct(ChunkArithmetic &arithmetic,
                              const ChunkTensor &tensor, bool suffix) {
  UnitAttr from = suffix ? arithmetic.builder.getUnitAttr() : UnitAttr();
  return {ssm::CumulativeProductOp::create(arithmetic.builder, arithmetic.loc,
                                           tensor.value.getType(), tensor.value,
                                           from),
          tensor.dims};
}

namespace {
/// States that are known after each step.
class SolvedStates : public StateSolver {
public:
  SolvedStates(ChunkRegion &region, const Component &component,
               SmallVector<ChunkTensor> tensors)
      : region(region) {
    for (auto [state, tensor] : llvm::zip(component.states, tensors))
      known[state.state] = tensor;
  }
  std::optional<ChunkTensor> after(unsigned state) override {
    return known.lookup(state);
  }
  std::optional<ChunkTensor> before(unsigned state) override {
    return delay(region.arithmetic, known.lookup(state), region.initial(state));
  }
  std::optional<ChunkTensor> last(unsigned state) override {
    return region.arithmetic.slice(known.lookup(state), timeDim,
                                   region.steps - 1);
  }

private:
  ChunkRegion &region;
  llvm::SmallDenseMap<unsigned, ChunkTensor> known;
};
} // namespace

std::unique_ptr<StateSolver> solved(ChunkRegion &region,
                                    const Component &component,
                                    SmallVector<ChunkTensor> after) {
  return std::make_unique<SolvedStates>(region, component, std::move(after));
}

} // namespace ssmc
