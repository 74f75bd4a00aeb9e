#ifndef SSMC_COMPILER_CONVERSION_CPUKERNELS_TENSOREMITTER_H
#define SSMC_COMPILER_CONVERSION_CPUKERNELS_TENSOREMITTER_H
/// Emits a block of ops on tensors of fixed shapes, op by op, on tensors in
/// memory.
///
/// A value is either in memory, computed where it is read (pointwise chains,
/// broadcasts, slices), or, if it is a scalar, an SSA value. Vectors lie along
/// the last axis of what is computed.
#include "compiler/Conversion/CpuKernels/KernelEmitter.h"
#include "compiler/Conversion/CpuKernels/StepBlocks.h"
#include "dialects/Ssm/SsmChunkOps.h"

namespace ssmc {

/// `at` with `first` before its indices.
Position prepend(mlir::Value first, const Position &at);

/// A tensor of fixed shape in memory: element i is at `offset + i * strides`.
struct Place {
  mlir::Value buffer, offset;
  llvm::SmallVector<mlir::Value> strides;
  llvm::SmallVector<int64_t> shape;
  /// A matrix in the layout `panels16`, without strides.
  bool panels = false;
};

/// A factor of a contraction, with a letter for each axis.
struct PlacedFactor {
  Place place;
  llvm::StringRef letters;
};

/// Rows from which on the factor of a product's lanes is worth packing.
constexpr int64_t packedRows = 8;

/// Scratch memory by fixed offsets; what is released is used again.
class ScratchMap {
public:
  int64_t allocate(int64_t elements);
  void release(int64_t first, int64_t elements);
  /// Elements in use at once, at most.
  int64_t getPeak() const { return peak; }

private:
  llvm::SmallVector<std::pair<int64_t, int64_t>> gaps; // first, elements
  int64_t end = 0, peak = 0;
};

class TensorEmitter {
public:
  TensorEmitter(KernelEmitter &e, ScratchMap &scratch)
      : e(e), b(e.builder), loc(e.loc), scratch(scratch) {}

  /// Whether `emit` knows `op` and every op inside it.
  static bool supports(mlir::Operation *op);

  /// Plans `block`: until when each of its values is needed.
  void begin(mlir::Block &block);
  /// Emits the ops of the block that are in `chosen`, in their order. Their
  /// memory is theirs from now on with `keep`, else until their last use.
  mlir::LogicalResult emit(mlir::Block &block,
                           llvm::function_ref<bool(mlir::Operation *)> chosen,
                           bool keep = false);
  /// Emits `op` for `count` sequences at once. Its factor `own` and its result
  /// are each sequence's own, sequence by sequence in `owns` and `results`; the
  /// other factor is the same for all.
  void emitTogether(ssm::ContractOp op, mlir::Value own, const Place &owns,
                    const Place &results, mlir::Value count);
  /// Whether values of `op` can be computed where they are read.
  static bool isLazy(mlir::Operation *op);
  /// Releases what `emit` of this block has left for its terminator.
  void end(mlir::Block &block);
  /// Asks for `value` to be computed into `place`, where `present` is, as soon
  /// as no other op needs that.
  void setTarget(mlir::Value value, mlir::Value present, const Place &place) {
    targets[value] = {present, place};
  }
  /// From now on computes only the parts in `parts` of the values there, for
  /// the block of `size` positions from `first` on.
  void setBlock(const llvm::DenseMap<mlir::Value, Part> &parts,
                mlir::Value first, int64_t size) {
    block = {&parts, first, size};
  }
  /// Where `value` is, if it is in memory.
  const Place *findPlace(mlir::Value value) const {
    auto it = places.find(value);
    return it == places.end() ? nullptr : &it->second;
  }
  /// How computing `value` where it is read depends on `argument`: not at all,
  /// on the same element, or on others.
  enum class Reads { none, same, others };
  Reads findReads(mlir::Value value, mlir::Value argument);

  /// From now on keeps in `most` how much products of decays may have grown,
  /// whatever the steps they are of: lanes, one at least. Null: no longer.
  void watchGrowth(const Place *most) { growth = most; }

  /// Reads an element, or lanes, of a value that is not in memory.
  using Reader = std::function<mlir::Value(const Position &)>;
  void setPlace(mlir::Value value, Place place) { places[value] = place; }
  void setReader(mlir::Value value, Reader reader) {
    readers[value] = std::move(reader);
  }
  void setScalar(mlir::Value value, mlir::Value scalar) {
    scalars[value] = scalar;
  }
  /// Whether `value` must be in memory for what uses it.
  bool needsMemory(mlir::Value value);

  /// The elements of `value` at `at`: f32, or lanes of it.
  mlir::Value evaluate(mlir::Value value, const Position &at);
  /// Forgets what has been evaluated; needed where a scope of IR ends.
  void forget() { known.clear(); }

