#include "compiler/Conversion/CpuKernels/Matmul.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
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

static Value offsetInScratch(LoopEmitter &e, Value row, Value panel) {
  return e.mul(e.add(e.mul(panel, e.index(rowBlock)), row),
               e.index(panelWidth));
}

static Value vectorLoad(LoopEmitter &e, int64_t width, Value memref,
                        Value offset) {
  Type element = cast<MemRefType>(memref.getType()).getElementType();
  return vector::LoadOp::create(
      e.builder, e.loc, VectorType::get(width, element), memref, offset);
}

//===----------------------------------------------------------------------===//
// Sums of a block
//===----------------------------------------------------------------------===//

namespace {
/// The rows and panels that one pass over k computes. As arguments of the
/// routine, in this order.
struct Block {
  Value x, w, scratch;
  Value rowOffsets; // of its rows in `x`, memref<rowBlock x index>
  Value rows;
  Value firstPanel, panels; // of the weights, at most groupPanels
  Value k;

  explicit Block(ValueRange arguments)
      : x(arguments[0]), w(arguments[1]), scratch(arguments[2]),
        rowOffsets(arguments[3]), rows(arguments[4]), firstPanel(arguments[5]),
        panels(arguments[6]), k(arguments[7]) {}
};

/// Emits the routine that leaves the sums of a block in scratch.
class BlockProduct {
public:
  BlockProduct(LoopEmitter &emitter, const Block &block,
               const CpuTileShapes &tiles)
      : e(emitter), block(block), tiles(tiles),
        weightType(cast<MemRefType>(block.w.getType()).getElementType()) {
    assert(tiles.back().rows == 1 && "expected a tile for every rest");
    assert(llvm::all_of(tiles, [](CpuTileShape shape) {
      return groupPanels % shape.panels == 0;
    }));
  }

  void emit();

private:
  void emitTiles(Value kBegin, Value kEnd);
  void emitTile(CpuTileShape shape, Value row, Value panel, Value kBegin,
                Value kEnd);
  void emitStep(CpuTileShape shape, ValueRange xOffsets, ValueRange wOffsets,
                int64_t ahead, MutableArrayRef<Value> sums);
  void prefetchWeights(Value offset, int64_t steps);
  Value loadWeights(Value offset);

  LoopEmitter &e;
  const Block &block;
  const CpuTileShapes &tiles;
  const Type weightType;
};
} // namespace

void BlockProduct::emit() {
  // A block of one tile uses no weight twice: it streams whole panels.
  Value oneTile =
      arith::CmpIOp::create(e.builder, e.loc, arith::CmpIPredicate::ule,
                            block.rows, e.index(tiles.front().rows));
  Value step = arith::SelectOp::create(e.builder, e.loc, oneTile, block.k,
                                       e.index(kBlock));
  e.forLoop(e.index(0), block.k, step,
            [&](Value k) { emitTiles(k, e.min(e.add(k, step), block.k)); });
}

void BlockProduct::emitTiles(Value kBegin, Value kEnd) {
  Value firstRow = e.index(0);
  for (CpuTileShape shape : tiles) {
    Value height = e.index(shape.rows);
    Value left = e.sub(block.rows, firstRow);
    Value lastRow = e.sub(block.rows, e.rem(left, height));
    e.forLoop(e.index(0), block.panels, e.index(shape.panels),
              [&](Value panel) {
                e.forLoop(firstRow, lastRow, height, [&](Value row) {
                  emitTile(shape, row, panel, kBegin, kEnd);
                });
              });
    firstRow = lastRow;
  }
}

