//===- TensorChunkOps.cpp - ops of chunk regions in memory ----------------===//

#include "compiler/Conversion/CpuKernels/Floats.h"
#include "compiler/Conversion/CpuKernels/RegisterTile.h"
#include "compiler/Conversion/CpuKernels/TensorEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace ssmc;

/// Calls `body` for i in [from, to) with a carried value; returns the last.
static Value reduce(KernelEmitter &e, Value from, Value to, Value init,
                    function_ref<Value(Value i, Value carried)> body) {
  OpBuilder &b = e.builder;
  auto loop = scf::ForOp::create(b, e.loc, from, to, e.index(1), init);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value next = body(loop.getInductionVar(), loop.getRegionIterArgs()[0]);
  scf::YieldOp::create(b, e.loc, next);
  return loop.getResult(0);
}

/// A product's rounding errors are carried beside it. Between decays near one
/// they would all have one sign: (1 - a) (1 - b) is 1 - a - b in float32, so
/// that a state carried over many chunks would decay too fast.
void TensorEmitter::emitProducts(ssm::CumulativeProductOp op) {
  Place input = placeOf(op.getInput()), result = define(op.getResult());
  Floats f{b, loc};
  Value last = e.index(input.shape[0] - 1);
  bool watched = growth && !op.getSuffix(); // of both, the factors are the same
  forSpace(ArrayRef(input.shape).drop_front(), [&](const Position &at) {
    Value none = zero(at), one = f.broadcast(f.number(1.0), none);
    SmallVector<Value> first = {one, none};
    if (watched)
      first.push_back(one);
    auto loop = scf::ForOp::create(b, loc, e.index(0), e.index(input.shape[0]),
                                   e.index(1), first);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value product = loop.getRegionIterArgs()[0];
    Value error = loop.getRegionIterArgs()[1];
    Value k = loop.getInductionVar();
    Value i = op.getSuffix() ? e.sub(last, k) : k;
    Value factor = load(input, prepend(i, at));
    Value next = f.mul(product, factor);
    Value rounded = f.fma(product, factor, f.negate(next));
    Value nextError = f.fma(error, factor, rounded);
    // Zero stays zero, whatever it is multiplied with.
    Value isZero =
        arith::OrIOp::create(b, loc, f.isZero(product), f.isZero(factor));
    next = f.select(isZero, none, next);
    nextError = f.select(isZero, none, nextError);
    Value exact =
        op.getSuffix() ? f.add(product, error) : f.add(next, nextError);
    store(result, prepend(i, at), exact);
    SmallVector<Value> carried = {next, nextError};
    if (watched)
      carried.push_back(
          f.mul(loop.getRegionIterArgs()[2],
                arith::MaxNumFOp::create(b, loc, f.absolute(factor), one)));
    scf::YieldOp::create(b, loc, carried);
    if (!watched)
      return;
    b.setInsertionPointAfter(loop);
    Position part{{e.index(0)}, 0, at.lanes};
    if (!at.laneAxis)
      part = {{e.index(0)}, std::nullopt, 1};
    store(*growth, part, f.maximum(load(*growth, part), loop.getResult(2)));
  });
}

void TensorEmitter::emitDelay(ssm::DelayOp op) {
  Place input = placeOf(op.getInput());
  Place result = define(op.getResult());
  forSpace(ArrayRef(input.shape).drop_front(), [&](const Position &at) {
    store(result, prepend(e.index(0), at), evaluate(op.getFirst(), at));
    e.forLoop(e.index(1), e.index(input.shape[0]), e.index(1), [&](Value i) {
      Value before = load(input, prepend(e.sub(i, e.index(1)), at));
      store(result, prepend(i, at), before);
    });
  });
}

//===----------------------------------------------------------------------===//
// Scores
//===----------------------------------------------------------------------===//

