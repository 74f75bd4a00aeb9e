//===- TensorTiles.cpp - sums of products as tiles of registers -----------===//
//
// One letter of the result is the rows of a tile, its last letter the lanes;
// there are loops over the others. The factor of the lanes, the columns, is
// packed first if its lanes are not next to each other, or many rows read it.
// Each sum adds in the order of its letters, whichever tile it is in.
//
//===----------------------------------------------------------------------===//

#include "compiler/Conversion/CpuKernels/RegisterTile.h"
#include "compiler/Conversion/CpuKernels/TensorEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace ssmc;

/// Summed positions from which on lines a power of two apart would evict each
/// other from a cache.
static constexpr int64_t packedDepth = 16;
/// Rows and columns of the blocks that `transposeBlock` turns.
static constexpr int64_t blockSize = 8;

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

class Tiles {
public:
  Tiles(TensorEmitter &t, KernelEmitter &e, const Place &result,
        StringRef letters, const PlacedFactor &rows,
        const PlacedFactor &columns);
  void emit();

private:
  Loop loopOf(char letter) const;
  void forLoops(ArrayRef<Loop> loops, Offsets at,
                function_ref<void(Offsets)> fn);

  void pack(Offsets base);
  void packLine(Value offset, Value k);
  /// Packs lanes [first, last) of a line.
  void packLanes(Value offset, Value k, int64_t first, int64_t last);
  /// Packs the whole blocks of columns whose sums are neighbours. Returns how
  /// many lanes and sums these are.
  std::pair<int64_t, int64_t> packBlocks(Value offset);

  void emitTiles(Offsets at);
  /// All rows of `count` panels from `panel` on, `width` lanes each.
  void emitRows(Offsets at, Value panel, int64_t count, int64_t width);
  void emitTile(Offsets at, RegisterTile &tile, Value firstRow,
                Value firstPanel);
  void addSums(RegisterTile &tile, size_t depthOfLoop);

  TensorEmitter &t;
  KernelEmitter &e;
  OpBuilder &b;
  const Place &result;
  const Place &rows, &columns;
  StringRef letters, rowLetters, columnLetters;
  SmallVector<Loop> outer, inner, sums;
  Loop rowLoop, laneLoop;
  int64_t depth = 1; // positions of all summed letters
  int64_t panels, ragged;
  bool inPanels; // as the columns are given
  bool packs;
  /// Element (k, column) is at ((column / 16) * depth + k) * 16 + column % 16;
  /// k counts all summed letters.
  Place packed;
};
} // namespace

static bool has(StringRef letters, char letter) {
  return letters.contains(letter);
}

Tiles::Tiles(TensorEmitter &t, KernelEmitter &e, const Place &result,
             StringRef letters, const PlacedFactor &rows,
             const PlacedFactor &columns)
    : t(t), e(e), b(e.builder), result(result), rows(rows.place),
      columns(columns.place), letters(letters), rowLetters(rows.letters),
      columnLetters(columns.letters) {
  // Rows of a tile: the letter of the rows' operand with the most positions.
  // Sequences are rows where there is nothing else; how many there are is not
  // known, so nothing is packed for them.
  char row = 0;
  int64_t rowCount = 1, allRows = 1;
  for (auto [letter, extent] : llvm::zip_equal(rowLetters, rows.place.shape)) {
    if (!has(letters, letter) || has(columnLetters, letter))
      continue;
    bool isDynamic = ShapedType::isDynamic(extent);
    allRows *= isDynamic ? 1 : extent;
    if (isDynamic ? !row : extent >= rowCount) {
      row = letter;
      rowCount = isDynamic ? 1 : extent;
    }
  }
  for (char letter : letters.drop_back())
    if (letter != row)
      (has(columnLetters, letter) ? outer : inner).push_back(loopOf(letter));
  for (char letter : columnLetters)
    if (!has(letters, letter)) {
      sums.push_back(loopOf(letter));
      depth *= sums.back().extent;
    }
  rowLoop = row ? loopOf(row) : Loop{1, e.index(0), {}, e.index(0)};
  laneLoop = loopOf(letters.back());
  panels = llvm::divideCeil(laneLoop.extent, panelWidth);
  ragged = laneLoop.extent % panelWidth;
  inPanels = this->columns.panels && sums.size() == 1;
  packs = !inPanels && (this->columns.panels || sums.size() != 1 ||
                        getConstantIntValue(laneLoop.inColumns) != 1 ||
                        (allRows >= packedRows && depth >= packedDepth));
}