void BlockProduct::emitTile(CpuTileShape shape, Value row, Value panel,
                            Value kBegin, Value kEnd) {
  SmallVector<Value> xOffsets, wOffsets, parked;
  for (int64_t i = 0; i < shape.rows; ++i)
    xOffsets.push_back(memref::LoadOp::create(
        e.builder, e.loc, block.rowOffsets, e.add(row, e.index(i))));
  Value lastPanel = e.sub(block.panels, e.index(1));
  for (int64_t j = 0; j < shape.panels; ++j) {
    Value column = e.add(panel, e.index(j));
    // Columns beyond the group read its last panel again and park sums that
    // nobody reads: this is cheaper than code for narrower tiles.
    Value source = e.add(block.firstPanel, e.min(column, lastPanel));
    wOffsets.push_back(e.mul(e.mul(source, block.k), e.index(panelWidth)));
    for (int64_t i = 0; i < shape.rows; ++i)
      parked.push_back(offsetInScratch(e, e.add(row, e.index(i)), column));
  }

  Value isFirst = arith::CmpIOp::create(
      e.builder, e.loc, arith::CmpIPredicate::eq, kBegin, e.index(0));
  auto init = scf::IfOp::create(
      e.builder, e.loc, isFirst,
      [&](OpBuilder &builder, Location loc) {
        Value zero = arith::ConstantOp::create(
            builder, loc, builder.getZeroAttr(e.laneType(panelWidth)));
        SmallVector<Value> zeros(parked.size(), zero);
        scf::YieldOp::create(builder, loc, zeros);
      },
      [&](OpBuilder &builder, Location loc) {
        SmallVector<Value> loaded;
        for (Value offset : parked)
          loaded.push_back(vectorLoad(e, panelWidth, block.scratch, offset));
        scf::YieldOp::create(builder, loc, loaded);
      });

  auto steps = [&](Value lower, Value upper, int64_t unroll, ValueRange sums) {
    auto loop = scf::ForOp::create(e.builder, e.loc, lower, upper,
                                   e.index(unroll), sums);
    OpBuilder::InsertionGuard guard(e.builder);
    e.builder.setInsertionPointToStart(loop.getBody());
    SmallVector<Value> next(loop.getRegionIterArgs());
    Value k = loop.getInductionVar();
    SmallVector<Value> xNow, wNow;
    for (Value offset : xOffsets)
      xNow.push_back(e.add(offset, k));
    for (Value offset : wOffsets)
      wNow.push_back(e.add(offset, e.mul(k, e.index(panelWidth))));
    if (shape.panels == 1 && unroll > 1)
      prefetchWeights(wNow.front(), unroll);
    for (int64_t u = 0; u < unroll; ++u)
      emitStep(shape, xNow, wNow, u, next);
    scf::YieldOp::create(e.builder, e.loc, next);
    return loop.getResults();
  };
  Value tail = e.rem(e.sub(kEnd, kBegin), e.index(kUnroll));
  Value unrolledEnd = e.sub(kEnd, tail);
  ValueRange sums = steps(kBegin, unrolledEnd, kUnroll, init.getResults());
  sums = steps(unrolledEnd, kEnd, 1, sums);
  for (auto [sum, offset] : llvm::zip_equal(sums, parked))
    vector::StoreOp::create(e.builder, e.loc, sum, block.scratch, offset);
}

/// sums[panel][row] += w[panel][k] * x[row][k], `ahead` steps after the
/// offsets.
void BlockProduct::emitStep(CpuTileShape shape, ValueRange xOffsets,
                            ValueRange wOffsets, int64_t ahead,
                            MutableArrayRef<Value> sums) {
  SmallVector<Value> weights;
  for (Value offset : wOffsets)
    weights.push_back(loadWeights(e.add(offset, e.index(ahead * panelWidth))));
  for (auto [i, offset] : llvm::enumerate(xOffsets)) {
    Value scalar = memref::LoadOp::create(e.builder, e.loc, block.x,
                                          e.add(offset, e.index(ahead)));
    Value x = vector::BroadcastOp::create(e.builder, e.loc,
                                          e.laneType(panelWidth), scalar);
    for (auto [j, weight] : llvm::enumerate(weights)) {
      Value &sum = sums[j * shape.rows + i];
      sum = vector::FMAOp::create(e.builder, e.loc, x, weight, sum);
    }
  }
}

