#ifndef SSMC_RUNTIME_DECODER_H
#define SSMC_RUNTIME_DECODER_H
/// Everything that reads metadata. It trusts nothing: the flatbuffer verifier
/// proves that every field can be read, and the decoder proves that every
/// number means something before it is stored in the model's tables.
#include "runtime/src/error.h"
#include "runtime/src/model.h"
#include "runtime/src/schema.h"
#include <cinttypes>

namespace ssmc {
template <typename T>
using Offsets = flatbuffers::Vector<flatbuffers::Offset<T>>;
using Strings = Offsets<flatbuffers::String>;
using Words = flatbuffers::Vector<uint64_t>;

constexpr uint64_t maxNameLength = 255;
// Strings may be shared, so lists of lists of strings could cost quadratic
// time; these bounds, far from any use, keep it linear in the file's size.
constexpr uint32_t maxVariants = 64;
constexpr uint32_t maxFeatures = 256;
constexpr uint32_t maxEntries = 256;
constexpr uint32_t maxSpecs = 256; // inputs or outputs of one entry
constexpr uint32_t maxAssets = 1024;
constexpr uint32_t maxWeightFiles = 1024;
constexpr uint32_t maxSelfTests = 64;

template <typename T> uint32_t sizeOf(const flatbuffers::Vector<T> *vector) {
  return vector ? vector->size() : 0;
}

/// The flatbuffer verifier does not check the alignment of a vector's elements,
/// so they are copied out.
inline uint64_t wordAt(const Words *words, uint32_t index) {
  uint64_t value;
  memcpy(&value, words->Data() + uint64_t(index) * sizeof value, sizeof value);
  return value;
}

/// The first name, in sorted order, that occurs twice, or null. Sorts `names`.
const char *findDuplicate(Array<const char *> &names);

/// Decodes one program into one model; `run` may be called once.
class Decoder {
public:
  Decoder(ssmc_model &model, const fb::Program &program, uint64_t metadataEnd,
          ssmc_error *error)
      : model(model), program(program), metadataEnd(metadataEnd), error(error) {
  }
  ssmc_status run();

private:
  [[gnu::format(printf, 2, 3)]] ssmc_status corrupt(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    failV(error, SSMC_CORRUPT, format, arguments);
    va_end(arguments);
    return SSMC_CORRUPT;
  }
  template <typename T>
  ssmc_status allocate(Array<T> &array, uint64_t count, const char *what) {
    return array.allocate(model.allocator, count)
               ? SSMC_OK
               : failMemory(error, count * sizeof(T), what);
  }
  /// Accepts a name that can be shown in a message and compared with strcmp.
  ssmc_status decodeName(const flatbuffers::String *string, const char *what,
                         uint32_t index, const char *&out);
  /// Names of one kind must differ, or a lookup would be ambiguous.
  template <typename T>
  ssmc_status checkUnique(const T *items, uint64_t count, const char *what) {
    Array<const char *> names;
    if (ssmc_status status = allocate(names, count, "names"))
      return status;
    for (uint64_t i = 0; i < count; ++i)
      names[i] = items[i].name;
    if (const char *name = findDuplicate(names))
      return corrupt("two %s are named '%s'", what, name);
    return SSMC_OK;
  }
  template <typename T>
  ssmc_status checkUnique(const Array<T> &items, const char *what) {
    return checkUnique(items.data(), items.size(), what);
  }

  // Parts that many records have.
  ssmc_status decodeDType(fb::DType in, const char *owner, ssmc_dtype &out);
  ssmc_status decodeShape(const Words *shape, const char *owner,
                          AxisOrder &axes, uint64_t &elements);
  ssmc_status decodePermutation(const flatbuffers::Vector<uint8_t> *in,
                                const char *owner, AxisOrder &axes);

  // The tables, in the order in which they are decoded.
  ssmc_status decodeHead();
  /// One allocation per table, its size known from the flatbuffer's counts.
  ssmc_status allocateTables();
  /// Segments must tile the rest of the file: in order, aligned, and with
  /// nothing but short zero padding between, so that no byte goes unchecked.
  ssmc_status decodeSegments();
  ssmc_status checkPadding(uint64_t begin, uint64_t end);
  ssmc_status checkSegment(uint32_t index, SegmentKind kind, const char *owner);
  ssmc_status decodeWeightFiles();
  ssmc_status decodeWeights();
  ssmc_status decodeWeight(uint32_t index, const fb::Weight &in, Weight &out);
  ssmc_status checkWeightSource(const fb::Weight &in, const Weight &weight);
  ssmc_status decodeStates();
  ssmc_status decodeState(uint32_t index, const fb::State &in, State &out);
  ssmc_status decodeKernels();
  ssmc_status decodeVariants();
  ssmc_status decodeEntries();
  ssmc_status decodeEntry(uint32_t index, const fb::Entry &in, Entry &out);
  ssmc_status decodeSpecs(const Offsets<fb::TensorSpec> &in, const char *what,
                          Range &out);
  ssmc_status decodeSpec(const fb::TensorSpec &in, const char *what,
                         uint32_t index, TensorSpec &out);
  ssmc_status decodeDispatch(const fb::Dispatch &in, const Entry &entry,
                             uint32_t index, Array<uint8_t> &written);
  /// Returns what is wrong, or null.
  const char *decodeOperand(const fb::Operand &in, const Entry &entry,
                            Operand &out);
  ssmc_status decodeAssets();
  ssmc_status decodeSelfTests();
  ssmc_status decodeAssetNames(const Strings &in, uint32_t &next, Range &out);

  ssmc_model &model;
  const fb::Program &program;
  uint64_t metadataEnd;
  ssmc_error *error;
  uint32_t nextSpec = 0;
  uint32_t nextDispatch = 0;
  uint32_t nextOperand = 0;
};
} // namespace ssmc
#endif