/// The numbers of `lanes` positions from `first` on, as vector<lanes x i32>.
static Value numbers(KernelEmitter &e, Value first, int64_t lanes) {
  OpBuilder &b = e.builder;
  auto type = VectorType::get(lanes, b.getI32Type());
  SmallVector<int32_t> counted = llvm::to_vector(llvm::seq<int32_t>(0, lanes));
  Value steps = arith::ConstantOp::create(
      b, e.loc, DenseElementsAttr::get(type, ArrayRef(counted)));
  Value start = arith::IndexCastOp::create(b, e.loc, b.getI32Type(), first);
  return arith::AddIOp::create(
      b, e.loc, steps, vector::BroadcastOp::create(b, e.loc, type, start));
}

static Value compareNumbers(KernelEmitter &e, arith::CmpIPredicate predicate,
                            Value columns, Value row) {
  OpBuilder &b = e.builder;
  Value number = arith::IndexCastOp::create(b, e.loc, b.getI32Type(), row);
  return arith::CmpIOp::create(
      b, e.loc, predicate, columns,
      vector::BroadcastOp::create(b, e.loc, columns.getType(), number));
}

void TensorEmitter::emitScores(ssm::DecayedScoresOp op) {
  Place queries = placeOf(op.getQueries()), keys = placeOf(op.getKeys());
  Place result = define(op.getResult());
  if (op.getDecay() && op.getDecay().getType() == op.getQueries().getType() &&
      queries.shape.size() > 1)
    return decayColumns(queries, keys, placeOf(op.getDecay()), result,
                        op.getStrict());
  static constexpr StringRef others = "abcdefgh";
  std::string letters =
      ("j" + others.take_front(queries.shape.size() - 1)).str();
  std::string rowLetters = letters;
  rowLetters[0] = 'i';
  emitSums(result, "ij", {{queries, rowLetters}, {keys, letters}});
  std::optional<Place> decay;
  if (op.getDecay())
    decay = placeOf(op.getDecay());
  decayRows(result, decay ? &*decay : nullptr, op.getStrict());
}

/// Multiplies row i of the scores by the products of decays from each step to
/// i, one more decay with each row, and clears what lies behind a zero or in
/// the future.
void TensorEmitter::decayRows(const Place &scores, const Place *decay,
                              bool strict) {
  Floats f{b, loc};
  int64_t steps = scores.shape[0];
  Place products = allocate({steps});
  forSpace(products.shape,
           [&](const Position &at) { store(products, at, zero(at)); });
  e.forLoop(e.index(0), e.index(steps), e.index(1), [&](Value i) {
    Value now;
    if (decay)
      now = load(*decay, Position{{i}, std::nullopt, 1});
    forSpace(products.shape, [&](const Position &at) {
      Value columns = numbers(e, at.indices[0], at.lanes);
      Value one = e.constant(1.0, at.lanes);
      Value before = load(products, at), lost;
      if (now)
        lost = f.broadcastTest(f.isZero(now), at.lanes);
      Value product = before;
      if (now)
        product =
            f.select(lost, zero(at), f.mul(before, f.broadcast(now, before)));
      product =
          f.select(compareNumbers(e, arith::CmpIPredicate::eq, columns, i), one,
                   product);
      store(products, at, product);
      Value factor = strict ? before : product;
      Value present = compareNumbers(
          e, strict ? arith::CmpIPredicate::slt : arith::CmpIPredicate::sle,
          columns, i);
      Value score = load(scores, prepend(i, at));
      Value decayed = now ? f.mul(score, factor) : score;
      if (now)
        decayed = f.select(f.isZero(factor), zero(at), decayed);
      store(scores, prepend(i, at), f.select(present, decayed, zero(at)));
    });
  });
  release(products);
}

