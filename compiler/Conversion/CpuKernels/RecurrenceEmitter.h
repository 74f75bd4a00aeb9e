#ifndef SSMC_COMPILER_CONVERSION_CPUKERNELS_RECURRENCEEMITTER_H
#define SSMC_COMPILER_CONVERSION_CPUKERNELS_RECURRENCEEMITTER_H
/// Emits a recurrence as loops over time.
///
/// One work item is a block of channels of one batch row and one position of
/// the other parallel axes. Lanes are channels; the body's small tensors are
/// inner loops over their axes, with one vector of lanes per element.
///
/// Every element of every value is computed by the same operations in the same
/// order in every form, so results do not depend on how a sequence is split.
#include "compiler/Conversion/CpuKernels/KernelEmitter.h"
#include "compiler/Conversion/CpuKernels/RecurrencePlan.h"
#include "llvm/ADT/MapVector.h"

namespace ssmc {

class RecurrenceEmitter {
public:
  RecurrenceEmitter(ssm::RecurrenceOp op, KernelEmitter &e)
      : op(op), e(e), b(e.builder), plan(op, e.level), body(plan.body),
        axes(body.axes) {}

  mlir::LogicalResult run();

private:
  using Indices = llvm::ArrayRef<mlir::Value>;
  using Values = llvm::SmallVectorImpl<mlir::Value>;
  /// An index for each label, in an order that code can follow.
  using Labelled = llvm::MapVector<llvm::StringRef, mlir::Value>;

  // Loops around the body.
  mlir::LogicalResult verify();
  Labelled positionOfItem(mlir::Value item);
  void emitItem(mlir::Value item);
  void emitGroup(mlir::Value item, mlir::Value block);
  void emitBlock(mlir::Value first, int64_t channels);
  void emitTimeBlock(mlir::Value first, int64_t channels, mlir::Value begin,
                     mlir::Value count);
  void emitTimeLoop(Phase phase);
  void emitTiles();
  void emitTile(mlir::Value first, int64_t count);
  void emitStep(Phase phase);
  void startLanes(mlir::Value first, int64_t count);
  void startRow(mlir::Value row);
  /// Calls `fn` for the channels [first, first + size), vector after vector.
  void forLanes(mlir::Value first, int64_t size, int64_t width,
                llvm::function_ref<void(mlir::Value, int64_t)> fn);
  /// A loop from 0 that carries the vectors `carried`, which `fn` replaces.
  void forCarried(mlir::Value to, mlir::Value step, Values &carried,
                  llvm::function_ref<void(mlir::Value)> fn);
  /// The same for every time step of the block, in the order of processing.
  void forRows(Values &carried, llvm::function_ref<void()> fn);
  /// Calls `fn` for every position of the space, unrolled if it is small.
  void forSpace(llvm::ArrayRef<int64_t> extents, Values &carried,
                llvm::function_ref<void(Indices, Values &)> fn);
  /// Calls `fn` for all positions of the space, up to four neighbours at a
  /// time.
  void forGroups(
      llvm::ArrayRef<int64_t> extents,
      llvm::function_ref<void(llvm::ArrayRef<llvm::SmallVector<mlir::Value>>)>
          fn);

  // Hoisted values.
  void emitHoisted(bool usesLanes, bool usesTime);
  void emitHoistedValue(mlir::Value value);
  void emitAlongTime(mlir::Value value, mlir::Value row, int64_t count);
  void emitAlongAxis(mlir::Value value);
  void emitSum(mlir::Value value);
  void loadSmallInvariants();
  void storeCarried();

  // Nests.
  void emitNest(const Nest &nest);
  void emitChains(const Nest &nest, mlir::Value &sum, unsigned count);
  void emitPosition(const Nest &nest, Indices indices, Values &sums);
  void emitResult(const NestRoot &root, Indices indices);
  void evaluateScalars(mlir::Value value, unsigned stage,
                       llvm::SmallPtrSetImpl<mlir::Operation *> &seen);

