//===- DecayForm.cpp - chunks of matrix products --------------------------===//
//
// A state s[k, v] that decays along k and takes products key[k] value[v]:
//
//   s[t] = d[t] s[t-1] + sum_m key_m[t] value_m[t]
//
// What step i reads, query[i] . s[i], is a sum over the steps j <= i of the
// chunk of scores (query[i] . decays between . key[j]) times values, and what
// is left of the state before the chunk. A transition with ranks adds terms
// u[t] (w[t] . s[t-1]): their values are read-outs of the state before, so they
// are found first, by a triangular solve.
//
//===----------------------------------------------------------------------===//

#include "compiler/Transforms/Forms/Forms.h"
#include <map>

using namespace mlir;

namespace ssmc {

namespace {
/// Axes that scores sum over or that number ranks.
constexpr Dim rankDim = 1000, sourceDim = 1001, sourceRankDim = 1002;

/// What goes into the state along one key.
struct Input {
  SmallVector<Factor> factors;      // of the key
  ChunkTensor key;                  // [time, keys]
  std::optional<ChunkTensor> value; // [time, tile labels, values]
};

/// A term of the next state: `gain` along a key.
struct Write {
  unsigned key;
  // Of a rank, whose own value it multiplies, [time] or a number.
  ChunkTensor gain;
};

class DecaySolver : public StateSolver {
public:
  DecaySolver(ChunkRegion &region, const Component &component, KeyAxes keys)
      : region(region), arithmetic(region.arithmetic), keys(std::move(keys)),
        state(component.states[0]), readOuts(region.structure, component) {}

  /// Whether all coefficients have a form over a chunk.
  bool solve() { return readTransition() && readInputs() && solveRanks(); }

  std::optional<ChunkTensor> before(unsigned) override {
    return readWith(arithmetic.constant(1), /*strict=*/true);
  }
  std::optional<ChunkTensor> after(unsigned) override {
    return readWith(arithmetic.constant(1), /*strict=*/false);
  }
  std::optional<ChunkTensor> last(unsigned) override;
  bool reads(Value value) override { return readOuts.contraction(value); }
  std::optional<ChunkTensor> read(Value value) override;

private:
  bool readTransition();
  bool readInputs();
  bool solveRanks();
  std::optional<ChunkTensor> keyProduct(ArrayRef<Factor> factors, double scale,
                                        ArrayRef<int64_t> extents);
  std::optional<unsigned> keyNumber(ArrayRef<Factor> factors,
                                    ArrayRef<int64_t> extents);
  std::optional<Write> alongKey(const Term &term, ArrayRef<Dim> kept);
  void addInput(unsigned key, const ChunkTensor &value);
  Value scores(const ChunkTensor &query, unsigned key, bool strict);
  ChunkTensor readWith(const ChunkTensor &query, bool strict);
  ChunkTensor unlessReset(const ChunkTensor &tensor,
                          const std::optional<ChunkTensor> &decays);

