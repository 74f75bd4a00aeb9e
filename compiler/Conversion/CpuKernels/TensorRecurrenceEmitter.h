#ifndef SSMC_COMPILER_CONVERSION_CPUKERNELS_TENSORRECURRENCEEMITTER_H
#define SSMC_COMPILER_CONVERSION_CPUKERNELS_TENSORRECURRENCEEMITTER_H
/// The loops of a recurrence on tensors in memory: its chunks, then steps, or,
/// where a step divides over work items, rounds of parts of steps.
#include "compiler/Conversion/CpuKernels/TensorEmitter.h"

namespace ssmc {

/// One of the two regions, and what of time and tiles it sees.
struct Form {
  mlir::Block &block;
  int64_t steps; // 0: one, without an axis of time
  llvm::SmallVector<llvm::StringRef> tile;
};

class TensorRecurrence {
public:
  using Labels = llvm::ArrayRef<ssm::RecurrenceOp::AxisLabels>;

  TensorRecurrence(ssm::RecurrenceOp op, KernelEmitter &e);

  /// Positions of the parallel labels that number the items, the batch aside.
  static int64_t countPositions(ssm::RecurrenceOp op);
  mlir::LogicalResult run();
  int64_t getScratchBytes() const {
    return scratch.getPeak() * static_cast<int64_t>(sizeof(float));
  }

private:
  mlir::LogicalResult emitItem();
  /// Takes the position of the outer labels off `number`.
  mlir::Value takeOuter(mlir::Value number);
  mlir::LogicalResult emitForm(const Form &form, mlir::Value first,
                               mlir::Value count);
  /// How often a value of a form is computed.
  enum class Stage { once, perStep, last };
  struct Stages {
    llvm::SmallVector<Stage> arguments;
    llvm::DenseMap<mlir::Operation *, Stage> ops;
  };
  Stages findStages(const Form &form);
  mlir::LogicalResult emitStage(const Form &form, const Stages &stages,
                                Stage stage);
  mlir::LogicalResult emitBlock(const Form &form, const Stages &stages,
                                mlir::Value sequence);
  /// Runs `form` at time step `time`.
  mlir::LogicalResult emitPosition(const Form &form, const Stages &stages,
                                   llvm::SmallVectorImpl<Place> &kept,
                                   mlir::Value time);
  llvm::SmallVector<Place> sliceStates(const Form &form, mlir::Value sequence);
  void setStates(const Form &form, llvm::ArrayRef<Place> present);
  void settleStates(const Form &form, llvm::ArrayRef<Place> states);

  // Chunks whose decays may leave float32's range, in TensorChunks.cpp.
  mlir::LogicalResult emitWatchedChunks(const Form &chunk, const Form &step);
  /// Runs `count` chunks from time step `first` on, up to the first that leaves
  /// the range; returns how many did not.
  mlir::FailureOr<mlir::Value>
  emitChunksInRange(const Form &chunk, mlir::Value first, mlir::Value count);

  // The kernel's inputs, outputs and states, in TensorOperands.cpp.
  void setInputs(const Form &form, const Stages &stages, Stage stage,
                 llvm::SmallVectorImpl<Place> *copies);
  void storeOutputs(const Form &form);
  llvm::SmallVector<int64_t> getStateShape(unsigned number);
  void loadState(unsigned number, const Place &place);
  /// Writes the results of the kernel that are the final state.
  void storeFinal(unsigned state, const Place &place);
  /// Calls `fn` for what this item computes of a state's or output's slice.
  void forOwn(Labels labels, llvm::ArrayRef<int64_t> shape,
              llvm::function_ref<void(const Position &)> fn);

  // Where steps divide over items, in TensorRounds.cpp.
  mlir::LogicalResult emitRoundItem();
  mlir::LogicalResult emitStepPart(mlir::Value round);
  llvm::SmallVector<Place> placeShared(mlir::Value step);

  // Sequences that run together, in TensorSequences.cpp.

  /// A product of a factor that is the same for all sequences with one of each,
  /// `own`; `owns` and `results` have an axis of sequences in front.
  struct SharedProduct {
    ssm::ContractOp op;
    mlir::Value own;
    Place owns, results;
  };
  void findSharedProducts();
  bool isEmittedTogether(mlir::Operation *inner);
  /// Calls `fn` for groups of the items' sequences.
  void forGroups(llvm::function_ref<void()> fn);
  /// Calls `fn` for each sequence of the present group, by its number there.
  void forSequences(llvm::function_ref<void(mlir::Value)> fn);
  /// `shape` with an axis of sequences in front.
  llvm::SmallVector<int64_t> forTogether(llvm::ArrayRef<int64_t> shape);
  Place allocateTogether(mlir::Value value);
  /// Computes the shared products of a time step, of all sequences.
  void emitProducts(const Form &form, const Stages &stages,
                    llvm::ArrayRef<Place> states);
  void setProducts(llvm::ArrayRef<SharedProduct> some, mlir::Value sequence);
  void releaseProducts();

  // An operand of the op seen as a slice of `form` at the present position.
  struct Seen {
    Position at;
    bool hasLanes; // else lanes are not neighbours in the operand
  };
  Seen see(Labels labels, const Form &form, const Position &at);
  mlir::Value read(mlir::Value tensor, Labels labels, const Form &form,
                   const Position &at);
  std::optional<Place> placeIn(mlir::Value tensor, Labels labels,
                               const Form &form, mlir::Type slice);
  bool isSlice(const Form &form, llvm::StringRef label) {
    return op.isStepLabel(label) || llvm::is_contained(form.tile, label);
  }
  bool varies(Labels labels) { return carries(labels, op.getSequence()); }

  ssm::RecurrenceOp op;
  KernelEmitter &e;
  mlir::OpBuilder &b;
  ScratchMap scratch;
  TensorEmitter t;
  llvm::MapVector<llvm::StringRef, int64_t> extents;
  llvm::StringRef batch;
  llvm::SmallVector<llvm::StringRef>
      outer; // parallel labels that number the items
  llvm::DenseMap<llvm::StringRef, mlir::Value>
      position;                    // of parallel labels and time
  llvm::SmallVector<Place> states; // with an axis of sequences in front
  std::optional<StepBlocks> blocks;
  std::vector<SharedProduct> products; // in the order of the body
  llvm::SmallVector<Place> ownMemory;  // of products
  /// The group's first sequence and how many there are; which of the other
  /// positions it is at, counted over the outer labels, blocks and rounds.
  mlir::Value firstSequence, sequences, line;
};

} // namespace ssmc

#endif // SSMC_COMPILER_CONVERSION_CPUKERNELS_TENSORRECURRENCEEMITTER_H