  // Values of the body at the present time and lanes.
  mlir::Value evaluate(mlir::Value value, Indices indices);
  mlir::Value compute(mlir::Value value, Indices indices);
  mlir::Value computeOperation(mlir::Operation *op, mlir::Value value,
                               Indices indices);
  mlir::Value computeFused(mlir::Operation *op, unsigned product,
                           Indices indices);
  llvm::SmallVector<mlir::Value> factorsOf(mlir::Value product,
                                           Indices indices);
  llvm::SmallVector<mlir::Value>
  factorsOf(ssm::ContractOp contract,
            llvm::function_ref<mlir::Value(char)> indexOf);
  mlir::Value accumulate(ssm::ContractOp contract, Indices indices,
                         mlir::Value sum);
  mlir::Value selectByIndex(mlir::Value index, int64_t count,
                            llvm::function_ref<mlir::Value(int64_t)> element);
  void remember(mlir::Value value, Indices indices, mlir::Value computed);

  // Memory.
  Position positionOf(llvm::ArrayRef<ssm::RecurrenceOp::AxisLabels> labels,
                      Indices step);
  mlir::Value loadLanes(mlir::Value tensor, const Position &position);
  void prefetchInputs(mlir::Value time);
  void prefetchResults(mlir::Value time);
  void prefetchRow();
  void findNextLanes(mlir::Value end);
  void prefetchState(unsigned number, Indices step);
  void prefetchForTile(mlir::Value first, int64_t count);
  mlir::Value laterTime(mlir::Value present, int64_t ahead);
  mlir::Value address(const Slot &slot, Indices indices);
  int64_t laneStride(const Slot &slot, Indices indices);
  mlir::Value loadSlot(const Slot &slot, Indices indices);
  void storeSlot(const Slot &slot, Indices indices, mlir::Value value);
  mlir::Value flatten(llvm::ArrayRef<int64_t> extents, Indices indices);
  void loadStates();
  void saveStates();
  mlir::Value readState(unsigned number, Indices step);
  void writeState(unsigned number, Indices step, mlir::Value value);
  void settleStates(Phase phase);
  mlir::Value initialState(unsigned number, Indices step);
  void finalState(unsigned number, Indices step, mlir::Value value);

  mlir::VectorType vectorType() {
    return mlir::cast<mlir::VectorType>(e.laneType(lanes));
  }
  mlir::Value zero() { return e.constant(0.0, lanes); }

  ssm::RecurrenceOp op;
  KernelEmitter &e;
  mlir::OpBuilder &b;
  RecurrencePlan plan;
  const RecurrenceBody &body;
  const ParallelAxes &axes;

  /// Of parallel labels and time.
  Labelled position;
  /// The same of the thread's next item, and of the lanes that a step computes
  /// next, here or there. The last item is its own next one.
  Labelled nextItem, nextLanes;
  /// What lanes stand for. Hoisted values of all lanes are computed for several
  /// time steps, several elements of their last axis, or the positions of a
  /// group at once.
  enum class LaneMode { channels, time, axis, group };
  LaneMode laneMode = LaneMode::channels;
  int64_t lanes = 1;
  mlir::Value axisLane;  // the index that lanes count from, in LaneMode::axis
  mlir::Value inBlock;   // first lane's channel, from the start of the item's
  mlir::Value firstTime; // of the block, counted in memory
  mlir::Value rows;      // time steps of the block
  mlir::Value row;       // time step in the block, counted in memory

  /// A state while time runs: one vector per element in registers.
  struct Registers {
    llvm::SmallVector<mlir::Value> present, next;
  };
  llvm::SmallVector<Registers> registers;
  llvm::SmallVector<mlir::Value> tileIndices; // of the present tile
  /// Values that are in their slots by now.
  llvm::DenseSet<mlir::Value> inMemory;

  /// Values computed so far. Entries of inner scopes end with their loop body.
  struct Known {
    mlir::Value value;
    llvm::SmallVector<mlir::Value> indices;
    mlir::Value computed;
  };
  llvm::SmallVector<Known> known;
};

} // namespace ssmc

#endif // SSMC_COMPILER_CONVERSION_CPUKERNELS_RECURRENCEEMITTER_H