/// Lanes are 16 keys, each from its step on: what is left of every key's column
/// n is multiplied by the decay of column n step by step.
void TensorEmitter::decayColumns(const Place &queries, const Place &keys,
                                 const Place &decay, const Place &result,
                                 bool strict) {
  Floats f{b, loc};
  int64_t steps = queries.shape[0];
  SmallVector<int64_t> columns(ArrayRef(queries.shape).drop_front());
  SmallVector<int64_t> leftShape = columns;
  leftShape.push_back(laneCount);
  Place left = allocate(leftShape);
  // Calls `fn(sum, column indices)` for all columns; returns the sum.
  auto forColumns = [&](Value sum, function_ref<Value(Value, Position)> fn) {
    Position at;
    std::function<Value(Value)> nest = [&](Value sum) -> Value {
      size_t axis = at.indices.size();
      if (axis == columns.size())
        return fn(sum, at);
      return reduce(e, e.index(0), e.index(columns[axis]), sum,
                    [&](Value n, Value carried) {
                      at.indices.push_back(n);
                      Value next = nest(carried);
                      at.indices.pop_back();
                      return next;
                    });
    };
    return nest(sum);
  };
  auto emitBlock = [&](Value first, int64_t lanes) {
    Position all{{}, 0, lanes};
    auto row = [&](Value i, bool diagonal) {
      Value starts;
      if (diagonal)
        starts = compareNumbers(e, arith::CmpIPredicate::eq,
                                numbers(e, first, lanes), i);
      Value score = forColumns(zero(all), [&](Value sum, Position n) {
        Position place = n;
        place.laneAxis = n.indices.size();
        place.lanes = lanes;
        place.indices.push_back(e.index(0));
        Value before = load(left, place);
        Value now = load(decay, prepend(i, n));
        Value lost = f.broadcastTest(f.isZero(now), lanes);
        Value after =
            f.select(lost, zero(all), f.mul(before, f.broadcast(now, before)));
        if (starts)
          after = f.select(
              starts, f.broadcast(load(keys, prepend(i, n)), before), after);
        store(left, place, after);
        Value query = load(queries, prepend(i, n));
        return f.fma(f.broadcast(query, before), strict ? before : after, sum);
      });
      Position target{{i, first}, 1, lanes};
      store(result, target, score);
    };
    forColumns(zero(all), [&](Value sum, Position n) {
      n.laneAxis = n.indices.size();
      n.lanes = lanes;
      n.indices.push_back(e.index(0));
      store(left, n, zero(all));
      return sum;
    });
    e.forLoop(e.index(0), first, e.index(1), [&](Value i) {
      Position target{{i, first}, 1, lanes};
      store(result, target, zero(all));
    });
    Value diagonalEnd = e.add(first, e.index(lanes));
    e.forLoop(first, diagonalEnd, e.index(1), [&](Value i) { row(i, true); });
    e.forLoop(diagonalEnd, e.index(steps), e.index(1),
              [&](Value i) { row(i, false); });
  };
  e.forLanes(e.index(0), steps, emitBlock);
  release(left);
}

//===----------------------------------------------------------------------===//
// Causal products and solves
//===----------------------------------------------------------------------===//

/// Whether every element of `place` is finite, as i1.
Value TensorEmitter::isFinite(const Place &place) {
  Floats f{b, loc};
  // Zero times what is not finite is NaN, which no sum loses.
  Place sums = allocate({laneCount});
  Position all{{e.index(0)}, 0, laneCount};
  store(sums, all, zero(all));
  forSpace(place.shape, [&](const Position &at) {
    Position part = all;
    part.lanes = at.lanes;
    Value value = load(place, at);
    store(sums, part, f.fma(value, zero(at), load(sums, part)));
  });
  Value sum = vector::ReductionOp::create(b, loc, vector::CombiningKind::ADD,
                                          load(sums, all));
  release(sums);
  return f.isZero(sum);
}

/// The first `count` axes of a row-major place as one, and all others.
Place TensorEmitter::asMatrix(const Place &place, size_t count) {
  int64_t rows = 1, columns = 1;
  for (auto [axis, extent] : llvm::enumerate(place.shape))
    (axis < count ? rows : columns) *= extent;
  return rowMajor(place.buffer, place.offset, {rows, columns});
}

