//===- TensorContract.cpp - sums of products of tensors in memory ---------===//
//
// A product of two tensors summed over shared letters runs as tiles of
// registers: one letter of the result for the rows of a tile, its last letter
// for the lanes, loops over the others. Where the lanes' operand does not have
// its lanes next to each other, or is read by many rows, it is packed first.
//
//===----------------------------------------------------------------------===//

#include "compiler/Conversion/CpuKernels/RecurrenceBody.h"
#include "compiler/Conversion/CpuKernels/RegisterTile.h"
#include "compiler/Conversion/CpuKernels/TensorEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace ssmc;

/// Rows from which on the lanes' operand is worth packing.
static constexpr int64_t packedRows = 8;

/// Summed positions from which on lines a power of two apart would evict each
/// other from a cache.
static constexpr int64_t packedDepth = 16;

static bool has(StringRef letters, char letter) {
  return letters.contains(letter);
}

static int64_t extentOf(const Place &place, StringRef letters, char letter) {
  return place.shape[letters.find(letter)];
}

/// The positions of the block along an axis, from `first` on.
Place TensorEmitter::takeRun(const Place &place, unsigned axis, Value first) {
  assert(!place.panels && "expected no panels among a recurrence's operands");
  Place run = place;
  run.offset = e.add(place.offset, e.mul(first, place.strides[axis]));
  run.shape[axis] = block.size;
  return run;
}

void TensorEmitter::emitContract(ssm::ContractOp op) {
  SmallVector<Factor> factors;
  for (auto [letters, input] :
       llvm::zip_equal(op.getInputAxes(), op.getInputs())) {
    if (isa<RankedTensorType>(input.getType())) {
      factors.push_back({placeOf(input), letters});
      continue;
    }
    // A scalar factor is a tensor without axes.
    Place place = allocate({});
    store(place, {}, scalars.lookup(input));
    factors.push_back({place, letters});
  }
  bool isScalar = !isa<RankedTensorType>(op.getResult().getType());
  Place result = isScalar ? allocate({}) : define(op.getResult());
  if (const Part *part = findPart(op.getResult()))
    forRuns(*part, [&](Value first) {
      char letter = op.getResultAxes()[part->axis];
      SmallVector<Factor> some = factors;
      for (Factor &factor : some)
        if (has(factor.letters, letter))
          factor.place =
              takeRun(factor.place, factor.letters.find(letter), first);
      emitSums(takeRun(result, part->axis, first), op.getResultAxes(), some);
    });
  else
    emitSums(result, op.getResultAxes(), factors);
  if (isScalar) {
    scalars[op.getResult()] = load(result, {});
    release(result);
  }
  for (auto [factor, input] : llvm::zip_equal(factors, op.getInputs()))
    if (!isa<RankedTensorType>(input.getType()))
      release(factor.place);
}