  Place rowMajor(mlir::Value buffer, mlir::Value offset,
                 llvm::ArrayRef<int64_t> shape);
  /// Whether the axes from `from` on lie one after the other.
  bool isRowMajor(const Place &place, size_t from = 0);
  Place allocate(llvm::ArrayRef<int64_t> shape);
  void release(const Place &place);
  mlir::Value load(const Place &place, const Position &at);
  mlir::Value loadValue(mlir::Value value, const Place &place,
                        const Position &at);
  void store(const Place &place, const Position &at, mlir::Value value);
  /// An extent of a shape; that of sequences is known at the call only.
  mlir::Value extent(int64_t size) {
    return mlir::ShapedType::isDynamic(size) ? sequences : e.index(size);
  }
  /// Step `i` of `place`: without its first axis.
  Place step(const Place &place, mlir::Value i);
  /// Computes all of `value` into `target`.
  void fill(const Place &target, mlir::Value value);
  void copy(const Place &target, const Place &source);
  /// Calls `fn` for every position of the shape: loops, and lanes along the
  /// last axis. Scalars have one position without lanes.
  void forSpace(llvm::ArrayRef<int64_t> shape,
                llvm::function_ref<void(const Position &)> fn);
  /// The same for the positions of the part alone.
  void forPart(const Part &part, llvm::ArrayRef<int64_t> shape,
               llvm::function_ref<void(const Position &)> fn);
  /// The same for those positions of `value` that are needed.
  void forNeeded(mlir::Value value, llvm::ArrayRef<int64_t> shape,
                 llvm::function_ref<void(const Position &)> fn);

  mlir::Value zero(const Position &at);

private:
  mlir::LogicalResult emitOp(mlir::Operation *op);
  mlir::Value compute(mlir::Value value, const Position &at);
  mlir::Value operandAt(mlir::Value operand, const Position &at);
  /// The value of `operand` in memory, for ops that walk over it.
  const Place &placeOf(mlir::Value operand);
  Place &define(mlir::Value value);
  void releaseAfter(mlir::Operation *op);

  /// The part of `value` to compute; null for all of it.
  const Part *findPart(mlir::Value value) const;
  /// Calls `fn` with the first position of each run of the part.
  void forRuns(const Part &part, llvm::function_ref<void(mlir::Value)> fn);

  // Contractions, in TensorContract.cpp, TensorTiles.cpp and TensorDots.cpp.
  void emitContract(ssm::ContractOp op);
  Place takeRun(const Place &place, unsigned axis, mlir::Value first);
  /// The part of the result, or all of it.
  void emitPart(const Part *part, const Place &result, llvm::StringRef letters,
                llvm::ArrayRef<PlacedFactor> factors);
  /// result = sum of the products of `factors`, one or two.
  void emitSums(const Place &result, llvm::StringRef letters,
                llvm::ArrayRef<PlacedFactor> factors);
  void emitTiles(const Place &result, llvm::StringRef letters,
                 const PlacedFactor &rows, const PlacedFactor &columns);
  void emitDots(const Place &result, llvm::StringRef letters,
                llvm::ArrayRef<PlacedFactor> factors);
  void emitPlainSums(const Place &result, llvm::StringRef letters,
                     llvm::ArrayRef<PlacedFactor> factors);

  // Ops of chunk regions, in TensorChunkOps.cpp.
  void emitProducts(ssm::CumulativeProductOp op);
  void emitScores(ssm::DecayedScoresOp op);
  void decayRows(const Place &scores, const Place *decay, bool strict);
  void decayColumns(const Place &queries, const Place &keys, const Place &decay,
                    const Place &result, bool strict);
  mlir::Value isFinite(const Place &place);
  Place asMatrix(const Place &place, size_t count);
  void emitTriangle(const Place &matrix, const Place &from, const Place &result,
                    int64_t together, bool diagonal);
  void emitCausal(ssm::CausalProductOp op);
  void emitSolve(ssm::TriangularSolveOp op);
  /// Solves the system of each position of the axes before the last two.
  void emitSystems(const Place &matrix, const Place &input,
                   const Place &result);
  void emitSystem(const Place &matrix, const Place &input, const Place &result);
  void emitDelay(ssm::DelayOp op);
  mlir::LogicalResult emitScan(ssm::AssociativeScanOp op);
  mlir::LogicalResult emitFixedPoint(ssm::FixedPointOp op);
  mlir::Value settle(ssm::FixedPointOp op, llvm::ArrayRef<Place> present,
                     llvm::ArrayRef<Place> next);
  mlir::Value settleCausally(ssm::FixedPointOp op,
                             llvm::ArrayRef<Place> present,
                             llvm::ArrayRef<Place> next, const Place &settled);
  /// Emits the `chosen` ops of a region's block, then what `finish` reads of
  /// its values.
  mlir::LogicalResult
  emitRegion(mlir::Block &block,
             llvm::function_ref<bool(mlir::Operation *)> chosen,
             llvm::function_ref<void()> finish);
  void setStep(mlir::Value argument, const Place &place);

  KernelEmitter &e;
  mlir::OpBuilder &b;
  mlir::Location loc;
  ScratchMap &scratch;

  llvm::DenseMap<mlir::Value, Place> places;
  llvm::DenseMap<mlir::Value, Reader> readers;
  llvm::DenseMap<mlir::Value, mlir::Value> scalars;
  /// The last op of its block that reads a value in memory.
  llvm::DenseMap<mlir::Value, mlir::Operation *> lastUse;
  /// Values whose memory is this emitter's own, by their last use.
  llvm::DenseMap<mlir::Operation *, llvm::SmallVector<mlir::Value>> ending;
  bool keeps = false;
  mlir::Value sequences; // of the product that is being emitted
  const Place *growth = nullptr;
  llvm::DenseMap<mlir::Value, std::pair<mlir::Value, Place>> targets;
  struct {
    const llvm::DenseMap<mlir::Value, Part> *parts = nullptr;
    mlir::Value first;
    int64_t size = 0;
  } block;

  struct Known {
    mlir::Value value;
    Position at;
    mlir::Value computed;
  };
  llvm::SmallVector<Known> known;
};

} // namespace ssmc

#endif // SSMC_COMPILER_CONVERSION_CPUKERNELS_TENSOREMITTER_H
