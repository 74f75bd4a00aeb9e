#ifndef SSMC_COMPILER_TRANSFORMS_FORMS_CHUNKREGION_H
#define SSMC_COMPILER_TRANSFORMS_FORMS_CHUNKREGION_H

#include "compiler/Analysis/RecurrenceStructure.h"
#include "compiler/Transforms/Forms/ChunkTensor.h"

namespace ssmc {

class ChunkRegion;

/// The states of one component over a chunk. Each function gives null where the
/// form cannot tell, after `ChunkRegion::fail`.
class StateSolver {
public:
  virtual ~StateSolver() = default;
  /// A state before and after each step, and after the last.
  virtual std::optional<ChunkTensor> before(unsigned state) = 0;
  virtual std::optional<ChunkTensor> after(unsigned state) = 0;
  virtual std::optional<ChunkTensor> last(unsigned state) = 0;
  /// Whether `value` is a contraction that `read` computes without whole
  /// states.
  virtual bool reads(mlir::Value value) { return false; }
  virtual std::optional<ChunkTensor> read(mlir::Value value) {
    return std::nullopt;
  }
};

/// The chunk region of a recurrence while it is built: values of the body for
/// all time steps of a chunk at once.
class ChunkRegion {
public:
  /// Gives the op a chunk region; `finish` or `drop` ends it.
  ChunkRegion(const RecurrenceStructure &structure, int64_t steps,
              llvm::ArrayRef<llvm::StringRef> tile);

  /// The solver of the next component.
  void add(std::unique_ptr<StateSolver> solver);
  /// Computes outputs and states. On failure the op has no chunk region.
  llvm::LogicalResult finish();
  /// Erases the region and returns why.
  std::string drop();

  /// A value of the body at all steps; its dimensions are the axes of the
  /// body's value, time and tile labels.
  std::optional<ChunkTensor> batch(mlir::Value value);
  /// The product of `scale`, `start` if there is one, and factors whose indices
  /// are dimensions, summed over all indices but those in `keep`.
  std::optional<ChunkTensor> product(llvm::ArrayRef<Factor> factors,
                                     double scale, llvm::ArrayRef<Dim> keep,
                                     llvm::ArrayRef<int64_t> extents,
                                     std::optional<ChunkTensor> start = {});
  /// The state before the chunk.
  ChunkTensor initial(unsigned state) const { return initials[state]; }
  /// Time, tile labels and axes of a state.
  Dims stateDims(unsigned state, bool time) const;
  /// Uses `tensor` for `value` from now on, until `forget`.
  void assume(mlir::Value value, ChunkTensor tensor);
  void forget(llvm::ArrayRef<mlir::Value> values);

  std::nullopt_t fail(const llvm::Twine &reason);

  const RecurrenceStructure &structure;
  const int64_t steps;
  mlir::OpBuilder builder;
  ChunkArithmetic arithmetic;

private:
  std::optional<ChunkTensor> batchOp(mlir::Value value);
  std::optional<ChunkTensor> batchPart(mlir::Operation *maker);
  std::optional<ChunkTensor> batchContract(ssm::ContractOp op);
  StateSolver *solverOf(uint64_t states);
  ChunkTensor argument(mlir::Value value,
                       llvm::ArrayRef<ssm::RecurrenceOp::AxisLabels> labels);
  std::optional<mlir::Value>
  yielded(std::optional<ChunkTensor> tensor,
          llvm::ArrayRef<ssm::RecurrenceOp::AxisLabels> labels,
          mlir::Type type);

  ssm::RecurrenceOp op;
  llvm::SmallVector<std::string> tile;
  llvm::DenseMap<mlir::Value, ChunkTensor> tensors;
  llvm::SmallVector<ChunkTensor> initials;
  llvm::SmallVector<std::unique_ptr<StateSolver>> solvers; // by component
  std::string reason;
};

/// Erases the chunk region of an op.
void dropChunk(ssm::RecurrenceOp op);

} // namespace ssmc

#endif // SSMC_COMPILER_TRANSFORMS_FORMS_CHUNKREGION_H