/// Asks for what the next `steps` steps of k read, prefetchBytes ahead; beyond
/// the end of the weights this has no effect.
void BlockProduct::prefetchWeights(Value offset, int64_t steps) {
  int64_t size = weightType.getIntOrFloatBitWidth() / 8;
  for (int64_t byte = 0; byte < steps * panelWidth * size; byte += cacheLine)
    memref::PrefetchOp::create(
        e.builder, e.loc, block.w,
        e.add(offset, e.index((prefetchBytes + byte) / size)),
        /*isWrite=*/false, /*localityHint=*/3, /*isDataCache=*/true);
}

Value BlockProduct::loadWeights(Value offset) {
  Value stored = vectorLoad(e, panelWidth, block.w, offset);
  if (weightType.isF32())
    return stored;
  return arith::ExtFOp::create(e.builder, e.loc, e.laneType(panelWidth),
                               stored);
}

//===----------------------------------------------------------------------===//
// Items
//===----------------------------------------------------------------------===//

/// Hands the sums of a block, whose rows start at `firstRow`, to `epilogue`.
static void emitEpilogue(LoopEmitter &e, const Block &block, Value firstRow,
                         int64_t n, MatmulEpilogue epilogue) {
  auto finish = [&](Value row, Value panel, int64_t width) {
    Value acc =
        vectorLoad(e, width, block.scratch, offsetInScratch(e, row, panel));
    Value column = e.mul(e.add(block.firstPanel, panel), e.index(panelWidth));
    epilogue(e.add(firstRow, row), column, acc);
  };
  int64_t ragged = n % panelWidth;
  Value wholePanels =
      e.min(block.panels, e.sub(e.index(n / panelWidth), block.firstPanel));
  e.forLoop(e.index(0), block.rows, e.index(1), [&](Value row) {
    e.forLoop(e.index(0), wholePanels, e.index(1),
              [&](Value panel) { finish(row, panel, panelWidth); });
    if (ragged)
      e.forLoop(wholePanels, block.panels, e.index(1),
                [&](Value panel) { finish(row, panel, ragged); });
  });
}

void emitMatmul(LoopEmitter &e, const MatmulProblem &problem, Value begin,
                Value end, MatmulEpilogue epilogue) {
  MatmulGrid grid = getMatmulGrid(problem.k, problem.n);
  int64_t panels = llvm::divideCeil(problem.n, panelWidth);
  Value rowBlocks =
      e.div(e.add(problem.rows, e.index(rowBlock - 1)), e.index(rowBlock));
  Value rowOffsets = memref::AllocaOp::create(
      e.builder, e.loc, MemRefType::get({rowBlock}, e.builder.getIndexType()));
  std::string name;
  llvm::raw_string_ostream(name)
      << "product_" << cast<MemRefType>(problem.w.getType()).getElementType();
  e.forLoop(begin, end, e.index(1), [&](Value item) {
    // Neighbouring items share weights: with many rows these are read from
    // memory once, and `x` comes from the last-level cache.
    Value panelItem = e.div(item, rowBlocks);
    Value firstRow = e.mul(e.rem(item, rowBlocks), e.index(rowBlock));
    Value rows = e.min(e.sub(problem.rows, firstRow), e.index(rowBlock));
    // A tile is too short a time for the divisions of batched rows.
    e.forLoop(e.index(0), rows, e.index(1), [&](Value row) {
      Value offset = problem.rowOffset(e.add(firstRow, row));
      memref::StoreOp::create(e.builder, e.loc, offset, rowOffsets, row);
    });
    Value firstPanel = e.mul(panelItem, e.index(grid.panelBlock));
    Value lastPanel =
        e.min(e.add(firstPanel, e.index(grid.panelBlock)), e.index(panels));
    e.forLoop(firstPanel, lastPanel, e.index(groupPanels), [&](Value group) {
      Value count = e.min(e.sub(lastPanel, group), e.index(groupPanels));
      Value arguments[] = {
          problem.x, problem.w, problem.scratch, rowOffsets,
          rows,      group,     count,           e.index(problem.k)};
      e.callRoutine(name, arguments, [&](LoopEmitter &routine, ValueRange own) {
        BlockProduct(routine, Block(own), problem.tiles).emit();
      });
      emitEpilogue(e, Block(arguments), firstRow, problem.n, epilogue);
    });
  });
}

} // namespace ssmc
