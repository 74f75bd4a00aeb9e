/// Recurrences, as a loop over time of the body on all parallel positions.

#include "compiler/Interpreter/Evaluator.h"
#include "dialects/Ssm/SsmDialect.h"

using namespace mlir;

namespace ssmc::interpreter {

using Labels = SmallVector<ssm::RecurrenceOp::AxisLabels>;
using Extents = llvm::MapVector<StringRef, int64_t>;

namespace {
/// Where a value of the recurrence keeps the element of a parallel position, a
/// time step and a position in the body's slice: the sum of the three.
struct Layout {
  SmallVector<int64_t> shape;
  std::vector<int64_t> lanes; // per parallel position
  std::vector<int64_t> step;  // per element of the slice
  SmallVector<int64_t> slice; // shape of the slice
  int64_t time = 0;           // per time step; 0 without a sequence axis
};
} // namespace

/// Learns the extents that the types leave open from the shape of a value.
static LogicalResult bindExtents(ssm::RecurrenceOp op, const Labels &labels,
                                 ArrayRef<int64_t> shape, Extents &extents) {
  for (auto [axis, extent] : llvm::zip_equal(labels, shape)) {
    if (axis.size() == 1 && ShapedType::isDynamic(extents[axis[0]]))
      extents[axis[0]] = extent;
    int64_t wanted = 1; // labels of a split axis have fixed extents
    for (StringRef label : axis)
      wanted *= extents[label];
    if (wanted != extent)
      return op.emitOpError("expected axis '")
             << llvm::join(axis, " ") << "' to have extent " << wanted
             << ", got " << extent;
  }
  return success();
}

static Layout layoutOf(ssm::RecurrenceOp op, const Labels &labels,
                       const Extents &extents) {
  Layout layout;
  for (const auto &axis : labels) {
    int64_t extent = 1;
    for (StringRef label : axis)
      extent *= extents.lookup(label);
    layout.shape.push_back(extent);
  }
  llvm::MapVector<StringRef, int64_t> strides;
  for (auto [axis, stride] :
       llvm::zip_equal(labels, rowMajorStrides(layout.shape)))
    for (StringRef label : llvm::reverse(axis)) {
      strides[label] = stride;
      stride *= extents.lookup(label);
    }

  // Parallel positions are numbered by all parallel labels, those that this
  // value lacks included, so that lanes mean the same in every value.
  SmallVector<int64_t> laneExtents, laneStrides, stepStrides;
  for (auto [label, extent] : extents) {
    if (!op.isParallelLabel(label))
      continue;
    laneExtents.push_back(extent);
    laneStrides.push_back(strides.lookup(label));
  }
  for (const auto &axis : labels) {
    if (!op.isStepLabel(axis[0]))
      continue;
    layout.slice.push_back(extents.lookup(axis[0]));
    stepStrides.push_back(strides.lookup(axis[0]));
  }
  layout.lanes = enumerateOffsets(laneExtents, laneStrides);
  layout.step = enumerateOffsets(layout.slice, stepStrides);
  layout.time = strides.lookup(op.getSequence());
  return layout;
}

/// Calls `copy(whole, slice)` with the offset of each element of the slices at
/// time `t` in the whole value and in the slices. `outer` is how many lanes the
/// op itself is evaluated in.
template <typename F>
static void forEachElement(const Layout &layout, int64_t outer, int64_t t,
                           F copy) {
  int64_t size = countElements(layout.shape), slice = 0;
  for (int64_t i = 0; i < outer; ++i)
    for (int64_t lane : layout.lanes)
      for (int64_t step : layout.step)
        copy(i * size + lane + step + t * layout.time, slice++);
}

template <typename T>
static LogicalResult evaluateRecurrence(ssm::RecurrenceOp op, Frame<T> &frame) {
  Extents extents = op.getExtents();
  for (auto [i, value] : llvm::enumerate(op.getInputs()))
    if (failed(bindExtents(op, op.getInputLabels(i), frame.get(value).shape,
                           extents)))
      return failure();
  for (auto [i, value] : llvm::enumerate(op.getInit()))
    if (failed(bindExtents(op, op.getStateLabels(i), frame.get(value).shape,
                           extents)))
      return failure();
  for (auto [label, extent] : extents)
    if (ShapedType::isDynamic(extent))
      return op.emitOpError("expected an input or 'init' to give the extent of "
                            "axis '")
             << label << "'";

  auto layouts = [&](unsigned count, auto labels) {
    SmallVector<Layout> list;
    for (unsigned i = 0; i < count; ++i)
      list.push_back(layoutOf(op, labels(i), extents));
    return list;
  };
  SmallVector<Layout> inputs = layouts(
      op.getInputs().size(), [&](int i) { return op.getInputLabels(i); });
  SmallVector<Layout> outputs = layouts(
      op.getOutputs().size(), [&](int i) { return op.getOutputLabels(i); });
  SmallVector<Layout> states = layouts(
      op.getFinal().size(), [&](int i) { return op.getStateLabels(i); });

  int64_t lanes = frame.lanes;
  for (auto [label, extent] : extents)
    if (op.isParallelLabel(label))
      lanes *= extent;
  Frame<T> inner(frame.evaluator, lanes);
  auto gather = [&](const Layout &layout, const Array<T> &whole, int64_t t) {
    Array<T> slice = inner.zeros(layout.slice);
    forEachElement(layout, frame.lanes, t, [&](int64_t from, int64_t to) {
      slice.floats[to] = whole.floats[from];
    });
    return slice;
  };
  auto scatter = [&](const Layout &layout, const Array<T> &slice, int64_t t,
                     Array<T> &whole) {
    forEachElement(layout, frame.lanes, t, [&](int64_t to, int64_t from) {
      whole.floats[to] = slice.floats[from];
    });
  };

  Block &body = op.getBody().front();
  auto arguments = body.getArguments();
  auto stateArguments = arguments.drop_front(inputs.size());
  for (auto [i, layout] : llvm::enumerate(states))
    inner.set(stateArguments[i],
              op.getInit().empty()
                  ? inner.zeros(layout.slice)
                  : gather(layout, frame.get(op.getInit()[i]), 0));
  for (auto [i, layout] : llvm::enumerate(inputs))
    if (layout.time == 0)
      inner.set(arguments[i], gather(layout, frame.get(op.getInputs()[i]), 0));
  SmallVector<Array<T>> results;
  for (const Layout &layout : outputs)
    results.push_back(frame.zeros(layout.shape));

  int64_t length = extents.lookup(op.getSequence());
  auto yields = body.getTerminator()->getOperands();
  for (int64_t i = 0; i < length; ++i) {
    int64_t t = op.getReverse() ? length - 1 - i : i;
    for (auto [j, layout] : llvm::enumerate(inputs))
      if (layout.time != 0)
        inner.set(arguments[j],
                  gather(layout, frame.get(op.getInputs()[j]), t));
    if (failed(frame.evaluator.run(body, inner)))
      return failure();
    for (auto [j, layout] : llvm::enumerate(outputs))
      scatter(layout, inner.get(yields[j]), t, results[j]);
    // All states are read before any is written: a body may exchange two.
    SmallVector<Array<T>> next;
    for (Value value : yields.drop_front(outputs.size()))
      next.push_back(inner.get(value));
    for (auto [argument, array] : llvm::zip_equal(stateArguments, next))
      inner.set(argument, std::move(array));
  }

  for (auto [value, array] : llvm::zip_equal(op.getOutputs(), results))
    frame.set(value, std::move(array));
  for (auto [i, layout] : llvm::enumerate(states)) {
    Array<T> final = frame.zeros(layout.shape);
    scatter(layout, inner.get(stateArguments[i]), 0, final);
    frame.set(op.getFinal()[i], std::move(final));
  }
  return success();
}

template <typename T> void addRecurrenceRules(Rules<T> &rules) {
  rules.template add<ssm::RecurrenceOp>(evaluateRecurrence<T>);
}

template void addRecurrenceRules(Rules<float> &);
template void addRecurrenceRules(Rules<double> &);

} // namespace ssmc::interpreter
