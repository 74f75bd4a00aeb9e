#ifndef SSMC_COMPILER_CONVERSION_CPUKERNELS_RECURRENCEBODY_H
#define SSMC_COMPILER_CONVERSION_CPUKERNELS_RECURRENCEBODY_H
/// How the body of a recurrence is cut into loops, before any code exists.
///
/// What the lanes share, or what time does not change, is *hoisted*: computed
/// once into memory for all that read it. The rest is cut into nests. A nest
/// computes, in one pass over an index space, values that share it: next
/// states, results of the kernel, and the sums of contractions. A sum can only
/// be used after its nest, so values have stages: the number of sums on the
/// longest path.
///
/// Where elements of a state along its axis never meet but in sums that no
/// state reads, the loops over time and over that axis may change places: a
/// *tile* of elements stays in registers for many time steps. Then there are
/// three phases, with a loop over time each: what the tiles read, the tiles,
/// and what reads their sums.
#include "dialects/Ssm/SsmDialect.h"

namespace ssmc {

/// Index spaces of at most this many positions are unrolled, and tensors as
/// small live in registers; larger ones are loops, and live in memory.
constexpr int64_t unrollLimit = 8;

int64_t product(llvm::ArrayRef<int64_t> extents);
/// The extents of a value of the body; none for a scalar.
llvm::SmallVector<int64_t> extentsOf(mlir::Value value);
/// Whether `op` adds over an axis, rather than only multiplying.
bool hasSum(ssm::ContractOp op);
/// The letters of a contraction in order of appearance, with their extents:
/// the index space of its sum.
llvm::SmallVector<std::pair<char, int64_t>> getLetters(ssm::ContractOp op);

/// What the loops around the body run over.
struct ParallelAxes {
  llvm::StringRef batch;   // the label of axis 0
  llvm::StringRef channel; // the lanes' label; empty if there is no other axis
  int64_t channels = 1;    // extent of it
  int64_t block = 1;       // channels of one work item
  llvm::SmallVector<std::pair<llvm::StringRef, int64_t>> outer; // all others

  explicit ParallelAxes(ssm::RecurrenceOp op);
  int64_t blocks() const { return llvm::divideCeil(channels, block); }
  int64_t items() const;
};

enum class Phase { before, tiles, after };

/// A value that a nest computes at each of its positions.
struct NestRoot {
  /// The sum of a contraction; a `tensor.from_elements` too large for
  /// registers; a next state; a result of the kernel.
  enum Kind { sum, elements, state, result } kind;
  mlir::Value value;                      // null for a result
  unsigned number = 0;                    // which state or result
  llvm::SmallVector<unsigned, 1> outputs; // what a result is computed from
};

struct Nest {
  Phase phase;
  unsigned stage;
  llvm::SmallVector<int64_t> extents; // none: scalars
  llvm::SmallVector<NestRoot> roots;
};

class RecurrenceBody {
public:
  explicit RecurrenceBody(ssm::RecurrenceOp op);

  ssm::RecurrenceOp op;
  ParallelAxes axes;
  bool isStep; // one time step, known now

  /// Whether `value` differs between lanes, and between time steps. In a step
  /// form all but constants do in time.
  bool usesLanes(mlir::Value value) const { return usage.at(value).lanes; }
  bool usesTime(mlir::Value value) const { return usage.at(value).time; }
  bool isHoisted(mlir::Value value) const {
    return !usesLanes(value) || !usesTime(value);
  }
  unsigned getStage(mlir::Value value) const { return usage.at(value).stage; }
  /// The operand of an addition or subtraction that is a product nothing else
  /// reads: one instruction computes both.
  std::optional<unsigned> getFusedOperand(mlir::Operation *op) const;

  bool isFusedProduct(mlir::Value value) const;

  /// Chains of additions that a sum is made of, which take positions in turn.
  /// A pass over a state that only reads it waits for its sum: a second chain
  /// hides half of the latency.
  unsigned chainsOf(mlir::Value sum) const {
    return split.contains(sum) ? 2 : 1;
  }

