/// Recurrences, as a loop over time of the body on all parallel positions, or
/// of the chunk region as far as whole chunks go.

#include "compiler/Interpreter/Evaluator.h"
#include "dialects/Ssm/SsmDialect.h"

using namespace mlir;

namespace ssmc::interpreter {

using Labels = SmallVector<ssm::RecurrenceOp::AxisLabels>;
using Extents = llvm::MapVector<StringRef, int64_t>;

namespace {
/// Where a value of the recurrence keeps the element of a parallel position, a
/// time step and a position in a region's slice: the sum of the three.
struct Layout {
  SmallVector<int64_t> shape;
  std::vector<int64_t> lanes; // per parallel position
  std::vector<int64_t> step;  // per element of the slice
  SmallVector<int64_t> slice; // shape of the slice
  bool sequential;            // has the sequence axis
  int64_t time;               // per time step; 0 without that axis
};

/// One of the two regions, and how much it sees at once.
struct Form {
  Block &block;
  int64_t steps; // 0: one, without an axis of time
  SmallVector<StringRef> tile;
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
                       const Extents &extents, const Form &form) {
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

  layout.sequential = strides.contains(op.getSequence());
  layout.time = strides.lookup(op.getSequence());

  auto isTile = [&](StringRef label) {
    return llvm::is_contained(form.tile, label);
  };
  // Parallel positions are numbered by all parallel labels, those that this
  // value lacks included, so that lanes mean the same in every value.
  SmallVector<int64_t> laneExtents, laneStrides, stepStrides;
  for (auto [label, extent] : extents) {
    if (!op.isParallelLabel(label) || isTile(label))
      continue;
    laneExtents.push_back(extent);
    laneStrides.push_back(strides.lookup(label));
  }
  if (form.steps && layout.sequential) {
    layout.slice.push_back(form.steps);
    stepStrides.push_back(op.getReverse() ? -layout.time : layout.time);
  }
  for (const auto &axis : labels)
    for (StringRef label : axis) {
      if (!op.isStepLabel(label) && !isTile(label))
        continue;
      layout.slice.push_back(extents.lookup(label));
      stepStrides.push_back(strides.lookup(label));
    }
  layout.lanes = enumerateOffsets(laneExtents, laneStrides);
  layout.step = enumerateOffsets(layout.slice, stepStrides);
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

namespace {
/// A recurrence whose extents are known, while it runs. States and outputs are
/// whole values, from which each form takes its slices.
template <typename T> struct Run {
  ssm::RecurrenceOp op;
  Frame<T> &frame;
  Extents extents;
  SmallVector<Array<T>> states, outputs;
  int64_t done = 0; // time steps so far

  /// Runs `form` `count` times.
  LogicalResult advance(const Form &form, int64_t count);
  /// Runs the chunk region, if there is one, then the body.
  LogicalResult all();
};
} // namespace

template <typename T>
LogicalResult Run<T>::advance(const Form &form, int64_t count) {
  auto layouts = [&](unsigned count, auto labels) {
    SmallVector<Layout> list;
    for (unsigned i = 0; i < count; ++i)
      list.push_back(layoutOf(op, labels(i), extents, form));
    return list;
  };
  SmallVector<Layout> inputLayouts = layouts(
      op.getInputs().size(), [&](int i) { return op.getInputLabels(i); });
  SmallVector<Layout> outputLayouts = layouts(
      op.getOutputs().size(), [&](int i) { return op.getOutputLabels(i); });
  SmallVector<Layout> stateLayouts = layouts(
      op.getFinal().size(), [&](int i) { return op.getStateLabels(i); });

  int64_t lanes = frame.lanes;
  for (auto [label, extent] : extents)
    if (op.isParallelLabel(label) && !llvm::is_contained(form.tile, label))
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

  auto arguments = form.block.getArguments();
  auto stateArguments = arguments.drop_front(inputLayouts.size());
  for (auto [i, layout] : llvm::enumerate(stateLayouts))
    inner.set(stateArguments[i], gather(layout, states[i], 0));
  for (auto [i, layout] : llvm::enumerate(inputLayouts))
    if (!layout.sequential)
      inner.set(arguments[i], gather(layout, frame.get(op.getInputs()[i]), 0));

  int64_t length = extents.lookup(op.getSequence());
  auto yields = form.block.getTerminator()->getOperands();
  for (int64_t i = 0; i < count; ++i) {
    int64_t t = op.getReverse() ? length - 1 - done : done;
    for (auto [j, layout] : llvm::enumerate(inputLayouts))
      if (layout.sequential)
        inner.set(arguments[j],
                  gather(layout, frame.get(op.getInputs()[j]), t));
    if (failed(frame.evaluator.run(form.block, inner)))
      return failure();
    for (auto [j, layout] : llvm::enumerate(outputLayouts))
      scatter(layout, inner.get(yields[j]), t, outputs[j]);
    // All states are read before any is written: a body may exchange two.
    SmallVector<Array<T>> next;
    for (Value value : yields.drop_front(outputs.size()))
      next.push_back(inner.get(value));
    for (auto [argument, array] : llvm::zip_equal(stateArguments, next))
      inner.set(argument, std::move(array));
    done += std::max(form.steps, int64_t(1));
  }
  for (auto [i, layout] : llvm::enumerate(stateLayouts))
    scatter(layout, inner.get(stateArguments[i]), 0, states[i]);
  return success();
}

template <typename T> LogicalResult Run<T>::all() {
  int64_t length = extents.lookup(op.getSequence());
  if (op.hasChunk()) {
    int64_t steps = *op.getChunkSize();
    if (length >= steps &&
        failed(advance({op.getChunk().front(), steps, op.getTileLabels()},
                       length / steps)))
      return failure();
  }
  return advance({op.getBody().front(), 0, {}}, length - done);
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

  auto zeros = [&](const Labels &labels) {
    SmallVector<int64_t> shape;
    for (const auto &axis : labels) {
      shape.push_back(1);
      for (StringRef label : axis)
        shape.back() *= extents.lookup(label);
    }
    return frame.zeros(shape);
  };
  Run<T> run{op, frame, extents, {}, {}};
  for (unsigned i = 0; i < op.getOutputs().size(); ++i)
    run.outputs.push_back(zeros(op.getOutputLabels(i)));
  for (unsigned i = 0; i < op.getFinal().size(); ++i)
    run.states.push_back(op.getInit().empty() ? zeros(op.getStateLabels(i))
                                              : frame.get(op.getInit()[i]));
  if (failed(run.all()))
    return failure();
  for (auto [value, array] : llvm::zip_equal(op.getOutputs(), run.outputs))
    frame.set(value, std::move(array));
  for (auto [value, array] : llvm::zip_equal(op.getFinal(), run.states))
    frame.set(value, std::move(array));
  return success();
}

template <typename T> void addRecurrenceRules(Rules<T> &rules) {
  rules.template add<ssm::RecurrenceOp>(evaluateRecurrence<T>);
}

template void addRecurrenceRules(Rules<float> &);
template void addRecurrenceRules(Rules<double> &);

} // namespace ssmc::interpreter
