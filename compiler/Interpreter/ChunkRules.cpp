/// Ops of chunk regions, each as its definition says, one element at a time.

#include "compiler/Interpreter/Evaluator.h"
#include "dialects/Ssm/SsmChunkOps.h"
#include "dialects/Ssm/SsmScan.h"

using namespace mlir;

namespace ssmc::interpreter {

/// Elements of one step of a value of `shape`.
static int64_t stepSize(ArrayRef<int64_t> shape) {
  return countElements(shape.drop_front());
}

template <typename T>
static LogicalResult evaluateProducts(ssm::CumulativeProductOp op,
                                      Frame<T> &frame) {
  Array<T> result = frame.get(op.getInput());
  int64_t steps = result.shape[0], width = stepSize(result.shape);
  for (int64_t lane = 0; lane < frame.lanes; ++lane) {
    for (int64_t n = 0; n < width; ++n) {
      T *column = &result.floats[lane * steps * width + n];
      T product = 1;
      for (int64_t k = 0; k < steps; ++k) {
        int64_t i = op.getSuffix() ? steps - 1 - k : k;
        T element = column[i * width];
        T next = product == 0 || element == 0 ? 0 : product * element;
        column[i * width] = op.getSuffix() ? product : next;
        product = next;
      }
    }
  }
  frame.set(op.getResult(), std::move(result));
  return success();
}

template <typename T>
static LogicalResult evaluateScores(ssm::DecayedScoresOp op, Frame<T> &frame) {
  const Array<T> &queries = frame.get(op.getQueries());
  const Array<T> &keys = frame.get(op.getKeys());
  const Array<T> *decay = op.getDecay() ? &frame.get(op.getDecay()) : nullptr;
  int64_t steps = queries.shape[0], width = stepSize(queries.shape);
  bool perColumn = decay && decay->shape == queries.shape;
  auto decayAt = [&](int64_t lane, int64_t t, int64_t n) -> T {
    if (!decay)
      return 1;
    int64_t step = lane * steps + t;
    return decay->floats[perColumn ? step * width + n : step];
  };
  Array<T> result = frame.zeros({steps, steps});
  for (int64_t lane = 0; lane < frame.lanes; ++lane) {
    for (int64_t j = 0; j < steps; ++j) {
      const T *key = &keys.floats[(lane * steps + j) * width];
      // What step j wrote, as it has decayed when step i reads it.
      std::vector<T> written(key, key + width), product(width, 1);
      for (int64_t i = op.getStrict() ? j + 1 : j; i < steps; ++i) {
        int64_t last = op.getStrict() ? i - 1 : i; // the last step to decay it
        T sum = 0;
        for (int64_t n = 0; n < width; ++n) {
          if (last > j) {
            T decay = decayAt(lane, last, n);
            product[n] *= decay;
            written[n] = product[n] == 0 ? 0 : written[n] * decay;
          }
          sum +=
              product[n] == 0
                  ? 0
                  : queries.floats[(lane * steps + i) * width + n] * written[n];
        }
        result.floats[(lane * steps + i) * steps + j] = sum;
      }
    }
  }
  frame.set(op.getResult(), std::move(result));
  return success();
}

template <typename T>
static LogicalResult evaluateCausal(ssm::CausalProductOp op, Frame<T> &frame) {
  const Array<T> &scores = frame.get(op.getScores());
  const Array<T> &values = frame.get(op.getValues());
  int64_t steps = values.shape[0], width = stepSize(values.shape);
  Array<T> result = frame.zeros(values.shape);
  for (int64_t lane = 0; lane < frame.lanes; ++lane) {
    for (int64_t i = 0; i < steps; ++i) {
      for (int64_t j = 0; j <= i; ++j) {
        T score = scores.floats[(lane * steps + i) * steps + j];
        if (score == 0)
          continue;
        for (int64_t n = 0; n < width; ++n)
          result.floats[(lane * steps + i) * width + n] +=
              score * values.floats[(lane * steps + j) * width + n];
      }
    }
  }
  frame.set(op.getResult(), std::move(result));
  return success();
}

template <typename T>
static LogicalResult evaluateSolve(ssm::TriangularSolveOp op, Frame<T> &frame) {
  const Array<T> &matrix = frame.get(op.getMatrix());
  Array<T> result = frame.get(op.getInput());
  ArrayRef<int64_t> extents = matrix.shape;
  int64_t unknowns = countElements(extents.take_front(extents.size() / 2));
  int64_t perStep = unknowns / extents[0];
  int64_t width = countElements(result.shape) / unknowns;
  for (int64_t lane = 0; lane < frame.lanes; ++lane) {
    const T *rows = &matrix.floats[lane * unknowns * unknowns];
    T *z = &result.floats[lane * unknowns * width];
    for (int64_t i = 0; i < unknowns; ++i)
      for (int64_t j = 0; j < i / perStep * perStep; ++j)
        if (rows[i * unknowns + j] != 0)
          for (int64_t n = 0; n < width; ++n)
            z[i * width + n] += rows[i * unknowns + j] * z[j * width + n];
  }
  frame.set(op.getResult(), std::move(result));
  return success();
}

/// Solves a system of `size` unknowns for `width` right-hand sides in `rows`,
/// which are destroyed, and `sides`.
template <typename T>
static void solve(std::vector<std::vector<T>> &rows,
                  std::vector<std::vector<T>> &sides) {
  int64_t size = rows.size(), width = sides[0].size();
  bool singular = false;
  for (int64_t k = 0; k < size; ++k) {
    int64_t pivot = k;
    for (int64_t i = k + 1; i < size; ++i)
      if (std::fabs(rows[i][k]) > std::fabs(rows[pivot][k]))
        pivot = i;
    std::swap(rows[k], rows[pivot]);
    std::swap(sides[k], sides[pivot]);
    singular |= rows[k][k] == 0;
    for (int64_t i = k + 1; i < size && !singular; ++i) {
      T factor = rows[i][k] / rows[k][k];
      for (int64_t j = k; j < size; ++j)
        rows[i][j] -= factor * rows[k][j];
      for (int64_t n = 0; n < width; ++n)
        sides[i][n] -= factor * sides[k][n];
    }
  }
  for (int64_t i = size - 1; i >= 0; --i)
    for (int64_t n = 0; n < width; ++n) {
      for (int64_t j = i + 1; j < size; ++j)
        sides[i][n] -= rows[i][j] * sides[j][n];
      sides[i][n] = singular ? std::numeric_limits<T>::quiet_NaN()
                             : sides[i][n] / rows[i][i];
    }
}

template <typename T>
static LogicalResult evaluateSystems(ssm::SolveOp op, Frame<T> &frame) {
  const Array<T> &matrix = frame.get(op.getMatrix());
  Array<T> result = frame.get(op.getInput());
  ArrayRef<int64_t> shape = matrix.shape;
  int64_t size = shape.back(), systems = frame.lanes;
  for (int64_t extent : shape.drop_back(2))
    systems *= extent;
  int64_t width = countElements(result.shape) * frame.lanes / systems / size;
  for (int64_t s = 0; s < systems; ++s) {
    std::vector<std::vector<T>> rows, sides;
    for (int64_t i = 0; i < size; ++i) {
      const T *row = &matrix.floats[(s * size + i) * size];
      const T *side = &result.floats[(s * size + i) * width];
      rows.emplace_back(row, row + size);
      sides.emplace_back(side, side + width);
    }
    solve(rows, sides);
    for (int64_t i = 0; i < size; ++i)
      llvm::copy(sides[i], &result.floats[(s * size + i) * width]);
  }
  frame.set(op.getResult(), std::move(result));
  return success();
}

template <typename T>
static LogicalResult evaluateCombine(ssm::CombineOp op, Frame<T> &frame) {
  Block &act = op.getAct().front();
  for (auto [argument, operand] :
       llvm::zip_equal(act.getArguments(), op.getOperands())) {
    Array<T> value = frame.get(operand);
    frame.set(argument, std::move(value));
  }
  if (failed(frame.evaluator.run(act, frame)))
    return failure();
  for (auto [result, yielded] :
       llvm::zip_equal(op.getResults(), act.getTerminator()->getOperands())) {
    Array<T> value = frame.get(yielded);
    frame.set(result, std::move(value));
  }
  return success();
}

template <typename T>
static LogicalResult evaluateDelay(ssm::DelayOp op, Frame<T> &frame) {
  const Array<T> &input = frame.get(op.getInput());
  const Array<T> &first = frame.get(op.getFirst());
  int64_t whole = countElements(input.shape), width = stepSize(input.shape);
  Array<T> result{input.shape, {}, {}};
  for (int64_t lane = 0; lane < frame.lanes; ++lane) {
    const T *steps = &input.floats[lane * whole];
    result.floats.insert(result.floats.end(), &first.floats[lane * width],
                         &first.floats[lane * width] + width);
    result.floats.insert(result.floats.end(), steps, steps + whole - width);
  }
  frame.set(op.getResult(), std::move(result));
  return success();
}

/// Step `i` of `value` in every lane.
template <typename T>
static Array<T> stepOf(const Array<T> &value, int64_t i, Frame<T> &frame) {
  Array<T> step = frame.zeros(ArrayRef(value.shape).drop_front());
  int64_t whole = countElements(value.shape), width = stepSize(value.shape);
  for (int64_t lane = 0; lane < frame.lanes; ++lane)
    std::copy_n(&value.floats[lane * whole + i * width], width,
                &step.floats[lane * width]);
  return step;
}

/// The prefixes of `steps`, tuples of one step of each element. Neighbours are
/// combined first and pairs scanned, so that a region that is not associative
/// does not go unnoticed.
template <typename T>
static FailureOr<std::vector<SmallVector<Array<T>>>>
scanSteps(Block &combine, std::vector<SmallVector<Array<T>>> steps,
          Frame<T> &frame) {
  using Step = SmallVector<Array<T>>;
  auto join = [&](const Step &earlier, const Step &later) -> FailureOr<Step> {
    unsigned count = earlier.size();
    for (unsigned e = 0; e < count; ++e) {
      frame.set(combine.getArgument(e), earlier[e]);
      frame.set(combine.getArgument(count + e), later[e]);
    }
    if (failed(frame.evaluator.run(combine, frame)))
      return failure();
    Step joined;
    for (Value value : combine.getTerminator()->getOperands())
      joined.push_back(frame.get(value));
    return joined;
  };
  if (steps.size() < 2)
    return steps;
  std::vector<Step> pairs;
  for (size_t i = 1; i < steps.size(); i += 2) {
    FailureOr<Step> pair = join(steps[i - 1], steps[i]);
    if (failed(pair))
      return failure();
    pairs.push_back(std::move(*pair));
  }
  auto scanned = scanSteps(combine, std::move(pairs), frame);
  if (failed(scanned))
    return failure();
  for (size_t i = 1; i < steps.size(); ++i) {
    if (i % 2) {
      steps[i] = (*scanned)[i / 2];
      continue;
    }
    FailureOr<Step> prefix = join((*scanned)[i / 2 - 1], steps[i]);
    if (failed(prefix))
      return failure();
    steps[i] = std::move(*prefix);
  }
  return steps;
}

template <typename T>
static LogicalResult evaluateScan(ssm::AssociativeScanOp op, Frame<T> &frame) {
  std::vector<SmallVector<Array<T>>> steps(
      frame.get(op.getElements()[0]).shape[0]);
  for (auto [i, step] : llvm::enumerate(steps))
    for (Value element : op.getElements())
      step.push_back(stepOf(frame.get(element), i, frame));
  auto prefixes = scanSteps(op.getCombine().front(), std::move(steps), frame);
  if (failed(prefixes))
    return failure();
  for (auto [e, result] : llvm::enumerate(op.getResults())) {
    Array<T> whole =
        frame.zeros(cast<RankedTensorType>(result.getType()).getShape());
    int64_t size = countElements(whole.shape), width = stepSize(whole.shape);
    for (int64_t lane = 0; lane < frame.lanes; ++lane)
      for (auto [i, prefix] : llvm::enumerate(*prefixes))
        std::copy_n(&prefix[e].floats[lane * width], width,
                    &whole.floats[lane * size + i * width]);
    frame.set(result, std::move(whole));
  }
  return success();
}

/// Takes over what an iteration made of one position; returns whether it
/// settled.
template <typename T>
static bool settle(MutableArrayRef<Array<T>> present,
                   ArrayRef<const Array<T> *> next, int64_t lane, T tolerance) {
  T change = 0, size = 0;
  bool isNan = false;
  for (auto [array, made] : llvm::zip_equal(present, next)) {
    int64_t count = countElements(array.shape);
    for (int64_t i = lane * count; i < (lane + 1) * count; ++i) {
      T difference = std::fabs(made->floats[i] - array.floats[i]);
      isNan |= std::isnan(difference);
      change = std::max(change, difference);
      size = std::max(size, std::fabs(made->floats[i]));
      array.floats[i] = made->floats[i];
    }
  }
  return !isNan && change <= tolerance * (1 + size);
}

/// The same along time for one place of a step. `settled` counts the steps that
/// keep their values.
template <typename T>
static bool settleCausally(MutableArrayRef<Array<T>> present,
                           ArrayRef<const Array<T> *> next, int64_t lane,
                           int64_t place, T tolerance, int64_t &settled) {
  int64_t steps = present[0].shape[0], width = stepSize(present[0].shape);
  T size = 0;
  bool open = false;
  int64_t kept = settled;
  for (int64_t t = 0; t < steps; ++t) {
    int64_t i = (lane * steps + t) * width + place;
    T change = 0;
    bool isNan = false;
    for (auto [array, made] : llvm::zip_equal(present, next)) {
      T before = array.floats[i];
      if (t >= kept)
        array.floats[i] = made->floats[i];
      T difference = std::fabs(array.floats[i] - before);
      isNan |= std::isnan(difference);
      change = std::max(change, difference);
      size = std::max(size, std::fabs(array.floats[i]));
    }
    open |= isNan || change > tolerance * (1 + size);
    if (!open)
      settled = std::max(settled, t + 1);
  }
  return !open;
}

template <typename T>
static LogicalResult evaluateFixedPoint(ssm::FixedPointOp op, Frame<T> &frame) {
  Block &body = op.getBody().front();
  SmallVector<Array<T>> present;
  for (Value value : op.getInit())
    present.push_back(frame.get(value));
  bool causal = op.getCausal();
  int64_t places = causal ? stepSize(present[0].shape) : 1;
  // What has settled keeps its values while the rest goes on.
  std::vector<bool> settled(frame.lanes * places);
  std::vector<int64_t> settledSteps(causal ? frame.lanes * places : 0);
  int64_t most = op.getMaxIterations();
  T tolerance = op.getTolerance().convertToDouble();
  for (int64_t n = 0;
       n < most && !llvm::all_of(settled, [](bool s) { return s; }); ++n) {
    for (auto [argument, array] : llvm::zip_equal(body.getArguments(), present))
      frame.set(argument, array);
    if (failed(frame.evaluator.run(body, frame)))
      return failure();
    SmallVector<const Array<T> *> next;
    for (Value value : body.getTerminator()->getOperands())
      next.push_back(&frame.get(value));
    for (int64_t i = 0; i < frame.lanes * places; ++i)
      if (!settled[i])
        settled[i] =
            causal ? settleCausally<T>(present, next, i / places, i % places,
                                       tolerance, settledSteps[i])
                   : settle<T>(present, next, i, tolerance);
  }
  for (auto [value, array] : llvm::zip_equal(op.getResults(), present))
    frame.set(value, std::move(array));
  return success();
}

template <typename T> void addChunkRules(Rules<T> &rules) {
  rules.template add<ssm::CumulativeProductOp>(evaluateProducts<T>);
  rules.template add<ssm::DecayedScoresOp>(evaluateScores<T>);
  rules.template add<ssm::CausalProductOp>(evaluateCausal<T>);
  rules.template add<ssm::TriangularSolveOp>(evaluateSolve<T>);
  rules.template add<ssm::SolveOp>(evaluateSystems<T>);
  rules.template add<ssm::CombineOp>(evaluateCombine<T>);
  rules.template add<ssm::DelayOp>(evaluateDelay<T>);
  rules.template add<ssm::AssociativeScanOp>(evaluateScan<T>);
  rules.template add<ssm::FixedPointOp>(evaluateFixedPoint<T>);
}

template void addChunkRules(Rules<float> &);
template void addChunkRules(Rules<double> &);

} // namespace ssmc::interpreter