  /// In the order in which they must run, phase after phase.
  llvm::ArrayRef<Nest> getNests() const { return nests; }
  /// The values that a nest evaluates for `root`.
  llvm::SmallVector<mlir::Value> getOperands(const NestRoot &root) const;
  /// Values that are hoisted into memory, in an order in which they can be
  /// computed.
  llvm::ArrayRef<mlir::Value> getHoisted() const { return hoisted; }
  /// Values of the first phase that later ones read from memory.
  llvm::ArrayRef<mlir::Value> getCarried() const { return carried; }
  /// Scalar sums over tiles.
  llvm::ArrayRef<mlir::Value> getTileSums() const { return tileSums; }

  /// Elements of a tiled state along its one axis; 0: not tiled.
  int64_t getTiledExtent() const { return tiledExtent; }
  Phase getStatePhase(unsigned number) const { return states[number].phase; }
  /// Whether the next value of state `number` may overwrite the present one
  /// element by element: nothing else reads the present one, neither another
  /// nest nor another element.
  bool canUpdateInPlace(unsigned number) const {
    return states[number].inPlace;
  }
  /// Whether all elements of the state are read where the code is unrolled.
  bool fitsRegisters(unsigned number) const { return states[number].unrolled; }
  mlir::BlockArgument getStateArgument(unsigned number) const;
  std::optional<unsigned> getStateNumber(mlir::Value value) const;

private:
  struct Usage {
    bool lanes = false, time = false, state = false;
    unsigned stage = 0;
  };
  struct State {
    Phase phase = Phase::before;
    bool inPlace = true, unrolled = true;
    bool elementwise = true; // read only at the position of a nest of one axis
    unsigned nest = 0;
  };
  /// What of the other phases a value depends on.
  struct Reach {
    bool tiles = false, after = false;
  };

  void findUsage();
  void findFused();
  void findSplit();
  bool isSplit(ssm::ContractOp sum);
  llvm::SmallVector<NestRoot> findRoots();
  void buildNests();
  void noteReads();
  /// Notes every state element that computing `value` at `indices` reads.
  /// An index is an axis of the nest, or -1 for anything else.
  void noteReads(mlir::Value value, llvm::ArrayRef<int> indices, unsigned nest);
  void findTiles();
  bool assignPhases();
  void findHoisted();
  void hoist(mlir::Value value);
  void hoistInside(mlir::Value value, mlir::Value whole);
  void visit(mlir::Value value, Phase phase,
             llvm::SmallPtrSetImpl<mlir::Value> &seen);
  void visitOperands(mlir::Value value, Phase phase,
                     llvm::SmallPtrSetImpl<mlir::Value> &seen);

  llvm::DenseMap<mlir::Value, Usage> usage;
  llvm::DenseMap<mlir::Value, Reach> reach;
  llvm::DenseMap<mlir::Operation *, unsigned> fused;
  llvm::DenseSet<mlir::Value> split; // sums of two chains
  llvm::SmallVector<Nest> nests;
  llvm::SmallVector<State> states;
  llvm::SmallVector<mlir::Value> hoisted, carried, tileSums;
  llvm::SmallPtrSet<mlir::Value, 16> hoistedSeen;
  int64_t tiledExtent = 0;
};

/// Whether `value` needs no memory and no loop: a constant that is one number.
bool isInlineConstant(mlir::Value value);
/// Whether `value` is a large `tensor.from_elements`, which lives in memory.
bool isLargeElements(mlir::Value value);
/// Whether `value` is the sum of a contraction.
bool isSum(mlir::Value value);
/// The outputs of `op` that computing `value` of the kernel needs, and the
/// final states.
llvm::SmallVector<unsigned> getNeededResults(ssm::RecurrenceOp op,
                                             mlir::Value value);

} // namespace ssmc

#endif // SSMC_COMPILER_CONVERSION_CPUKERNELS_RECURRENCEBODY_H
