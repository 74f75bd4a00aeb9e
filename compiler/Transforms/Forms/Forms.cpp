//===- Forms.cpp - the chunk region of an algorithm -----------------------===//

#include "compiler/Transforms/Forms/Forms.h"

using namespace mlir;

namespace ssmc {

StringRef nameOf(Algorithm algorithm) {
  switch (algorithm) {
  case Algorithm::sequential:
    return "sequential";
  case Algorithm::chunked:
    return "chunked";
  case Algorithm::associative:
    return "associative";
  case Algorithm::newton:
    return "newton";
  case Algorithm::convolution:
    return "convolution";
  }
  llvm_unreachable("every algorithm has a name");
}

/// Parallel labels of fixed extent that no key depends on, as long as a chunk's
/// values stay small. Batch rows do not share chunks, even where they are known
/// to be few.
static SmallVector<StringRef> tileLabels(const RecurrenceStructure &structure,
                                         uint64_t keyLabels) {
  constexpr int64_t largest = 1024; // elements of one step's values
  ssm::RecurrenceOp op = structure.op;
  llvm::MapVector<StringRef, int64_t> extents = op.getExtents();
  StringRef batch;
  if (!op.getOutputs().empty())
    batch = op.getOutputLabels(0).front().front();
  SmallVector<StringRef> tile;
  int64_t size = 1;
  for (auto [i, label] : llvm::enumerate(structure.dependences.labels)) {
    int64_t extent = extents.lookup(label);
    if (!op.isParallelLabel(label) || label == batch || (keyLabels >> i & 1) ||
        ShapedType::isDynamic(extent) || size * extent > largest)
      continue;
    size *= extent;
    tile.push_back(label);
  }
  return tile;
}

/// Labels of a component's states, one bit each. A declared monoid's regions
/// work on the values of one position, so these are none of a tile's.
static uint64_t labelsOf(const RecurrenceStructure &structure,
                         const Component &component) {
  ssm::RecurrenceOp op = structure.op;
  uint64_t labels = 0;
  for (const StateStructure &state : component.states)
    for (const auto &axis : op.getStateLabels(state.state))
      for (auto [i, label] : llvm::enumerate(structure.dependences.labels))
        if (llvm::is_contained(axis, label))
          labels |= uint64_t(1) << i;
  return labels;
}

bool isShorterThan(ssm::RecurrenceOp op, int64_t steps) {
  int64_t length = op.getExtents().lookup(op.getSequence());
  return !ShapedType::isDynamic(length) && length < steps;
}

std::optional<std::string> deriveChunk(const RecurrenceStructure &structure,
                                       Algorithm algorithm, int64_t steps) {
  // The solver of each component: by decay where that is asked for and
  // possible, by Newton's method what is nonlinear, else by a scan.
  std::string reason;
  SmallVector<std::optional<KeyAxes>> keys(structure.components.size());
  uint64_t keyLabels = 0;
  bool found = algorithm == Algorithm::associative;
  for (auto [component, own] : llvm::zip(structure.components, keys)) {
    if (algorithm == Algorithm::newton)
      found |= component.transition == Transition::nonlinear;
    if (algorithm != Algorithm::chunked)
      continue;
    own = findKeyAxes(structure, component, reason);
    if (own)
      keyLabels |= own->labels;
    else if (component.transition == Transition::monoid)
      keyLabels |= labelsOf(structure, component);
    found |= own.has_value();
  }
  if (!found)
    return algorithm == Algorithm::newton ? "no state is nonlinear" : reason;

  ChunkRegion region(structure, steps,
                     algorithm == Algorithm::chunked
                         ? tileLabels(structure, keyLabels)
                         : SmallVector<StringRef>());
  for (auto [component, own] : llvm::zip(structure.components, keys)) {
    std::unique_ptr<StateSolver> solver;
    if (own)
      solver = solveByDecay(region, component, *own);
    else if (algorithm == Algorithm::newton &&
             component.transition == Transition::nonlinear)
      solver = solveByNewton(region, component);
    else
      solver = solveByScan(region, component);
    if (!solver)
      return region.drop();
    region.add(std::move(solver));
  }
  if (failed(region.finish()))
    return region.drop();
  return std::nullopt;
}

} // namespace ssmc
