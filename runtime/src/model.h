#ifndef SSMC_RUNTIME_MODEL_H
#define SSMC_RUNTIME_MODEL_H
/// A verified artifact as plain tables. Whatever runs reads only these; nothing
/// outside the decoder looks at the flatbuffer.
#include "runtime/src/file.h"
#include "runtime/src/hash.h"
#include "runtime/src/layout.h"
#include "runtime/src/memory.h"
#include "ssmc/abi.h"
#include "ssmc/model.h"

namespace ssmc {
/// A run of elements in one of the model's arrays.
struct Range {
  uint32_t first = 0;
  uint32_t count = 0;
};

struct TensorSpec {
  const char *name;
  ssmc_dtype dtype;
  int32_t rank;
  int64_t
      shape[SSMC_MAX_RANK]; // SSMC_DIM_BATCH only first, _LENGTH only second
  uint64_t bound;
  bool perBatch;
  bool perLength;
  uint64_t
      unitBytes; // of one row and one time step: the fixed extents' product
};

enum class Layout : uint8_t { rowMajor, permuted, panels16 };
enum class Storage : uint8_t { segment, file, splat };

struct Weight {
  const char *name;
  ssmc_dtype dtype;
  AxisOrder axes;
  Layout layout;
  Storage storage;
  uint32_t source; // segment or file
  uint64_t offset; // inside the source
  uint64_t logicalBytes;
  uint64_t bytes; // as laid out
  double splat;
  Hash hash;
  const void *data;
};

struct WeightFile {
  const char *name;
  uint64_t size;
};

struct State {
  const char *name;
  const char *role;
  ssmc_dtype dtype;
  AxisOrder axes;
  double initial;
  uint64_t elements; // per sequence
  uint64_t bytes;    // per sequence
};

struct Kernel {
  const char *name;
  uint32_t operandCount;
  uint64_t scratchBytes;
  uint64_t scratchBytesPerStep; // beside, for each time step of a block
  ssmc_kernel_fn function;      // null when this process cannot run it
};

struct CodeVariant {
  const char *architecture;
  const char *level;
  Range features; // in featureNames
  uint32_t segment;
  Range entries; // in codeEntries, one per kernel
};

enum class SegmentKind : uint8_t { weights, code, asset };
struct Segment {
  SegmentKind kind;
  uint64_t offset;
  uint64_t size;
  Hash hash;
};

enum class OperandKind : uint8_t {
  arenaFixed,
  arenaBatch,
  arenaRow,
  weight,
  state,
  input,
  output
};
struct Operand {
  OperandKind kind;
  uint32_t index;
  uint64_t offset; // arena kinds, in the region's unit
};

struct Dispatch {
  uint32_t kernel;
  Range operands;
  uint64_t items;
  bool perBatch;
  uint64_t rowTile;       // 0: the grid does not depend on the number of rows
  uint64_t roundsPerStep; // beside the first; 0: there is only that
  uint64_t grain;
  // For profiles only: what one row, one time step of one sequence, costs.
  uint64_t flopsPerRow;
  uint64_t bytesPerRow;
  uint64_t bytesFixed;
  uint64_t bytesPerBatch;
  uint64_t elementaryPerRow;
  uint64_t weightBytesPerStep;
};

enum class StateUse : uint8_t { none, transient, carried };
struct Entry {
  const char *name;
  Range inputs;  // in specs
  Range outputs; // in specs
  StateUse stateUse;
  uint64_t sequenceBlock; // 0: no limit
  uint64_t fixedLength;   // 0: any
  uint64_t fixedBatch;    // 0: any
  uint64_t arenaFixed;
  uint64_t arenaBatch;
  uint64_t arenaRow;
  Range dispatches;

  /// Longest run of time steps one pass handles in a call of `length`.
  uint64_t blockOf(uint64_t length) const {
    return sequenceBlock && sequenceBlock < length ? sequenceBlock : length;
  }
  /// Arena bytes for `batch` rows of `steps` time steps.
  Checked arenaBytes(uint64_t batch, uint64_t steps) const {
    return Checked(arenaFixed) + Checked(arenaBatch) * batch +
           Checked(arenaRow) * batch * steps;
  }
};

struct Asset {
  const char *name;
  Span bytes;
};

struct SelfTest {
  const char *entry;
  Range inputs;   // in selfTestAssets
  Range expected; // in selfTestAssets
  double rtol;
  double atol;
};
} // namespace ssmc

struct ssmc_model {
  explicit ssmc_model(const ssmc::Allocator &allocator)
      : allocator(allocator) {}

  ssmc::Allocator allocator;
  ssmc::Mapping file;
  ssmc::Mapping code;  // the chosen variant, readable and executable
  ssmc::Span artifact; // all its bytes: `file`, or the caller's memory
  ssmc::Array<uint8_t> privateWeights; // splats, and weights of other files
  ssmc::Array<uint8_t>
      metadata; // private: verified once, never read again from
                // the file, which somebody might still change

  const char *name = "";
  const char *level = "";
  ssmc::Hash id = {};
  uint64_t maxScratchBytes = 0;

  ssmc::Array<ssmc::Segment> segments;
  ssmc::Array<ssmc::WeightFile> weightFiles;
  ssmc::Array<ssmc::Weight> weights;
  ssmc::Array<ssmc::State> states;
  ssmc::Array<ssmc::Kernel> kernels;
  ssmc::Array<ssmc::CodeVariant> variants;
  ssmc::Array<const char *> featureNames;
  ssmc::Array<uint64_t> codeEntries;
  ssmc::Array<ssmc::Entry> entries;
  ssmc::Array<ssmc::TensorSpec> specs;
  ssmc::Array<ssmc::Dispatch> dispatches;
  ssmc::Array<ssmc::Operand> operands;
  ssmc::Array<ssmc::Asset> assets;
  ssmc::Array<ssmc::SelfTest> selfTests;
  ssmc::Array<const char *> selfTestAssets;

  /// Bytes of all states for `batch` sequences, each state aligned.
  ssmc::Checked stateBytes(uint64_t batch) const {
    ssmc::Checked total(0);
    for (const ssmc::State &state : states)
      total =
          total +
          (ssmc::Checked(state.bytes) * batch).alignedUp(ssmc::memoryAlignment);
    return total;
  }
  const ssmc::Entry *findEntry(const char *entryName) const;
  const ssmc::Asset *findAsset(const char *assetName) const;
};

namespace ssmc {
/// Verifies the metadata already copied into `model` against the artifact's
/// bytes and fills the model's tables. The metadata ends at `metadataEnd` in
/// the file. Reads no weights.
ssmc_status decodeMetadata(ssmc_model &model, uint64_t metadataEnd,
                           ssmc_error *error);

/// Checks the hashes of everything but weights; of weights too if `full`.
ssmc_status verifyHashes(const ssmc_model &model, bool full, ssmc_error *error);

/// Writes "'x86-64-v3' (x86_64), ..." or "none", for messages.
void listLevels(const ssmc_model &model, char *out, size_t size);

/// Gives every weight its `data`. `directory` holds the external files.
ssmc_status bindWeights(ssmc_model &model, const char *directory,
                        ssmc_error *error);
} // namespace ssmc
#endif
