//===- ConvolutionKernels.cpp - long convolutions -------------------------===//
//
// Sixteen channels at a time, in one of two ways: tap by tap where taps or time
// steps are few, else through the frequencies. The spectrum of a kernel serves
// all batch rows. What is not finite stays out of a transform and acts on the
// results that it reaches afterwards.
//
//===----------------------------------------------------------------------===//

#include "compiler/Conversion/CpuKernels/ChannelLanes.h"
#include "compiler/Conversion/CpuKernels/CpuKernelModels.h"
#include "compiler/Conversion/CpuKernels/NonFiniteReach.h"

#include "dialects/Ssm/SsmConvolutions.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace ssmc;

namespace {

/// Products per time step and needed point of a transform that cost as much as
/// going through the frequencies.
constexpr int64_t productsPerPoint = 40;

/// A causal kernel of at most this many taps is never transformed.
constexpr int64_t shortKernelTaps = 32;

/// Outputs that one pass over the taps computes side by side.
constexpr int64_t timeTile = 4;

int64_t channelsOf(ssm::LongConvOp op) {
  return op.getInput().getType().getDimSize(2);
}

/// Whether the sum over taps is an alternative to the frequencies.
bool mayBeDirect(ssm::LongConvOp op) {
  return op.isCausal() && !op.getSpatial();
}

bool isAlwaysDirect(ssm::LongConvOp op) {
  auto isAtMost = [](int64_t extent, int64_t bound) {
    return !ShapedType::isDynamic(extent) && extent <= bound;
  };
  return mayBeDirect(op) &&
         (isAtMost(op.getTaps(), shortKernelTaps) ||
          isAtMost(op.getInput().getType().getDimSize(1), 1));
}

class Convolution {
public:
  Convolution(ssm::LongConvOp op, KernelEmitter &e)
      : op(op), e(e), lanes(e, channelsOf(op)),
        history(op.getInit() ? op.getTaps() - 1 : 0) {
    if (std::optional<ArrayRef<int64_t>> extents = op.getSpatial())
      spatial = *extents;
  }

  void emit();

private:
  Value loadInput(Value b, Value t, Value first);
  Value loadWindow(Value b, Value w, Value first);
  /// Tap `j` of `kernel` for each channel from `first` on.
  Value loadTap(Value kernel, Value j, Value first);
  /// Adds the skip and writes time step `t`.
  void storeResult(Value b, Value t, Value first, Value sum);
  /// Writes the window after the last time step, over the one before.
  void storeWindow(Value b, Value first);

  // --- Extents ---------------------------------------------------------------
  Value tapsOf(Value kernel);
  /// Taps that meet an input.
  Value usedTaps(Value kernel);
  /// Where a point of the space is on a line that has room between the space's
  /// rows, so that no row's products reach into another.
  Value onLine(Value t);
  /// Points of a transform that keep wanted results from what wraps around.
  Value neededPoints();

  // --- The two ways ----------------------------------------------------------
  void emitDirect();
  /// The result at time `t` without the skip, when t may be within the taps of
  /// the sequence's begin.
  Value sumAtEdge(Value b, Value t, Value first);
  void emitSpectral();
  /// Taps of a kernel by their lags in [from, to).
  struct TapRun {
    Value kernel, from, to;
    bool isAfter; // they meet inputs after a time step, else before it
    std::function<Value(Value lag)> tapAt;
  };
  SmallVector<TapRun> findTapRuns();
  /// The point of a transform where a tap is.
  Value pointOf(FourierTransform &transform, const TapRun &run, Value lag);
  /// The first lags of taps that are NaN, of inputs before a time step and of
  /// those after it, and the mask of lanes with taps that are not finite.
  struct BadTaps {
    Value before, after, mask;
  };
  BadTaps fillKernel(FourierTransform &transform, NonFiniteReach &reach,
                     Value first);
  /// Returns the mask of lanes with inputs that are not finite.
  Value fillInput(FourierTransform &transform, NonFiniteReach &reach, Value b,
                  Value first);
  /// Lets what is not finite act on the results that it meets.
  void reachResults(FourierTransform &transform, NonFiniteReach &reach,
                    const BadTaps &bad, Value b, Value first);
  void markNan(NonFiniteReach &reach, const BadTaps &bad, Value b, Value first);