/// result[i] += sum of matrix[i, j] * from[j] over the j before i, or up to i
/// with `diagonal`. Rows come `together` at a time: those of one step do not
/// meet in a solve. All are matrices; `result` may be `from`.
void TensorEmitter::emitTriangle(const Place &matrix, const Place &from,
                                 const Place &result, int64_t together,
                                 bool diagonal) {
  Floats f{b, loc};
  int64_t unknowns = result.shape[0], width = result.shape[1];
  bool solves = !diagonal;
  auto stepStart = [&](Value row) {
    return e.mul(e.div(row, e.index(together)), e.index(together));
  };
  auto fast = [&]() {
    e.forLanes(e.index(0), width, [&](Value column, int64_t lanes) {
      int64_t rowWork = unknowns * width / 2;
      forRowTiles(e, unknowns, rowWork, [&](Value first, CpuTileShape shape) {
        RegisterTile tile(e, shape.rows, 1, lanes);
        tile.left = matrix.buffer;
        tile.right = from.buffer;
        tile.leftStride = matrix.strides[1];
        tile.rightStride = from.strides[0];
        tile.rightOffsets = {e.add(from.offset, column)};
        SmallVector<Value> rows;
        for (int64_t i = 0; i < shape.rows; ++i) {
          rows.push_back(e.add(first, e.index(i)));
          tile.leftOffsets.push_back(
              e.add(matrix.offset, e.mul(rows[i], matrix.strides[0])));
        }
        tile.clear();
        if (solves)
          for (int64_t i = 0; i < shape.rows; ++i)
            tile.sum(i, 0) =
                load(result, Position{{rows[i], column}, 1, lanes});
        // Steps before the tile's first are complete for all of its rows.
        Value complete = stepStart(first);
        tile.accumulate(e.index(0), complete);
        // Then one row after the other: in a solve each is needed by the next.
        auto addStep = [&](int64_t i, Value j, Value value) {
          Value scalar = load(matrix, Position{{rows[i], j}, std::nullopt, 1});
          Value present = arith::CmpFOp::create(
              b, loc, arith::CmpFPredicate::UNE, scalar, zero({}));
          if (solves && together > 1)
            present = arith::AndIOp::create(
                b, loc, present,
                arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, j,
                                      stepStart(rows[i])));
          Value sum = tile.sum(i, 0);
          Value next = f.fma(f.broadcast(scalar, sum), value, sum);
          tile.sum(i, 0) = f.select(f.broadcastTest(present, lanes), next, sum);
        };
        if (together > 1) {
          // The tile may begin inside a step: rows between its start and the
          // tile's are done, and belong to no complete step.
          SmallVector<Value> sums = tile.sums;
          auto loop =
              scf::ForOp::create(b, loc, complete, first, e.index(1), sums);
          {
            OpBuilder::InsertionGuard guard(b);
            b.setInsertionPointToStart(loop.getBody());
            tile.sums.assign(loop.getRegionIterArgs().begin(),
                             loop.getRegionIterArgs().end());
            Value j = loop.getInductionVar();
            Value value = load(from, Position{{j, column}, 1, lanes});
            for (int64_t i = 0; i < shape.rows; ++i)
              addStep(i, j, value);
            scf::YieldOp::create(b, loc, tile.sums);
          }
          tile.sums.assign(loop.getResults().begin(), loop.getResults().end());
        }
        for (int64_t j = 0; j < shape.rows; ++j) {
          Value value = solves
                            ? tile.sum(j, 0)
                            : load(from, Position{{rows[j], column}, 1, lanes});
          for (int64_t i = solves ? j + 1 : j; i < shape.rows; ++i)
            addStep(i, rows[j], value);
        }
        for (int64_t i = 0; i < shape.rows; ++i)
          store(result, Position{{rows[i], column}, 1, lanes}, tile.sum(i, 0));
      });
    });
  };
  auto exact = [&]() {
    e.forLoop(e.index(0), e.index(unknowns), e.index(1), [&](Value i) {
      Value end = diagonal ? e.add(i, e.index(1)) : stepStart(i);
      e.forLanes(e.index(0), width, [&](Value column, int64_t lanes) {
        Position at{{i, column}, 1, lanes};
        Value init = solves ? load(result, at) : zero(at);
        Value sum = reduce(e, e.index(0), end, init, [&](Value j, Value sum) {
          Value scalar = load(matrix, Position{{i, j}, std::nullopt, 1});
          Value value = load(from, Position{{j, column}, 1, lanes});
          Value next = f.fma(f.broadcast(scalar, sum), value, sum);
          Value absent = vector::BroadcastOp::create(
              b, loc, VectorType::get(lanes, b.getI1Type()), f.isZero(scalar));
          return f.select(absent, sum, next);
        });
        store(result, at, sum);
      });
    });
  };
  // A zero keeps what is finite out of a sum, and takes a branch to keep out
  // the rest.
  auto choice =
      scf::IfOp::create(b, loc, isFinite(from), /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(choice.thenBlock());
  fast();
  b.setInsertionPointToStart(choice.elseBlock());
  exact();
}

