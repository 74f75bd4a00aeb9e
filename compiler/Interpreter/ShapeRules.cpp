/// Upstream `tensor` ops that move elements.

#include "compiler/Interpreter/Evaluator.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace ssmc::interpreter {

/// Calls `move(from, to)` on the vectors of `from` and `to` that hold elements.
template <typename T, typename F>
static void forEachVector(const Array<T> &from, Array<T> &to, F move) {
  if (!from.floats.empty())
    move(from.floats, to.floats);
  if (!from.integers.empty())
    move(from.integers, to.integers);
}

/// The extents in `values`, those that are operands from the frame. Every lane
/// must agree.
template <typename T>
static FailureOr<SmallVector<int64_t>>
resolve(Operation *op, ArrayRef<OpFoldResult> values, const Frame<T> &frame) {
  SmallVector<int64_t> extents;
  for (OpFoldResult value : values) {
    if (auto attribute = dyn_cast<Attribute>(value)) {
      extents.push_back(cast<IntegerAttr>(attribute).getInt());
      continue;
    }
    ArrayRef<int64_t> perLane = frame.get(cast<Value>(value)).integers;
    if (perLane.empty() || !llvm::all_equal(perLane))
      return op->emitOpError("expected one extent for all positions");
    extents.push_back(perLane[0]);
  }
  return extents;
}

template <typename T>
static LogicalResult evaluateExtract(tensor::ExtractOp op, Frame<T> &frame) {
  const Array<T> &tensor = frame.get(op.getTensor());
  int64_t perLane = countElements(tensor.shape);
  std::vector<int64_t> positions(frame.lanes);
  for (auto [value, extent, stride] : llvm::zip_equal(
           op.getIndices(), tensor.shape, rowMajorStrides(tensor.shape))) {
    const Array<T> &index = frame.get(value);
    for (int64_t lane = 0; lane < frame.lanes; ++lane) {
      int64_t i = index.integers[lane];
      if (i < 0 || i >= extent)
        return op.emitOpError("expected an index in [0, ")
               << extent << "), got " << i;
      positions[lane] += i * stride;
    }
  }
  Array<T> result;
  forEachVector(tensor, result, [&](auto &from, auto &to) {
    for (int64_t lane = 0; lane < frame.lanes; ++lane)
      to.push_back(from[lane * perLane + positions[lane]]);
  });
  frame.set(op.getResult(), std::move(result));
  return success();
}

template <typename T>
static LogicalResult evaluateFromElements(tensor::FromElementsOp op,
                                          Frame<T> &frame) {
  Array<T> result;
  result.shape.assign(shapeOf(op.getType()));
  int64_t count = op.getElements().size();
  for (auto [i, element] : llvm::enumerate(op.getElements()))
    forEachVector(frame.get(element), result, [&, i = i](auto &from, auto &to) {
      to.resize(frame.lanes * count);
      for (int64_t lane = 0; lane < frame.lanes; ++lane)
        to[lane * count + i] = from[lane];
    });
  frame.set(op.getResult(), std::move(result));
  return success();
}

template <typename T>
static LogicalResult evaluateSplat(tensor::SplatOp op, Frame<T> &frame) {
  // The type with its open extents taken from the operands.
  SmallVector<int64_t> shape(op.getType().getShape());
  unsigned open = 0;
  for (int64_t &extent : shape) {
    if (!ShapedType::isDynamic(extent))
      continue;
    Value size = op.getDynamicSizes()[open++];
    FailureOr<SmallVector<int64_t>> sizes = resolve(op, {size}, frame);
    if (failed(sizes))
      return failure();
    extent = sizes->front();
    if (extent < 0)
      return op.emitOpError("expected extents that are not negative, got ")
             << extent;
  }
  Array<T> result{shape, {}, {}};
  int64_t count = countElements(shape);
  forEachVector(frame.get(op.getInput()), result, [&](auto &from, auto &to) {
    for (auto value : from)
      to.insert(to.end(), count, value);
  });
  frame.set(op.getResult(), std::move(result));
  return success();
}