  Value fma(Value a, Value b, Value c) {
    return math::FmaOp::create(e.builder, e.loc, a, b, c);
  }
  Value zero() { return e.constant(0.0, laneCount); }
  Value max(Value a, Value b) {
    return e.builder.createOrFold<arith::MaxUIOp>(e.loc, a, b);
  }
  /// a - b, or zero if that is negative.
  Value excess(Value a, Value b) { return e.sub(max(a, b), b); }
  Value compare(arith::CmpIPredicate predicate, Value a, Value b) {
    return arith::CmpIOp::create(e.builder, e.loc, predicate, a, b);
  }
  /// `body` adds to `sums` for i in [from, to).
  SmallVector<Value>
  sumLoop(Value from, Value to, ValueRange sums,
          function_ref<SmallVector<Value>(Value i, ValueRange sums)> body);

  ssm::LongConvOp op;
  KernelEmitter &e;
  ChannelLanes lanes;
  int64_t history; // inputs before the first
  ArrayRef<int64_t> spatial;
};

/// Buffers of the transform.
enum { inputBuffer, kernelBuffer, bufferCount };

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

SmallVector<Value>
Convolution::sumLoop(Value from, Value to, ValueRange sums,
                     function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  auto loop = scf::ForOp::create(e.builder, e.loc, from, to, e.index(1), sums);
  OpBuilder::InsertionGuard guard(e.builder);
  e.builder.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> next =
      body(loop.getInductionVar(), loop.getRegionIterArgs());
  scf::YieldOp::create(e.builder, e.loc, next);
  return llvm::to_vector(ValueRange(loop.getResults()));
}

//===----------------------------------------------------------------------===//
// Channels of an item
//===----------------------------------------------------------------------===//

Value Convolution::loadInput(Value b, Value t, Value first) {
  return lanes.loadChannels(first, [&](int64_t count) {
    return e.load(op.getInput(), {{b, t, first}, 2, count});
  });
}

Value Convolution::loadWindow(Value b, Value w, Value first) {
  return lanes.loadChannels(first, [&](int64_t count) {
    return e.load(op.getInit(), {{b, first, w}, 1, count});
  });
}

Value Convolution::loadTap(Value kernel, Value j, Value first) {
  // [rows, taps] or [1, taps, rows]
  if (cast<RankedTensorType>(kernel.getType()).getRank() == 2)
    return lanes.loadRows(kernel, {Value(), j}, 0, first, op.getInterleaved());
  return lanes.loadRows(kernel, {e.index(0), j, Value()}, 2, first,
                        op.getInterleaved());
}

void Convolution::storeResult(Value b, Value t, Value first, Value sum) {
  lanes.onChannels(first, [&](int64_t count) {
    Value y = lanes.narrow(sum, count);
    Position position{{b, t, first}, 2, count};
    DenseMap<Value, Value> known;
    if (op.getD())
      y = fma(e.load(op.getD(), {{first}, 0, count}),
              e.load(op.getInput(), position, &known), y);
    known[op.getResult()] = y;
    for (auto [number, result] : llvm::enumerate(e.getResults()))
      if (result != op.getFinal())
        e.store(number, position, e.load(result, position, &known));
  });
}

void Convolution::storeWindow(Value b, Value first) {
  std::optional<unsigned> number;
  for (auto [i, result] : llvm::enumerate(e.getResults()))
    if (result == op.getFinal())
      number = i;
  if (!number)
    return;
  Value count = e.index(op.getTaps() - 1);
  Value kept = excess(count, e.length); // of the old window
  auto write = [&](Value w, function_ref<Value(int64_t)> value) {
    lanes.onChannels(first, [&](int64_t count) {
      e.store(*number, {{b, first, w}, 1, count}, value(count));
    });
  };
  // Upwards: it may be the window's own memory that is read.
  e.forLoop(e.index(0), kept, e.index(1), [&](Value w) {
    write(w, [&](int64_t count) {
      return op.getInit() ? e.load(op.getInit(),
                                   {{b, first, e.add(w, e.length)}, 1, count})
                          : e.constant(0.0, count);
    });
  });
  e.forLoop(kept, count, e.index(1), [&](Value w) {
    Value t = e.sub(e.add(w, e.length), count);
    write(w, [&](int64_t count) {
      return e.load(op.getInput(), {{b, t, first}, 2, count});
    });
  });
}

//===----------------------------------------------------------------------===//
// Extents
//===----------------------------------------------------------------------===//

Value Convolution::tapsOf(Value kernel) {
  auto type = cast<RankedTensorType>(kernel.getType());
  return type.getRank() == 3 ? e.length : e.index(type.getDimSize(1));
}

Value Convolution::usedTaps(Value kernel) {
  if (op.getCircular())
    return e.length;
  return e.min(tapsOf(kernel), e.add(e.length, e.index(history)));
}

Value Convolution::onLine(Value t) {
  // Digits of t by the space's extents, put together again by extents that hold
  // a sum of two: 2 W - 1.
  SmallVector<Value> digits;
  for (int64_t extent : llvm::reverse(spatial)) {
    digits.push_back(e.rem(t, e.index(extent)));
    t = e.div(t, e.index(extent));
  }
  for (auto [digit, extent] : llvm::zip_equal(llvm::reverse(digits), spatial))
    t = e.add(e.mul(t, e.index(2 * extent - 1)), digit);
  return t;
}

Value Convolution::neededPoints() {
  Value taps = usedTaps(op.getKernel());
  if (!spatial.empty())
    // No product of points is further than the sum of the last two.
    return e.add(e.add(onLine(e.sub(e.length, e.index(1))),
                       onLine(e.sub(taps, e.index(1)))),
                 e.index(1));
  // What wraps around may fall on the history, whose results nobody wants.
  Value inputs = e.add(e.length, e.index(history));
  Value ahead = excess(taps, e.index(1 + history));
  if (Value back = op.getBack())
    ahead = max(ahead, e.sub(usedTaps(back), e.index(op.getInclusive())));
  return e.add(inputs, ahead);
}

//===----------------------------------------------------------------------===//
// Tap by tap
//===----------------------------------------------------------------------===//

Value Convolution::sumAtEdge(Value b, Value t, Value first) {
  Value taps = tapsOf(op.getKernel());
  Value inside = e.min(e.add(t, e.index(1)), taps);
  Value sum = sumLoop(e.index(0), inside, zero(),
                      [&](Value j, ValueRange sums) -> SmallVector<Value> {
                        return {fma(loadTap(op.getKernel(), j, first),
                                    loadInput(b, e.sub(t, j), first), sums[0])};
                      })[0];
  if (!history)
    return sum;
  return sumLoop(inside, taps, sum,
                 [&](Value j, ValueRange sums) -> SmallVector<Value> {
                   Value w = e.sub(e.add(t, e.index(history)), j);
                   return {fma(loadTap(op.getKernel(), j, first),
                               loadWindow(b, w, first), sums[0])};
                 })[0];
}

void Convolution::emitDirect() {
  Value taps = tapsOf(op.getKernel());
  lanes.forItems([&](Value first) {
    e.forLoop(e.index(0), e.batch, e.index(1), [&](Value b) {
      auto edge = [&](Value from, Value to) {
        e.forLoop(from, to, e.index(1), [&](Value t) {
          storeResult(b, t, first, sumAtEdge(b, t, first));
        });
      };
      // Where every tap meets an input of this call, tile by tile.
      Value begin = e.min(e.sub(taps, e.index(1)), e.length);
      Value whole = e.mul(e.div(e.sub(e.length, begin), e.index(timeTile)),
                          e.index(timeTile));
      Value end = e.add(begin, whole);
      edge(e.index(0), begin);
      e.forLoop(begin, end, e.index(timeTile), [&](Value t) {
        SmallVector<Value> sums(timeTile, zero());
        sums = sumLoop(e.index(0), taps, sums, [&](Value j, ValueRange before) {
          Value tap = loadTap(op.getKernel(), j, first);
          SmallVector<Value> next;
          for (auto [i, sum] : llvm::enumerate(before))
            next.push_back(fma(
                tap, loadInput(b, e.sub(e.add(t, e.index(i)), j), first), sum));
          return next;
        });
        for (auto [i, sum] : llvm::enumerate(sums))
          storeResult(b, e.add(t, e.index(i)), first, sum);
      });
      edge(end, e.length);
      storeWindow(b, first);
    });
  });
}

//===----------------------------------------------------------------------===//
// Through the frequencies
//===----------------------------------------------------------------------===//

SmallVector<Convolution::TapRun> Convolution::findTapRuns() {
  Value kernel = op.getKernel(), taps = usedTaps(kernel), all = tapsOf(kernel);
  SmallVector<TapRun> runs;
  runs.push_back({kernel, e.index(0), taps, op.getReverse(), [=](Value lag) {
                    return op.getCircular() ? e.rem(lag, all) : lag;
                  }});
  if (op.getCircular())
    runs.push_back({kernel, e.index(1), taps, /*isAfter=*/true, [=](Value lag) {
                      return e.rem(e.sub(all, e.rem(lag, all)), all);
                    }});
  if (Value back = op.getBack()) {
    Value from = e.index(op.getInclusive() ? 0 : 1);
    runs.push_back({back, from, e.add(from, usedTaps(back)), /*isAfter=*/true,
                    [=](Value lag) { return e.sub(lag, from); }});
  }
  return runs;
}

Value Convolution::pointOf(FourierTransform &transform, const TapRun &run,
                           Value lag) {
  Value n = transform.getLength(), index = onLine(lag);
  return run.isAfter ? e.rem(e.sub(n, index), n) : index;
}

Convolution::BadTaps Convolution::fillKernel(FourierTransform &transform,
                                             NonFiniteReach &reach,
                                             Value first) {
  Value n = transform.getLength();
  Value buffer = transform.buffer(kernelBuffer);
  auto place = [&](Value index) { return transform.point(buffer, index); };
  auto store = [&](Value value, Value at) {
    vector::StoreOp::create(e.builder, e.loc, value, e.scratch, at);
  };
  bool isDense = spatial.empty() && op.isCausal();
  e.forLoop(isDense ? usedTaps(op.getKernel()) : e.index(0), n, e.index(1),
            [&](Value p) { store(zero(), place(p)); });
  BadTaps bad = {reach.noLag(), reach.noLag(), reach.noMask()};
  for (const TapRun &run : findTapRuns()) {
    Value &known = run.isAfter ? bad.after : bad.before;
    SmallVector<Value> found = sumLoop(
        run.from, run.to, {known, bad.mask},
        [&](Value lag, ValueRange carried) -> SmallVector<Value> {
          Value tap = loadTap(run.kernel, run.tapAt(lag), first);
          Value mask = reach.maskOf(tap),
                at = place(pointOf(transform, run, lag));
          Value finite = reach.without(tap, mask);
          if (run.kernel == op.getBack()) { // lag 0 may be there already
            Value there = vector::LoadOp::create(
                e.builder, e.loc, cast<VectorType>(e.laneType(laneCount)),
                e.scratch, at);
            finite = arith::AddFOp::create(e.builder, e.loc, there, finite);
          }
          store(finite, at);
          return {reach.firstLag(carried[0], reach.maskOfNan(tap), lag),
                  reach.either(carried[1], mask)};
        });
    known = found[0];
    bad.mask = found[1];
  }
  return bad;
}

Value Convolution::fillInput(FourierTransform &transform, NonFiniteReach &reach,
                             Value b, Value first) {
  Value n = transform.getLength();
  Value buffer = transform.buffer(inputBuffer);
  auto store = [&](Value value, Value index) {
    vector::StoreOp::create(e.builder, e.loc, value, e.scratch,
                            transform.point(buffer, index));
  };
  auto fill = [&](Value to, Value known, function_ref<Value(Value)> load,
                  function_ref<Value(Value)> place) {
    return sumLoop(e.index(0), to, known,
                   [&](Value t, ValueRange masks) -> SmallVector<Value> {
                     Value value = load(t), mask = reach.maskOf(value);
                     store(reach.without(value, mask), place(t));
                     return {reach.either(masks[0], mask)};
                   })[0];
  };
  Value bad = reach.noMask();
  if (history)
    bad = fill(
        e.index(history), bad, [&](Value w) { return loadWindow(b, w, first); },
        [](Value w) { return w; });
  Value used = e.add(e.length, e.index(history));
  e.forLoop(spatial.empty() ? used : e.index(0), n, e.index(1),
            [&](Value p) { store(zero(), p); });
  return fill(
      e.length, bad, [&](Value t) { return loadInput(b, t, first); },
      [&](Value t) { return e.add(onLine(t), e.index(history)); });
}

void Convolution::reachResults(FourierTransform &transform,
                               NonFiniteReach &reach, const BadTaps &bad,
                               Value b, Value first) {
  // Products are formed one by one, of values that are not finite; where points
  // are on a line, NaN is faster.
  NonFiniteReach::Mask mask = &NonFiniteReach::maskOf;
  if (spatial.empty()) {
    markNan(reach, bad, b, first);
    mask = &NonFiniteReach::maskOfInfinity;
  }
  SmallVector<NonFiniteReach::Operand> inputs = {
      {e.length, [&](Value t) { return loadInput(b, t, first); },
       [&](Value t) { return e.add(onLine(t), e.index(history)); }}};
  if (history)
    inputs.push_back({e.index(history),
                      [&](Value w) { return loadWindow(b, w, first); },
                      [](Value w) { return w; }});
  for (const TapRun &run : findTapRuns()) {
    auto lagOf = [&](Value i) { return e.add(run.from, i); };
    NonFiniteReach::Operand taps = {
        e.sub(run.to, run.from),
        [&](Value i) {
          return loadTap(run.kernel, run.tapAt(lagOf(i)), first);
        },
        [&](Value i) { return pointOf(transform, run, lagOf(i)); }};
    for (const NonFiniteReach::Operand &input : inputs) {
      reach.addProducts(input, taps, mask);
      reach.addProducts(taps, input, mask);
    }
  }
}

void Convolution::markNan(NonFiniteReach &reach, const BadTaps &bad, Value b,
                          Value first) {
  Value points = e.add(e.length, e.index(history));
  auto load = [&](Value point) {
    return loadInput(b, e.sub(point, e.index(history)), first);
  };
  if (!op.getReverse()) {
    Value left = reach.nothingLeft();
    NonFiniteReach::Sweep sweep = {points, usedTaps(op.getKernel()), bad.before,
                                   /*reverse=*/false};
    if (history)
      left = reach.mark(sweep, e.index(0), e.index(history), left,
                        [&](Value w) { return loadWindow(b, w, first); });
    reach.mark(sweep, e.index(history), points, left, load);
  }
  if (op.isCausal())
    return;
  Value ahead = usedTaps(op.getBack() ? op.getBack() : op.getKernel());
  if (op.getBack())
    ahead = e.add(ahead, e.index(op.getInclusive() ? 0 : 1));
  reach.mark({points, ahead, bad.after, /*reverse=*/true}, e.index(0), points,
             reach.nothingLeft(), load);
}

void Convolution::emitSpectral() {
  // The next power of two.
  Value needed = neededPoints();
  auto doubling = scf::WhileOp::create(
      e.builder, e.loc, TypeRange{e.builder.getIndexType()},
      ValueRange{e.index(FourierTransform::minLength)},
      [&](OpBuilder &b, Location loc, ValueRange args) {
        Value isShort = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult,
                                              args[0], needed);
        scf::ConditionOp::create(b, loc, isShort, args);
      },
      [&](OpBuilder &b, Location loc, ValueRange args) {
        Value twice = arith::AddIOp::create(b, loc, args[0], args[0]);
        scf::YieldOp::create(b, loc, twice);
      });
  FourierTransform transform(e, e.scratch, doubling.getResult(0));
  transform.prepare();
  Value buffer = transform.buffer(inputBuffer);
  NonFiniteReach reach(e, transform, buffer);
  lanes.forItems([&](Value first) {
    BadTaps badTaps = fillKernel(transform, reach, first);
    transform.forward(transform.buffer(kernelBuffer));
    e.forLoop(e.index(0), e.batch, e.index(1), [&](Value b) {
      Value badInputs = fillInput(transform, reach, b, first);
      transform.forward(buffer);
      transform.multiply(buffer, transform.buffer(kernelBuffer));
      transform.inverse(buffer);
      lanes.branch(
          reach.isAny(reach.either(badTaps.mask, badInputs)),
          [&] { reachResults(transform, reach, badTaps, b, first); }, [] {});
      e.forLoop(e.index(0), e.length, e.index(1), [&](Value t) {
        Value at = e.add(onLine(t), e.index(history));
        Value sum = vector::LoadOp::create(
            e.builder, e.loc, cast<VectorType>(e.laneType(laneCount)),
            e.scratch, transform.point(buffer, at));
        storeResult(b, t, first, sum);
      });
      storeWindow(b, first);
    });
  });
}