void TensorEmitter::emitCausal(ssm::CausalProductOp op) {
  Place scores = placeOf(op.getScores()), values = placeOf(op.getValues());
  Place result = define(op.getResult());
  std::optional<Place> packed;
  if (!isRowMajor(values)) {
    packed = allocate(values.shape);
    copy(*packed, values);
    values = *packed;
  }
  emitTriangle(scores, asMatrix(values, 1), asMatrix(result, 1), 1,
               /*diagonal=*/true);
  if (packed)
    release(*packed);
}

void TensorEmitter::emitSolve(ssm::TriangularSolveOp op) {
  Place matrix = placeOf(op.getMatrix()), input = placeOf(op.getInput());
  Place result = define(op.getResult());
  size_t axes = matrix.shape.size() / 2;
  int64_t together = axes == 2 ? matrix.shape[1] : 1;
  std::optional<Place> packed;
  if (axes == 2 && !isRowMajor(matrix)) {
    packed = allocate(matrix.shape);
    copy(*packed, matrix);
    matrix = *packed;
  }
  if (axes == 2)
    matrix = asMatrix(matrix, 2);
  copy(result, input);
  Place unknowns = asMatrix(result, axes);
  emitTriangle(matrix, unknowns, unknowns, together, /*diagonal=*/false);
  if (packed)
    release(*packed);
}

//===----------------------------------------------------------------------===//
// Systems of equations
//===----------------------------------------------------------------------===//

void TensorEmitter::emitSystems(const Place &matrix, const Place &input,
                                const Place &result) {
  if (matrix.shape.size() == 2)
    return emitSystem(matrix, input, result);
  e.forLoop(e.index(0), e.index(matrix.shape[0]), e.index(1), [&](Value i) {
    emitSystems(step(matrix, i), step(input, i), step(result, i));
  });
}

