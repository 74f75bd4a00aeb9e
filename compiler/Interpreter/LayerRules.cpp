/// Layers without a sequence axis. Sums run over increasing indices.

#include "compiler/Interpreter/Evaluator.h"
#include "dialects/Ssm/SsmDialect.h"
#include <cmath>

using namespace mlir;

namespace ssmc::interpreter {

template <typename T>
static LogicalResult evaluateEmbedding(ssm::EmbeddingOp op, Frame<T> &frame) {
  const Array<T> &ids = frame.get(op.getIds());
  const Array<T> &table = frame.get(op.getTable());
  int64_t rows = table.shape[0], width = table.shape[1];
  int64_t perLane = countElements(ids.shape);
  SmallVector<int64_t> shape = ids.shape;
  shape.push_back(width);
  Array<T> result = frame.zeros(shape);
  for (size_t i = 0; i < ids.integers.size(); ++i) {
    int64_t id = ids.integers[i];
    if (id < 0 || id >= rows)
      return op.emitOpError("expected ids in [0, ")
             << rows << "), got " << id << " at position " << i % perLane;
    const T *row = &table.floats[(i / perLane * rows + id) * width];
    std::copy(row, row + width, &result.floats[i * width]);
  }
  frame.set(op.getResult(), std::move(result));
  return success();
}

template <typename T>
static LogicalResult evaluateLinear(ssm::LinearOp op, Frame<T> &frame) {
  const Array<T> &input = frame.get(op.getInput());
  const Array<T> &weight = frame.get(op.getWeight());
  const Array<T> *bias = op.getBias() ? &frame.get(op.getBias()) : nullptr;
  int64_t n = weight.shape[0], k = weight.shape[1];
  if (input.shape.back() != k)
    return op.emitOpError("expected the last axis of 'input' to have extent ")
           << k << ", got " << shapeText(input.shape);
  if (bias && bias->shape[0] != n)
    return op.emitOpError("expected 'bias' to have ")
           << n << " elements, got " << bias->shape[0];
  SmallVector<int64_t> shape = input.shape;
  shape.back() = n;
  Array<T> result = frame.zeros(shape);
  int64_t rowsPerLane = countElements(ArrayRef(input.shape).drop_back());
  for (int64_t row = 0; row < frame.lanes * rowsPerLane; ++row) {
    int64_t lane = row / rowsPerLane;
    const T *x = input.floats.data() + row * k;
    for (int64_t i = 0; i < n; ++i) {
      const T *w = weight.floats.data() + (lane * n + i) * k;
      T sum = 0;
      for (int64_t j = 0; j < k; ++j)
        sum += x[j] * w[j];
      result.floats[row * n + i] =
          bias ? sum + bias->floats[lane * n + i] : sum;
    }
  }
  frame.set(op.getResult(), std::move(result));
  return success();
}

/// Normalizes the last axis: subtracts the mean if `centered`, divides by the
/// root of the mean square plus `eps`, then applies what is given of `weight`
/// and `bias`.
template <typename T, typename Op>
static LogicalResult normalize(Op op, Value weight, Value bias, bool centered,
                               Frame<T> &frame) {
  const Array<T> &input = frame.get(op.getInput());
  int64_t width = input.shape.back();
  T eps = op.getEps().convertToDouble();
  int64_t rowsPerLane = countElements(ArrayRef(input.shape).drop_back());
  Array<T> result = frame.zeros(input.shape);
  for (int64_t row = 0; row < frame.lanes * rowsPerLane; ++row) {
    const T *x = input.floats.data() + row * width;
    T *y = result.floats.data() + row * width;
    T mean = 0;
    if (centered) {
      for (int64_t i = 0; i < width; ++i)
        mean += x[i];
      mean /= width;
    }
    T square = 0;
    for (int64_t i = 0; i < width; ++i)
      square += (x[i] - mean) * (x[i] - mean);
    T root = std::sqrt(square / width + eps);
    // A parameter has one row, or as many as the axes before the last have.
    auto at = [&](Value parameter, int64_t i) {
      const Array<T> &array = frame.get(parameter);
      int64_t rows = countElements(ArrayRef(array.shape).drop_back());
      int64_t lane = row / rowsPerLane;
      return array.floats[(lane * rows + row % rows) * width + i];
    };
    for (int64_t i = 0; i < width; ++i) {
      y[i] = (x[i] - mean) / root;
      if (weight)
        y[i] *= at(weight, i);
      if (bias)
        y[i] += at(bias, i);
    }
  }
  frame.set(op.getResult(), std::move(result));
  return success();
}

template <typename T>
static LogicalResult evaluateSplit(ssm::SplitOp op, Frame<T> &frame) {
  const Array<T> &input = frame.get(op.getInput());
  int64_t width = input.shape.back();
  int64_t rows = frame.lanes * countElements(ArrayRef(input.shape).drop_back());
  SmallVector<Array<T>> parts;
  int64_t first = 0;
  for (int64_t size : op.getSizes()) {
    SmallVector<int64_t> shape = input.shape;
    shape.back() = size;
    Array<T> part = frame.zeros(shape);
    for (int64_t row = 0; row < rows; ++row) {
      const T *begin = input.floats.data() + row * width + first;
      std::copy(begin, begin + size, part.floats.data() + row * size);
    }
    parts.push_back(std::move(part));
    first += size;
  }
  for (auto [value, part] : llvm::zip_equal(op.getParts(), parts))
    frame.set(value, std::move(part));
  return success();
}

template <typename T>
static LogicalResult evaluateReshape(ssm::ReshapeOp op, Frame<T> &frame) {
  Array<T> result = frame.get(op.getInput());
  ArrayRef<int64_t> inner = op.getType().getShape().drop_front(2);
  result.shape.truncate(2);
  result.shape.append(inner.begin(), inner.end());
  frame.set(op.getResult(), std::move(result));
  return success();
}

template <typename T>
static LogicalResult evaluateBroadcast(ssm::BroadcastOp op, Frame<T> &frame) {
  const Array<T> &input = frame.get(op.getInput());
  SmallVector<int64_t> shape(op.getType().getShape());
  if (op.getLike())
    shape = frame.get(op.getLike()).shape;
  // Along an axis that `input` lacks, all elements are the same one.
  SmallVector<int64_t> strides(shape.size(), 0);
  for (auto [axis, extent, stride] : llvm::zip_equal(
           op.getAxes(), input.shape, rowMajorStrides(input.shape))) {
    if (!op.getLike())
      shape[axis] = extent;
    if (shape[axis] != extent)
      return op.emitOpError("expected axis ")
             << axis << " of 'like' to have extent " << extent << ", got "
             << shapeText(shape);
    strides[axis] = stride;
  }
  std::vector<int64_t> offsets = enumerateOffsets(shape, strides);
  int64_t perLane = countElements(input.shape);
  Array<T> result{shape, {}, {}};
  result.floats.reserve(frame.lanes * offsets.size());
  for (int64_t lane = 0; lane < frame.lanes; ++lane)
    for (int64_t offset : offsets)
      result.floats.push_back(input.floats[lane * perLane + offset]);
  frame.set(op.getResult(), std::move(result));
  return success();
}

template <typename T> void addLayerRules(Rules<T> &rules) {
  rules.template add<ssm::EmbeddingOp>(evaluateEmbedding<T>);
  rules.template add<ssm::LinearOp>(evaluateLinear<T>);
  rules.template add<ssm::RmsNormOp>([](ssm::RmsNormOp op, Frame<T> &frame) {
    return normalize(op, op.getWeight(), Value(), /*centered=*/false, frame);
  });
  rules.template add<ssm::LayerNormOp>(
      [](ssm::LayerNormOp op, Frame<T> &frame) {
        return normalize(op, op.getWeight(), op.getBias(), /*centered=*/true,
                         frame);
      });
  rules.template add<ssm::SplitOp>(evaluateSplit<T>);
  rules.template add<ssm::ReshapeOp>(evaluateReshape<T>);
  rules.template add<ssm::BroadcastOp>(evaluateBroadcast<T>);
}

template void addLayerRules(Rules<float> &);
template void addLayerRules(Rules<double> &);

} // namespace ssmc::interpreter
