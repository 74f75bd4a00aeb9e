#ifndef SSMC_COMPILER_CONVERSION_CPUKERNELS_RECURRENCEEMITTER_H
#define SSMC_COMPILER_CONVERSION_CPUKERNELS_RECURRENCEEMITTER_H
/// Emits a recurrence as a loop over time.
///
/// One work item is a block of channels (the innermost parallel axis) of one
/// batch row. Lanes are channels; time is a loop; the body's small tensors are
/// inner loops over their axes, with one vector of lanes per element.
#include "compiler/Conversion/CpuKernels/KernelEmitter.h"
#include "compiler/Conversion/CpuKernels/RecurrenceBody.h"

namespace ssmc {

/// Channels of one work item: whole cache lines, and enough items for threads.
constexpr int64_t channelBlock = 32;
/// Small tensors of at most this many elements live in registers and are
/// unrolled; larger ones live in memory and are loops.
constexpr int64_t unrollLimit = 8;

/// What the loops around the body run over.
struct ParallelAxes {
  llvm::StringRef batch;   // the label of axis 0
  llvm::StringRef channel; // the lanes' label; empty if there is no other axis
  int64_t channels = 1;    // extent of it
  llvm::SmallVector<std::pair<llvm::StringRef, int64_t>> outer; // those between

  explicit ParallelAxes(ssm::RecurrenceOp op) {
    llvm::MapVector<llvm::StringRef, int64_t> extents = op.getExtents();
    auto labels = op.getOutputLabels(0);
    batch = labels[0][0];
    for (const auto &axis : llvm::drop_begin(labels)) {
      for (llvm::StringRef label : axis) {
        if (!op.isParallelLabel(label))
          continue;
        if (!channel.empty())
          outer.push_back({channel, channels});
        channel = label;
        channels = extents[label];
      }
    }
  }
  int64_t blocks() const { return llvm::divideCeil(channels, channelBlock); }
  int64_t items() const {
    int64_t count = blocks();
    for (auto [label, extent] : outer)
      count *= extent;
    return count;
  }
};

/// Where a state is while time runs.
struct StatePlace {
  enum { registers, scratch, buffer } kind;
  llvm::SmallVector<int64_t> extents;
  llvm::SmallVector<mlir::Value> present,
      next;                       // registers: one vector per element
  mlir::Value memory, nextMemory; // scratch; nextMemory null if in place
  std::optional<unsigned> result; // number of the kernel's result, if used
};

/// An input that is the same at every time step, read once before the loop:
/// lanes lie far apart in a weight, and stores inside the loop might change it
/// for all the compiler knows.
struct InvariantInput {
  llvm::SmallVector<int64_t> extents;
  llvm::SmallVector<mlir::Value>
      registers;      // one vector per element, if there are few
  mlir::Value memory; // else
};

class RecurrenceEmitter {
public:
  RecurrenceEmitter(ssm::RecurrenceOp op, KernelEmitter &e)
      : op(op), e(e), b(e.builder), axes(op), body(op) {}

  mlir::LogicalResult run();

private:
  using Indices = llvm::ArrayRef<mlir::Value>;

  void emitItem(mlir::Value item);
  void emitLanes(mlir::Value first, int64_t count);
  void emitTimeLoop();
  void emitStep();
  void emitNest(const Nest &nest);
  void emitPosition(const Nest &nest, Indices indices,
                    llvm::SmallVectorImpl<mlir::Value> &sums);

  // Values of the body at the present time and lanes.
  mlir::Value evaluate(mlir::Value value, Indices indices);
  mlir::Value compute(mlir::Value value, Indices indices);
  mlir::Value multiply(ssm::ContractOp contract,
                       llvm::function_ref<mlir::Value(char)> indexOf,
                       mlir::Value sum);
  void evaluateScalars(mlir::Value value, unsigned stage,
                       llvm::SmallPtrSetImpl<mlir::Operation *> &seen);

  // Memory.
  Position positionOf(llvm::ArrayRef<ssm::RecurrenceOp::AxisLabels> labels,
                      Indices step);
  mlir::Value loadLanes(mlir::Value tensor, const Position &position);
  void loadInvariants();
  void storeOutputs();
  void storeStepOutput(unsigned number, Indices step, mlir::Value value);
  StatePlace placeState(unsigned number);
  mlir::Value readState(unsigned number, Indices step);
  void writeState(unsigned number, Indices step, mlir::Value value);
  void settleStates();
  mlir::Value initialState(unsigned number, Indices step);
  void finalState(unsigned number, Indices step, mlir::Value value);
  mlir::Value allocate(int64_t elements);
  mlir::Value flatten(llvm::ArrayRef<int64_t> extents, Indices indices);
  int64_t flattenConstant(llvm::ArrayRef<int64_t> extents, Indices indices);

  /// Calls `fn` for every position of the space, unrolled if it is small.
  void forSpace(
      llvm::ArrayRef<int64_t> extents,
      llvm::SmallVectorImpl<mlir::Value> &carried,
      llvm::function_ref<void(Indices, llvm::SmallVectorImpl<mlir::Value> &)>
          fn);

  mlir::Value zero() { return e.constant(0.0, lanes); }
  bool isStepForm() { // one time step, known now
    auto type =
        llvm::cast<mlir::RankedTensorType>(op.getOutputs()[0].getType());
    return type.getDimSize(1) == 1;
  }

  ssm::RecurrenceOp op;
  KernelEmitter &e;
  mlir::OpBuilder &b;
  ParallelAxes axes;
  RecurrenceBody body;

  llvm::DenseMap<llvm::StringRef, mlir::Value>
      position; // parallel labels and time
  int64_t lanes = 0;
  llvm::SmallVector<StatePlace> states;
  llvm::DenseMap<unsigned, InvariantInput> invariants; // by number of the input
  llvm::DenseMap<mlir::Value, mlir::Value>
      outputs; // of the present step, without step axes
  llvm::DenseMap<mlir::Value, mlir::Value>
      sumMemory; // contractions with a tensor result

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
