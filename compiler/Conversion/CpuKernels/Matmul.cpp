#include "compiler/Conversion/CpuKernels/Matmul.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace ssmc {
namespace {
// A multiple of the tile heights 4, 6, 8 and 12. With kBlock it bounds the part
// of `x` in use (96 KiB), which a level-2 cache holds beside the weights.
constexpr int64_t rowBlock = 96;
// Panels whose partial sums are parked together (48 KiB of scratch): that part
// of `x` is fetched once for all of them.
constexpr int64_t groupPanels = 8;
// Steps of k between two parkings: a panel's part (16 KiB) stays in level 1
// while all tiles of the row block pass over it.
constexpr int64_t kBlock = 256;
// Steps of k in one iteration of the innermost loop.
constexpr int64_t kUnroll = 4;
// How far a tile of one panel fetches ahead: one stream alone leaves hardware
// prefetchers behind (3 to 8 rows run up to a third faster, AMD Zen 3).
constexpr int64_t prefetchBytes = 1024;
constexpr int64_t cacheLine = 64;
} // namespace

MatmulGrid getMatmulGrid(int64_t k, int64_t n) {
  (void)k;
  int64_t panels = llvm::divideCeil(n, panelWidth);
  // An item is one contiguous run of weights. A dozen or more keep the threads
  // of a decode step busy; many rows want long items, which share `x`.
  int64_t panelBlock = panels < 32 ? 1 : panels < 160 ? 4 : 8;
  return {rowBlock, panelBlock, int64_t(llvm::divideCeil(panels, panelBlock))};
}

int64_t getMatmulScratchBytes(int64_t k, int64_t n) {
  (void)k, (void)n;
  return groupPanels * rowBlock * panelWidth * sizeof(float);
}

std::optional<CpuTileShapes> getCpuTileShapes(StringRef cpuLevel) {
  using Shapes = std::optional<CpuTileShapes>;
  return llvm::StringSwitch<Shapes>(cpuLevel)
      // 16 registers of 8 lanes: at most 12 hold sums.
      .Case("x86-64-v3",
            CpuTileShapes{{6, 1}, {5, 1}, {4, 1}, {3, 1}, {2, 2}, {1, 4}})
      // 32 registers of 16 lanes: at most 24 hold sums.
      .Case("x86-64-v4",
            CpuTileShapes{{12, 2}, {8, 2}, {6, 4}, {4, 4}, {2, 4}, {1, 4}})
      // 32 registers of 4 lanes: at most 24 hold sums.
      .Case("aarch64", CpuTileShapes{{6, 1}, {4, 1}, {3, 1}, {2, 2}, {1, 4}})
      .Default(std::nullopt);
}

namespace {
/// Emits one product; its members are what the nested loops share.
class MatmulEmitter {
public:
  MatmulEmitter(OpBuilder &builder, Location loc, const MatmulProblem &problem,
                const MatmulEpilogue &epilogue)
      : b(loc, builder), problem(problem), epilogue(epilogue),
        weightType(cast<MemRefType>(problem.w.getType()).getElementType()),
        panels(llvm::divideCeil(problem.n, panelWidth)) {
    assert(problem.tiles.back().rows == 1 && "expected a tile for every rest");
    assert(llvm::all_of(problem.tiles, [](CpuTileShape shape) {
      return groupPanels % shape.panels == 0;
    }));
  }

  void emitItems(Value begin, Value end);

private:
  /// The rows and panels that one pass over k computes.
  struct Block {
    Value firstRow, rows;     // of the result
    Value firstPanel, panels; // of the weights, at most groupPanels
  };

  void emitGroup(const Block &block);
  void emitTiles(const Block &block, Value kBegin, Value kEnd);
  void emitTile(const Block &block, CpuTileShape shape, Value row, Value panel,
                Value kBegin, Value kEnd);
  void emitStep(CpuTileShape shape, ValueRange xOffsets, ValueRange wOffsets,
                int64_t ahead, MutableArrayRef<Value> sums);
  void emitEpilogue(const Block &block);

  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, value);
  }
  Value add(Value lhs, Value rhs) { return arith::AddIOp::create(b, lhs, rhs); }
  Value sub(Value lhs, Value rhs) { return arith::SubIOp::create(b, lhs, rhs); }
  Value mul(Value lhs, int64_t rhs) {
    return arith::MulIOp::create(b, lhs, index(rhs));
  }
  Value min(Value lhs, Value rhs) {
    return arith::MinSIOp::create(b, lhs, rhs);
  }
  Value ceilDiv(Value lhs, int64_t rhs) {
    return arith::DivUIOp::create(b, add(lhs, index(rhs - 1)), index(rhs));
  }
  Value offsetInScratch(Value row, Value panel) {
    return mul(add(mul(panel, rowBlock), row), panelWidth);
  }
  VectorType sumType(int64_t width = panelWidth) {
    return VectorType::get(width, b.getF32Type());
  }
  void prefetchWeights(Value offset, int64_t steps);
  Value loadWeights(Value offset);

  /// for (i = lower; i < upper; i += step) body(i)
  void loop(Value lower, Value upper, Value step,
            function_ref<void(Value)> body) {
    auto loop = scf::ForOp::create(b, lower, upper, step);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    body(loop.getInductionVar());
  }

  ImplicitLocOpBuilder b;
  const MatmulProblem &problem;
  const MatmulEpilogue &epilogue;
  const Type weightType;
  const int64_t panels;
  Value rowOffsets; // in `x`, of the rows of the current item
};