Loop Tiles::loopOf(char letter) const {
  auto stride = [&](const Place &place, StringRef group) -> Value {
    size_t axis = group.find(letter);
    return axis == StringRef::npos || place.panels ? Value()
                                                   : place.strides[axis];
  };
  int64_t extent = has(rowLetters, letter)
                       ? rows.shape[rowLetters.find(letter)]
                       : columns.shape[columnLetters.find(letter)];
  return {extent, stride(rows, rowLetters), stride(columns, columnLetters),
          stride(result, letters)};
}

void Tiles::forLoops(ArrayRef<Loop> loops, Offsets at,
                     function_ref<void(Offsets)> fn) {
  if (loops.empty())
    return fn(at);
  const Loop &loop = loops.front();
  auto advance = [&](Value offset, Value stride, Value i) {
    return stride ? e.add(offset, e.mul(i, stride)) : offset;
  };
  e.forLoop(e.index(0), t.extent(loop.extent), e.index(1), [&](Value i) {
    forLoops(loops.drop_front(),
             {advance(at.rows, loop.inRows, i),
              advance(at.columns, loop.inColumns, i),
              advance(at.result, loop.inResult, i)},
             fn);
  });
}

void Tiles::emit() {
  if (packs)
    packed = t.allocate({panels, depth, panelWidth});
  Offsets start{rows.offset, columns.offset, result.offset};
  forLoops(outer, start, [&](Offsets base) {
    if (packs)
      pack(base);
    forLoops(inner, base, [&](Offsets at) { emitTiles(at); });
  });
  if (packs)
    t.release(packed);
}

//===----------------------------------------------------------------------===//
// Packing
//===----------------------------------------------------------------------===//

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

void Tiles::pack(Offsets base) {
  int64_t lanesDone = 0, depthDone = 0;
  if (sums.size() == 1 && !columns.panels &&
      getConstantIntValue(sums[0].inColumns) == 1 &&
      getConstantIntValue(laneLoop.inColumns) != 1)
    std::tie(lanesDone, depthDone) = packBlocks(base.columns);
  SmallVector<Loop> counting = sums;
  int64_t below = 1;
  for (Loop &sum : llvm::reverse(counting)) {
    sum.inRows = e.index(below);
    sum.inResult = Value();
    below *= sum.extent;
  }
  base.rows = e.index(0); // counts k here
  forLoops(counting, base, [&](Offsets at) {
    if (lanesDone == 0)
      return packLine(at.columns, at.rows);
    packLanes(at.columns, at.rows, lanesDone, laneLoop.extent);
  });
  if (lanesDone && depthDone < depth)
    e.forLoop(e.index(depthDone), e.index(depth), e.index(1), [&](Value k) {
      packLanes(e.add(base.columns, k), k, 0, lanesDone);
    });
}

/// The lanes at `offset` as a tensor.
static Place lineAt(const Place &columns, const Loop &lanes, Value offset) {
  Place line = columns;
  line.offset = offset;
  line.shape = {lanes.extent};
  line.strides = {lanes.inColumns};
  return line;
}

void Tiles::packLine(Value offset, Value k) {
  Place line = lineAt(columns, laneLoop, offset);
  auto pack = [&](Value panel, int64_t width) {
    Position source{{e.mul(panel, e.index(panelWidth))}, 0, width};
    Position target{{panel, k, e.index(0)}, 2, width};
    t.store(packed, target, t.load(line, source));
  };
  int64_t whole = laneLoop.extent / panelWidth;
  e.forLoop(e.index(0), e.index(whole), e.index(1),
            [&](Value panel) { pack(panel, panelWidth); });
  if (ragged)
    pack(e.index(whole), ragged);
}

void Tiles::packLanes(Value offset, Value k, int64_t first, int64_t last) {
  Place line = lineAt(columns, laneLoop, offset);
  while (first < last) {
    int64_t end =
        std::min<int64_t>(last, (first / panelWidth + 1) * panelWidth);
    Position source{{e.index(first)}, 0, end - first};
    Position target{
        {e.index(first / panelWidth), k, e.index(first % panelWidth)},
        2,
        end - first};
    t.store(packed, target, t.load(line, source));
    first = end;
  }
}