  ChunkRegion &region;
  ChunkArithmetic &arithmetic;
  KeyAxes keys;
  const StateStructure &state;
  ReadOuts readOuts;
  Dims chunk;                       // time and keys
  Dims carried;                     // tile labels and values
  std::optional<ChunkTensor> decay; // [time] or [time, keys]; none: one
  bool resets = false;              // some decay is chosen by a condition
  // Products of decays from the start of the chunk up to each step, the same
  // without the step's own, and from each step to the end.
  std::optional<ChunkTensor> since, sinceBefore, until;
  SmallVector<Input, 2> inputs;
  std::map<std::tuple<void *, unsigned, bool>, Value> knownScores;
};
} // namespace

bool DecaySolver::readTransition() {
  chunk = {{timeDim, region.steps}};
  for (auto [dim, extent] : region.stateDims(state.state, /*time=*/false))
    (dim >= 0 && keys.contains(dim) ? chunk : carried).push_back({dim, extent});
  bool identity = state.diagonal.size() == 1 && state.diagonal[0].scale == 1 &&
                  state.diagonal[0].factors.empty();
  if (identity)
    return true;
  ChunkTensor sum = arithmetic.constant(0);
  for (auto [i, term] : llvm::enumerate(state.diagonal)) {
    std::optional<ChunkTensor> factor =
        keyProduct(term.factors, term.scale, term.extents);
    if (!factor)
      return false;
    sum = i ? arithmetic.add(sum, *factor) : *factor;
    resets |= term.isConditional();
  }
  bool scalar = llvm::none_of(sum.dims, [](Dim dim) { return dim >= 0; });
  decay = arithmetic.align(sum, scalar ? Dims{{timeDim, region.steps}} : chunk);
  since = cumulativeProduct(arithmetic, *decay, /*suffix=*/false);
  until = cumulativeProduct(arithmetic, *decay, /*suffix=*/true);
  sinceBefore = delay(arithmetic, *since, arithmetic.constant(1));
  return true;
}

/// The product of factors over the key axes.
std::optional<ChunkTensor> DecaySolver::keyProduct(ArrayRef<Factor> factors,
                                                   double scale,
                                                   ArrayRef<int64_t> extents) {
  SmallVector<Dim> keep(keys.axes.begin(), keys.axes.end());
  return region.product(factors, scale, keep, extents);
}

/// The input along the key that these factors make.
std::optional<unsigned> DecaySolver::keyNumber(ArrayRef<Factor> factors,
                                               ArrayRef<int64_t> extents) {
  for (auto [i, input] : llvm::enumerate(inputs))
    if (ArrayRef<Factor>(input.factors) == factors)
      return i;
  std::optional<ChunkTensor> key = keyProduct(factors, 1, extents);
  if (!key)
    return std::nullopt;
  inputs.push_back(
      {llvm::to_vector(factors), arithmetic.align(*key, chunk), {}});
  return inputs.size() - 1;
}

/// The key of `term`, and the product of its other factors over `kept`.
std::optional<Write> DecaySolver::alongKey(const Term &term,
                                           ArrayRef<Dim> kept) {
  SmallVector<Factor> others;
  SmallVector<Factor> factors =
      takeKeyFactors(term.factors, keys.axes, state.next.rank(), others);
  std::optional<unsigned> key = keyNumber(factors, term.extents);
  std::optional<ChunkTensor> gain =
      region.product(others, term.scale, kept, term.extents);
  if (!key || !gain)
    return std::nullopt;
  return Write{*key, *gain};
}

void DecaySolver::addInput(unsigned key, const ChunkTensor &value) {
  Dims dims = carried;
  dims.insert(dims.begin(), {timeDim, region.steps});
  ChunkTensor wide = arithmetic.align(value, dims);
  std::optional<ChunkTensor> &sum = inputs[key].value;
  sum = sum ? arithmetic.add(*sum, wide) : wide;
}

bool DecaySolver::readInputs() {
  SmallVector<Dim> kept;
  for (auto [dim, extent] : carried)
    kept.push_back(dim);
  for (const Term &term : state.inputs) {
    std::optional<Write> write = alongKey(term, kept);
    if (!write)
      return false;
    addInput(write->key, write->gain);
  }
  return true;
}

/// `tensor`, or zero where all of the step's `decays` are: a reset stops NaN.
ChunkTensor DecaySolver::unlessReset(const ChunkTensor &tensor,
                                     const std::optional<ChunkTensor> &decays) {
  if (!resets)
    return tensor;
  SmallVector<Dim> perStep;
  if (decays->has(timeDim))
    perStep.push_back(timeDim);
  return arithmetic.unlessZero(tensor, *decays, perStep);
}

Value DecaySolver::scores(const ChunkTensor &query, unsigned key, bool strict) {
  Value &known = knownScores[{query.value.getAsOpaquePointer(), key, strict}];
  if (!known)
    known = ssm::DecayedScoresOp::create(
        region.builder, arithmetic.loc,
        RankedTensorType::get({region.steps, region.steps},
                              region.builder.getF32Type()),
        query.value, inputs[key].key.value, decay ? decay->value : Value(),
        strict ? region.builder.getUnitAttr() : UnitAttr());
  return known;
}

/// query[i] . s[i] for every step, or s[i-1] if `strict`.
ChunkTensor DecaySolver::readWith(const ChunkTensor &query, bool strict) {
  SmallVector<Dim> result = {timeDim};
  Dims dims = {{timeDim, region.steps}};
  for (auto [dim, extent] : carried) {
    result.push_back(dim);
    dims.push_back({dim, extent});
  }
  ChunkTensor wide = arithmetic.align(query, chunk);
  const std::optional<ChunkTensor> &decays = strict ? sinceBefore : since;
  ChunkTensor sum = unlessReset(
      arithmetic.contract(decays ? arithmetic.multiply(wide, *decays) : wide,
                          region.initial(state.state), result),
      decays);
  for (auto [key, input] : llvm::enumerate(inputs)) {
    if (!input.value)
      continue;
    Value product = ssm::CausalProductOp::create(
        region.builder, arithmetic.loc, input.value->value.getType(),
        scores(wide, key, strict), input.value->value);
    sum = arithmetic.add(sum, {product, input.value->dims});
  }
  return sum;
}

/// Turns `u (w . s)` into inputs `u z`: all z of a chunk solve a triangular
/// system whose matrix is the scores of w with u.
bool DecaySolver::solveRanks() {
  unsigned ranks = state.ranks.size();
  if (!ranks)
    return true;
  SmallVector<ChunkTensor> reading, right;
  SmallVector<SmallVector<Write>> writing;
  for (const RankOne &one : state.ranks) {
    std::optional<ChunkTensor> w =
        keyProduct(one.reading, 1, one.writing[0].extents);
    if (!w)
      return false;
    reading.push_back(arithmetic.align(*w, chunk));
    SmallVector<Write> &writes = writing.emplace_back();
    for (const Term &term : one.writing) {
      std::optional<Write> write = alongKey(term, /*kept=*/{});
      if (!write)
        return false;
      writes.push_back(*write);
    }
  }
  for (const ChunkTensor &w : reading)
    right.push_back(readWith(w, /*strict=*/true));

  // With several ranks the unknowns are [time, rank, ...].
  std::optional<ChunkTensor> matrix, known;
  auto accumulate = [&](std::optional<ChunkTensor> &sum, ChunkTensor part) {
    sum = sum ? arithmetic.add(*sum, part) : part;
  };
  for (unsigned a = 0; a < ranks; ++a) {
    for (unsigned b = 0; b < ranks; ++b) {
      std::optional<ChunkTensor> sum;
      for (const Write &write : writing[b])
        accumulate(sum, arithmetic.scale(
                            {scores(reading[a], write.key, /*strict=*/true),
                             {timeDim, sourceDim}},
                            write.gain.renamed(timeDim, sourceDim), resets));
      ChunkTensor block = *sum;
      if (ranks > 1) {
        block = arithmetic.contract(block, arithmetic.unit(rankDim, ranks, a),
                                    {timeDim, rankDim, sourceDim});
        block =
            arithmetic.contract(block, arithmetic.unit(sourceRankDim, ranks, b),
                                {timeDim, rankDim, sourceDim, sourceRankDim});
      }
      accumulate(matrix, block);
    }
    ChunkTensor side = right[a];
    if (ranks > 1) {
      SmallVector<Dim> dims = {timeDim, rankDim};
      llvm::append_range(dims, ArrayRef(side.dims).drop_front());
      side =
          arithmetic.contract(side, arithmetic.unit(rankDim, ranks, a), dims);
    }
    accumulate(known, side);
  }
  auto inOrder = [&](const ChunkTensor &tensor, ArrayRef<Dim> first) {
    Dims dims;
    for (Dim dim : first)
      if (tensor.has(dim))
        dims.push_back({dim, tensor.extent(dim)});
    for (Dim dim : tensor.dims)
      if (!llvm::is_contained(first, dim))
        dims.push_back({dim, tensor.extent(dim)});
    return arithmetic.align(tensor, dims);
  };
  matrix = inOrder(*matrix, {timeDim, rankDim, sourceDim, sourceRankDim});
  known = inOrder(*known, {timeDim, rankDim});
  ChunkTensor solution = {
      ssm::TriangularSolveOp::create(region.builder, arithmetic.loc,
                                     known->value.getType(), matrix->value,
                                     known->value),
      known->dims};
  for (unsigned a = 0; a < ranks; ++a) {
    ChunkTensor value =
        ranks > 1 ? arithmetic.slice(solution, rankDim, a) : solution;
    for (const Write &write : writing[a])
      addInput(write.key, arithmetic.scale(write.gain, value, resets));
  }
  return true;
}

//===----------------------------------------------------------------------===//
// What is read
//===----------------------------------------------------------------------===//

std::optional<ChunkTensor> DecaySolver::read(Value value) {
  const AffineForm &form = *readOuts.contraction(value);
  SmallVector<Dim> axes;
  for (unsigned axis = 0; axis < form.rank(); ++axis)
    axes.push_back(axis);
  std::optional<ChunkTensor> sum;
  for (const Term &term : form.terms) {
    std::optional<ChunkTensor> part;
    if (term.state) {
      SmallVector<Index> sums;
      for (Index axis : keys.axes)
        sums.push_back(term.state->indices[axis]);
      SmallVector<Factor> others;
      SmallVector<Factor> query =
          takeKeyFactors(term.factors, sums, form.rank(), others);
      SmallVector<Dim> queryDims(sums.begin(), sums.end());
      std::optional<ChunkTensor> q =
          region.product(query, 1, queryDims, term.extents);
      if (!q)
        return std::nullopt;
      for (Dim &dim : q->dims)
        if (dim >= 0)
          dim = keys.axes[llvm::find(sums, static_cast<Index>(dim)) -
                          sums.begin()];
      part = readWith(*q, !term.state->after);
      for (Dim &dim : part->dims)
        if (dim >= 0)
          dim = term.state->indices[dim];
      part = region.product(others, term.scale, axes, term.extents, part);
    } else {
      part = region.product(term.factors, term.scale, axes, term.extents);
    }
    if (!part)
      return std::nullopt;
    sum = sum ? arithmetic.add(*sum, *part) : *part;
  }
  return sum;
}

std::optional<ChunkTensor> DecaySolver::last(unsigned) {
  SmallVector<Dim> result;
  for (auto [dim, extent] : region.stateDims(state.state, /*time=*/false))
    result.push_back(dim);
  ChunkTensor sum = region.initial(state.state);
  if (since) {
    ChunkTensor whole = arithmetic.slice(*since, timeDim, region.steps - 1);
    sum = unlessReset(arithmetic.multiply(sum, whole), whole);
  }
  for (const Input &input : inputs)
    sum = arithmetic.add(
        sum,
        arithmetic.contract(until ? arithmetic.scale(*until, input.key, resets)
                                  : input.key,
                            unlessReset(*input.value, until), result));
  return sum;
}

std::unique_ptr<StateSolver> solveByDecay(ChunkRegion &region,
                                          const Component &component,
                                          const KeyAxes &keys) {
  auto solver = std::make_unique<DecaySolver>(region, component, keys);
  return solver->solve() ? std::move(solver) : nullptr;
}

} // namespace ssmc
