#ifndef SSMC_COMPILER_CONVERSION_CPUKERNELS_KERNELEMITTER_H
#define SSMC_COMPILER_CONVERSION_CPUKERNELS_KERNELEMITTER_H
/// Reads and writes the tensors of a kernel element by element or lane by lane.
///
/// A kernel arrives as a function on tensors; its loops are emitted into a
/// function on flat buffers. Pointwise ops and views are never loops of their
/// own: `load` computes them where their value is needed.
#include "compiler/Conversion/CpuKernels/LoopEmitter.h"
#include "compiler/Conversion/CpuKernels/Matmul.h"
#include "dialects/Plan/PlanDialect.h"
#include "dialects/Ssm/SsmDialect.h"

namespace ssmc {

/// One element of a tensor, or `lanes` consecutive ones along `laneAxis`.
struct Position {
  llvm::SmallVector<mlir::Value> indices; // of type index, one per axis
  std::optional<unsigned> laneAxis;       // lanes > 1 only with this
  int64_t lanes = 1;
};

class KernelEmitter : public LoopEmitter {
public:
  /// Prepares to emit the body of `kernel` at `level` ("x86-64-v3", ...) into a
  /// new function, with the interface that compiler/Target/Cpu expects.
  KernelEmitter(mlir::func::FuncOp kernel, llvm::StringRef level);

  /// Of type index: the batch, the time steps of a block, and the work items.
  mlir::Value batch, length, begin, end;
  mlir::Value scratch; // memref<?xf32>
  mlir::Value shared;  // the same, of all work items; null if there is none
  std::string level;
  CpuTileShapes tiles;

  /// The elements of `tensor` at `position` in float32: a value of the kernel,
  /// computed here if it is pointwise. `known` gives values of tensors at this
  /// same position, and receives those computed. Integers keep their type.
  mlir::Value load(mlir::Value tensor, const Position &position,
                   llvm::DenseMap<mlir::Value, mlir::Value> *known = nullptr);

  /// Brings what `load` would read at `position` from sequences and states
  /// closer. Lanes that begin where a line of a cache does end with one.
  void prefetch(mlir::Value tensor, const Position &position,
                bool beginsLine = false);
  /// The same for where `store` would write.
  void prefetchResult(unsigned number, const Position &position);
  /// Writes result `number` of the kernel at `position`.
  void store(unsigned number, const Position &position, mlir::Value value);
  /// Writes every result that depends on nothing but `known` and arguments and
  /// whose last axis is the lanes' axis: the anchor's results and what is
  /// computed from them.
  void storeResults(const Position &position,
                    llvm::DenseMap<mlir::Value, mlir::Value> &known);

  /// A row-major view of an argument's memory, through splits: the buffer and
  /// the offset of element (batch, time, 0). Nothing if `tensor` is computed.
  struct Rows {
    mlir::Value buffer;
    std::function<mlir::Value(mlir::Value batchIndex, mlir::Value time)> offset;
  };
  std::optional<Rows> getRows(mlir::Value tensor);

  /// Where an argument of the kernel lies, seen through splits and widening;
  /// nothing if `tensor` is computed.
  struct Memory {
    mlir::Value buffer, offset;
    llvm::SmallVector<mlir::Value> strides; // per axis
    bool panels;                            // in `panels16`, without strides
  };
  std::optional<Memory> getMemory(mlir::Value tensor);

  /// The results of the kernel on tensors.
  mlir::ValueRange getResults();

  /// Splits a row number into batch index and time.
  std::pair<mlir::Value, mlir::Value> splitRow(mlir::Value row);

private:
  struct Buffer {
    mlir::Value memref;
    mlir::Value batchStride; // time steps between batch rows
    mlir::RankedTensorType type;
    plan::LayoutAttr layout; // null: row major
    bool hasBatch;           // axis 0 is the batch: not a weight
  };
  /// Where a view reads its operand.
  Position throughView(ssm::SplitOp split, mlir::Value part,
                       const Position &position);
  Position throughView(ssm::BroadcastOp broadcast, const Position &position);
  Buffer makeBuffer(unsigned operand, mlir::RankedTensorType type,
                    plan::LayoutAttr layout, bool weight);
  /// Elements between neighbours along each axis; null in `panels16`.
  llvm::SmallVector<mlir::Value> strides(const Buffer &buffer);
  mlir::Value offset(const Buffer &buffer, llvm::ArrayRef<mlir::Value> indices);
  mlir::Value loadBuffer(const Buffer &buffer, const Position &position);
  mlir::Value loadReshaped(ssm::ReshapeOp reshape, const Position &position);
  void prefetchBuffer(const Buffer &buffer, const Position &position,
                      bool isWrite, bool beginsLine);
  mlir::Value widen(mlir::Value value);

  mlir::func::FuncOp kernel;
  llvm::DenseMap<mlir::Value, Buffer> arguments;
  llvm::SmallVector<Buffer> results;
};

} // namespace ssmc

#endif // SSMC_COMPILER_CONVERSION_CPUKERNELS_KERNELEMITTER_H
