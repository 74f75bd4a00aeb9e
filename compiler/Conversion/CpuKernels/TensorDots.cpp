//===- TensorDots.cpp - sums of products with lanes along the sum ---------===//
//
// Where all factors have the same summed letter last, their elements next to
// each other, lanes run along it. The sums of several rows (a letter of one
// factor alone) and columns (of the other) are in registers at once, so that
// what is read takes part in several. What a sum adds, and in which order,
// follows from shapes: neither from its tile nor from how many sequences there
// are.
//
//===----------------------------------------------------------------------===//

#include "compiler/Conversion/CpuKernels/TensorEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace ssmc;

/// Chains of additions that keep two units of four cycles busy.
static constexpr int64_t busyChains = 8;

namespace {
/// Lanes of a sum, and the most rows and columns of a tile.
struct DotShape {
  int64_t lanes, rows, columns;
};

class Dots {
public:
  Dots(TensorEmitter &t, KernelEmitter &e, const Place &result,
       StringRef letters, ArrayRef<PlacedFactor> factors);
  void emit();

private:
  /// The vectors of `rows` times `columns` sums, `side` for each.
  struct Tile {
    Value firstRow, firstColumn;
    int64_t rows, columns;
    SmallVector<Value> sums;
  };

  /// A letter of the result that factor `number` has alone: that of sequences,
  /// else the one with most positions; 0 if there is none.
  char findAlone(unsigned number) const;
  bool isDynamic(char letter) const {
    return letter && ShapedType::isDynamic(extents.lookup(letter));
  }
  void emitTiles();
  void emitTiles(int64_t mostRows, Value width, ArrayRef<int64_t> widths);
  void emitTile(Tile &tile);
  /// Adds over the summed letters from number `depth` on, then over the lanes.
  void addSums(Tile &tile, size_t depth);
  /// Adds `count` lanes from `first` on to vector `j` of each sum.
  void addProducts(Tile &tile, Value first, int64_t count, int64_t j);
  Value load(unsigned number, Value first, int64_t count);
  void setPosition(const Tile &tile, int64_t row, int64_t column);
  Value &sumOf(Tile &tile, int64_t row, int64_t column, int64_t j) {
    return tile.sums[(row * tile.columns + column) * side + j];
  }

  TensorEmitter &t;
  KernelEmitter &e;
  OpBuilder &b;
  const Place &result;
  StringRef letters;
  ArrayRef<PlacedFactor> factors;
  DotShape shape;
  llvm::SmallDenseMap<char, int64_t> extents;
  llvm::SmallDenseMap<char, Value> index;
  std::string summed;       // but the lanes' letter
  char row = 0, column = 0; // 0: there is none
  unsigned rowFactor = 0;
  int64_t depth, side;
};
} // namespace

static DotShape getDotShape(StringRef level) {
  // Of 32 registers with 16 lanes, 16 hold sums.
  if (level == "x86-64-v4")
    return {16, 4, 4};
  // Of 16 registers with 8 lanes, or 32 with 4, 12 or 24 do.
  return {8, 4, 3};
}

Dots::Dots(TensorEmitter &t, KernelEmitter &e, const Place &result,
           StringRef letters, ArrayRef<PlacedFactor> factors)
    : t(t), e(e), b(e.builder), result(result), letters(letters),
      factors(factors), shape(getDotShape(e.level)),
      depth(factors[0].place.shape.back()) {
  char lane = factors[0].letters.back();
  for (const PlacedFactor &factor : factors)
    for (auto [letter, extent] :
         llvm::zip_equal(factor.letters, factor.place.shape))
      if (extents.try_emplace(letter, extent).second && letter != lane &&
          !letters.contains(letter))
        summed += letter;
  row = findAlone(0);
  column = factors.size() > 1 ? findAlone(1) : 0;
  // Columns are sequences, or the fewer.
  if (isDynamic(row) || !row ||
      (column && !isDynamic(column) && extents[row] < extents[column])) {
    std::swap(row, column);
    rowFactor = factors.size() - 1;
  }
  shape.lanes = std::min(shape.lanes, depth);
  // Of few sums, each is several.
  int64_t chains = row ? std::min(extents[row], busyChains) : 1;
  if (column && !isDynamic(column))
    chains *= std::min(extents[column], shape.columns);
  side = std::clamp<int64_t>(busyChains / chains, 1, 4);
  side = std::min(side, depth / shape.lanes);
}

char Dots::findAlone(unsigned number) const {
  char best = 0;
  for (char letter : factors[number].letters) {
    if (!letters.contains(letter) ||
        (factors.size() > 1 && factors[1 - number].letters.contains(letter)))
      continue;
    if (isDynamic(letter))
      return letter;
    if (!best || extents.lookup(letter) > extents.lookup(best))
      best = letter;
  }
  return best;
}