void MatmulEmitter::emitItems(Value begin, Value end) {
  MatmulGrid grid = getMatmulGrid(problem.k, problem.n);
  Value rowBlocks = ceilDiv(problem.rows, rowBlock);
  rowOffsets = memref::AllocaOp::create(
      b, MemRefType::get({rowBlock}, b.getIndexType()));
  loop(begin, end, index(1), [&](Value item) {
    // Neighbouring items share weights: with many rows these are read from
    // memory once, and `x` comes from the last-level cache.
    Value panelItem = arith::DivUIOp::create(b, item, rowBlocks);
    Value rowItem = arith::RemUIOp::create(b, item, rowBlocks);
    Block block;
    block.firstRow = mul(rowItem, rowBlock);
    block.rows = min(sub(problem.rows, block.firstRow), index(rowBlock));
    // A tile is too short a time for the divisions of batched rows.
    loop(index(0), block.rows, index(1), [&](Value row) {
      Value offset = problem.rowOffset(b, b.getLoc(), add(block.firstRow, row));
      memref::StoreOp::create(b, offset, rowOffsets, row);
    });
    Value firstPanel = mul(panelItem, grid.panelBlock);
    Value lastPanel =
        min(add(firstPanel, index(grid.panelBlock)), index(panels));
    loop(firstPanel, lastPanel, index(groupPanels), [&](Value group) {
      block.firstPanel = group;
      block.panels = min(sub(lastPanel, group), index(groupPanels));
      emitGroup(block);
    });
  });
}

void MatmulEmitter::emitGroup(const Block &block) {
  Value kEnd = index(problem.k);
  // A block of one tile uses no weight twice: it streams whole panels.
  Value oneTile =
      arith::CmpIOp::create(b, arith::CmpIPredicate::sle, block.rows,
                            index(problem.tiles.front().rows));
  Value step = arith::SelectOp::create(b, oneTile, kEnd, index(kBlock));
  loop(index(0), kEnd, step,
       [&](Value k) { emitTiles(block, k, min(add(k, step), kEnd)); });
  emitEpilogue(block);
}

void MatmulEmitter::emitTiles(const Block &block, Value kBegin, Value kEnd) {
  Value firstRow = index(0);
  for (CpuTileShape shape : problem.tiles) {
    Value height = index(shape.rows);
    Value left = sub(block.rows, firstRow);
    Value lastRow = sub(block.rows, arith::RemUIOp::create(b, left, height));
    loop(index(0), block.panels, index(shape.panels), [&](Value panel) {
      loop(firstRow, lastRow, height, [&](Value row) {
        emitTile(block, shape, row, panel, kBegin, kEnd);
      });
    });
    firstRow = lastRow;
  }
}