template <typename T>
static LogicalResult evaluateExtractSlice(tensor::ExtractSliceOp op,
                                          Frame<T> &frame) {
  const Array<T> &source = frame.get(op.getSource());
  auto first = resolve(op, op.getMixedOffsets(), frame);
  auto sizes = resolve(op, op.getMixedSizes(), frame);
  auto steps = resolve(op, op.getMixedStrides(), frame);
  if (failed(first) || failed(sizes) || failed(steps))
    return failure();
  SmallVector<int64_t> strides = rowMajorStrides(source.shape), shape;
  llvm::SmallBitVector dropped = op.getDroppedDims();
  int64_t start = 0;
  for (auto [axis, extent] : llvm::enumerate(source.shape)) {
    int64_t begin = (*first)[axis], size = (*sizes)[axis];
    int64_t last = begin + (size - 1) * (*steps)[axis];
    if (size < 0 || (size > 0 && (begin < 0 || begin >= extent || last < 0 ||
                                  last >= extent)))
      return op.emitOpError("expected a slice inside axis ")
             << axis << " of extent " << extent << ", got " << size
             << " elements from " << begin << " to " << last;
    start += begin * strides[axis];
    strides[axis] *= (*steps)[axis];
    if (!dropped[axis])
      shape.push_back(size);
  }
  std::vector<int64_t> offsets = enumerateOffsets(*sizes, strides);
  int64_t perLane = countElements(source.shape);
  Array<T> result{shape, {}, {}};
  forEachVector(source, result, [&](auto &from, auto &to) {
    for (int64_t lane = 0; lane < frame.lanes; ++lane)
      for (int64_t offset : offsets)
        to.push_back(from[lane * perLane + start + offset]);
  });
  frame.set(op.getResult(), std::move(result));
  return success();
}

template <typename T>
static LogicalResult evaluateCollapse(tensor::CollapseShapeOp op,
                                      Frame<T> &frame) {
  Array<T> result = frame.get(op.getSrc());
  SmallVector<int64_t> shape;
  for (ArrayRef<int64_t> group : op.getReassociationIndices()) {
    int64_t extent = 1;
    for (int64_t axis : group)
      extent *= result.shape[axis];
    shape.push_back(extent);
  }
  result.shape = shape;
  frame.set(op.getResult(), std::move(result));
  return success();
}

template <typename T>
static LogicalResult evaluateExpand(tensor::ExpandShapeOp op, Frame<T> &frame) {
  Array<T> result = frame.get(op.getSrc());
  auto shape = resolve(op, op.getMixedOutputShape(), frame);
  if (failed(shape))
    return failure();
  for (auto [axis, group] : llvm::enumerate(op.getReassociationIndices())) {
    int64_t extent = 1;
    for (int64_t part : group)
      extent *= (*shape)[part];
    if (extent != result.shape[axis])
      return op.emitOpError("expected axis ")
             << axis << " to have extent " << extent << ", got "
             << result.shape[axis];
  }
  result.shape = *shape;
  frame.set(op.getResult(), std::move(result));
  return success();
}

template <typename T>
static LogicalResult evaluateDim(tensor::DimOp op, Frame<T> &frame) {
  ArrayRef<int64_t> shape = frame.get(op.getSource()).shape;
  Array<T> result;
  for (int64_t axis : frame.get(op.getIndex()).integers) {
    if (axis < 0 || axis >= static_cast<int64_t>(shape.size()))
      return op.emitOpError("expected an axis in [0, ")
             << shape.size() << "), got " << axis;
    result.integers.push_back(shape[axis]);
  }
  frame.set(op.getResult(), std::move(result));
  return success();
}

/// That the shape fits the new type is checked for every result.
template <typename T>
static LogicalResult evaluateCast(tensor::CastOp op, Frame<T> &frame) {
  Array<T> result = frame.get(op.getSource());
  frame.set(op.getResult(), std::move(result));
  return success();
}

template <typename T> void addShapeRules(Rules<T> &rules) {
  rules.template add<tensor::ExtractOp>(evaluateExtract<T>);
  rules.template add<tensor::FromElementsOp>(evaluateFromElements<T>);
  rules.template add<tensor::SplatOp>(evaluateSplat<T>);
  rules.template add<tensor::ExtractSliceOp>(evaluateExtractSlice<T>);
  rules.template add<tensor::CollapseShapeOp>(evaluateCollapse<T>);
  rules.template add<tensor::ExpandShapeOp>(evaluateExpand<T>);
  rules.template add<tensor::DimOp>(evaluateDim<T>);
  rules.template add<tensor::CastOp>(evaluateCast<T>);
}

template void addShapeRules(Rules<float> &);
template void addShapeRules(Rules<double> &);

} // namespace ssmc::interpreter