void Convolution::emit() {
  if (!mayBeDirect(op))
    return emitSpectral();
  if (isAlwaysDirect(op))
    return emitDirect();
  Value products = e.mul(e.length, usedTaps(op.getKernel()));
  Value cost = e.mul(neededPoints(), e.index(productsPerPoint));
  lanes.branch(
      compare(arith::CmpIPredicate::ult, products, cost), [&] { emitDirect(); },
      [&] { emitSpectral(); });
}

//===----------------------------------------------------------------------===//
// The model
//===----------------------------------------------------------------------===//

struct LongConvModel
    : CpuKernelInterface::ExternalModel<LongConvModel, ssm::LongConvOp> {
  plan::GridAttr getKernelGrid(Operation *op) const {
    return ChannelLanes::getGrid(op->getContext(),
                                 channelsOf(cast<ssm::LongConvOp>(op)));
  }

  /// Bounds `neededPoints` by `perStep` for each time step, and `fixed`.
  static std::pair<int64_t, int64_t> pointsBound(ssm::LongConvOp op) {
    int64_t perStep = 2, fixed = op.getInit() ? op.getTaps() : 0;
    if (std::optional<ArrayRef<int64_t>> extents = op.getSpatial())
      for (int64_t extent : *extents) {
        // A row of W points takes 2 W - 1.
        perStep *= 2;
        fixed = 2 * (fixed + 2 * extent);
      }
    return {perStep, fixed};
  }
  int64_t getScratchBytes(Operation *op) const {
    auto conv = cast<ssm::LongConvOp>(op);
    if (isAlwaysDirect(conv))
      return 0;
    // The next power of two is less than twice what is needed.
    int64_t points = 2 * (pointsBound(conv).second + 1);
    return FourierTransform::getScratchBytes(
        std::max(points, FourierTransform::minLength), bufferCount);
  }
  int64_t getScratchBytesPerStep(Operation *op) const {
    auto conv = cast<ssm::LongConvOp>(op);
    if (isAlwaysDirect(conv))
      return 0;
    return FourierTransform::getScratchBytes(2 * pointsBound(conv).first,
                                             bufferCount);
  }
  int64_t getPreferredBlock(Operation *op) const {
    auto conv = cast<ssm::LongConvOp>(op);
    // A transform covers the history as well: as many new steps halve its cost
    // per step, and more than that gain little.
    return conv.getInit() && !isAlwaysDirect(conv) ? conv.getTaps() : 0;
  }
  int64_t getFlopsPerRow(Operation *op) const {
    auto conv = cast<ssm::LongConvOp>(op);
    int64_t taps = 2 * productsPerPoint; // what the frequencies cost
    if (!ShapedType::isDynamic(conv.getTaps()))
      taps = std::min(taps, conv.getTaps());
    return 2 * taps * channelsOf(conv);
  }
  SmallVector<plan::LayoutAttr> getOperandLayouts(Operation *op,
                                                  OpOperand &operand) const {
    auto conv = cast<ssm::LongConvOp>(op);
    Value value = operand.get();
    bool isKernel = value == conv.getKernel() || value == conv.getBack();
    bool isFixed = cast<RankedTensorType>(value.getType()).getRank() == 2;
    // Channels are neighbours; a state's axes are those after the batch.
    if ((isKernel && isFixed) || value == conv.getInit())
      return {plan::LayoutAttr::withLast(op->getContext(), 2, 0)};
    return {};
  }
  plan::LayoutAttr getStateLayout(Operation *op, OpResult) const {
    return plan::LayoutAttr::withLast(op->getContext(), 2, 0);
  }
  LogicalResult emitKernel(Operation *op, KernelEmitter &e) const {
    Convolution(cast<ssm::LongConvOp>(op), e).emit();
    return success();
  }
};

} // namespace

void ssmc::registerCpuConvolutionModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, ssm::SsmDialect *) {
    ssm::LongConvOp::attachInterface<LongConvModel>(*context);
  });
}