void Dots::emit() {
  std::function<void(size_t)> nest = [&](size_t axis) {
    if (axis == letters.size())
      return emitTiles();
    char letter = letters[axis];
    if (letter == row || letter == column)
      return nest(axis + 1);
    e.forLoop(e.index(0), t.extent(extents[letter]), e.index(1), [&](Value i) {
      index[letter] = i;
      nest(axis + 1);
    });
  };
  nest(0);
}

/// Calls `body(first, height)` for [0, count) cut greedily.
static void forHeights(KernelEmitter &e, Value count, ArrayRef<int64_t> heights,
                       function_ref<void(Value, int64_t)> body) {
  Value first = e.index(0);
  for (int64_t height : heights) {
    Value left = e.sub(count, first);
    Value last = e.sub(count, e.rem(left, e.index(height)));
    if (getConstantIntValue(left) == height)
      body(first, height);
    else if (getConstantIntValue(left).value_or(height) >= height)
      e.forLoop(first, last, e.index(height),
                [&](Value at) { body(at, height); });
    first = last;
  }
}

void Dots::emitTiles() {
  if (!isDynamic(column)) {
    int64_t count = column ? extents[column] : 1;
    int64_t most = std::min(shape.columns, count);
    return emitTiles(most == 1 ? busyChains : shape.rows, e.index(count),
                     {most, std::max<int64_t>(count % most, 1)});
  }
  // One sequence alone has rows enough to hide the latency of sums.
  Value count = t.extent(extents[column]);
  Value isOne = arith::CmpIOp::create(b, e.loc, arith::CmpIPredicate::eq, count,
                                      e.index(1));
  auto choice = scf::IfOp::create(b, e.loc, isOne, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(choice.thenBlock());
  emitTiles(busyChains, e.index(1), {1});
  b.setInsertionPointToStart(choice.elseBlock());
  emitTiles(shape.rows, count, {shape.columns, 2, 1});
}

/// Columns inside rows, whose vectors all columns find in the nearest cache.
void Dots::emitTiles(int64_t mostRows, Value width, ArrayRef<int64_t> widths) {
  int64_t count = row ? extents[row] : 1;
  int64_t most = std::min(mostRows, count);
  forHeights(e, e.index(count), {most, std::max<int64_t>(count % most, 1)},
             [&](Value firstRow, int64_t rows) {
               forHeights(e, width, widths,
                          [&](Value firstColumn, int64_t columns) {
                            Tile tile{firstRow, firstColumn, rows, columns, {}};
                            emitTile(tile);
                          });
             });
}

void Dots::setPosition(const Tile &tile, int64_t i, int64_t j) {
  if (row)
    index[row] = e.add(tile.firstRow, e.index(i));
  if (column)
    index[column] = e.add(tile.firstColumn, e.index(j));
}

/// Lanes of `a`, then of `b`, by their numbers.
static Value shuffle(KernelEmitter &e, Value a, Value b,
                     ArrayRef<int64_t> lanes) {
  return vector::ShuffleOp::create(e.builder, e.loc, a, b, lanes);
}

/// The lower half of the lanes added to the upper one.
static Value addHalves(KernelEmitter &e, Value value) {
  int64_t half = cast<VectorType>(value.getType()).getDimSize(0) / 2;
  auto low = llvm::to_vector(llvm::seq<int64_t>(0, half));
  auto high = llvm::to_vector(llvm::seq<int64_t>(half, 2 * half));
  return arith::AddFOp::create(e.builder, e.loc, shuffle(e, value, value, low),
                               shuffle(e, value, value, high));
}

/// The sum of the lanes: halves until there is one.
static Value addLanes(KernelEmitter &e, Value value) {
  int64_t lanes = cast<VectorType>(value.getType()).getDimSize(0);
  if (!llvm::isPowerOf2_64(lanes))
    return vector::ReductionOp::create(e.builder, e.loc,
                                       vector::CombiningKind::ADD, value);
  while (lanes > 1) {
    value = addHalves(e, value);
    lanes /= 2;
  }
  return vector::ExtractOp::create(e.builder, e.loc, value, 0);
}

/// The same for four vectors of eight lanes side by side, in the same order.
static Value addLanesOfFour(KernelEmitter &e, ArrayRef<Value> of) {
  auto fold = [&](Value a, Value b, ArrayRef<int64_t> low,
                  ArrayRef<int64_t> high) -> Value {
    return arith::AddFOp::create(e.builder, e.loc, shuffle(e, a, b, low),
                                 shuffle(e, a, b, high));
  };
  auto halves = [&](Value a, Value b) { // 4 of a, 4 of b
    return fold(a, b, {0, 1, 2, 3, 8, 9, 10, 11}, {4, 5, 6, 7, 12, 13, 14, 15});
  };
  Value pairs = fold(halves(of[0], of[1]), halves(of[2], of[3]),
                     {0, 1, 8, 9, 4, 5, 12, 13}, {2, 3, 10, 11, 6, 7, 14, 15});
  return fold(pairs, pairs, {0, 4, 2, 6}, {1, 5, 3, 7});
}

void Dots::emitTile(Tile &tile) {
  tile.sums.assign(tile.rows * tile.columns * side,
                   e.constant(0.0, shape.lanes));
  addSums(tile, 0);
  for (int64_t k = 0; k < tile.columns; ++k) {
    SmallVector<Value> ofRows;
    for (int64_t i = 0; i < tile.rows; ++i) {
      Value sum = sumOf(tile, i, k, 0);
      for (int64_t j = 1; j < side; ++j)
        sum = arith::AddFOp::create(b, e.loc, sum, sumOf(tile, i, k, j));
      ofRows.push_back(shape.lanes == 16 ? addHalves(e, sum) : sum);
    }
    // As many rows at once as there is a way for.
    for (int64_t i = 0, lanes; i < tile.rows; i += lanes) {
      lanes = shape.lanes >= 8 && i + 4 <= tile.rows ? 4 : 1;
      setPosition(tile, i, k);
      Position at;
      for (char letter : letters) {
        if (letter == row && lanes > 1) {
          at.laneAxis = at.indices.size();
          at.lanes = lanes;
        }
        at.indices.push_back(index.lookup(letter));
      }
      t.store(result, at,
              lanes > 1 ? addLanesOfFour(e, ArrayRef(ofRows).slice(i, lanes))
                        : addLanes(e, ofRows[i]));
    }
  }
}

void Dots::addSums(Tile &tile, size_t depthOfLoop) {
  auto loop = [&](int64_t to, int64_t step, function_ref<void(Value)> body) {
    auto loop = scf::ForOp::create(b, e.loc, e.index(0), e.index(to),
                                   e.index(step), tile.sums);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    tile.sums.assign(loop.getRegionIterArgs().begin(),
                     loop.getRegionIterArgs().end());
    body(loop.getInductionVar());
    scf::YieldOp::create(b, e.loc, tile.sums);
    tile.sums.assign(loop.getResults().begin(), loop.getResults().end());
  };
  if (depthOfLoop < summed.size()) {
    char letter = summed[depthOfLoop];
    return loop(extents[letter], 1, [&](Value i) {
      index[letter] = i;
      addSums(tile, depthOfLoop + 1);
    });
  }
  int64_t block = side * shape.lanes, whole = depth / block * block;
  loop(whole, block, [&](Value first) {
    for (int64_t j = 0; j < side; ++j)
      addProducts(tile, e.add(first, e.index(j * shape.lanes)), shape.lanes, j);
  });
  for (int64_t first = whole; first < depth; first += shape.lanes)
    addProducts(tile, e.index(first), std::min(shape.lanes, depth - first),
                (first - whole) / shape.lanes);
}

void Dots::addProducts(Tile &tile, Value first, int64_t count, int64_t j) {
  SmallVector<Value> right;
  if (factors.size() > 1)
    for (int64_t k = 0; k < tile.columns; ++k) {
      setPosition(tile, 0, k);
      right.push_back(load(1 - rowFactor, first, count));
    }
  for (int64_t i = 0; i < tile.rows; ++i) {
    setPosition(tile, i, 0);
    Value left = load(rowFactor, first, count);
    for (int64_t k = 0; k < tile.columns; ++k) {
      Value &sum = sumOf(tile, i, k, j);
      if (right.empty())
        sum = arith::AddFOp::create(b, e.loc, sum, left);
      else
        sum = vector::FMAOp::create(b, e.loc, left, right[k], sum);
    }
  }
}

/// `count` elements of a factor along the lanes, then zeros.
Value Dots::load(unsigned number, Value first, int64_t count) {
  const PlacedFactor &factor = factors[number];
  Position at;
  for (char letter : factor.letters.drop_back())
    at.indices.push_back(index.lookup(letter));
  at.laneAxis = at.indices.size();
  at.indices.push_back(first);
  at.lanes = count;
  Value value = t.load(factor.place, at);
  if (count == shape.lanes)
    return value;
  return vector::InsertStridedSliceOp::create(
      b, e.loc, value, e.constant(0.0, shape.lanes), ArrayRef<int64_t>{0},
      ArrayRef<int64_t>{1});
}

void TensorEmitter::emitDots(const Place &result, StringRef letters,
                             ArrayRef<PlacedFactor> factors) {
  Dots(*this, e, result, letters, factors).emit();
}