/// Eliminates each unknown from all other rows of a copy of the matrix, which
/// has the right-hand sides as further columns: they become the solutions.
void TensorEmitter::emitSystem(const Place &matrix, const Place &input,
                               const Place &result) {
  Floats f{b, loc};
  int64_t size = matrix.shape[0];
  int64_t sides = input.shape.size() > 1 ? input.shape[1] : 1;
  Place rows = allocate({size, size + sides});
  auto scalar = [](ValueRange indices) {
    return Position{SmallVector<Value>(indices), std::nullopt, 1};
  };
  // Element (i, n) of the right-hand sides, which may be one vector.
  auto sideAt = [](const Position &at, const Place &place) {
    Position own = at;
    if (place.shape.size() == 1)
      own = Position{{at.indices[0]}, std::nullopt, 1};
    return own;
  };
  auto inRows = [&](const Position &at) {
    Position own = at;
    own.indices[1] = e.add(at.indices[1], e.index(size));
    return own;
  };
  auto forSides = [&](function_ref<void(const Position &)> fn) {
    if (input.shape.size() > 1)
      return forSpace(input.shape, fn);
    e.forLoop(e.index(0), e.index(size), e.index(1),
              [&](Value i) { fn(scalar({i, e.index(0)})); });
  };
  auto forColumns = [&](Value row, function_ref<void(const Position &)> fn) {
    forSpace({size + sides}, [&](const Position &at) { fn(prepend(row, at)); });
  };
  forSpace(matrix.shape,
           [&](const Position &at) { store(rows, at, load(matrix, at)); });
  forSides([&](const Position &at) {
    store(rows, inRows(at), load(input, sideAt(at, input)));
  });

  e.forLoop(e.index(0), e.index(size), e.index(1), [&](Value k) {
    Value next = e.add(k, e.index(1));
    // The row of the largest element in the column.
    Value pivot = reduce(e, next, e.index(size), k, [&](Value i, Value best) {
      auto magnitude = [&](Value row) -> Value {
        return math::AbsFOp::create(b, loc, load(rows, scalar({row, k})));
      };
      Value larger = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT,
                                           magnitude(i), magnitude(best));
      return f.select(larger, i, best);
    });
    auto number = [&](float value) -> Value {
      return arith::ConstantOp::create(b, loc, b.getF32FloatAttr(value));
    };
    Value element = load(rows, scalar({pivot, k}));
    Value inverse = f.select(f.isZero(element),
                             number(std::numeric_limits<float>::quiet_NaN()),
                             arith::DivFOp::create(b, loc, number(1), element));
    forColumns(k, [&](const Position &at) {
      Position from = at;
      from.indices[0] = pivot;
      Value upper = load(rows, at), lower = load(rows, from);
      store(rows, from, upper);
      store(rows, at, f.mul(lower, f.broadcast(inverse, lower)));
    });
    auto eliminate = [&](Value i) {
      Value factor = arith::NegFOp::create(b, loc, load(rows, scalar({i, k})));
      forColumns(i, [&](const Position &at) {
        Position from = at;
        from.indices[0] = k;
        Value row = load(rows, from);
        store(rows, at, f.fma(f.broadcast(factor, row), row, load(rows, at)));
      });
    };
    e.forLoop(e.index(0), k, e.index(1), eliminate);
    e.forLoop(next, e.index(size), e.index(1), eliminate);
  });
  forSides([&](const Position &at) {
    store(result, sideAt(at, result), load(rows, inRows(at)));
  });
  release(rows);
}

//===----------------------------------------------------------------------===//
// Ops with regions
//===----------------------------------------------------------------------===//

LogicalResult TensorEmitter::emitRegion(Block &block,
                                        function_ref<bool(Operation *)> chosen,
                                        function_ref<void()> finish) {
  auto outerLast = lastUse;
  auto outerEnding = ending;
  begin(block);
  LogicalResult done = emit(block, chosen);
  finish();
  for (Operation &op : block) // what ops that were left out would have ended
    releaseAfter(&op);
  lastUse = outerLast;
  ending = outerEnding;
  return done;
}

void TensorEmitter::setStep(Value argument, const Place &place) {
  if (place.shape.empty())
    scalars[argument] = load(place, {});
  else
    places[argument] = place;
}

/// One step after the other.
LogicalResult TensorEmitter::emitScan(ssm::AssociativeScanOp op) {
  Block &combine = op.getCombine().front();
  ssm::AssociativeScanOp::InOrder needed = op.findNeededInOrder();
  size_t count = op.getElements().size();
  SmallVector<Place> elements, results(count);
  for (Value element : op.getElements())
    elements.push_back(placeOf(element));
  for (unsigned k : needed.results.set_bits()) {
    results[k] = define(op.getResult(k));
    copy(step(results[k], e.index(0)), step(elements[k], e.index(0)));
  }
  LogicalResult done = success();
  e.forLoop(e.index(1), e.index(elements[0].shape[0]), e.index(1),
            [&](Value i) {
              Value before = e.sub(i, e.index(1));
              for (unsigned k : needed.results.set_bits())
                setStep(combine.getArgument(k), step(results[k], before));
              for (size_t k = 0; k < count; ++k)
                setStep(combine.getArgument(count + k), step(elements[k], i));
              auto isNeeded = [&](Operation *inner) {
                return needed.ops.contains(inner);
              };
              done = emitRegion(combine, isNeeded, [&]() {
                ValueRange values = combine.getTerminator()->getOperands();
                for (unsigned k : needed.results.set_bits())
                  fill(step(results[k], i), values[k]);
              });
            });
  return done;
}