void MatmulEmitter::emitTile(const Block &block, CpuTileShape shape, Value row,
                             Value panel, Value kBegin, Value kEnd) {
  SmallVector<Value> xOffsets, wOffsets, parked;
  for (int64_t i = 0; i < shape.rows; ++i)
    xOffsets.push_back(
        memref::LoadOp::create(b, rowOffsets, add(row, index(i))));
  Value lastPanel = sub(block.panels, index(1));
  for (int64_t j = 0; j < shape.panels; ++j) {
    Value column = add(panel, index(j));
    // Columns beyond the group read its last panel again and park sums that
    // nobody reads: this is cheaper than code for narrower tiles.
    Value source = add(block.firstPanel, min(column, lastPanel));
    wOffsets.push_back(mul(source, problem.k * panelWidth));
    for (int64_t i = 0; i < shape.rows; ++i)
      parked.push_back(offsetInScratch(add(row, index(i)), column));
  }

  Value isFirst =
      arith::CmpIOp::create(b, arith::CmpIPredicate::eq, kBegin, index(0));
  auto init = scf::IfOp::create(
      b, isFirst,
      [&](OpBuilder &builder, Location loc) {
        Value zero = arith::ConstantOp::create(builder, loc,
                                               builder.getZeroAttr(sumType()));
        SmallVector<Value> zeros(parked.size(), zero);
        scf::YieldOp::create(builder, loc, zeros);
      },
      [&](OpBuilder &builder, Location loc) {
        SmallVector<Value> loaded;
        for (Value offset : parked)
          loaded.push_back(vector::LoadOp::create(builder, loc, sumType(),
                                                  problem.scratch, offset));
        scf::YieldOp::create(builder, loc, loaded);
      });

  auto steps = [&](Value lower, Value upper, int64_t unroll, ValueRange sums) {
    auto loop = scf::ForOp::create(b, lower, upper, index(unroll), sums);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    SmallVector<Value> next(loop.getRegionIterArgs());
    Value k = loop.getInductionVar();
    SmallVector<Value> xNow, wNow;
    for (Value offset : xOffsets)
      xNow.push_back(add(offset, k));
    for (Value offset : wOffsets)
      wNow.push_back(add(offset, mul(k, panelWidth)));
    if (shape.panels == 1 && unroll > 1)
      prefetchWeights(wNow.front(), unroll);
    for (int64_t u = 0; u < unroll; ++u)
      emitStep(shape, xNow, wNow, u, next);
    scf::YieldOp::create(b, next);
    return loop.getResults();
  };
  int64_t tail = problem.k % kUnroll;
  Value unrolledEnd = tail ? min(kEnd, index(problem.k - tail)) : kEnd;
  ValueRange sums = steps(kBegin, unrolledEnd, kUnroll, init.getResults());
  if (tail)
    sums = steps(unrolledEnd, kEnd, 1, sums);
  for (auto [sum, offset] : llvm::zip_equal(sums, parked))
    vector::StoreOp::create(b, sum, problem.scratch, offset);
}

/// sums[panel][row] += w[panel][k] * x[row][k], `ahead` steps after the
/// offsets.
void MatmulEmitter::emitStep(CpuTileShape shape, ValueRange xOffsets,
                             ValueRange wOffsets, int64_t ahead,
                             MutableArrayRef<Value> sums) {
  SmallVector<Value> weights;
  for (Value offset : wOffsets)
    weights.push_back(loadWeights(add(offset, index(ahead * panelWidth))));
  for (auto [i, offset] : llvm::enumerate(xOffsets)) {
    Value scalar =
        memref::LoadOp::create(b, problem.x, add(offset, index(ahead)));
    Value x = vector::BroadcastOp::create(b, sumType(), scalar);
    for (auto [j, weight] : llvm::enumerate(weights)) {
      Value &sum = sums[j * shape.rows + i];
      sum = vector::FMAOp::create(b, x, weight, sum);
    }
  }
}

/// Asks for what the next `steps` steps of k read, prefetchBytes ahead; beyond
/// the end of the weights this has no effect.
void MatmulEmitter::prefetchWeights(Value offset, int64_t steps) {
  int64_t size = weightType.getIntOrFloatBitWidth() / 8;
  for (int64_t byte = 0; byte < steps * panelWidth * size; byte += cacheLine)
    memref::PrefetchOp::create(
        b, problem.w, add(offset, index((prefetchBytes + byte) / size)),
        /*isWrite=*/false, /*localityHint=*/3, /*isDataCache=*/true);
}

Value MatmulEmitter::loadWeights(Value offset) {
  Value stored = vector::LoadOp::create(
      b, VectorType::get(panelWidth, weightType), problem.w, offset);
  return weightType.isF32() ? stored
                            : arith::ExtFOp::create(b, sumType(), stored);
}

void MatmulEmitter::emitEpilogue(const Block &block) {
  auto finish = [&](Value row, Value panel, int64_t width) {
    Value acc = vector::LoadOp::create(b, sumType(width), problem.scratch,
                                       offsetInScratch(row, panel));
    epilogue(b, b.getLoc(), add(block.firstRow, row),
             mul(add(block.firstPanel, panel), panelWidth), acc);
  };
  int64_t ragged = problem.n % panelWidth;
  Value wholePanels =
      min(block.panels, sub(index(problem.n / panelWidth), block.firstPanel));
  loop(index(0), block.rows, index(1), [&](Value row) {
    loop(index(0), wholePanels, index(1),
         [&](Value panel) { finish(row, panel, panelWidth); });
    if (ragged)
      loop(wholePanels, block.panels, index(1),
           [&](Value panel) { finish(row, panel, ragged); });
  });
}
} // namespace

void emitMatmul(OpBuilder &builder, Location loc, const MatmulProblem &problem,
                Value begin, Value end, const MatmulEpilogue &epilogue) {
  MatmulEmitter(builder, loc, problem, epilogue).emitItems(begin, end);
}

} // namespace ssmc