void TensorEmitter::emitSums(const Place &result, StringRef letters,
                             ArrayRef<Factor> factors) {
  // Letters whose elements are next to each other in every factor that has
  // them, summed over: lanes can run along them.
  auto contiguous = [&](const Factor &factor, char letter) {
    return !factor.place.panels && !factor.letters.empty() &&
           factor.letters.back() == letter &&
           getConstantIntValue(factor.place.strides.back()) == 1;
  };
  char last = factors[0].letters.empty() ? 0 : factors[0].letters.back();
  bool dots = last && !has(letters, last) &&
              llvm::all_of(factors, [&](const Factor &factor) {
                return contiguous(factor, last);
              });
  if (letters.empty() || factors.size() == 1) {
    if (dots)
      return emitDots(result, letters, factors);
    return emitPlainSums(result, letters, factors);
  }
  char lane = letters.back();
  bool shared = has(factors[0].letters, lane) && has(factors[1].letters, lane);
  // Tiles need a sum, and every letter of it in both factors.
  bool sums = false, summedTwice = true;
  for (auto [i, factor] : llvm::enumerate(factors))
    for (char letter : factor.letters) {
      sums |= !has(letters, letter);
      summedTwice &=
          has(letters, letter) || has(factors[1 - i].letters, letter);
    }
  if (shared || !sums || !summedTwice) {
    if (dots)
      return emitDots(result, letters, factors);
    return emitPlainSums(result, letters, factors);
  }
  const Factor &columns = factors[has(factors[0].letters, lane) ? 0 : 1];
  const Factor &rows = factors[has(factors[0].letters, lane) ? 1 : 0];
  int64_t rowCount = 1;
  for (char letter : rows.letters)
    if (has(letters, letter) && !has(columns.letters, letter))
      rowCount *= extentOf(rows.place, rows.letters, letter);
  if (dots && rowCount < packedRows && !columns.place.panels)
    return emitDots(result, letters, factors);
  emitTiles(result, letters, rows, columns);
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

/// Rows and columns of the blocks that `transposeBlock` turns.
static constexpr int64_t blockSize = 8;

/// Eight vectors of eight lanes with rows and columns exchanged: neighbours,
/// then pairs, then halves change places.
static void transposeBlock(KernelEmitter &e, SmallVectorImpl<Value> &rows) {
  auto shuffle = [&](Value a, Value b, ArrayRef<int64_t> lanes) -> Value {
    return vector::ShuffleOp::create(e.builder, e.loc, a, b, lanes);
  };
  auto exchange = [&](int64_t distance, ArrayRef<int64_t> low,
                      ArrayRef<int64_t> high) {
    SmallVector<Value> next(blockSize);
    for (int64_t i = 0; i < blockSize; ++i) {
      if (i & distance)
        continue;
      next[i] = shuffle(rows[i], rows[i + distance], low);
      next[i + distance] = shuffle(rows[i], rows[i + distance], high);
    }
    rows.assign(next.begin(), next.end());
  };
  exchange(1, {0, 8, 2, 10, 4, 12, 6, 14}, {1, 9, 3, 11, 5, 13, 7, 15});
  exchange(2, {0, 1, 8, 9, 4, 5, 12, 13}, {2, 3, 10, 11, 6, 7, 14, 15});
  exchange(4, {0, 1, 2, 3, 8, 9, 10, 11}, {4, 5, 6, 7, 12, 13, 14, 15});
}

/// Packs `line`, at `offset`, as line `k` of `packed`.
void TensorEmitter::packLine(const Place &packed, Place line, Value offset,
                             Value k) {
  int64_t lanes = line.shape[0];
  int64_t panels = lanes / panelWidth, ragged = lanes % panelWidth;
  line.offset = offset;
  auto pack = [&](Value panel, int64_t width) {
    Position source{{e.mul(panel, e.index(panelWidth))}, 0, width};
    Position target{{panel, k, e.index(0)}, 2, width};
    store(packed, target, load(line, source));
  };
  e.forLoop(e.index(0), e.index(panels), e.index(1),
            [&](Value panel) { pack(panel, panelWidth); });
  if (ragged)
    pack(e.index(panels), ragged);
}

/// Packs a matrix whose lanes are `laneStride` apart and whose sums are
/// neighbours: the whole blocks of it. Returns how many lanes and sums these
/// are.
std::pair<int64_t, int64_t>
TensorEmitter::packBlocks(const Place &packed, Value buffer, Value offset,
                          Value laneStride, int64_t lanes, int64_t depth) {
  int64_t wholeLanes = lanes / blockSize * blockSize;
  int64_t wholeDepth = depth / blockSize * blockSize;
  auto type = VectorType::get(
      blockSize, cast<MemRefType>(buffer.getType()).getElementType());
  if (wholeLanes == 0 || wholeDepth == 0)
    return {0, 0};
  Value step = e.index(blockSize);
  e.forLoop(e.index(0), e.index(wholeLanes), step, [&](Value lane) {
    e.forLoop(e.index(0), e.index(wholeDepth), step, [&](Value k) {
      SmallVector<Value> rows;
      for (int64_t i = 0; i < blockSize; ++i) {
        Value row = e.mul(e.add(lane, e.index(i)), laneStride);
        Value from = e.add(e.add(offset, row), k);
        Value value = vector::LoadOp::create(b, loc, type, buffer, from);
        if (!type.getElementType().isF32())
          value =
              arith::ExtFOp::create(b, loc, type.clone(b.getF32Type()), value);
        rows.push_back(value);
      }
      transposeBlock(e, rows);
      Value panel = e.div(lane, e.index(panelWidth));
      for (int64_t i = 0; i < blockSize; ++i)
        store(packed,
              Position{{panel, e.add(k, e.index(i)),
                        e.rem(lane, e.index(panelWidth))},
                       2,
                       blockSize},
              rows[i]);
    });
  });
  return {wholeLanes, wholeDepth};
}

namespace {
/// A letter with the elements between neighbours in each tensor, null in those
/// that lack it.
struct Loop {
  int64_t extent;
  Value inRows, inColumns, inResult;
};
/// Where loops stand: offsets in the three tensors.
struct Offsets {
  Value rows, columns, result;
};
} // namespace

static void forLoops(KernelEmitter &e, ArrayRef<Loop> loops, Offsets at,
                     function_ref<void(Offsets)> fn) {
  if (loops.empty())
    return fn(at);
  const Loop &loop = loops.front();
  auto advance = [&](Value offset, Value stride, Value i) {
    return stride ? e.add(offset, e.mul(i, stride)) : offset;
  };
  e.forLoop(e.index(0), e.index(loop.extent), e.index(1), [&](Value i) {
    forLoops(e, loops.drop_front(),
             {advance(at.rows, loop.inRows, i),
              advance(at.columns, loop.inColumns, i),
              advance(at.result, loop.inResult, i)},
             fn);
  });
}

void TensorEmitter::emitTiles(const Place &result, StringRef letters,
                              const Factor &rows, const Factor &columns) {
  char lane = letters.back();
  auto stride = [](const Place &place, StringRef group, char letter) -> Value {
    size_t axis = group.find(letter);
    return axis == StringRef::npos || place.panels ? Value()
                                                   : place.strides[axis];
  };
  auto loopOf = [&](char letter) -> Loop {
    bool inRows = has(rows.letters, letter);
    return {inRows ? extentOf(rows.place, rows.letters, letter)
                   : extentOf(columns.place, columns.letters, letter),
            stride(rows.place, rows.letters, letter),
            stride(columns.place, columns.letters, letter),
            stride(result, letters, letter)};
  };
  // Rows of a tile: the letter of the rows' operand with the most positions.
  char row = 0;
  int64_t rowCount = 1, allRows = 1;
  for (char letter : rows.letters) {
    if (!has(letters, letter) || has(columns.letters, letter))
      continue;
    int64_t extent = extentOf(rows.place, rows.letters, letter);
    allRows *= extent;
    if (extent >= rowCount) {
      row = letter;
      rowCount = extent;
    }
  }
  SmallVector<Loop> outer, inner, sums;
  for (char letter : letters.drop_back())
    if (letter != row)
      (has(columns.letters, letter) ? outer : inner).push_back(loopOf(letter));
  for (char letter : columns.letters)
    if (!has(letters, letter))
      sums.push_back(loopOf(letter));
  Loop rowLoop = row ? loopOf(row) : Loop{1, e.index(0), {}, e.index(0)};
  Loop laneLoop = loopOf(lane);
  int64_t depth = 1;
  for (const Loop &sum : sums)
    depth *= sum.extent;
  int64_t panels = llvm::divideCeil(laneLoop.extent, panelWidth);
  int64_t ragged = laneLoop.extent % panelWidth;

  // Packed, element (k, column) is at ((column / 16) * depth + k) * 16 +
  // column % 16; k counts all summed letters.
  bool inPanels = columns.place.panels && sums.size() == 1;
  bool packs = !inPanels && (columns.place.panels || sums.size() != 1 ||
                             getConstantIntValue(laneLoop.inColumns) != 1 ||
                             (allRows >= packedRows && depth >= packedDepth));
  std::optional<Place> packed;
  if (packs)
    packed = allocate({panels, depth, panelWidth});

  Offsets start{rows.place.offset, columns.place.offset, result.offset};
  forLoops(e, outer, start, [&](Offsets base) {
    if (packs) {
      Offsets from = base;
      from.rows = e.index(0); // counts k here
      SmallVector<Loop> counting = sums;
      int64_t inner = 1;
      for (Loop &sum : llvm::reverse(counting)) {
        sum.inRows = e.index(inner);
        sum.inResult = Value();
        inner *= sum.extent;
      }
      int64_t lanesDone = 0, depthDone = 0;
      if (sums.size() == 1 && !columns.place.panels &&
          getConstantIntValue(sums[0].inColumns) == 1 &&
          getConstantIntValue(laneLoop.inColumns) != 1)
        std::tie(lanesDone, depthDone) =
            packBlocks(*packed, columns.place.buffer, base.columns,
                       laneLoop.inColumns, laneLoop.extent, depth);
      Place line = columns.place;
      line.shape = {laneLoop.extent};
      line.strides = {laneLoop.inColumns};
      // Lanes [first, last) of line k, panel by panel.
      auto pack = [&](Offsets at, int64_t first, int64_t last) {
        line.offset = at.columns;
        while (first < last) {
          int64_t end =
              std::min<int64_t>(last, (first / panelWidth + 1) * panelWidth);
          Position source{{e.index(first)}, 0, end - first};
          Position target{{e.index(first / panelWidth), at.rows,
                           e.index(first % panelWidth)},
                          2,
                          end - first};
          store(*packed, target, load(line, source));
          first = end;
        }
      };
      forLoops(e, counting, from, [&](Offsets at) {
        if (lanesDone == 0)
          return packLine(*packed, line, at.columns, at.rows);
        pack(at, lanesDone, laneLoop.extent);
      });
      if (lanesDone && depthDone < depth)
        e.forLoop(e.index(depthDone), e.index(depth), e.index(1), [&](Value k) {
          pack({k, e.add(base.columns, k), base.result}, 0, lanesDone);
        });
    }
    forLoops(e, inner, base, [&](Offsets at) {
      auto emitTile = [&](Value firstRow, int64_t height, Value firstPanel,
                          int64_t count, int64_t width) {
        RegisterTile tile(e, height, count, width);
        tile.left = rows.place.buffer;
        tile.right = packs ? packed->buffer : columns.place.buffer;
        for (int64_t i = 0; i < height; ++i)
          tile.leftOffsets.push_back(e.add(
              at.rows, e.mul(e.add(firstRow, e.index(i)), rowLoop.inRows)));
        for (int64_t j = 0; j < count; ++j) {
          Value panel = e.add(firstPanel, e.index(j));
          Value first = e.mul(panel, e.index(panelWidth));
          if (packs)
            tile.rightOffsets.push_back(
                e.add(packed->offset, e.mul(first, e.index(depth))));
          else if (inPanels)
            tile.rightOffsets.push_back(
                e.add(at.columns, e.mul(first, e.index(depth))));
          else
            tile.rightOffsets.push_back(
                e.add(at.columns, e.mul(first, laneLoop.inColumns)));
        }
        tile.rightStride =
            packs || inPanels ? e.index(panelWidth) : sums.back().inColumns;
        tile.leftStride = sums.back().inRows;
        tile.clear();
        std::function<void(size_t)> addSums = [&](size_t depthOfLoop) {
          const Loop &sum = sums[depthOfLoop];
          if (depthOfLoop + 1 == sums.size())
            return tile.accumulate(e.index(0), e.index(sum.extent));
          auto loop = scf::ForOp::create(
              b, loc, e.index(0), e.index(sum.extent), e.index(1), tile.sums);
          OpBuilder::InsertionGuard guard(b);
          b.setInsertionPointToStart(loop.getBody());
          tile.sums.assign(loop.getRegionIterArgs().begin(),
                           loop.getRegionIterArgs().end());
          auto leftOffsets = tile.leftOffsets;
          auto rightOffsets = tile.rightOffsets;
          int64_t below = 1;
          for (const Loop &other : ArrayRef(sums).drop_front(depthOfLoop + 1))
            below *= other.extent;
          Value i = loop.getInductionVar();
          for (Value &offset : tile.leftOffsets)
            offset = e.add(offset, e.mul(i, sum.inRows));
          for (Value &offset : tile.rightOffsets)
            offset = e.add(offset, e.mul(i, e.index(below * panelWidth)));
          addSums(depthOfLoop + 1);
          scf::YieldOp::create(b, loc, tile.sums);
          tile.sums.assign(loop.getResults().begin(), loop.getResults().end());
          tile.leftOffsets = leftOffsets;
          tile.rightOffsets = rightOffsets;
        };
        addSums(0);
        for (int64_t i = 0; i < height; ++i)
          for (int64_t j = 0; j < count; ++j) {
            Value offset = e.add(at.result, e.mul(e.add(firstRow, e.index(i)),
                                                  rowLoop.inResult));
            Value panel = e.add(firstPanel, e.index(j));
            offset = e.add(offset, e.mul(panel, e.index(panelWidth)));
            vector::StoreOp::create(b, loc, tile.sum(i, j), result.buffer,
                                    offset);
          }
      };
      // Panels outside, so that one stays in the cache for all rows.
      auto emitRows = [&](Value panel, int64_t most, int64_t width) {
        forRowTiles(e, rowLoop.extent, depth * laneLoop.extent,
                    [&](Value first, CpuTileShape shape) {
                      int64_t count = std::min(shape.panels, most);
                      for (int64_t j = 0; j < most; j += count)
                        emitTile(first, shape.rows, e.add(panel, e.index(j)),
                                 std::min(count, most - j), width);
                    });
      };
      int64_t whole = panels - !!ragged;
      int64_t group = rowLoop.extent < e.tiles.front().rows ? 4 : 1;
      group = std::max<int64_t>(1, std::min(group, whole));
      int64_t grouped = whole / group * group;
      if (grouped)
        e.forLoop(e.index(0), e.index(grouped), e.index(group),
                  [&](Value panel) { emitRows(panel, group, panelWidth); });
      if (whole > grouped)
        emitRows(e.index(grouped), whole - grouped, panelWidth);
      if (ragged)
        emitRows(e.index(whole), 1, ragged);
    });
  });
  if (packs)
    release(*packed);
}

//===----------------------------------------------------------------------===//
// Lanes along the sum
//===----------------------------------------------------------------------===//

void TensorEmitter::emitDots(const Place &result, StringRef letters,
                             ArrayRef<Factor> factors) {
  char lane = factors[0].letters.back();
  int64_t extent = factors[0].place.shape.back();
  std::string summed; // the other summed letters
  SmallVector<int64_t> extents;
  for (const Factor &factor : factors)
    for (auto [letter, size] :
         llvm::zip_equal(factor.letters, factor.place.shape))
      if (letter != lane && !has(letters, letter) && !has(summed, letter)) {
        summed += letter;
        extents.push_back(size);
      }
  llvm::SmallDenseMap<char, Value> index;
  auto product = [&](Value first, int64_t lanes, Value sum) -> Value {
    SmallVector<Value> values;
    for (const Factor &factor : factors) {
      Position at;
      for (char letter : factor.letters.drop_back())
        at.indices.push_back(index.lookup(letter));
      at.indices.push_back(first);
      at.laneAxis = at.indices.size() - 1;
      at.lanes = lanes;
      values.push_back(load(factor.place, at));
    }
    if (values.size() == 1)
      return arith::AddFOp::create(b, loc, sum, values[0]);
    return vector::FMAOp::create(b, loc, values[0], values[1], sum);
  };
  // Vectors of the sum run side by side to hide their latency.
  int64_t side = std::min<int64_t>(4, extent / laneCount);
  int64_t block = side * laneCount;
  int64_t whole = block ? extent / block * block : 0;
  std::function<void(size_t, SmallVectorImpl<Value> &, Value &)> add =
      [&](size_t depth, SmallVectorImpl<Value> &sums, Value &scalar) {
        SmallVector<Value> carried(sums.begin(), sums.end());
        carried.push_back(scalar);
        auto loop = [&](Value from, Value to, Value step,
                        function_ref<void(Value)> body) {
          SmallVector<Value> carried(sums.begin(), sums.end());
          carried.push_back(scalar);
          auto loop = scf::ForOp::create(b, loc, from, to, step, carried);
          auto unpack = [&](ValueRange values) {
            sums.assign(values.begin(), values.end());
            scalar = sums.pop_back_val();
          };
          {
            OpBuilder::InsertionGuard guard(b);
            b.setInsertionPointToStart(loop.getBody());
            unpack(loop.getRegionIterArgs());
            body(loop.getInductionVar());
            carried.assign(sums.begin(), sums.end());
            carried.push_back(scalar);
            scf::YieldOp::create(b, loc, carried);
          }
          unpack(loop.getResults());
        };
        if (depth < summed.size())
          return loop(e.index(0), e.index(extents[depth]), e.index(1),
                      [&](Value i) {
                        index[summed[depth]] = i;
                        add(depth + 1, sums, scalar);
                      });
        if (whole)
          loop(e.index(0), e.index(whole), e.index(block), [&](Value first) {
            for (int64_t j = 0; j < side; ++j)
              sums[j] = product(e.add(first, e.index(j * laneCount)), laneCount,
                                sums[j]);
          });
        for (int64_t first = whole; first < extent; first += laneCount) {
          int64_t lanes = std::min(laneCount, extent - first);
          if (lanes == laneCount) {
            int64_t j = (first - whole) / laneCount;
            sums[j] = product(e.index(first), lanes, sums[j]);
            continue;
          }
          Value part = product(e.index(first), lanes, e.constant(0.0, lanes));
          scalar = arith::AddFOp::create(
              b, loc, scalar,
              vector::ReductionOp::create(b, loc, vector::CombiningKind::ADD,
                                          part));
        }
      };
  auto dot = [&]() -> Value {
    SmallVector<Value> sums(side, e.constant(0.0, laneCount));
    Value scalar = zero({});
    add(0, sums, scalar);
    for (Value sum : sums)
      scalar = arith::AddFOp::create(
          b, loc, scalar,
          vector::ReductionOp::create(b, loc, vector::CombiningKind::ADD, sum));
    return scalar;
  };
  Position at;
  std::function<void()> nest = [&]() {
    size_t axis = at.indices.size();
    if (axis == letters.size())
      return store(result, at, dot());
    e.forLoop(e.index(0), e.index(result.shape[axis]), e.index(1),
              [&](Value i) {
                at.indices.push_back(i);
                index[letters[axis]] = i;
                nest();
                at.indices.pop_back();
              });
  };
  nest();
}

//===----------------------------------------------------------------------===//
// Anything else
//===----------------------------------------------------------------------===//

void TensorEmitter::emitPlainSums(const Place &result, StringRef letters,
                                  ArrayRef<Factor> factors) {
  std::string summed;
  SmallVector<int64_t> extents;
  for (const Factor &factor : factors)
    for (auto [letter, size] :
         llvm::zip_equal(factor.letters, factor.place.shape))
      if (!has(letters, letter) && !has(summed, letter)) {
        summed += letter;
        extents.push_back(size);
      }
  forSpace(result.shape, [&](const Position &at) {
    SmallVector<Value> index;
    std::function<Value(Value)> add = [&](Value sum) -> Value {
      if (index.size() < summed.size()) {
        auto loop =
            scf::ForOp::create(b, loc, e.index(0),
                               e.index(extents[index.size()]), e.index(1), sum);
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToStart(loop.getBody());
        index.push_back(loop.getInductionVar());
        Value next = add(loop.getRegionIterArgs()[0]);
        index.pop_back();
        scf::YieldOp::create(b, loc, next);
        return loop.getResult(0);
      }
      Value product;
      for (const Factor &factor : factors) {
        Position inner;
        for (char letter : factor.letters) {
          size_t axis = letters.find(letter);
          if (axis == StringRef::npos) {
            inner.indices.push_back(index[summed.find(letter)]);
            continue;
          }
          if (at.laneAxis == axis) {
            inner.laneAxis = inner.indices.size();
            inner.lanes = at.lanes;
          }
          inner.indices.push_back(at.indices[axis]);
        }
        Value value = load(factor.place, inner);
        if (at.laneAxis && !inner.laneAxis)
          value =
              vector::BroadcastOp::create(b, loc, e.laneType(at.lanes), value);
        product =
            product ? arith::MulFOp::create(b, loc, product, value).getResult()
                    : value;
      }
      return arith::AddFOp::create(b, loc, sum, product);
    };
    store(result, at, add(zero(at)));
  });
}