std::pair<int64_t, int64_t> Tiles::packBlocks(Value offset) {
  int64_t wholeLanes = laneLoop.extent / blockSize * blockSize;
  int64_t wholeDepth = depth / blockSize * blockSize;
  auto type = VectorType::get(
      blockSize, cast<MemRefType>(columns.buffer.getType()).getElementType());
  if (wholeLanes == 0 || wholeDepth == 0)
    return {0, 0};
  Value step = e.index(blockSize);
  e.forLoop(e.index(0), e.index(wholeLanes), step, [&](Value lane) {
    e.forLoop(e.index(0), e.index(wholeDepth), step, [&](Value k) {
      SmallVector<Value> lines;
      for (int64_t i = 0; i < blockSize; ++i) {
        Value line = e.mul(e.add(lane, e.index(i)), laneLoop.inColumns);
        Value from = e.add(e.add(offset, line), k);
        Value value =
            vector::LoadOp::create(b, e.loc, type, columns.buffer, from);
        if (!type.getElementType().isF32())
          value = arith::ExtFOp::create(b, e.loc, type.clone(b.getF32Type()),
                                        value);
        lines.push_back(value);
      }
      transposeBlock(e, lines);
      Value panel = e.div(lane, e.index(panelWidth));
      for (int64_t i = 0; i < blockSize; ++i)
        t.store(packed,
                Position{{panel, e.add(k, e.index(i)),
                          e.rem(lane, e.index(panelWidth))},
                         2,
                         blockSize},
                lines[i]);
    });
  });
  return {wholeLanes, wholeDepth};
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

/// Panels outside, so that one stays in the cache for all rows.
void Tiles::emitTiles(Offsets at) {
  int64_t whole = panels - !!ragged;
  int64_t group = rowLoop.extent < e.tiles.front().rows ? 4 : 1;
  group = std::max<int64_t>(1, std::min(group, whole));
  int64_t grouped = whole / group * group;
  if (grouped)
    e.forLoop(e.index(0), e.index(grouped), e.index(group),
              [&](Value panel) { emitRows(at, panel, group, panelWidth); });
  if (whole > grouped)
    emitRows(at, e.index(grouped), whole - grouped, panelWidth);
  if (ragged)
    emitRows(at, e.index(whole), 1, ragged);
}

void Tiles::emitRows(Offsets at, Value panel, int64_t most, int64_t width) {
  auto emit = [&](Value first, CpuTileShape shape) {
    int64_t step = std::min(shape.panels, most);
    for (int64_t j = 0; j < most; j += step) {
      RegisterTile tile(e, shape.rows, std::min(step, most - j), width);
      emitTile(at, tile, first, e.add(panel, e.index(j)));
    }
  };
  if (ShapedType::isDynamic(rowLoop.extent))
    forRowTiles(e, t.extent(rowLoop.extent), emit);
  else
    forRowTiles(e, rowLoop.extent, depth * laneLoop.extent, emit);
}

void Tiles::emitTile(Offsets at, RegisterTile &tile, Value firstRow,
                     Value firstPanel) {
  tile.left = rows.buffer;
  tile.right = packs ? packed.buffer : columns.buffer;
  for (int64_t i = 0; i < tile.rows; ++i)
    tile.leftOffsets.push_back(
        e.add(at.rows, e.mul(e.add(firstRow, e.index(i)), rowLoop.inRows)));
  Value start = packs ? packed.offset : at.columns;
  bool paneled = packs || inPanels;
  for (int64_t j = 0; j < tile.panels; ++j) {
    Value panel = e.add(firstPanel, e.index(j));
    Value first = e.mul(panel, e.index(panelWidth));
    tile.rightOffsets.push_back(e.add(
        start, e.mul(first, paneled ? e.index(depth) : laneLoop.inColumns)));
  }
  tile.rightStride = paneled ? e.index(panelWidth) : sums.back().inColumns;
  tile.leftStride = sums.back().inRows;
  tile.clear();
  addSums(tile, 0);
  for (int64_t i = 0; i < tile.rows; ++i)
    for (int64_t j = 0; j < tile.panels; ++j) {
      Value row = e.mul(e.add(firstRow, e.index(i)), rowLoop.inResult);
      Value panel = e.add(firstPanel, e.index(j));
      Value offset =
          e.add(e.add(at.result, row), e.mul(panel, e.index(panelWidth)));
      vector::StoreOp::create(b, e.loc, tile.sum(i, j), result.buffer, offset);
    }
}

/// Adds over the summed letters from number `depthOfLoop` on.
void Tiles::addSums(RegisterTile &tile, size_t depthOfLoop) {
  const Loop &sum = sums[depthOfLoop];
  if (depthOfLoop + 1 == sums.size())
    return tile.accumulate(e.index(0), e.index(sum.extent));
  auto loop = scf::ForOp::create(b, e.loc, e.index(0), e.index(sum.extent),
                                 e.index(1), tile.sums);
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
  addSums(tile, depthOfLoop + 1);
  scf::YieldOp::create(b, e.loc, tile.sums);
  tile.sums.assign(loop.getResults().begin(), loop.getResults().end());
  tile.leftOffsets = leftOffsets;
  tile.rightOffsets = rightOffsets;
}

void TensorEmitter::emitTiles(const Place &result, StringRef letters,
                              const PlacedFactor &rows,
                              const PlacedFactor &columns) {
  Tiles(*this, e, result, letters, rows, columns).emit();
}
